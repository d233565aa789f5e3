"""Password and code in one field: the lines with split and verify round a password, and the one with concat, with the real verifier."""

import json
import re

import garde_site
import garde_wire
from garde_site import PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL, SiteTest
from phone import Phone

USER = "daemon"
CLOCK = 1_800_000_000
PROMPT = "Password, then code (6 digits): "


class SplitTest(SiteTest):
    site_arguments = {"clock": CLOCK}

    def setUp(self):
        super().setUp()
        self.site.split_service("test")
        self.phone = self.site.enrol(USER)
        self.site.set_clock(CLOCK + 60)

    def login(self, typed, user=USER, **more):
        return self.site.login(user, typed, more=("--delays",), **more)

    def code(self):
        """The next one that was never typed."""
        self.site.set_clock(self.site.now + 30)
        return self.phone.code(self.site.now)

    def refusals(self):
        return [entry["reason"] for entry in self.site.audit(event="login", verdict="refused")]


class Codes(SplitTest):
    def test_password_and_code_in_one_field_let_in(self):
        for between in ("", " ", ","):
            login = self.login(f"secret{between}{self.code()}")
            self.assertAccepted(login)
            self.assertEqual((login.prompts, login.messages), ([PROMPT], []))
        code = self.code()
        self.assertAccepted(self.login(f"secret {code[:3]} {code[3:]}"))
        code = self.code()
        self.assertAccepted(self.login(f"secret{code[:3]} {code[3:]}"))

    def test_a_wrong_password_spends_no_code(self):
        code = self.code()
        entries = len(self.site.audit())
        for _ in range(3):
            self.assertRefused(self.login(f"Secret{code}"))
        self.assertEqual(len(self.site.audit()), entries)  # not so much as an attempt
        self.assertAccepted(self.login(f"secret{code}"))

    def test_a_used_code_is_refused(self):
        code = self.code()
        self.assertAccepted(self.login(f"secret{code}"))
        self.assertRefused(self.login(f"secret{code}"))
        self.assertEqual(self.refusals(), ["replayed"])

    def test_wrong_password_and_wrong_code_cannot_be_told_apart(self):
        seen = [self.login(f"Secret{self.code()}"), self.login(f"secret{self.phone.wrong(self.site.now)}"),
                self.login(f"Secret{self.phone.wrong(self.site.now)}"), self.login("secret"),
                self.login(f"secret{self.code()}", user="bin"), self.login(f"secret{self.code()}", user="no-such-user")]
        for login in seen:
            self.assertEqual((login.number, login.prompts, login.messages), (PAM_AUTH_ERR, [PROMPT], []))
            self.assertGreaterEqual(login.delay_us, 1_000_000)
            self.assertLessEqual(login.delay_us, 3_000_000)

    def test_recovery_and_help_desk_codes_are_set_off_by_space_or_comma(self):
        codes = json.loads(self.site.garde("recovery", USER, "--json").stdout)["codes"]
        self.assertRefused(self.login(f"secret{codes[0]}"))  # not set off
        for code, typed in zip(codes, ("secret {}", "secret,{}", "secret {}", "secret,{}")):
            plain = code.replace("-", "").lower() if typed.endswith(",{}") else code
            self.assertAccepted(self.login(typed.format(plain)))
        desk = json.loads(self.site.garde("tempcode", USER, "--for", "8h", "--reason", "phone at home", "--json").stdout)["code"]
        for typed in (f"secret {desk}", f"secret,{desk}", f"secret {desk[:4]} {desk[4:]}", f"secret,{desk[:4]}-{desk[4:]}"):
            self.assertAccepted(self.login(typed))
        self.assertEqual(len(self.site.audit(event="login", verdict="accepted")), 8)

    def test_what_is_said_with_such_a_code_works_in_one_field(self):
        for command in (("recovery", USER), ("tempcode", USER, "--for", "8h", "--reason", "phone at home")):
            shown = self.site.garde(*command).stdout
            code = re.search(r"(?m)[0-9A-Z]{5}(?:-[0-9A-Z]{5}){2}|^ +(\d{4} \d{4})$", shown)[0].strip()
            self.assertIn("in the field of the password, with a space between", " ".join(shown.split()))
            self.assertRefused(self.login(f"secret{code}"))
            self.assertAccepted(self.login(f"secret {code}"))

    def test_a_verifier_that_is_stopped_ends_the_login_before_the_password(self):
        self.site.stop()
        login = self.login(f"secret{self.phone.code(self.site.now)}")
        self.assertRefused(login, PAM_AUTHINFO_UNAVAIL)
        self.assertEqual(login.prompts, [])
        self.assertIn("not available", login.messages[0])


class Concat(SplitTest):
    def setUp(self):
        super().setUp()
        self.site.service("test", line=f"auth [success=ok ignore=ignore default=die] {garde_site.MODULE} concat "
                                       f"socket={self.site.sockets / 'trusted.sock'}\n"
                                       f"auth required {garde_site.PAM_PASSWORD} password=secret")

    def test_password_and_code_let_in_and_neither_alone_does(self):
        self.assertAccepted(self.login(f"secret{self.code()}"))
        self.assertRefused(self.login(f"secret{self.phone.wrong(self.site.now)}"))
        self.assertRefused(self.login("secret"))

    def test_a_wrong_password_costs_the_code(self):
        code = self.code()
        self.assertRefused(self.login(f"Secret{code}"))
        self.assertRefused(self.login(f"secret{code}"))
        self.assertEqual(self.refusals(), ["replayed"])


class Digits(SplitTest):
    site_arguments = {"clock": CLOCK, "verifier": "digits = 8"}

    def setUp(self):
        super(SplitTest, self).setUp()
        self.site.split_service("test", password="secret12")
        self.phone = self.site.enrol(USER, Phone(digits=8))
        self.site.set_clock(CLOCK + 60)

    def test_a_site_of_eight_digits_splits_off_eight(self):
        login = self.login(f"secret12{self.code()}")
        self.assertAccepted(login)
        self.assertEqual(login.prompts, ["Password, then code (8 digits): "])
        self.assertAccepted(self.login(f"secret12 {self.code()}"))


class Rollout(SplitTest):
    site_arguments = {"clock": CLOCK, "policy": "pending_for = 60d\npending = allow\nun_enrolled = allow"}

    def setUp(self):
        super().setUp()
        self.site.split_service("digits", password="winter123456")

    def skips(self):
        return [(entry["user"], entry["reason"]) for entry in self.site.audit(event="skip")]

    def test_who_is_not_enrolled_has_a_password_that_ends_in_digits(self):
        self.assertAccepted(self.login("winter123456", user="bin", service="digits"))
        self.assertEqual(self.skips(), [("bin", "rule")])
        self.assertRefused(self.login("winter123456,", user="bin", service="digits"))  # a comma is for those who are asked

    def test_a_wrong_password_of_who_is_not_enrolled_leaves_no_entry(self):
        entries = len(self.site.audit())
        for typed in ("Winter123456", "winter", ""):
            self.assertRefused(self.login(typed, user="bin", service="digits"))
        self.assertEqual(len(self.site.audit()), entries)

    def test_who_is_pending_may_leave_the_code_out_until_the_first_one(self):
        phone = self.site.enrol("games", Phone(), confirm=False)
        self.assertAccepted(self.login("secret", user="games"))
        self.assertAccepted(self.login("winter123456,", user="games", service="digits"))
        self.assertEqual(self.skips(), [("games", "pending")] * 2)
        self.assertRefused(self.login("Secret", user="games"))
        self.assertEqual(len(self.skips()), 2)
        self.site.garde("confirm", "games", input=phone.code(self.site.now) + "\n")
        self.assertRefused(self.login("secret", user="games"))

    def test_who_is_enrolled_is_asked_as_ever(self):
        self.assertRefused(self.login("secret"))
        self.assertAccepted(self.login(f"secret{self.code()}"))
        self.assertEqual(self.skips(), [])


class Wire(SplitTest):
    site_arguments = {"clock": CLOCK, "policy": "un_enrolled = allow"}

    def test_an_answer_to_a_question_about_nobody_is_refused_as_for_an_unknown_name(self):
        with garde_wire.Caller(self.site.sockets / "trusted.sock") as caller:
            caller.send(garde_wire.ask(""))
            self.assertEqual(caller.receive(), (garde_wire.PROMPT, b"\x01\0\0\0\x06\0"))
            for code in (self.code(), ""):
                caller.send(garde_wire.answer(code))
                self.assertEqual(caller.receive(), (garde_wire.VERDICT, b"\0"))
        self.site.stop()
        self.site.start()  # what was counted is written
        [counted] = self.site.audit(event="unknown")
        self.assertEqual((counted["count"], counted["user"]), (2, ""))

    def test_a_look_is_answered_once_and_records_nothing(self):
        entries = len(self.site.audit())
        for user, kind in ((USER, garde_wire.PROMPT), ("bin", garde_wire.SKIP), ("", garde_wire.PROMPT)):
            with garde_wire.Caller(self.site.sockets / "trusted.sock") as caller:
                caller.send(garde_wire.look(user))
                self.assertEqual(caller.receive()[0], kind, user)
                self.assertIsNone(caller.receive())
        self.assertEqual(len(self.site.audit()), entries)


if __name__ == "__main__":
    garde_site.main()
