"""Users who were enrolled and have not used a code yet: the prompt that may stay empty, real module and real verifier."""

import shutil

import garde_site
import garde_wire
from garde_site import PAM_AUTHINFO_UNAVAIL, SiteTest
from phone import Phone

START = 1_800_000_000  # 15 January 2027, 8:00 UTC
OVER = 1_801_440_000   # 1 February: the first second that the rule below does not let through
HINT = "leave empty if you have no code yet"


class PendingLogin(SiteTest):
    site_arguments = {"clock": START, "policy": "pending_for = 60d\npending = allow-until 2027-01-31",
                      "sections": "[service strict]\npending = refuse\n[group games]\n[service night]\nun_enrolled = allow\n"}

    def setUp(self):
        super().setUp()
        for service in ("test", "strict", "night"):
            self.site.service(service, line=f"auth [success=ok ignore=ignore default=die] {garde_site.MODULE} "
                                            f"socket={self.site.sockets / 'trusted.sock'}\nauth required pam_permit.so")
        self.phone = self.site.enrol("games", Phone(), confirm=False)

    def assertLetThrough(self, user="games", service="test"):
        before = len(self.site.audit(event="skip"))
        login = self.site.login(user, "", service=service)
        self.assertAccepted(login)  # by pam_permit behind it: the module said PAM_IGNORE
        self.assertEqual(len(login.prompts), 1)
        self.assertIn(HINT, login.prompts[0])
        skips = self.site.audit(event="skip")
        self.assertEqual(len(skips), before + 1)
        self.assertEqual((skips[-1]["user"], skips[-1]["reason"], skips[-1]["service"]), (user, "pending", service))

    def assertHeld(self, user="games", service="test"):
        before = len(self.site.audit(event="skip"))
        login = self.site.login(user, "", service=service)
        self.assertRefused(login)
        self.assertEqual(len(login.prompts), 1)
        self.assertNotIn(HINT, login.prompts[0])
        self.assertEqual(len(self.site.audit(event="skip")), before)

    def test_an_empty_answer_lets_a_pending_user_in_until_the_date_and_not_after(self):
        self.assertLetThrough()
        self.site.set_clock(OVER - 1)
        self.assertLetThrough()
        self.site.set_clock(OVER)
        self.assertHeld()

    def test_the_date_that_passes_while_the_person_thinks_counts(self):
        with garde_wire.Caller(self.site.sockets / "trusted.sock") as caller:
            caller.send(garde_wire.ask("games"))
            kind, rest = caller.receive()
            self.assertEqual((kind, rest[-1]), (garde_wire.PROMPT, 1))
            self.site.set_clock(OVER)
            caller.send(garde_wire.answer(""))
            self.assertEqual(caller.receive(), (garde_wire.VERDICT, b"\0"))
        self.assertEqual(self.site.audit(event="skip"), [])

    def test_a_wrong_code_is_refused_and_another_login_may_be_empty(self):
        login = self.site.login("games", self.phone.wrong(START))
        self.assertRefused(login)
        self.assertIn(HINT, login.prompts[0])
        self.assertLetThrough()

    def test_once_a_code_was_right_it_is_asked_for_ever(self):
        self.site.garde("confirm", "games", input=self.phone.code(START) + "\n")
        self.assertHeld()
        self.assertAccepted(self.site.login("games", self.phone.code(START, ahead=1)))
        for command in (["suspend"], ["resume"], ["revoke", "--last"]):
            self.site.garde(*command, "games", input="yes\n", check=False)
            self.assertHeld()

    def test_services_and_users_without_the_rule_are_asked_as_ever(self):
        self.assertHeld(service="strict")
        self.assertHeld(user="daemon")  # never enrolled
        other = self.site.enrol("mail", Phone())
        self.assertHeld(user="mail")
        self.assertAccepted(self.site.login("mail", other.code(START, ahead=1)))

    def test_a_lapsed_enrolment_is_no_pending_one(self):
        self.site.write_conf(policy="pending_for = 60d\npending = allow")
        self.site.reload()
        self.site.wait_for_log("configuration read again")
        self.site.set_clock(START + 60 * 86400 - 1)
        self.assertLetThrough()
        self.site.set_clock(START + 60 * 86400)
        self.assertHeld()

    def test_a_new_configuration_counts_from_the_next_answer_on(self):
        self.assertLetThrough()
        self.site.write_conf(policy="pending_for = 60d")
        self.site.reload()
        self.site.wait_for_log("configuration read again")
        self.assertHeld()

    def test_rows_put_back_into_the_pending_state_let_nobody_in(self):
        self.site.stop()
        copy = self.site.folder / "then.db"
        shutil.copy(self.site.store, copy)
        self.site.start()
        self.site.garde("confirm", "games", input=self.phone.code(START) + "\n")
        self.site.stop()
        self.site.sql(f"ATTACH '{copy}' AS past", "DELETE FROM factor", "DELETE FROM account",
                      "INSERT INTO factor SELECT * FROM past.factor", "INSERT INTO account SELECT * FROM past.account")
        self.site.start()
        self.site.wait_for_log("scan-failed")
        self.assertHeld()

    def test_without_a_verifier_nobody_is_let_through(self):
        self.site.stop()
        self.assertRefused(self.site.login("games", ""), PAM_AUTHINFO_UNAVAIL)

    def test_a_missing_group_is_told_once_and_holds_for_nobody(self):
        self.site.write_conf(sections="[group no-such-group]\npending = refuse\nun_enrolled = refuse\n")
        self.site.reload()
        self.site.wait_for_log("configuration read again")
        for _ in range(2):
            self.assertLetThrough()
        self.assertEqual(self.site.log_text().count("there is no group `no-such-group`"), 1)


if __name__ == "__main__":
    garde_site.main()
