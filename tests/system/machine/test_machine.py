"""The machines of the tests themselves: each is alone, none stays behind, and one that does not start says why."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import machine
from machine import Machine, MachineTest

VICTIM = """
import machine, time
machine.needed()
print(machine.Machine(garde=False).boot().folder, flush=True)
time.sleep(600)
"""


def groups(folder):
    return [group for top in machine.HIERARCHIES if (group := pathlib.Path(top, folder.name)).exists()]


class Alone(MachineTest):
    garde = False

    def test_what_ends_in_one_machine_is_over_there_and_goes_on_in_the_other(self):
        other = Machine(garde=False)
        self.addCleanup(other.close)
        other.boot()
        for ward in (self.machine, other):  # a service that is over when the last of its processes is
            ward.run("systemd-run", "--unit=nap", "--property=Type=forking", "--property=GuessMainPID=no", "sh", "-c",
                     "sleep 600 & sleep 600 &")
        self.machine.run("pkill", "-x", "sleep")
        self.machine.wait(lambda: self.state_of_nap(self.machine) == "inactive", "the nap is over")
        self.assertEqual(self.state_of_nap(other), "active")
        self.assertEqual(len(other.run("pgrep", "-x", "sleep").stdout.split()), 2)
        other.write("/etc/of-the-other", "x")
        self.assertFalse(self.machine.file("/etc/of-the-other").exists())

    def state_of_nap(self, ward):
        return ward.run("systemctl", "is-active", "nap", check=False).stdout.strip()

    def test_what_was_written_is_there_after_a_restart_and_a_pulled_plug(self):
        self.machine.run("sh", "-c", "echo one >/etc/first")
        self.machine.reboot()
        self.machine.run("sh", "-c", "echo two >/etc/second")
        self.machine.pull_the_plug()
        self.machine.boot()
        self.assertEqual(self.machine.run("cat", "/etc/first", "/etc/second").stdout, "one\ntwo\n")


class Ends(unittest.TestCase):
    def test_a_killed_test_takes_its_machine_along_and_the_next_one_sweeps(self):
        program = tempfile.NamedTemporaryFile("w", suffix=".py")
        self.addCleanup(program.close)
        program.write(VICTIM)
        program.flush()
        victim = subprocess.Popen([sys.executable, "-B", program.name], stdout=subprocess.PIPE, text=True)
        self.addCleanup(victim.stdout.close)
        folder = pathlib.Path(victim.stdout.readline().strip())
        self.assertTrue(groups(folder))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        deadline = time.monotonic() + 30
        while any(line for group in groups(folder) for below, _, _ in os.walk(group)
                  for line in pathlib.Path(below, "cgroup.procs").read_text().split()):
            self.assertLess(time.monotonic(), deadline, "processes of the machine are still there")
            time.sleep(0.05)
        self.assertTrue(folder.exists())
        machine.remove_dead()
        self.assertFalse(folder.exists())
        self.assertEqual(groups(folder), [])

    def test_a_machine_that_is_still_used_is_not_swept(self):
        ward = Machine(garde=False)
        self.addCleanup(ward.close)
        machine.remove_dead()
        self.assertTrue(ward.folder.exists())

    def test_a_closed_machine_leaves_nothing(self):
        ward = Machine(garde=False).boot()
        ward.close()
        self.assertFalse(ward.folder.exists())
        self.assertEqual(groups(ward.folder), [])
        self.assertNotIn(str(ward.folder), pathlib.Path("/proc/mounts").read_text())

    def test_a_machine_that_does_not_boot_shows_its_console(self):
        ward = Machine(garde=False)
        self.addCleanup(ward.close)
        init = ward.file("/usr/lib/systemd/systemd")
        init.unlink()
        init.write_text("#!/bin/sh\necho the kernel has no root >/dev/console\nexit 3\n")
        init.chmod(0o755)
        with self.assertRaisesRegex(AssertionError, "the kernel has no root"):
            ward.boot()


if __name__ == "__main__":
    machine.needed()
    unittest.main()
