#!/usr/bin/python3
"""A factor's life at the desk, told by logins: tokens, devices that have gone off, overlap, days, the last one, broken rows."""

import datetime
import json
import time

from garde_site import SiteTest, main
from phone import Phone

NOW = int(time.time()) // 120 * 120 + 7  # about now, since the tool has the real clock, and a while before the next step
STEP = 30


def spelt(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


class DeskTest(SiteTest):
    site_arguments = {"clock": NOW}

    def row(self, user="daemon", **only):
        rows = self.site.rows("show", user)["factors"]
        return next(row for row in rows if all(row[key] == value for key, value in only.items()))

    def later(self, seconds):
        self.site.set_clock(self.site.now + seconds)

    def code(self, phone, behind=0):
        """What the device shows now, if its clock is that far behind."""
        return phone.at(phone.step(self.site.now - behind))


class Tokens(DeskTest):
    """oathtool is the token."""

    def enrol(self, phone, code, *options, form="hex"):
        key = phone.key.hex() if form == "hex" else phone.base32()
        return self.site.garde("enroll", "daemon", "--key-stdin", form, "--type", phone.kind, "--algorithm",
                               phone.algorithm, "--digits", str(phone.digits), *options, input=f"{key}\n{code}\n")

    def test_tokens_with_clocks_of_every_make_log_in(self):
        for number, (digits, algorithm, period) in enumerate(((7, "sha1", 30), (8, "sha256", 60), (8, "sha512", 60),
                                                              (6, "sha512", 120), (7, "sha256", 30))):
            phone = Phone(digits=digits, algorithm=algorithm, period=period)
            with self.subTest(digits=digits, algorithm=algorithm, period=period):
                label = f"token {number}"
                self.enrol(phone, phone.oathtool(f"--now={spelt(self.site.now)}"), "--period", str(period), "--label", label,
                           form=("hex", "base32")[number % 2])
                self.later(period)
                code = phone.oathtool(f"--now={spelt(self.site.now)}")
                self.assertEqual(len(code), digits)
                self.assertAccepted(self.site.login("daemon", code))
                self.assertRefused(self.site.login("daemon", code))
                row = self.row(label=label)
                self.assertEqual((row["digits"], row["algorithm"], row["period"]), (digits, algorithm, period))
                self.site.garde("unlock", "daemon")

    def test_a_token_that_counts_goes_on_from_its_counter(self):
        phone = Phone(kind="hotp", digits=8)
        self.enrol(phone, phone.oathtool("--counter=4711"), "--counter", "4711")
        self.assertRefused(self.site.login("daemon", phone.oathtool("--counter=4710")))
        self.site.garde("unlock", "daemon")
        self.assertAccepted(self.site.login("daemon", phone.oathtool("--counter=4712")))

    def test_a_token_that_is_off_from_the_start_is_set_right_and_confirmed(self):
        phone = Phone(digits=8, period=60)
        key = f"{phone.key.hex()}\n" + f"{self.code(phone, 900)}\n" * 3
        done = self.site.garde("enroll", "daemon", "--key-stdin", "hex", "--digits", "8", "--period", "60", "--label",
                               "token", input=key, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"garde resync daemon {self.row()['id']}", done.stderr)
        self.site.garde("unlock", "daemon")
        first = self.code(phone, 900)
        self.later(60)
        done = self.site.garde("resync", "daemon", "token", input=f"{first}\n{self.code(phone, 900)}\n")
        self.assertIn("15 min 00 s slow", done.stdout)
        self.assertEqual(self.row()["state"], "pending")
        self.later(60)
        self.site.garde("confirm", "daemon", input=self.code(phone, 900) + "\n")
        self.later(60)
        self.assertAccepted(self.site.login("daemon", self.code(phone, 900)))


class GoneOff(DeskTest):
    def resync(self, first, second, *words, check=True):
        return self.site.garde("resync", "daemon", *words, input=f"{first}\n{second}\n", check=check)

    def test_a_phone_that_is_slow_is_told_by_how_much_and_logs_in_again(self):
        phone = self.site.enrol("daemon", None, "--label", "phone")
        self.later(600)
        self.assertRefused(self.site.login("daemon", self.code(phone, 240)))
        self.later(STEP)
        first = self.code(phone, 240)
        self.later(STEP)
        second = self.code(phone, 240)
        self.assertIn("4 min 00 s slow", self.resync(first, second, "phone").stdout)
        for spent in (first, second):
            self.assertRefused(self.site.login("daemon", spent))
        self.site.garde("unlock", "daemon")
        self.later(STEP)
        self.assertAccepted(self.site.login("daemon", self.code(phone, 240)))
        self.assertEqual(self.row()["offset"], -240)
        self.assertIn("4 min 00 s slow", self.site.garde("show", "daemon").stdout)
        self.assertEqual(self.site.audit(event="resynced")[-1]["factor"], self.row()["id"])

    def test_a_counter_that_ran_ahead_is_found(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertRefused(self.site.login("daemon", phone.at(51)))
        self.site.garde("unlock", "daemon")
        self.assertIn("50 codes ahead", self.resync(phone.at(51), phone.at(52)).stdout)
        self.assertRefused(self.site.login("daemon", phone.at(52)))
        self.site.garde("unlock", "daemon")
        self.assertAccepted(self.site.login("daemon", phone.at(53)))

    def test_codes_that_do_not_follow_each_other_change_nothing_and_are_counted(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        done = self.resync(phone.at(20), phone.at(22), check=False)
        self.assertEqual((done.returncode, "Done" in done.stdout), (1, False))
        self.assertIn("nothing was changed", done.stderr)
        self.assertEqual(len(self.site.audit(event="resync-failed")), 1)
        self.assertEqual([o["failures"] for o in self.site.rows("show", "daemon")["origins"] if o["failures"]], [1])


class Overlap(DeskTest):
    def test_the_old_phone_works_until_the_new_one_is_confirmed(self):
        old = self.site.enrol("daemon", Phone(kind="hotp"), "--label", "phone")
        new = self.site.enrol("daemon", Phone(kind="hotp"), "--label", "new phone", "--replaces", "phone", confirm=False)
        self.assertEqual(self.row(label="new phone")["replaces"], self.row(label="phone")["id"])
        self.assertAccepted(self.site.login("daemon", old.at(1)))
        self.site.garde("confirm", "daemon", "new phone", input=new.at(0) + "\n")
        self.assertRefused(self.site.login("daemon", old.at(2)))
        self.assertAccepted(self.site.login("daemon", new.at(1)))
        self.assertEqual(self.site.audit(event="revoked")[-1]["reason"], "replaced")

    def test_the_last_factor_is_kept_unless_its_end_is_meant(self):
        first = self.site.enrol("daemon", Phone(kind="hotp"), "--label", "first")
        self.site.enrol("daemon", Phone(kind="hotp"), "--label", "second")
        self.site.garde("revoke", "daemon", "second", "--yes")
        for words in (["first"], []):
            done = self.site.garde("revoke", "daemon", *words, "--yes", check=False)
            self.assertEqual((done.returncode, "--last" in done.stderr), (1, True))
        self.assertAccepted(self.site.login("daemon", first.at(1)))
        self.site.garde("revoke", "daemon", "first", "--last", input="oui\n")
        self.assertRefused(self.site.login("daemon", first.at(2)))

    def test_an_answer_that_is_no_yes_leaves_the_factor_as_it_was(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertEqual(self.site.garde("revoke", "daemon", "--last", input="n\n", check=False).returncode, 1)
        self.assertAccepted(self.site.login("daemon", phone.at(1)))


class Days(DeskTest):
    def test_a_factor_is_good_from_its_first_to_the_end_of_its_last_day(self):
        first, last = (datetime.date.today() + datetime.timedelta(days) for days in (3, 4))
        begin = int(time.mktime(first.timetuple()))
        end = int(time.mktime((last + datetime.timedelta(1)).timetuple()))
        phone = self.site.enrol("daemon", Phone(kind="hotp"), "--not-before", str(first), "--not-after", str(last))
        codes = iter(range(1, 9))
        for second, accepted in ((begin - 1, False), (begin, True), (end - 1, True), (end, False)):
            self.site.set_clock(second)
            self.assertEqual(self.site.login("daemon", phone.at(next(codes))).accepted, accepted, second)
        self.assertEqual([entry["reason"] for entry in self.site.audit(event="login", verdict="refused")],
                         ["not-yet", "expired"])
        self.assertIn(f"valid until {last}\n", self.site.garde("show", "daemon").stdout)


class Broken(DeskTest):
    def test_a_user_whose_rows_do_not_hold_is_cleared_and_enrolled_anew(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertEqual(self.site.garde("clear", "daemon", "--yes", check=False).returncode, 1)
        self.site.stop()
        self.site.sql("UPDATE factor SET label = 'x'")
        self.site.start()
        done = self.site.garde("list", "--json", check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout)[0]["tampered"]), (4, True))
        self.assertEqual(self.site.garde("revoke", "daemon", "--last", "--yes", check=False).returncode, 4)
        self.assertIn("gone", self.site.garde("clear", "daemon", input="yes\n").stdout)
        self.assertRefused(self.site.login("daemon", phone.at(1)))
        new = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertAccepted(self.site.login("daemon", new.at(1)))
        self.assertEqual(self.site.audit(event="cleared")[-1]["user"], "daemon")


if __name__ == "__main__":
    main()
