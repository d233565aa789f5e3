"""One person at a login: what is accepted, what is refused, and what the audit says of it."""

import datetime
import time

import garde_site
from garde_site import PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL, PAM_IGNORE, Site, SiteTest
from phone import Phone


class Codes(SiteTest):
    def test_the_right_code_lets_in_and_is_audited(self):
        phone = self.site.enrol("daemon")
        login = self.site.login("daemon", phone.code(ahead=1), rhost="192.0.2.7")
        self.assertAccepted(login)
        self.assertEqual(len(login.prompts), 1)
        entry = self.site.audit(event="login")[-1]
        self.assertEqual((entry["verdict"], entry["user"], entry["origin"], entry["service"]),
                         ("accepted", "daemon", "ip:192.0.2.7", "test"))

    def test_a_code_is_accepted_once(self):
        phone = self.site.enrol("daemon")
        code = phone.code(ahead=1)
        self.assertAccepted(self.site.login("daemon", code))
        self.assertRefused(self.site.login("daemon", code))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "replayed")

    def test_the_code_that_confirmed_the_enrolment_is_spent(self):
        phone = Phone()
        code = phone.code()
        self.site.garde("enroll", "daemon", "--uri-stdin", "--no-qr", input=f"{phone.uri('daemon')}\n{code}\n")
        self.assertRefused(self.site.login("daemon", code))

    def test_a_code_before_an_accepted_one_is_refused(self):
        phone = Phone()
        now = phone.step()
        self.site.enrol("daemon", phone, confirm=False)
        self.site.garde("confirm", "daemon", input=phone.at(now + 1) + "\n")
        self.assertRefused(self.site.login("daemon", phone.at(now)))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "replayed")

    def test_a_spent_code_stays_spent_over_a_restart_and_a_kill(self):
        phone = self.site.enrol("daemon")
        code = phone.code(ahead=1)
        self.assertAccepted(self.site.login("daemon", code))
        self.site.kill()
        self.site.start()
        self.assertRefused(self.site.login("daemon", code))
        self.site.restart()
        self.assertRefused(self.site.login("daemon", code))

    def test_odd_answers_are_refused(self):
        phone = self.site.enrol("daemon")
        code = phone.code(ahead=1)
        for typed in ("", " ", code[:5], code + "0", code + "\x01", "x" * 6, "９" * 6, "0" * 2000):
            with self.subTest(typed=typed[:20]):
                self.assertRefused(self.site.login("daemon", typed))
                self.site.garde("unlock", "daemon")
        self.assertAccepted(self.site.login("daemon", code))

    def test_an_empty_answer_costs_no_attempt(self):
        self.site.enrol("daemon")
        for _ in range(12):
            self.assertRefused(self.site.login("daemon", ""))
        self.assertEqual(self.site.audit(event="login"), [])

    def test_hotp_looks_ahead_ten_and_no_further(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        # The code of counter 0 confirmed it: the next ten are 1 to 10.
        self.assertRefused(self.site.login("daemon", phone.at(11)))
        self.assertAccepted(self.site.login("daemon", phone.at(10)))
        self.assertRefused(self.site.login("daemon", phone.at(10)))
        self.assertAccepted(self.site.login("daemon", phone.at(11)))

    def test_other_algorithms_digits_and_periods_work(self):
        for user, phone in (("bin", Phone(algorithm="sha256")), ("games", Phone(algorithm="sha512", digits=8)),
                            ("mail", Phone(digits=7, period=60))):
            self.site.enrol(user, phone)
            self.assertAccepted(self.site.login(user, phone.code(ahead=1)))

    def test_any_of_several_factors_lets_in(self):
        first, second = self.site.enrol("daemon"), self.site.enrol("daemon")
        self.assertAccepted(self.site.login("daemon", second.code(ahead=1)))
        self.assertAccepted(self.site.login("daemon", first.code(ahead=1)))

    def test_a_verifier_that_is_gone_lets_nobody_in(self):
        phone = self.site.enrol("daemon")
        self.site.stop()
        self.assertRefused(self.site.login("daemon", phone.code(ahead=1)), PAM_AUTHINFO_UNAVAIL)

    def test_garde_verify_spends_the_code_as_a_login_does(self):
        phone = self.site.enrol("daemon")
        code = phone.code(ahead=1)
        self.assertEqual(self.site.garde("verify", "daemon", input=code + "\n").returncode, 0)
        self.assertRefused(self.site.login("daemon", code))
        self.assertEqual(self.site.garde("verify", "daemon", input=code + "\n", check=False).returncode, 1)


class Window(SiteTest):
    site_arguments = {"clock": 1_800_000_000}

    def test_one_step_either_side_is_accepted_and_two_are_not(self):
        phone = Phone()
        now = self.site.now
        self.site.enrol("daemon", phone, confirm=False)
        self.site.garde("confirm", "daemon", input=phone.code(now - 30) + "\n")
        for off, accepted in ((-60, False), (60, False), (0, True), (30, True)):
            with self.subTest(off=off):
                self.assertEqual(self.site.login("daemon", phone.code(now + off)).accepted, accepted)

    def test_a_clock_set_back_accepts_nothing_again_and_mends_itself(self):
        phone = self.site.enrol("daemon")
        now = self.site.now
        self.site.set_clock(now + 7200)
        self.assertAccepted(self.site.login("daemon", phone.code(now + 7200)))
        self.site.set_clock(now + 60)
        self.assertRefused(self.site.login("daemon", phone.code(now + 60)))
        self.site.set_clock(now + 7260)
        self.assertRefused(self.site.login("daemon", phone.code(now + 7200)))
        self.assertAccepted(self.site.login("daemon", phone.code(now + 7260)))


class Life(SiteTest):
    def test_a_pending_factor_lets_nobody_in_until_it_is_confirmed(self):
        phone = self.site.enrol("daemon", confirm=False)
        self.assertRefused(self.site.login("daemon", phone.code()))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "pending")
        self.site.garde("confirm", "daemon", input=phone.code() + "\n")
        self.assertAccepted(self.site.login("daemon", phone.code(ahead=1)))

    def test_suspend_resume_and_revoke_act_at_the_next_attempt(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.site.garde("suspend", "daemon")
        self.assertRefused(self.site.login("daemon", phone.at(1)))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "suspended")
        self.site.garde("resume", "daemon")
        self.assertAccepted(self.site.login("daemon", phone.at(1)))
        self.site.garde("revoke", "daemon", "--last", "--yes")
        self.assertRefused(self.site.login("daemon", phone.at(2)))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "revoked")
        self.assertNotEqual(self.site.garde("resume", "daemon", check=False).returncode, 0)
        self.site.stop()
        self.assertEqual(self.site.sql("SELECT state, length(sealed), mark FROM factor"), [(4, 0, 2)],
                         "a tombstone keeps the mark, and nothing of the secret")

    def test_a_revoked_secret_under_another_user_does_not_accept_a_spent_code(self):
        phone = Phone(kind="hotp")
        self.site.enrol("daemon", phone)
        self.assertAccepted(self.site.login("daemon", phone.at(1)))
        self.site.garde("revoke", "daemon", "--last", "--yes")
        again = Phone(phone.key, kind="hotp")
        self.site.enrol("bin", again, confirm=False)
        self.assertEqual(self.site.garde("confirm", "bin", input=again.at(1) + "\n", check=False).returncode, 1)
        self.site.garde("confirm", "bin", input=again.at(2) + "\n")

    def test_one_secret_has_one_live_factor(self):
        phone = self.site.enrol("daemon")
        for user in ("daemon", "bin"):
            done = self.site.garde("enroll", user, "--uri-stdin", "--no-qr", "--no-confirm",
                                   input=phone.uri(user) + "\n", check=False)
            self.assertEqual(done.returncode, 1, done)


class LifeByTheClock(SiteTest):
    """garded's clock stands still but where a test moves it, so that no step ends between two lines of a test."""

    site_arguments = {"clock": 1_800_000_000}

    def test_a_revoked_secret_enrolled_again_does_not_accept_a_spent_code(self):
        phone = Phone()
        now = phone.step(self.site.now)
        self.site.enrol("daemon", phone, confirm=False)
        self.site.garde("confirm", "daemon", input=phone.at(now - 1) + "\n")
        self.assertAccepted(self.site.login("daemon", phone.at(now)))
        self.site.garde("revoke", "daemon", "--last", "--yes")
        self.site.enrol("daemon", phone, confirm=False)
        spent = self.site.garde("confirm", "daemon", input=phone.at(now) + "\n", check=False)
        self.assertEqual(spent.returncode, 1)
        self.assertRefused(self.site.login("daemon", phone.at(now)))
        self.site.garde("confirm", "daemon", input=phone.at(now + 1) + "\n")
        self.assertRefused(self.site.login("daemon", phone.at(now)))

    def test_how_long_a_factor_may_be_pending_is_a_setting(self):
        self.site.write_conf(policy="pending_for = 5min")
        self.site.restart()
        start = self.site.now
        for user, after, code in (("daemon", 299, 0), ("bin", 300, 1)):
            self.site.set_clock(start)
            phone = self.site.enrol(user, confirm=False)
            self.site.set_clock(start + after)
            done = self.site.garde("confirm", user, input=phone.code(self.site.now) + "\n", check=False)
            self.assertEqual(done.returncode, code, done)

    def test_a_pending_factor_cannot_be_confirmed_after_its_time(self):
        phone = self.site.enrol("daemon", confirm=False)
        self.site.set_clock(self.site.now + 15 * 60)
        late = self.site.garde("confirm", "daemon", input=phone.code(self.site.now) + "\n", check=False)
        self.assertEqual(late.returncode, 1)
        self.assertRefused(self.site.login("daemon", phone.code(self.site.now)))
        self.site.enrol("daemon", phone)


class LooksTheSame(SiteTest):
    """Invariant 8: a failure names nothing. garded's clock stands still but where a test moves it."""

    site_arguments = {"clock": 1_800_000_000}

    def test_all_refusals_have_one_code_one_text_and_one_time(self):
        site = self.site
        site.enrol("bin")
        site.enrol("games", confirm=False)
        suspended = site.enrol("mail")
        site.garde("suspend", "mail")
        locked = site.enrol("backup", Phone(kind="hotp"))
        for _ in range(10):
            self.assertRefused(site.login("backup", "000001", rhost="192.0.2.1"))
            site.set_clock(site.now + 65)
        replayed = site.enrol("news")
        spent = replayed.code(site.now, ahead=1)
        self.assertAccepted(site.login("news", spent))
        kinds = {"unknown": ("no-such-user", "000001"), "un-enrolled": ("daemon", "000001"),
                 "wrong": ("bin", "000001"), "pending": ("games", "000001"),
                 "suspended": ("mail", suspended.code(site.now, ahead=1)),
                 "replayed": ("news", spent), "locked": ("backup", locked.at(1))}
        seen = {}
        for name, (user, code) in kinds.items():
            logins = [site.login(user, code, rhost="192.0.2.1") for _ in range(3)]
            seen[name] = {(login.number, tuple(login.prompts), tuple(login.messages)) for login in logins}
            for login in logins:
                self.assertEqual(login.number, PAM_AUTH_ERR, name)
                self.assertGreaterEqual(login.elapsed_ms, 100, f"{name}: {login}")
        self.assertEqual(len(set().union(*seen.values())), 1, seen)
        reasons = {(e["user"], e["reason"]) for e in site.audit(event="login", verdict="refused")[-15:]}
        self.assertEqual(reasons, {("bin", "wrong-code"), ("games", "pending"), ("mail", "suspended"),
                                   ("news", "replayed"), ("backup", "locked")})

    def test_unknown_names_are_one_counted_entry_and_are_not_stored(self):
        for n in range(7):
            self.assertRefused(self.site.login(f"nobody-{n}-s3cret", "123456", rhost="192.0.2.9"))
        self.assertRefused(self.site.login("other-name", "123456", rhost="192.0.2.10"))
        self.site.stop()
        self.site.start()
        entries = self.site.audit(event="unknown")
        counts = {}
        for entry in entries:
            counts[entry["origin"]] = counts.get(entry["origin"], 0) + entry["count"]
        self.assertEqual(counts, {"ip:192.0.2.9": 7, "ip:192.0.2.10": 1})
        self.assertEqual(len(entries), 2)
        self.site.stop()
        for path in self.site.store.parent.iterdir():
            self.assertNotIn(b"s3cret", path.read_bytes(), path)


    def test_what_was_counted_is_written_when_its_minute_is_over(self):
        self.assertRefused(self.site.login("no-such-user", "123456", rhost="192.0.2.9"))
        self.assertEqual(self.site.audit(event="unknown"), [])
        self.site.set_clock(self.site.now + 60)
        self.site.wait_for_log("unknown verdict=refused reason=unenrolled .*origin=ip:192.0.2.9", seconds=30)
        self.assertEqual([e["count"] for e in self.site.audit(event="unknown")], [1])


class UnEnrolledRules(SiteTest):
    site_arguments = {"sections": "[service open]\nun_enrolled = allow\n"
                                  "[service until]\nun_enrolled = allow-until 2999-12-31\n"
                                  "[service over]\nun_enrolled = allow-until 2020-12-31\n"
                                  "[service shut]\nun_enrolled = refuse\n"}

    def setUp(self):
        super().setUp()
        for name in ("open", "until", "over", "shut"):
            self.site.service(name)

    def test_un_enrolled_users_are_skipped_only_where_a_rule_says_so(self):
        for service, number in (("open", PAM_IGNORE), ("until", PAM_IGNORE), ("over", PAM_AUTH_ERR),
                                ("shut", PAM_AUTH_ERR), ("test", PAM_AUTH_ERR)):
            with self.subTest(service=service):
                login = self.module_answer("daemon", "000001", service)
                self.assertEqual(login, number)
        self.assertEqual({e["service"] for e in self.site.audit(event="skip")}, {"open", "until"})

    def module_answer(self, user, code, service):
        """What the module itself returned: PAM_IGNORE shows as the stack's own failure, so ask with a jump."""
        module = self.site.pam / service
        line = module.read_text().splitlines()[0].replace("auth required", "auth [success=ok ignore=1 default=die]")
        (self.site.pam / f"{service}").write_text(
            line + "\nauth requisite pam_permit.so\nauth [default=ok] pam_permit.so\n")
        login = self.site.login(user, code, service=service)
        if login.accepted:
            return PAM_IGNORE if not login.prompts else garde_site.PAM_SUCCESS
        return login.number

    def test_unknown_names_are_never_skipped(self):
        self.assertRefused(self.site.login("no-such-user", "000001", service="open"))

    def test_pending_suspended_and_revoked_are_not_un_enrolled(self):
        phone = self.site.enrol("bin", confirm=False)
        self.assertRefused(self.site.login("bin", "000001", service="open"))
        self.site.garde("confirm", "bin", input=phone.code() + "\n")
        self.site.garde("suspend", "bin")
        self.assertRefused(self.site.login("bin", "000001", service="open"))
        self.site.garde("revoke", "bin", "--last", "--yes")
        self.assertRefused(self.site.login("bin", "000001", service="open"))
        self.assertEqual(self.site.audit(event="skip"), [])

    def test_an_enrolled_user_is_asked_under_every_rule(self):
        phone = self.site.enrol("bin", Phone(kind="hotp"))
        for counter, service in enumerate(("open", "until", "over", "shut"), 1):
            self.assertAccepted(self.site.login("bin", phone.at(counter), service=service))
            self.assertRefused(self.site.login("bin", phone.at(counter), service=service))
        self.assertEqual(self.site.audit(event="skip"), [])

    def test_revoking_a_pending_factor_makes_the_user_un_enrolled_again(self):
        self.site.enrol("bin", confirm=False)
        self.site.garde("revoke", "bin", "--last", "--yes")
        self.assertEqual(self.module_answer("bin", "000001", "open"), PAM_IGNORE)


class Reload(SiteTest):
    def test_a_good_configuration_takes_effect_and_a_bad_one_leaves_the_old_in_force(self):
        self.site.service("open")
        self.assertRefused(self.site.login("daemon", "000001", service="open"))
        self.site.write_conf(sections="[service open]\nun_enrolled = allow\n")
        self.site.reload()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not self.site.audit(event="skip"):
            self.site.login("daemon", "000001", service="open")
        self.assertTrue(self.site.audit(event="skip"))
        good = self.site.conf.read_text()
        self.site.write_conf(sections="[service open]\nun_enrolled = sometimes\n")
        self.site.reload()
        self.site.wait_for_log(r"garde\.conf.*\d+.*un_enrolled")
        self.site.conf.write_text(good)  # for the tool; the verifier has not read it again
        before = len(self.site.audit(event="skip"))
        self.site.login("daemon", "000001", service="open")
        self.assertEqual(len(self.site.audit(event="skip")), before + 1)

    def test_new_limits_hold_from_the_next_enrolment_on(self):
        for minutes in (5, 10):
            self.site.write_conf(policy=f"pending_for = {minutes}min")
            self.site.reload()
            self.site.wait_for_log("(?s)" + ".*configuration read again" * (minutes // 5))
            self.site.enrol("daemon", confirm=False)
            row = self.site.rows("list")[-1]
            created, until = (datetime.datetime.fromisoformat(row[key].replace("Z", "+00:00"))
                              for key in ("created", "pending_until"))
            self.assertEqual((until - created).total_seconds(), minutes * 60)

    def test_what_needs_a_restart_is_told_and_left_as_it_is(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        good = self.site.conf.read_text()
        for key, value in (("store", self.site.store), ("key_ring", self.site.key_ring),
                           ("socket_folder", self.site.sockets)):
            with self.subTest(key=key):
                self.site.conf.write_text(good.replace(f"{key} = {value}", f"{key} = {value}.new"))
                self.site.reload()
                self.site.wait_for_log(f"a new `{key}` needs a restart; {value} stays in use")
        self.assertAccepted(self.site.login("daemon", phone.at(1)))


class Language(SiteTest):
    site_arguments = {"verifier": "language = fr"}

    def test_the_prompt_speaks_the_language_of_the_setting(self):
        self.assertIn("téléphone", self.site.login("daemon", "000001").prompts[0])


if __name__ == "__main__":
    garde_site.main()
