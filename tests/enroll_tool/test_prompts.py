#!/usr/bin/python3
"""On a terminal: what is asked, what is echoed, and that the terminal is as before, whatever ends the asking."""

import os
import pty
import re
import select
import signal
import struct
import fcntl
import termios
import time
import unittest

import fake_admin as fake
from fake_admin import ToolTest
from test_enroll import URI


class Terminal:
    """The tool on a terminal of its own."""

    def __init__(self, test, *arguments, rows=24, columns=80, stdin=None):
        self.shown = b""
        test.assertTrue(fake.GARDE.exists())
        self.child, self.fd = pty.fork()
        if self.child == 0:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            if stdin is not None:
                os.dup2(os.open(stdin, os.O_RDONLY), 0)
            os.execve(fake.GARDE, [str(fake.GARDE), "--config", str(test.conf), *arguments], test.environment())
        test.addCleanup(self.close)

    def read(self, wait_s):
        if not select.select([self.fd], [], [], wait_s)[0]:
            return False
        try:
            self.shown += os.read(self.fd, 65536)
            return True
        except OSError:
            return False

    def wait_for(self, words):
        deadline = time.monotonic() + 20
        while words.encode() not in self.shown and time.monotonic() < deadline:
            self.read(0.1)
        assert words.encode() in self.shown, self.shown
        return self

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait_for_echo(self, wanted):
        deadline = time.monotonic() + 20
        while self.echoes() != wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.echoes() == wanted

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        while self.read(5):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def close(self):
        os.close(self.fd)


class Prompts(ToolTest):
    def setUp(self):
        super().setUp()
        self.answers({fake.ENROL: [fake.result(number=7, until=fake.SOON)],
                      fake.CONFIRM: [fake.result(number=7)], fake.TRY: [fake.result()]})

    def test_a_code_is_seen_while_it_is_typed(self):
        terminal = Terminal(self, "verify", "alice").wait_for("Code: ")
        self.assertTrue(terminal.echoes())
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(self.fake.requests[0].endswith(fake.text("123456")))

    def test_a_uri_is_not_seen_while_it_is_typed(self):
        terminal = Terminal(self, "enroll", "root", "--uri-stdin", "--no-qr").wait_for("otpauth URI")
        self.assertTrue(terminal.wait_for_echo(False))
        terminal.type(URI + "\n")
        terminal.wait_for("Code shown by the phone: ")
        self.assertTrue(terminal.echoes())
        self.assertNotIn(b"otpauth://", terminal.shown)
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)

    def test_a_signal_gives_the_echo_back_and_ends_the_tool(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            terminal = Terminal(self, "enroll", "root", "--uri-stdin").wait_for("otpauth URI")
            self.assertTrue(terminal.wait_for_echo(False))
            os.kill(terminal.child, number)
            self.assertTrue(terminal.wait_for_echo(True), number)
            self.assertEqual(terminal.end(), -number)
        self.assertEqual(self.fake.requests, [])

    def test_a_signal_at_the_code_says_what_became_of_the_factor(self):
        for number, words in ((signal.SIGINT, ["enroll", "root", "--no-qr"]), (signal.SIGHUP, ["confirm", "root"])):
            terminal = Terminal(self, *words).wait_for("Code shown by the phone: ")
            time.sleep(0.05)
            os.kill(terminal.child, number)
            self.assertEqual(terminal.end(), -number)
            self.assertIn("garde confirm root", " ".join(terminal.shown.decode().split()))

    def test_a_code_can_be_typed_after_a_stop(self):
        terminal = Terminal(self, "verify", "alice").wait_for("Code: ")
        time.sleep(0.05)
        os.kill(terminal.child, signal.SIGTSTP)
        os.kill(terminal.child, signal.SIGCONT)
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)

    def test_after_a_uri_from_a_file_the_code_is_asked_on_the_terminal(self):
        uri = self.folder / "uri"
        uri.write_text(URI)
        terminal = Terminal(self, "enroll", "root", "--uri-stdin", "--no-qr", stdin=uri)
        terminal.wait_for("Code shown by the phone: ")
        time.sleep(0.05)
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(len(self.fake.requests), 2)

    def test_a_terminal_that_is_too_narrow_gets_the_key_and_good_advice(self):
        terminal = Terminal(self, "enroll", "root", "--no-confirm", columns=40)
        self.assertEqual(terminal.end(), 0)
        self.assertIn(b"--png", terminal.shown)
        self.assertNotIn(b"\x1b[38", terminal.shown)
        self.assertRegex(terminal.shown.decode(), r"Key +[A-Z2-7]{4} ")

    def test_the_usual_qr_and_its_question_fit_a_small_terminal(self):
        terminal = Terminal(self, "enroll", "root", rows=24).wait_for("Code shown by the phone: ")
        lines = terminal.shown.decode().split("\n")
        self.assertTrue(all("\x1b[38" in line for line in lines[-24:-1]), lines[-24:])
        self.assertNotIn("taller", terminal.shown.decode())
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 1)
        self.assertEqual(re.findall(r"\d{6}", terminal.shown.decode().split("Code shown")[1]), [])


if __name__ == "__main__":
    unittest.main()
