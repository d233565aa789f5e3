"""The very lines that are shipped, with Debian's own pam-auth-update, real libpam, real pam_unix and a real verifier."""

import unittest

import enclosure
import garde_site
import lines
from enclosure import PASSWORD, PEOPLE
from lines import PACKAGING, PAM, PROFILES, lines_of
from phone import Phone

ONE_FIELD = ("profiles", "password-and-code", "around-common-auth", "code-first")
OPEN = tuple(f"open-{name}" for name in ONE_FIELD)  # the same lines, in services where a rule lets people through
RULES = "".join(f"[service {name}]\nun_enrolled = allow\npending = allow\n" for name in OPEN)
PASSWORD_FIRST = ONE_FIELD[:3]
QUESTION = "Password, then code (6 digits): "
WRONG_PASSWORD = "wrong horse"


def fragment(name):
    return f"@include {PACKAGING / 'pam.d' / name}"


class LinesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # garded's clock stands still; the phone is HOTP and does not mind.
        cls.house = lines.House(sections=RULES, clock=1_800_000_000)
        cls.addClassCleanup(cls.house.close)
        cls.house.up()
        cls.plain, cls.plain_account = lines.common_auth(), lines.common_account()
        cls.both, cls.both_account = cls.generated("both", *PROFILES)
        cls.after, cls.after_account = lines.common_auth(), lines.common_account()
        for name in ONE_FIELD:
            for service in (name, f"open-{name}"):
                cls.house.lay(service, "@include common-auth-both" if name == "profiles" else fragment(name))
        cls.house.lay("prompt", "@include common-auth", fragment("prompt"))

    @classmethod
    def generated(cls, name, *profiles):
        """What pam-auth-update makes of common-auth and common-account, kept as common-auth-NAME and common-account-NAME."""
        cls.house.pam_auth_update("--enable", *profiles)
        made = lines.common_auth(), lines.common_account()
        for kind, text in zip(("auth", "account"), made, strict=True):
            (PAM / f"common-{kind}-{name}").write_text(text)
        cls.house.pam_auth_update("--disable", *profiles)
        return made

    def setUp(self):
        self.phone = Phone(kind="hotp")
        self.house.garde("revoke", "alice", "--last", "--yes", check=False)
        self.house.enrol("alice", self.phone)

    def attempt(self, *arguments, **named):
        return self.house.attempt(*arguments, **named)

    def assertLetIn(self, attempt, password):
        """Let in, credentials too, and the password alone is what the modules behind see."""
        self.assertEqual(attempt.results, ["PAM_SUCCESS", "PAM_SUCCESS"], f"{attempt.output}\n{self.house.log_text()[-2000:]}")
        self.assertEqual(attempt.behind, password)

    def assertRefused(self, attempt, result="PAM_AUTH_ERR"):
        self.assertEqual(attempt.results, [result], f"{attempt.output}\n{self.house.log_text()[-2000:]}")
        self.assertIsNone(attempt.behind, "a module behind the lines was asked")

    def refused(self):
        """The reason of the last entry, or None."""
        entries = self.house.audit(event="login", user="alice")
        return entries[-1]["reason"] if entries else None


class Profiles(LinesTest):
    def test_pam_auth_update_puts_the_lines_round_what_checks_the_password(self):
        found = lines_of(self.both)
        split, verify = (lines_of((PACKAGING / "pam-configs" / name).read_text().split("\nAuth:\n")[1])[0] for name in PROFILES)
        self.assertEqual(found[0], f"auth {split}")
        end = found.index("auth required pam_permit.so")
        self.assertEqual(found[end + 1], f"auth {verify}")
        without = [line for line in found if "pam_garde" not in line]
        # Behind ours, pam_unix is told to take the password that is there; its jump is still onto pam_permit.
        self.assertEqual(without[0], lines_of(self.plain)[0] + " try_first_pass")
        self.assertEqual(without[1:], lines_of(self.plain)[1:])

    def test_pam_auth_update_puts_one_line_in_front_of_all_that_ends_the_account(self):
        line = lines_of((PACKAGING / "pam-configs" / PROFILES[0]).read_text())[-1]
        self.assertEqual(lines_of(self.both_account), [f"account {line}", *lines_of(self.plain_account)])
        self.assertIn("new_authtok_reqd=done", lines_of(self.plain_account)[0])  # why in front: behind it the line would be passed by

    def test_the_page_of_front_ends_shows_both_files_as_they_become(self):
        page = [" ".join(line.split()) for line in (PACKAGING.parent / "docs" / "front_ends.md").read_text().splitlines()]
        found = [line for line in lines_of(self.both) if not line.startswith("auth optional")]  # what else this host has
        self.assertIn("\n".join(found), "\n".join(page))
        self.assertIn("\n".join(lines_of(self.both_account)), "\n".join(page))

    def test_disabling_and_removing_leave_both_files_as_they_were(self):
        self.assertEqual((self.after, self.after_account), (self.plain, self.plain_account))
        self.house.pam_auth_update("--enable", *PROFILES)
        self.assertNotEqual(lines.common_account(), self.plain_account)
        self.assertEqual(self.house.pam_auth_update("--package", "--remove", *PROFILES), self.plain)
        self.assertEqual(lines.common_account(), self.plain_account)

    def test_an_option_that_an_admin_adds_to_a_line_is_kept(self):
        self.addCleanup(self.house.pam_auth_update, "--disable", *PROFILES)
        text = self.house.pam_auth_update("--enable", *PROFILES).replace("pam_garde.so verify", "pam_garde.so verify nodelay")
        (PAM / "common-auth").write_text(text)
        self.assertEqual(lines_of(self.house.pam_auth_update("--package")), lines_of(text))

    def test_a_common_auth_written_by_hand_is_left_alone_and_told_with_exit_code_0(self):
        by_hand = self.plain.replace("nullok", "nullok\nauth optional pam_echo.so")
        (PAM / "common-auth").write_text(by_hand)
        self.addCleanup((PAM / "common-auth").write_text, self.plain)
        with self.assertRaisesRegex(AssertionError, "returncode=0.*Local modifications to /etc/pam.d/common-.*not updating"):
            self.house.pam_auth_update("--enable", *PROFILES)
        self.assertEqual(lines.common_auth(), by_hand)

    def lay_alone(self, service="alone"):
        """A service as Debian has them, where the second profile was forgotten."""
        self.generated("alone", PROFILES[0])
        self.house.lay(service, "@include common-auth-alone", account="@include common-account-alone")

    def test_line_1_alone_refuses_whom_the_program_asks_the_account_of(self):
        self.lay_alone()
        before = len(self.house.audit())
        for text in (PASSWORD + self.phone.wrong(), PASSWORD + self.phone.at(1), PASSWORD, PASSWORD + ","):
            attempt = self.attempt("alone", "alice", text, call="authenticate,account,setcred")
            self.assertEqual(attempt.results, ["PAM_SUCCESS", "PAM_PERM_DENIED"], attempt.output)
            self.assertEqual(attempt.messages, [])
        self.house.log_reader.wait_for(r"refused: a code was set aside and never checked: is there no line with verify")
        self.assertEqual(len(self.house.audit()), before)  # nor has the verifier heard of any of them

    def test_line_1_alone_lets_in_where_the_program_never_asks_and_the_log_says_so(self):
        """As screen lockers do (C17)."""
        self.lay_alone()
        before = len(self.house.audit())
        self.assertLetIn(self.attempt("alone", "alice", PASSWORD + self.phone.wrong()), PASSWORD)
        self.house.log_reader.wait_for(r"a code was set aside and never checked")
        self.assertEqual(len(self.house.audit()), before)

    def test_line_1_alone_refuses_the_account_of_an_expired_password_too(self):
        """pam_unix then ends the account lines at once, and the caller asks for a new password."""
        self.lay_alone()
        self.addCleanup(lines.set_day_of_password, "alice", 19_000)
        lines.set_day_of_password("alice", 0)
        attempt = self.attempt("alone", "alice", PASSWORD + self.phone.at(1), call="authenticate,account")
        self.assertEqual(attempt.results, ["PAM_SUCCESS", "PAM_PERM_DENIED"], attempt.output)
        self.house.lay("whole", "@include common-auth-both", account="@include common-account-both")
        attempt = self.attempt("whole", "alice", PASSWORD + self.phone.at(1), call="authenticate,account")
        self.assertEqual(attempt.results, ["PAM_SUCCESS", "PAM_NEW_AUTHTOK_REQD"], attempt.output)

    def test_line_1_alone_lets_in_whom_a_rule_lets_through_as_both_do(self):
        self.addCleanup(self.house.lay, "open-profiles", "@include common-auth-both")
        self.lay_alone("open-profiles")
        attempt = self.attempt("open-profiles", "bob", PASSWORD, call="authenticate,account,setcred")
        self.assertEqual(attempt.results, ["PAM_SUCCESS"] * 3, attempt.output)

    def test_with_both_lines_the_account_is_as_it_is_without_garde(self):
        self.house.lay("whole", "@include common-auth-both", account="@include common-account-both")
        attempt = self.attempt("whole", "alice", PASSWORD + self.phone.at(1), call="authenticate,account,setcred")
        self.assertEqual(attempt.results, ["PAM_SUCCESS"] * 3, attempt.output)
        attempt = self.attempt("whole", "alice", PASSWORD + self.phone.at(1), call="authenticate,account")
        self.assertEqual(attempt.results, ["PAM_AUTH_ERR"], attempt.output)
        for user in ("alice", "root"):  # a key in sshd, root's su, cron and at
            attempt = self.attempt("whole", user, call="account,setcred")
            self.assertEqual((attempt.results, attempt.prompts), (["PAM_SUCCESS"] * 2, []), attempt.output)
        self.house.lay("plain", account="@include common-account")
        of_plain, of_whole = (self.attempt(service, "mallory", call="account").results for service in ("plain", "whole"))
        self.assertEqual(of_whole, of_plain)

    def test_line_2_alone_lets_nobody_in_and_the_log_says_why(self):
        self.assertEqual(self.generated("alone", PROFILES[1])[1], self.plain_account)
        self.addCleanup(self.house.lay, "open-profiles", "@include common-auth-both")
        for service, user in (("alone", "alice"), ("open-profiles", "bob")):
            self.house.lay(service, "@include common-auth-alone")
            self.assertRefused(self.attempt(service, user, PASSWORD))
        self.house.log_reader.wait_for(r"no code was set aside")


class OneField(LinesTest):
    def test_password_and_code_let_in_once_and_leave_the_password_alone(self):
        for service in ONE_FIELD:
            with self.subTest(service=service):
                self.setUp()
                attempt = self.attempt(service, "alice", PASSWORD + self.phone.at(1))
                self.assertLetIn(attempt, PASSWORD)
                self.assertEqual((attempt.prompts, attempt.messages), ([QUESTION], []))
                self.assertRefused(self.attempt(service, "alice", PASSWORD + self.phone.at(1)))
                self.assertEqual(self.refused(), "replayed")

    def test_all_refusals_look_the_same(self):
        """One result, one question, no text, one delay, whatever was wrong and whoever it was."""
        for service in ONE_FIELD:
            texts = {"wrong code": ("alice", PASSWORD + self.phone.wrong()),
                     "wrong password": ("alice", WRONG_PASSWORD + self.phone.at(5)),
                     "both wrong": ("alice", WRONG_PASSWORD + self.phone.wrong()),
                     "no code": ("alice", PASSWORD), "nothing": ("alice", ""), "a code alone": ("alice", self.phone.at(6)),
                     "an unknown user": ("mallory", PASSWORD + "123456"),
                     "an un-enrolled user": ("bob", PASSWORD + "123456"),
                     "an un-enrolled user without a code": ("bob", PASSWORD)}
            for what, (user, text) in texts.items():
                with self.subTest(service=service, what=what):
                    attempt = self.attempt(service, user, text)
                    self.assertRefused(attempt)
                    self.assertEqual(attempt.shown, (["PAM_AUTH_ERR"], [QUESTION], []))
                    # Two seconds, and libpam's random part of up to 25 % (in truth a little more) either way; what
                    # verify took itself is taken off.
                    self.assertTrue(500 <= attempt.delays_ms[0] <= 3000, attempt.output)

    def test_a_mistyped_password_spends_no_code_and_no_attempt(self):
        for service in PASSWORD_FIRST:
            with self.subTest(service=service):
                self.setUp()
                before = len(self.house.audit())
                self.assertRefused(self.attempt(service, "alice", WRONG_PASSWORD + self.phone.at(1)))
                self.assertEqual(len(self.house.audit()), before)
                self.assertLetIn(self.attempt(service, "alice", PASSWORD + self.phone.at(1)), PASSWORD)

    def test_code_first_spends_the_code_of_a_mistyped_password(self):
        self.assertRefused(self.attempt("code-first", "alice", WRONG_PASSWORD + self.phone.at(1)))
        self.assertRefused(self.attempt("code-first", "alice", PASSWORD + self.phone.at(1)))
        self.assertEqual(self.refused(), "replayed")

    def test_a_text_without_a_code_spends_no_attempt(self):
        for service in ONE_FIELD:
            with self.subTest(service=service):
                before = len(self.house.audit())
                self.assertRefused(self.attempt(service, "alice", PASSWORD))
                self.assertEqual(len(self.house.audit()), before)

    def test_a_stopped_verifier_is_told_before_the_password_was_tried(self):
        self.house.stop()
        self.addCleanup(self.house.start)
        for service in ONE_FIELD:
            with self.subTest(service=service):
                right = self.attempt(service, "alice", PASSWORD + self.phone.at(1))
                self.assertRefused(right, "PAM_AUTHINFO_UNAVAIL")
                self.assertRegex(" ".join(right.messages), "not available")
                wrong = self.attempt(service, "alice", WRONG_PASSWORD + self.phone.at(1))
                self.assertEqual(wrong.shown, right.shown)

    def test_a_second_try_on_the_same_handle_begins_anew(self):
        for service in ONE_FIELD:
            with self.subTest(service=service):
                self.setUp()
                attempt = self.attempt(service, "alice", PASSWORD + self.phone.wrong(), PASSWORD + self.phone.at(1),
                                       call="authenticate", more=("--times", "2"))
                self.assertEqual(attempt.results, ["PAM_AUTH_ERR", "PAM_SUCCESS"], attempt.output)
                self.assertEqual(attempt.behind, PASSWORD)

    def test_callers_that_only_set_credentials_go_on(self):
        """cron, at and the services of systemd for a user."""
        for service in (*ONE_FIELD, *OPEN, "prompt"):
            for user in ("alice", "bob", "root"):
                attempt = self.attempt(service, user, call="setcred")
                self.assertEqual((attempt.results, attempt.prompts), (["PAM_SUCCESS"], []), service)

    def test_a_caller_that_runs_as_the_user_is_let_in_the_same_way(self):
        for service in ONE_FIELD:
            with self.subTest(service=service):
                self.setUp()
                uid = PEOPLE["alice"]
                self.assertLetIn(self.attempt(service, "alice", PASSWORD + self.phone.at(1), uid=uid), PASSWORD)
                self.house.garde("unlock", "alice")
                for text in (PASSWORD + self.phone.at(1), WRONG_PASSWORD + self.phone.at(2), PASSWORD):
                    self.assertRefused(self.attempt(service, "alice", text, uid=uid))

    def test_the_question_is_in_the_language_of_the_site(self):
        self.house.write_conf(verifier="language = fr\ndigits = 8")
        self.house.restart()
        self.addCleanup(self.house.restart)
        self.addCleanup(self.house.write_conf, verifier="")
        for user in ("alice", "mallory"):
            self.assertEqual(self.attempt("profiles", user, "x").prompts, ["Mot de passe, puis code (8 chiffres) : "])


class Doubled(LinesTest):
    """What becomes of a service that has a fragment when the profiles are turned on as well."""

    def doubled(self, name):
        """The fragment's lines, round or behind the common-auth that has the profiles' lines."""
        text = (PACKAGING / "pam.d" / name).read_text().replace("@include common-auth\n", "@include common-auth-both\n")
        return [line for line in text.splitlines() if not line.startswith("#")]

    def test_the_lines_round_common_auth_twice_let_nobody_in(self):
        self.house.lay("doubled", *self.doubled("around-common-auth"))
        self.assertRefused(self.attempt("doubled", "alice", PASSWORD + self.phone.at(1)))

    def test_a_question_of_its_own_behind_the_profiles_wants_a_second_code(self):
        self.house.lay("doubled", "@include common-auth-both", *self.doubled("prompt"))
        self.assertRefused(self.attempt("doubled", "alice", PASSWORD + self.phone.at(1), self.phone.at(1)))
        self.house.garde("unlock", "alice")
        self.assertLetIn(self.attempt("doubled", "alice", PASSWORD + self.phone.at(2), self.phone.at(3)), PASSWORD)


class Readers(LinesTest):
    def test_a_reader_in_front_of_the_password_lets_the_typed_password_pass_unseen(self):
        """What the documents say of fingerprint readers: its answer jumps over pam_unix, and the code still counts."""
        text = self.both.replace("auth\t[success=1 default=ignore]\tpam_unix.so",
                                 "auth\t[success=2 default=ignore]\tpam_permit.so\nauth\t[success=1 default=ignore]\tpam_unix.so")
        self.assertNotEqual(text, self.both)
        self.house.lay("reader", text)
        self.assertLetIn(self.attempt("reader", "alice", "not my password" + self.phone.at(1)), "not my password")
        self.assertRefused(self.attempt("reader", "alice", "not my password" + self.phone.at(1)))


class OtherCodes(LinesTest):
    def test_recovery_and_help_desk_codes_are_set_off(self):
        for service in ONE_FIELD:
            for between in (" ", ","):
                with self.subTest(service=service, between=between):
                    code = self.house.rows("recovery", "alice", "--yes")["codes"][0]
                    self.assertLetIn(self.attempt(service, "alice", PASSWORD + between + code), PASSWORD)
                    self.assertRefused(self.attempt(service, "alice", PASSWORD + between + code))
                    code = self.house.rows("tempcode", "alice", "--for", "1h", "--reason", "phone at home")["code"]
                    for _ in range(2):
                        self.assertLetIn(self.attempt(service, "alice", PASSWORD + between + code), PASSWORD)

    def test_a_token_of_eight_digits_is_set_off(self):
        for service in ONE_FIELD:
            with self.subTest(service=service):
                self.house.garde("revoke", "alice", "--last", "--yes")
                token = self.house.enrol("alice", Phone(kind="hotp", digits=8))
                self.assertRefused(self.attempt(service, "alice", PASSWORD + token.at(1)))
                self.house.garde("unlock", "alice")
                self.assertLetIn(self.attempt(service, "alice", f"{PASSWORD} {token.at(2)}"), PASSWORD)

    def test_the_code_may_be_typed_in_two_groups(self):
        for n, form in enumerate(("{}{} {}", "{}{}-{}", "{} {}{}", "{} {} {}", "{},{}-{}"), 1):
            code = self.phone.at(n)
            self.assertLetIn(self.attempt("profiles", "alice", form.format(PASSWORD, code[:3], code[3:])), PASSWORD)


class Unenrolled(LinesTest):
    def test_who_a_rule_lets_through_types_the_password_alone(self):
        lines.set_password("bob", "hunter123456")
        self.addCleanup(lines.set_password, "bob", PASSWORD)
        for service in OPEN:
            with self.subTest(service=service):
                self.assertLetIn(self.attempt(service, "bob", "hunter123456"), "hunter123456")
                self.assertRefused(self.attempt(service, "bob", "hunter123457"))
                self.assertRefused(self.attempt(service, "mallory", "hunter123456"))
                self.assertRefused(self.attempt(service, "alice", PASSWORD))

    def test_who_is_pending_types_the_password_or_password_and_comma_or_the_first_code(self):
        for service, user in zip(OPEN, ("carol", "dave", "erin", "frank"), strict=True):
            with self.subTest(service=service):
                lines.set_password(user, "hunter123456")
                phone = Phone(kind="hotp")
                file = self.house.folder / f"{user}.uri"
                file.write_text(phone.uri(user) + "\n")
                self.house.garde("import", "otpauth", file, "--user", user)
                self.assertRefused(self.attempt(service, user, "hunter123456"))
                self.assertLetIn(self.attempt(service, user, "hunter123456,"), "hunter123456")
                self.assertRefused(self.attempt(service, user, "hunter123457,"))
                self.assertLetIn(self.attempt(service, user, "hunter123456" + phone.at(0)), "hunter123456")
                self.assertRefused(self.attempt(service, user, "hunter123456,"))
                lines.set_password(user, PASSWORD)
                self.assertRefused(self.attempt(service, user, PASSWORD))


class Passwords(LinesTest):
    def test_any_password_is_left_whole(self):
        kinds = ["pässwörd żółć 密码", "with, commas, and spaces", "hunter123456", "2024", "ends in 4", "p" * 200,
                 " blank in front", "dash-123-456", "ABCDE-FGHJK-MNPQR",
                 "the last word abcdefghj"]
        self.addCleanup(lines.set_password, "alice", PASSWORD)
        counter = 0
        for password in kinds:
            lines.set_password("alice", password)
            for service in ONE_FIELD:
                with self.subTest(service=service, password=password):
                    counter += 1
                    self.assertLetIn(self.attempt(service, "alice", password + self.phone.at(counter)), password)

    def test_a_password_that_reads_as_a_beginning_of_the_code_wants_a_comma(self):
        """What the documents say of passwords that end in a space or comma, or in one and two digits."""
        counter = 0
        self.addCleanup(lines.set_password, "alice", PASSWORD)
        for password in ("ends in ", "ends in,", "summer 24", "summer,24"):
            lines.set_password("alice", password)
            for service in PASSWORD_FIRST:
                with self.subTest(service=service, password=password):
                    counter += 1
                    self.assertRefused(self.attempt(service, "alice", password + self.phone.at(counter)))
                    self.assertLetIn(self.attempt(service, "alice", f"{password},{self.phone.at(counter)}"), password)


class TwoQuestions(LinesTest):
    def test_password_and_then_code_let_in_once(self):
        code = self.phone.at(1)
        attempt = self.attempt("prompt", "alice", PASSWORD, code)
        self.assertLetIn(attempt, PASSWORD)
        self.assertEqual(len(attempt.prompts), 2)
        self.assertRefused(self.attempt("prompt", "alice", PASSWORD, code))

    def test_who_does_not_know_the_password_is_not_asked_for_a_code(self):
        before = len(self.house.audit())
        attempt = self.attempt("prompt", "alice", WRONG_PASSWORD, self.phone.at(1))
        self.assertRefused(attempt)
        self.assertEqual(len(attempt.prompts), 1)
        self.assertEqual(len(self.house.audit()), before)

    def test_in_place_of_the_password_it_is_no_way_in(self):
        (PAM / "misplaced").write_text(fragment("prompt") + "\n")
        self.assertRefused(self.attempt("misplaced", "alice", self.phone.at(1)), "PAM_PERM_DENIED")

    def test_a_wrong_code_ends_it_before_what_comes_behind(self):
        for code in (self.phone.wrong(), ""):
            self.assertRefused(self.attempt("prompt", "alice", PASSWORD, code))
        self.assertRefused(self.attempt("prompt", "bob", PASSWORD, "123456"))


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
