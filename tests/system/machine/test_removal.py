"""Packages that go while codes are asked for: logins work by the password again, and keys and store stay until somebody says otherwise."""

import re
import unittest

import machine
from crowd import Crowd
from enclosure import Terminal
from machine import PASSWORD, Machine

LETTING_IN = "[policy]\nun_enrolled = allow\n"


class Removal(unittest.TestCase):
    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.close)
        self.machine.boot()
        self.machine.ask_everywhere()
        self.phone = self.machine.enrol("alice")

    def assert_code_is_asked_for(self):
        self.assertFalse(self.machine.lets_in("alice", PASSWORD))
        self.assertTrue(self.machine.lets_in("alice", PASSWORD + self.phone.code()))

    def assert_password_alone_lets_in(self):
        for service in ("sshd", "login", "sudo", "su"):
            for user in ("alice", "bob"):
                self.assertTrue(self.machine.lets_in(user, PASSWORD, service=service), f"{user}, {service}")
        self.assertFalse(self.machine.lets_in("bob", "wrong"))
        self.assertNotIn("garde", self.machine.run("sh", "-c", "cat /etc/pam.d/*").stdout)

    def installed(self):
        listed = self.machine.run("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}${Package}\n").stdout
        return {line.split()[-1] for line in listed.splitlines() if line.startswith("ii")} & {"garde", "libpam-garde"}

    def test_the_module_goes_and_logins_work_by_password_while_it_does(self):
        self.machine.settings(LETTING_IN)
        self.assert_code_is_asked_for()
        with Crowd(self.machine, {"bob": None, "carol": None}) as crowd:
            self.machine.apt("remove", "libpam-garde")
            crowd.wait_for_more(1)
        crowd.check(self)
        self.assertEqual(self.installed(), {"garde"})
        self.assert_password_alone_lets_in()
        self.machine.garde("status")

    def test_both_go_in_one_command_and_come_back_to_the_old_store(self):
        spent = self.phone.code()
        self.assertTrue(self.machine.lets_in("alice", PASSWORD + spent))
        self.machine.apt("remove", "garde", "libpam-garde")
        self.assertEqual(self.installed(), set())
        self.assert_password_alone_lets_in()
        self.assertEqual(self.machine.run("pgrep", "garded", check=False).stdout, "")
        self.machine.apt("install", *self.machine.bring_packages())
        self.assert_password_alone_lets_in_until_asked_again()
        self.assertFalse(self.machine.lets_in("alice", PASSWORD + spent))
        self.assert_code_is_asked_for()
        self.machine.garde("audit", "--verify")

    def assert_password_alone_lets_in_until_asked_again(self):
        self.assertTrue(self.machine.lets_in("alice", PASSWORD))
        self.machine.ask_everywhere()

    def test_the_verifier_does_not_go_without_the_module(self):
        self.machine.apt("remove", "garde")
        self.assertEqual(self.installed(), set())
        self.assert_password_alone_lets_in()

    def test_the_verifier_is_not_taken_by_force_while_codes_are_asked_for(self):
        done = self.machine.run("dpkg", "--remove", "--force-depends", "garde", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/etc/pam.d/common-auth:", done.stderr)
        self.assert_code_is_asked_for()

    def test_purge_keeps_keys_store_and_settings_for_the_next_install(self):
        keys = self.machine.file("/etc/garde/master.key").read_bytes()
        self.machine.settings(LETTING_IN)
        done = self.machine.apt("purge", "garde", "libpam-garde")
        self.assert_password_alone_lets_in()
        self.assertIn("were kept", done.stderr + done.stdout)
        self.assertEqual(self.machine.file("/etc/garde/master.key").read_bytes(), keys)
        self.machine.apt("install", *self.machine.bring_packages())
        self.assertEqual(self.machine.file("/etc/garde/master.key").read_bytes(), keys)
        self.assertEqual(self.machine.file("/etc/garde/garde.conf").read_text(), LETTING_IN)
        self.assert_password_alone_lets_in_until_asked_again()
        self.assert_code_is_asked_for()
        self.machine.garde("audit", "--verify")

    def test_purge_deletes_keys_and_store_when_the_answer_is_yes(self):
        terminal = Terminal(self.machine.enter("apt-get", "--yes", "purge", "garde", "libpam-garde"),
                            environment=self.machine.environment() | {"DEBIAN_FRONTEND": "readline"})
        self.addCleanup(terminal.close)
        terminal.expect(r"Delete the key ring, the secrets and the audit of garde\? \[yes/no\] ", 60)
        terminal.type("yes")
        screen, status = terminal.finish(60)
        self.assertEqual(status, 0, screen)
        self.assert_password_alone_lets_in()
        self.assertFalse(self.machine.file("/etc/garde").exists())
        self.assertFalse(self.machine.file("/var/lib/garde").exists())

    def test_it_is_refused_while_an_admins_own_line_needs_the_module(self):
        included = "@include /usr/share/garde/pam.d/prompt\n"
        line = "auth required pam_garde.so\n"
        for name, text in (("cron", included), ("atd", line)):
            with self.machine.file(f"/etc/pam.d/{name}").open("a") as file:
                file.write("# " + line + text)
        for packages in (("libpam-garde",), ("garde", "libpam-garde")):
            done = self.machine.apt("remove", *packages, check=False)
            self.assertNotEqual(done.returncode, 0)
            for name, text in (("cron", included), ("atd", line)):
                count = len(self.machine.file(f"/etc/pam.d/{name}").read_text().splitlines())
                self.assertIn(f"/etc/pam.d/{name}:{count}: {text}", done.stderr + done.stdout)
            self.assertEqual(self.installed(), {"garde", "libpam-garde"})
            self.assertEqual(self.machine.run("dpkg", "--audit").stdout, "")
            self.assert_code_is_asked_for()
        for name, text in (("cron", included), ("atd", line)):
            file = self.machine.file(f"/etc/pam.d/{name}")
            file.write_text(file.read_text().removesuffix(text).removesuffix("# " + line))
        self.machine.apt("remove", "garde", "libpam-garde")
        self.assert_password_alone_lets_in()

    def test_it_is_refused_while_common_auth_has_changes_that_pam_auth_update_leaves_alone(self):
        common = self.machine.file("/etc/pam.d/common-auth")
        by_hand = re.sub(r"(?m)^(?=auth.*pam_garde\.so split)", "auth optional pam_echo.so\n", common.read_text())
        common.write_text(by_hand)
        done = self.machine.apt("remove", "garde", "libpam-garde", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(re.findall(r"/etc/pam\.d/common-auth:\d+: auth.*pam_garde\.so", done.stderr + done.stdout)), 2, done)
        self.assertEqual((self.installed(), common.read_text()), ({"garde", "libpam-garde"}, by_hand))
        self.assert_code_is_asked_for()
        common.write_text(re.sub(r"(?m)^auth.*pam_garde\.so.*\n", "", by_hand))
        done = self.machine.apt("remove", "garde", "libpam-garde", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr + done.stdout, r"/etc/pam\.d/common-account:\d+: account.*pam_garde\.so")
        account = self.machine.file("/etc/pam.d/common-account")
        account.write_text(re.sub(r"(?m)^account.*pam_garde\.so.*\n", "", account.read_text()))
        self.machine.apt("remove", "garde", "libpam-garde")
        self.assert_password_alone_lets_in()


if __name__ == "__main__":
    machine.needed()
    unittest.main()
