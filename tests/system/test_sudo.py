"""A real sudo on a terminal: password, then code."""

import unittest

import enclosure
import garde_site
from enclosure import PASSWORD, PEOPLE, House, Terminal
from phone import Phone


class Sudo(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.close)
        self.house.up()
        for service in ("sudo", "su"):
            self.house.pam_line(service, "auth required pam_unix.so nodelay", "auth required GARDE",
                                "account required pam_permit.so", "session required pam_permit.so")
        self.phone = self.house.enrol("alice", Phone(kind="hotp"))

    def sudo(self, user, password, code):
        terminal = Terminal(["sudo", "-k", "id", "-u"], uid=PEOPLE[user])
        self.addCleanup(terminal.close)
        terminal.expect(r"(?i)password[^\n]*: ")
        terminal.type(password)
        terminal.expect(r"(?i)code[^\n]*: ")
        terminal.type(code)
        return terminal.finish()

    def test_password_and_code_let_in_once(self):
        screen, status = self.sudo("alice", PASSWORD, self.phone.at(1))
        self.assertEqual(status, 0, screen)
        self.assertRegex(screen, r"\b0\b")
        entry = self.house.audit(event="login")[-1]
        self.assertEqual((entry["verdict"], entry["service"], entry["origin"]), ("accepted", "sudo", "ruser:alice"))
        self.assertRegex(entry["actor"], r"^uid=0 tty=/dev/pts/\d+$")
        screen, status = self.sudo("alice", PASSWORD, self.phone.at(1))
        self.assertNotEqual(status, 0, screen)

    def test_a_wrong_code_or_password_does_not(self):
        for password, code in ((PASSWORD, self.phone.wrong()), ("wrong", self.phone.at(1)), (PASSWORD, "")):
            screen, status = self.sudo("alice", password, code)
            self.assertNotEqual(status, 0, screen)
            self.assertNotRegex(screen, r"\n0\r")
        # pam_unix comes first and may have failed, but PAM goes on (C8); nothing typed is nothing spent.
        self.assertEqual([(e["verdict"], e["reason"], e["service"], e["origin"], e["user"])
                          for e in self.house.audit(event="login")],
                         [("refused", "wrong-code", "sudo", "ruser:alice", "alice"),
                          ("accepted", "none", "sudo", "ruser:alice", "alice")])

    def test_an_un_enrolled_user_is_asked_and_refused(self):
        self.assertNotEqual(self.sudo("bob", PASSWORD, "123456")[1], 0)

    def test_a_stopped_verifier_lets_nobody_become_root(self):
        before = len(self.house.audit())
        self.house.stop()
        terminal = Terminal(["sudo", "-k", "id", "-u"], uid=PEOPLE["alice"])
        self.addCleanup(terminal.close)
        terminal.expect(r"(?i)password[^\n]*: ")
        terminal.type(PASSWORD)
        screen, status = terminal.finish()
        self.assertNotEqual(status, 0, screen)
        self.assertNotIn("Code", screen)
        self.house.start()
        self.assertEqual(len(self.house.audit()), before)

    def test_a_local_stranger_with_su_does_not_use_up_the_users_own_origin(self):
        for n in range(12):
            terminal = Terminal(["su", "-c", "id -u", "alice"], uid=PEOPLE["dave"])
            self.addCleanup(terminal.close)
            terminal.expect(r"(?i)password[^\n]*: ")
            terminal.type("guess")
            terminal.expect(r"(?i)code[^\n]*: ")
            terminal.type(self.phone.wrong())
            self.assertNotEqual(terminal.finish()[1], 0)
        self.assertEqual({e["origin"] for e in self.house.audit(event="login")}, {"ruser:dave"})
        self.assertEqual(self.sudo("alice", PASSWORD, self.phone.at(1))[1], 0)


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
