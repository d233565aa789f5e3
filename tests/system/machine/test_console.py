"""login at a console, and su."""

import unittest

import doors
import machine
from doors import PASSWORD, Door
from phone import Phone

LOGIN = Door(line="exec agetty --noclear - dumb", before=("{name}",), strangers=True, inside=r"@ward:~\$ ",
             refused=r"Login incorrect\r\nward login: ", service="login", origin="local:0",
             actor="uid=0 tty={tty}")
SU = Door(line="su {name} -c 'id -un'", user="bob", inside=r"\n{name}\r\n", refused=r"su: Authentication [^\n]*\r\n", service="su",
          origin="ruser:bob", actor="uid=0 tty={tty}")


def furnish(ward):
    """A console that says what does not change from machine to machine."""
    ward.write("/etc/issue", "Debian GNU/Linux 12 \\n\n\n")
    ward.write("/etc/motd", "")
    ward.file("/etc/update-motd.d/10-uname").unlink()


class Login(doors.OneField):
    door = LOGIN
    furnish = staticmethod(furnish)

    def test_after_a_refusal_login_asks_again_and_lets_in(self):
        alice = self.person()
        seat = self.seat("exec agetty --noclear - dumb")
        for code, sees in ((alice.phone.wrong(), "Login incorrect"), (alice.phone.code(), r"@ward:~\$ ")):
            seat.expect("ward login: ")
            seat.type(alice.name)
            seat.expect(": ")
            seat.type_hidden(PASSWORD + code)
            seat.expect(sees)
        self.assertEqual(self.verdicts(alice), [("refused", "wrong-code"), ("accepted", "none")])

    def test_the_question_is_french_where_the_site_is(self):
        self.rules("[verifier]\nlanguage = fr\n")
        alice = self.person()
        knock = self.knock(alice, PASSWORD + alice.phone.code())
        self.assertInside(knock)
        self.assertEqual(knock.asked[-1], "Mot de passe, puis code (6 chiffres) :")


class Su(doors.OneField):
    door = SU
    furnish = staticmethod(furnish)

    def test_a_pending_user_under_a_rule_gets_in_by_password_alone_until_the_factor_counts(self):
        self.rules("[policy]\npending = allow\n")
        alice, phone = self.person(enrolled=False), Phone(kind="hotp")
        self.machine.garde("enroll", alice.name, "--uri-stdin", "--no-qr", "--no-confirm", input=phone.uri(alice.name) + "\n")
        self.assertInside(self.knock(alice, PASSWORD))
        self.assertOutside(self.knock(alice, PASSWORD + phone.wrong()))
        self.machine.garde("confirm", alice.name, input=phone.code() + "\n")
        self.assertOutside(self.knock(alice, PASSWORD))
        self.assertInside(self.knock(alice, PASSWORD + phone.code()))
        self.assertEqual(self.verdicts(alice), [("accepted", "pending"), ("refused", "pending"), ("accepted", "none")])


class LoginWithAQuestion(doors.OwnQuestion):
    door = LOGIN
    furnish = staticmethod(furnish)


class SuWithAQuestion(doors.OwnQuestion):
    door = SU
    furnish = staticmethod(furnish)


class SuWithEachFragment(doors.DoorTest):
    """The other fragments for one service, in place of its common-auth."""

    door = SU
    furnish = staticmethod(furnish)

    def test_each_fragment_for_one_field_lets_in_and_refuses_as_the_profiles_do(self):
        plain = self.machine.file("/etc/pam.d/su").read_text()
        for name in ("password-and-code", "around-common-auth", "code-first"):
            with self.subTest(name):
                self.machine.write("/etc/pam.d/su", plain)
                self.add_fragment(self.machine, "su", f"@include /usr/share/garde/pam.d/{name}")
                alice, bob, carol = [self.person() for _ in range(3)]
                knocks = self.knock_all({"right": (alice, PASSWORD + alice.phone.code()), "wrong code": (bob, PASSWORD + bob.phone.wrong()),
                                         "wrong password": (carol, "wrong horse" + carol.phone.code())})
                self.assertInside(knocks["right"])
                self.assertOutside(knocks["wrong code"])
                self.assertOutside(knocks["wrong password"])
                self.assertEqual(knocks["wrong code"].screen, knocks["wrong password"].screen)
                self.assertEqual(self.verdicts(carol), [("accepted", "none")] if name == "code-first" else [])

    def test_root_is_asked_nothing_by_su(self):
        alice = self.person()
        self.assertEqual(self.seat(f"su - {alice.name} -c 'id -un'").finish(), (f"{alice.name}\r\n", 0))
        self.assertEqual(self.entries(alice), [])


if __name__ == "__main__":
    machine.needed()
    unittest.main()
