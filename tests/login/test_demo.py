"""scripts/demo as somebody meets it who has just fetched the checkout; but for the build, which is there already."""

import base64
import os
import pathlib
import shutil
import subprocess
import tempfile
import termios
import unittest

import enclosure
import garde_site
from phone import Phone

SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", ".")).resolve()


class Demo(unittest.TestCase):
    def make_checkout(self, name):
        """A checkout with this build in it, and a cmake that finds nothing left to do."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="garde-demo-"))
        self.addCleanup(shutil.rmtree, folder)
        self.top = folder / name
        shutil.copytree(SOURCE / "scripts", self.top / "scripts")
        (self.top / "build").mkdir()
        (self.top / "build" / "dev").symlink_to(garde_site.BUILD)
        tools = folder / "tools"
        tools.mkdir()
        self.write_tool(tools / "cmake", "")
        self.write_tool(tools / "oathtool", f'{shutil.which("oathtool")} "$@"; sleep 0.3')  # garde is done before
        self.environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        return self

    def write_tool(self, path, line):
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def auto(self):
        return subprocess.run([self.top / "scripts" / "demo", "--auto"], cwd="/", env=self.environment,
                              capture_output=True, text=True, timeout=60)

    def person(self):
        terminal = enclosure.Terminal([str(self.top / "scripts" / "demo")], environment=self.environment)
        self.addCleanup(terminal.close)
        return terminal

    def assertNothingRuns(self):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                self.assertNotIn(str(self.top).encode(), (folder / "cmdline").read_bytes())
            except (FileNotFoundError, ProcessLookupError):
                pass

    def test_it_ends_well_by_itself_and_leaves_nothing_running(self):
        done = self.make_checkout("garde").auto()
        self.assertEqual(done.returncode, 0, done)
        self.assertIn('Let in: libpam says "Success"', done.stdout)
        self.assertIn('Refused: libpam says "Authentication failure"', done.stdout)
        self.assertNothingRuns()
        again = self.auto()
        self.assertEqual(again.returncode, 0, f"the second time: {again}")

    def test_a_blank_in_the_path_is_no_hindrance(self):
        done = self.make_checkout("my garde").auto()
        self.assertEqual(done.returncode, 0, done)

    def test_a_path_too_long_for_a_socket_is_said_before_anything_is_done(self):
        done = self.make_checkout("é" * 50).auto()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("too long", done.stderr)

    def test_without_a_terminal_it_says_what_to_do(self):
        self.make_checkout("garde")
        done = subprocess.run([self.top / "scripts" / "demo"], stdin=subprocess.DEVNULL, env=self.environment,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("scripts/demo --auto", done.stderr)

    def test_a_person_who_stops_at_the_code_has_a_terminal_that_shows_what_is_typed(self):
        screen = self.make_checkout("garde").person()
        key = screen.expect(r"Key +([A-Z2-7 ]+)\r")[1].replace(" ", "")
        phone = Phone(base64.b32decode(key))
        screen.expect("Code shown by the phone: ")
        screen.type(phone.code())
        screen.expect(r"Code from your phone \(6 digits\): ")
        keep = os.dup(screen.fd)
        self.addCleanup(os.close, keep)
        os.write(screen.fd, b"\x03")
        _, status = screen.finish()
        self.assertEqual(status, 130)
        self.assertTrue(termios.tcgetattr(keep)[3] & termios.ECHO, "the terminal was left without echo")
        self.assertNothingRuns()


if __name__ == "__main__":
    garde_site.main()
