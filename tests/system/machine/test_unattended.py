"""What must go on without a person: both profiles are on, and nobody is there to type a code."""

import unittest

import machine
from machine import PASSWORD
from ward import WardTest

WHO = "alice"
UNIT = "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'id -un >%h/did-a-service'\n[Install]\nWantedBy=default.target\n"


class Unattended(WardTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.ask_everywhere()
        cls.machine.enrol("alice")

    def did(self, what):
        """alice's job has run, as alice, and leaves no trace for the next test."""
        file = self.machine.file(f"/home/{WHO}/did-{what}")
        self.machine.wait(lambda: file.exists() and file.read_text(), f"alice's {what} has run")
        self.assertEqual(file.read_text(), "alice\n")
        file.unlink()

    def each_time(self, goes_on):
        """With the verifier and without one. garde has nothing to say to either."""
        cursor = self.machine.run("journalctl", "--show-cursor", "--lines=0").stdout.split("cursor: ")[1].strip()
        goes_on()
        with self.no_verifier():
            goes_on()
        self.assertNotIn("pam_garde", self.machine.journal(f"--after-cursor={cursor}"))

    def test_a_person_is_asked_for_the_code(self):
        asked = self.machine.terminal("su", "-", "alice", "-c", "id", user="bob")
        self.addCleanup(asked.close)
        asked.expect("Password, then code")
        asked.type(PASSWORD)
        self.assertNotEqual(asked.finish()[1], 0)

    def test_cron_runs_the_jobs_of_a_user_and_of_the_system(self):
        # The jobs that are due at the start go the same way as all others, without waiting for the next minute.
        self.machine.run("crontab", "-", user="alice", input="@reboot id -un >did-a-job\n")
        self.machine.write("/etc/cron.d/ward", "@reboot alice id -un >did-the-jobs\n")

        def goes_on():
            self.machine.run("sh", "-c", "rm -f /run/crond.reboot; systemctl restart cron")
            self.did("a-job")
            self.did("the-jobs")

        self.each_time(goes_on)

    def test_at_runs_what_was_left_to_it(self):
        def goes_on():
            self.machine.run("sh", "-c", "cd; echo 'id -un >did-at' | at now", user="alice")
            self.did("at")

        self.each_time(goes_on)

    def test_the_services_of_a_lingering_user_are_started(self):
        self.machine.write(f"/home/{WHO}/.config/systemd/user/ward.service", UNIT)
        self.machine.run("chown", "-R", "alice:", f"/home/{WHO}/.config")
        here = {"XDG_RUNTIME_DIR": "/run/user/20001"}

        def goes_on():
            self.machine.run("loginctl", "enable-linger", "alice")
            self.machine.run("systemctl", "start", "user@20001")
            self.machine.run("systemctl", "--user", "enable", "--now", "ward", user="alice", more=here)
            self.did("a-service")
            self.machine.run("systemctl", "restart", "user@20001")
            self.did("a-service")
            self.machine.run("loginctl", "disable-linger", "alice")
            self.machine.run("systemctl", "stop", "user@20001")

        self.each_time(goes_on)

    def test_root_becomes_a_user_without_being_asked(self):
        def goes_on():
            for command in (["su", "-", "alice", "-c", "id -un"], ["runuser", "-l", "alice", "-c", "id -un"],
                            ["sudo", "-u", "alice", "id", "-un"], ["sudo", "-i", "-u", "alice", "id", "-un"],
                            ["systemd-run", "--quiet", "--pipe", "--wait", "--uid=alice", "id", "-un"],
                            ["systemd-run", "--quiet", "--pipe", "--wait", "--uid=alice", "--property=PAMName=login", "id",
                             "-un"]):
                with self.subTest(command=command):
                    self.assertEqual(self.machine.run(*command).stdout, "alice\n")

        self.each_time(goes_on)


if __name__ == "__main__":
    machine.needed()
    unittest.main()
