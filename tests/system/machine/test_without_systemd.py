"""The same packages where systemd does not run, as in many containers: a start script, and garded makes its own doors."""

import unittest

import machine
from machine import PASSWORD, Machine


class Unattended(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(garde=False)
        self.addCleanup(self.machine.close)
        self.machine.boot(systemd=False)

    def test_with_the_answer_yes_and_no_verifier_nobody_is_locked_out(self):
        """Debian starts nothing at an install where there is no runlevel."""
        self.machine.run("sh", "-c", "echo garde garde/ask-for-codes boolean true | debconf-set-selections")
        done = self.machine.apt("install", *self.machine.bring_packages())
        self.assertEqual(self.machine.run("pgrep", "garded", check=False).stdout, "")
        self.assertIn("codes are not asked for", done.stdout + done.stderr)
        self.assertTrue(self.machine.lets_in("bob", PASSWORD))

    def test_in_a_tree_that_becomes_a_machine_later_the_answer_yes_is_heeded(self):
        """Debian's installer and tools for images say so by a policy-rc.d."""
        self.machine.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        self.machine.run("sh", "-c", "echo garde garde/ask-for-codes boolean true | debconf-set-selections")
        self.machine.apt("install", *self.machine.bring_packages())
        self.assertEqual(self.machine.run("pgrep", "garded", check=False).stdout, "")
        self.assertEqual(self.machine.run("grep", "-c", "pam_garde.so", "/etc/pam.d/common-auth").stdout, "2\n")


class WithoutSystemd(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(garde=False)
        self.addCleanup(self.machine.close)
        self.machine.boot(systemd=False)
        self.machine.apt("install", *self.machine.bring_packages())
        self.service("start")
        self.machine.ask_everywhere()
        self.phone = self.machine.enrol("alice")

    def service(self, action, check=True):
        return self.machine.run("service", "garded", action, check=check)

    def log_in(self):
        return self.machine.lets_in("alice", PASSWORD + self.phone.code())

    def test_it_starts_serves_takes_new_settings_stops_and_starts_again(self):
        self.assertFalse(self.machine.file("/run/systemd/system").exists())
        self.assertTrue(self.log_in())
        self.assertFalse(self.machine.lets_in("bob", PASSWORD))
        self.machine.write("/etc/garde/garde.conf", "[policy]\nun_enrolled = allow\n")
        self.service("reload")
        self.machine.wait(lambda: self.machine.lets_in("bob", PASSWORD), "the new settings hold")
        self.assertTrue(self.log_in())
        self.service("stop")
        self.assertFalse(self.log_in())
        self.assertEqual(self.service("status", check=False).returncode, 3)
        self.service("start")
        self.service("start")  # which is no error
        self.service("status")
        self.assertTrue(self.log_in())
        self.service("restart")
        self.assertTrue(self.log_in())
        self.machine.garde("audit", "--verify")

    def test_it_runs_as_its_own_user_and_its_doors_are_roots(self):
        self.assertEqual(self.machine.run("ps", "-o", "user=", "-C", "garded").stdout.split(), ["garde"])
        doors = self.machine.run("stat", "--format=%U %a", "/run/garde", "/run/garde/verify.sock", "/run/garde/trusted.sock",
                                 "/run/garde/admin.sock").stdout
        self.assertRegex(doors, r"^root 755\n\w+ 666\n\w+ 600\n\w+ 600\n$")

    def test_reinstalled_it_serves_and_removed_it_locks_nobody_out(self):
        self.machine.apt("install", "--reinstall", *self.machine.bring_packages())
        self.assertTrue(self.log_in())
        self.machine.apt("remove", "garde", "libpam-garde")
        self.assertEqual(self.machine.run("pgrep", "garded", check=False).stdout, "")
        self.assertTrue(self.machine.lets_in("alice", PASSWORD))


if __name__ == "__main__":
    machine.needed()
    unittest.main()
