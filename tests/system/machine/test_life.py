"""garde in a machine that lives: restarts, pulled plugs, a verifier that was stopped, and one that crashes at every start."""

import contextlib
import time
import unittest

import machine
from crowd import Crowd
from enclosure import Terminal
from machine import PASSWORD, MachineTest
from prober import Prober

DOORS = ("/run/garde/verify.sock", "/run/garde/trusted.sock", "/run/garde/admin.sock")
# Longer than the ten seconds in which systemd's own limit counts five starts, and more starts than those.
CRASHING_S, CRASHES = 12, 20


class Life(MachineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.ask_everywhere()
        cls.machine.write("/etc/ssh/sshd_config.d/garde.conf", "KbdInteractiveAuthentication yes\n")
        cls.phones = {user: cls.machine.enrol(user) for user in ("alice", "bob", "carol")}

    def setUp(self):
        if self.machine.container is None:  # a test before this one ended badly
            self.machine.boot()

    def log_in(self, user="alice"):
        code = self.phones[user].code()
        self.assertTrue(self.machine.lets_in(user, PASSWORD + code))
        return code

    def assert_whole(self):
        self.machine.garde("audit", "--verify")
        self.assertIn("none was missing", self.machine.garde("status").stdout)
        self.assertEqual(self.machine.run("systemctl", "--failed", "--quiet").stdout, "")

    def doors(self):
        return [(self.machine.run("stat", "--format=%i %a %U", door).stdout) for door in DOORS]

    def property(self, name, unit="garded.service"):
        return self.machine.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()

    def ssh(self, user, typed):
        """Whether sshd on the machine's loopback lets somebody in who types this at its one question."""
        terminal = Terminal(self.machine.enter("ssh", "-o", "StrictHostKeyChecking=no", "-o", "NumberOfPasswordPrompts=1",
                                               "-o", "PreferredAuthentications=keyboard-interactive",
                                               f"{user}@localhost", "id", "-un"),
                            environment=self.machine.environment())
        self.addCleanup(terminal.close)
        terminal.expect(r"Password, then code[^\n]*: ")
        terminal.type(typed)
        screen, status = terminal.finish()
        self.assertEqual(status == 0, f"{user}\r\n" in screen, screen)
        return status == 0

    def test_after_a_restart_of_the_machine_everybody_is_as_before(self):
        self.machine.settings("[policy]\nun_enrolled = refuse\n[service su]\nun_enrolled = allow\n")
        self.machine.run("systemctl", "enable", "--now", "ssh")
        spent = self.phones["alice"].code()
        self.assertTrue(self.ssh("alice", PASSWORD + spent))
        entries = len(self.machine.garde("audit").stdout.splitlines())
        self.machine.reboot()
        self.assertFalse(self.ssh("alice", PASSWORD + spent))
        self.assertTrue(self.ssh("alice", PASSWORD + self.phones["alice"].code()))
        self.assertFalse(self.ssh("dave", PASSWORD))
        self.assertTrue(self.machine.lets_in("dave", PASSWORD, service="su"))
        self.assertGreater(len(self.machine.garde("audit").stdout.splitlines()), entries)
        self.assert_whole()

    def test_a_plug_pulled_in_the_middle_of_logins_leaves_no_code_fresh_and_nobody_out(self):
        for logins in (1, 3):
            with Crowd(self.machine, self.phones) as crowd:
                crowd.wait_for_more(logins)
                crowd.ended.set()
                self.machine.pull_the_plug()
            crowd.check(self)
            self.machine.boot()
            for user, codes in crowd.accepted.items():
                self.assertFalse(self.machine.lets_in(user, PASSWORD + codes[-1]), f"{user}'s code let in twice")
                self.log_in(user)
            self.assert_whole()

    def test_the_next_login_starts_a_verifier_that_was_stopped(self):
        before = self.doors()
        self.machine.run("systemctl", "stop", "garded.service")
        self.assertEqual(self.property("ActiveState"), "inactive")
        self.assertEqual(self.doors(), before)
        self.log_in()
        self.assertEqual(self.property("ActiveState"), "active")
        self.assertEqual(self.doors(), before)
        self.assert_whole()

    @contextlib.contextmanager
    def crashing(self, program="#!/bin/sh\nkill -SEGV $$\n"):
        """In the place of garded stands something that crashes at every start."""
        self.machine.run("mv", "/usr/sbin/garded", "/usr/sbin/garded.right")
        self.machine.write("/usr/sbin/garded", program, 0o755)
        self.machine.run("systemctl", "kill", "--signal=KILL", "garded.service")
        try:
            yield
        finally:
            self.machine.run("mv", "/usr/sbin/garded.right", "/usr/sbin/garded")

    def test_a_verifier_that_crashes_at_every_start_opens_again_once_it_is_mended(self):
        before, restarts = self.doors(), int(self.property("NRestarts"))
        with Prober(self.machine) as prober:
            with self.crashing():
                until = time.monotonic() + CRASHING_S
                self.assertFalse(self.machine.lets_in("bob", PASSWORD + self.phones["bob"].at(self.phones["bob"].counter)))
                self.machine.wait(lambda: time.monotonic() > until and int(self.property("NRestarts")) > restarts + CRASHES,
                                  "the crashes are many", 120)
            self.log_in()
            self.log_in("bob")
        self.assertEqual(prober.seen.keys() - {"open", "EAGAIN"}, set(), prober.seen)
        self.assertGreater(prober.seen["open"], CRASHES)
        self.assertEqual(self.doors(), before)
        self.assert_whole()


if __name__ == "__main__":
    machine.needed()
    unittest.main()
