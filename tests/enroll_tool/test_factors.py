#!/usr/bin/python3
"""Which factor is meant, the question before what cannot be undone, two codes in a row, and how a factor is shown."""

import json
import struct
import unittest

import fake_admin as fake
from fake_admin import ToolTest

HOSTILE = "\x1b[2J\x1b]0;owned\x07"
PHONE = fake.factor(3, "alice", label="phone")
TOKEN = fake.factor(5, "alice", label="token 4711", kind=fake.HOTP, period=0)
RIGHT_TWO = fake.text("111111") + fake.text("222222")


class FactorsTest(ToolTest):
    """Alice's factors are in self.factors; what was asked of the verifier besides looking is in changes()."""

    def setUp(self):
        super().setUp()
        self.factors = [PHONE, TOKEN]
        self.outcome = fake.result(number=1)
        self.answers({fake.SHOW: lambda _: [*self.factors, fake.result()], fake.CHANGE: lambda _: [self.outcome],
                      fake.RESYNC: lambda _: [self.outcome], fake.CONFIRM: lambda _: [self.outcome],
                      fake.LIST: lambda _: [*self.factors, fake.result()]})

    def changes(self):
        return [request for request in self.fake.requests if request[1] not in (fake.SHOW, fake.LIST)]

    def changed(self, kind, factor, last=0, user="alice"):
        """The one change that was asked for is this."""
        self.assertEqual([r[8:] for r in self.changes()],
                         [bytes([kind]) + fake.text(user) + struct.pack(">qB", factor, last)])


class Picking(FactorsTest):
    def test_a_label_stands_for_its_number(self):
        self.assertEqual(self.garde("suspend", "alice", "token 4711").returncode, 0)
        self.changed(fake.SUSPEND, 5)

    def test_a_word_of_digits_is_a_number_whatever_the_labels_are(self):
        self.factors = [fake.factor(3, "alice", label="5"), fake.factor(5, "alice", label="3")]
        self.garde("suspend", "alice", "3")
        self.changed(fake.SUSPEND, 3)
        self.factors = [fake.factor(9, "alice", label="3")]
        done = self.garde("suspend", "alice", "3")
        self.assertEqual((done.returncode, len(self.changes())), (1, 1))
        self.assertIn("9 (3)", done.stderr)

    def test_of_two_factors_with_one_label_none_is_guessed(self):
        self.factors = [PHONE, fake.factor(8, "alice", label="phone", state=fake.SUSPENDED)]
        done = self.garde("revoke", "alice", "phone", "--yes")
        self.assertEqual((done.returncode, done.stdout, self.changes()), (1, "", []))
        self.assertIn("3 (phone), 8 (phone)", done.stderr)

    def test_revoked_and_lapsed_factors_do_not_make_a_label_unclear(self):
        self.factors = [fake.factor(1, "alice", label="phone", state=fake.REVOKED), PHONE,
                        fake.factor(2, "alice", label="phone", state=fake.PENDING, pending_until=1)]
        self.garde("resume", "alice", "phone")
        self.changed(fake.RESUME, 3)

    def test_a_factor_that_lapsed_can_be_named_when_it_is_the_only_one(self):
        self.factors = [fake.factor(2, "alice", label="phone", state=fake.PENDING, pending_until=1)]
        self.garde("revoke", "alice", "phone", "--yes")
        self.changed(fake.REVOKE, 2)

    def test_what_is_not_there_is_refused_before_a_question(self):
        for word in ("Phone", "7", "1x", "pho", HOSTILE):
            done = self.garde("revoke", "alice", word, input="yes\n")
            self.assertEqual((done.returncode, self.changes()), (1, []), word)
            self.assertIn("garde show alice", done.stderr)
            self.assertNotIn("\x1b", done.stderr)
            self.assertNotIn("yes or no", done.stderr)

    def test_hostile_labels_steer_no_terminal_where_they_are_listed(self):
        self.factors = [fake.factor(1, "alice", label=HOSTILE), fake.factor(2, "alice", label=HOSTILE)]
        for words in (["revoke", "alice", HOSTILE], ["revoke", "alice", "1"], ["revoke", "alice"], ["resync", "alice"],
                      ["resync", "alice", "1"]):
            done = self.garde(*words)
            self.assertEqual(done.returncode, 1)
            self.assertNotIn("\x1b", done.stdout + done.stderr)
            self.assertIn("\\x1b", done.stdout + done.stderr)

    def test_confirm_takes_the_factor_that_is_named(self):
        self.factors = [PHONE, fake.factor(6, "alice", label="new", state=fake.PENDING, pending_until=2**40)]
        self.garde("confirm", "alice", "new", input="424242\n")
        self.assertTrue(self.changes()[0].endswith(struct.pack(">q", 6) + fake.text("424242")))


class Questions(FactorsTest):
    def test_each_form_of_yes_is_one_and_nothing_else_is(self):
        for answer in ("yes", "y", "oui", "o", "Oui", "YES", "  yes \t", "yes\r"):
            self.assertEqual(self.garde("revoke", "alice", "3", input=answer + "\n").returncode, 0, answer)
        self.assertEqual(len(self.changes()), 8)
        for answer in ("no\n", "non\n", "\n", "", "yess\n", "ye\n", "y e s\n", "x" * 200 + "\n", "yes\0\n", "1\n"):
            done = self.garde("revoke", "alice", "3", input=answer)
            self.assertEqual((done.returncode, done.stdout), (1, ""), repr(answer))
            self.assertIn("nothing was done", done.stderr)
        self.assertEqual(len(self.changes()), 8)

    def test_the_question_names_what_ends(self):
        self.assertIn("Revoke factor 3 (phone) of alice?", self.garde("revoke", "alice", "3").stderr)
        self.assertIn("Revoke all factors of alice, which are 3 (phone), 5 (token 4711)?",
                      self.garde("revoke", "alice").stderr)
        self.factors = [PHONE]
        self.assertIn("Revoke factor 3 (phone) of alice?", self.garde("revoke", "alice").stderr)
        self.assertIn("rows of alice", self.garde("clear", "alice").stderr)
        self.assertIn("Tapez oui ou non", self.french("clear", "alice").stderr)
        self.assertEqual(self.changes(), [])

    def test_yes_on_the_command_line_answers_it(self):
        for words in (["revoke", "alice", "--yes"], ["revoke", "--yes", "alice", "phone"], ["clear", "alice", "--yes"]):
            done = self.garde(*words)
            self.assertEqual(done.returncode, 0)
            self.assertNotIn("?", done.stderr)
        self.assertEqual(len(self.changes()), 3)

    def test_the_last_factor_is_revoked_only_when_that_is_said(self):
        self.garde("revoke", "alice", "3", "--yes", "--last")
        self.changed(fake.REVOKE, 3, last=1)
        self.outcome = fake.result(fake.LAST_FACTOR)
        done = self.garde("revoke", "alice", "3", "--yes")
        self.assertEqual((done.returncode, done.stdout, self.changes()[-1][-1]), (1, "", 0))
        self.assertIn("--last", done.stderr)

    def test_codes_that_stay_good_without_a_device_are_told(self):
        codes = [fake.factor(7, "alice", kind=fake.RECOVERY_CODES, period=0, left=9),
                 fake.factor(8, "alice", kind=fake.HELP_DESK, period=0, state=fake.SUSPENDED)]
        self.factors = [PHONE, *codes]
        done = self.garde("revoke", "alice", "phone", "--yes", "--last")
        self.assertEqual(done.returncode, 0)
        self.assertIn("still log in with codes that need no device: 7. To end them too: garde revoke alice", done.stderr)
        for words in (["phone", "--yes"], ["7", "--yes", "--last"], ["--yes", "--last"]):
            self.assertEqual(self.garde("revoke", "alice", *words).stderr, "", words)
        self.factors = [PHONE, codes[1]]
        self.assertEqual(self.garde("revoke", "alice", "phone", "--yes", "--last").stderr, "")

    def test_clear_asks_for_all_of_a_user_and_says_what_comes_next(self):
        self.outcome = fake.result(number=4)
        done = self.garde("clear", "alice", input="oui\n")
        self.changed(fake.CLEAR, 0)
        self.assertIn("4 rows of alice are gone", done.stdout)
        self.assertIn("garde enroll alice", done.stdout)
        self.outcome = fake.result(fake.SOUND)
        done = self.garde("clear", "alice", "--yes")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nothing to clear", done.stderr)

    def test_with_nothing_to_revoke_nothing_is_asked(self):
        self.factors, self.outcome = [], fake.result(fake.NO_FACTOR)
        done = self.garde("revoke", "alice", input="")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("yes or no", done.stderr)


class HelpDesk(FactorsTest):
    def test_a_code_for_somebody_whom_an_admin_stopped_is_warned_of(self):
        self.fake.script[fake.TEMPCODE] = [fake.result(number=9, until=2**33)]
        words = ("tempcode", "alice", "--for", "8h", "--reason", "phone at home")
        self.assertEqual(self.garde(*words).stderr, "")
        self.factors = [PHONE, fake.factor(5, "alice", label="token 4711", state=fake.SUSPENDED)]
        for more in ((), ("--json",)):
            done = self.garde(*words, *more)
            self.assertEqual(done.returncode, 0)
            self.assertIn("suspended factors of alice: 5 (token 4711). Find out why", done.stderr)


class Resync(FactorsTest):
    def test_a_clock_that_is_off_is_told_in_minutes(self):
        for offset, words in ((-8, "4 min 00 s slow"), (3, "1 min 30 s fast"), (0, "is right"), (120, "1 h 00 min fast")):
            self.outcome = fake.result(number=3, offset=offset)
            done = self.garde("resync", "alice", "phone", input="111 111\n222222\n")
            self.assertEqual(done.returncode, 0, done)
            self.assertIn(words, done.stdout)
            self.assertFits(done.stdout)
        self.assertTrue(self.changes()[0].endswith(fake.text("alice") + struct.pack(">q", 3) + RIGHT_TWO))
        self.assertIn("retarde de 4 min 00 s", self.resync_in_french(-8))

    def resync_in_french(self, offset):
        self.outcome = fake.result(number=3, offset=offset)
        return self.french("resync", "alice", "phone", input="111111\n222222\n").stdout

    def test_one_that_is_still_pending_is_not_said_to_be_good_for_a_login(self):
        self.factors = [fake.factor(3, "alice", label="phone", state=fake.PENDING, confirmed=0, pending_until=2**33)]
        self.outcome = fake.result(number=3, offset=-8)
        done = self.garde("resync", "alice", "phone", input="111111\n222222\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("garde confirm alice 3", done.stdout)
        self.assertNotIn("login", done.stdout)

    def test_a_counter_that_is_ahead_is_told_in_codes(self):
        self.outcome = fake.result(number=5, offset=12)
        self.assertIn("12 codes ahead", self.garde("resync", "alice", "5", input="111111\n222222\n").stdout)

    def test_the_only_active_factor_with_a_device_need_not_be_named(self):
        self.factors = [TOKEN, fake.factor(1, "alice", state=fake.SUSPENDED), fake.factor(2, "alice", kind=fake.HELP_DESK),
                        fake.factor(4, "alice", kind=fake.RECOVERY_CODES, left=9)]
        self.assertEqual(self.garde("resync", "alice", input="111111\n222222\n").returncode, 0)
        self.assertTrue(self.changes()[0].endswith(struct.pack(">q", 5) + RIGHT_TWO))
        self.factors = [PHONE, TOKEN]
        done = self.garde("resync", "alice", input="111111\n222222\n")
        self.assertEqual((done.returncode, len(self.changes())), (1, 1))
        self.assertIn("3 (phone), 5 (token 4711)", done.stderr)
        self.factors = self.factors[:0]
        self.assertIn("no active factor", self.garde("resync", "alice").stderr)

    def test_the_same_code_twice_is_not_sent_but_asked_again(self):
        done = self.garde("resync", "alice", "3", input="111111\n111 111\n222222\n")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(self.changes()[0].endswith(RIGHT_TWO))
        self.assertEqual(self.garde("resync", "alice", "3", input="111111\n" * 9).returncode, 1)
        self.assertEqual(len(self.changes()), 1)

    def test_wrong_codes_say_what_to_do_for_this_device(self):
        self.outcome = fake.result(fake.WRONG_CODE, 1)
        for factor, words in (("3", "more than an hour"), ("5", "more than 1000 times")):
            done = self.garde("resync", "alice", factor, input="111111\n222222\n")
            self.assertEqual(done.returncode, 1)
            self.assertNotIn("Done", done.stdout)
            self.assertIn(words, done.stderr)
        self.outcome = fake.result(fake.WRONG_CODE, 4)
        self.assertIn("garde unlock alice", self.garde("resync", "alice", "3", input="111111\n222222\n").stderr)

    def test_an_answer_that_is_missing_or_no_code_changes_nothing(self):
        for answers in ("", "111111\n", "\n", "111111\n\n", "x" * 600 + "\n222222\n", "1\x002\n3\n"):
            done = self.garde("resync", "alice", "3", input=answers)
            self.assertEqual(done.returncode, 1, repr(answers))
        self.assertEqual(self.changes(), [])


class Quiet(FactorsTest):
    def test_quiet_commands_say_nothing_of_what_was_done(self):
        self.factors = [PHONE]
        for words in (["suspend", "alice"], ["resume", "alice", "3"], ["revoke", "alice", "--yes"], ["unlock", "alice"],
                      ["clear", "alice", "--yes"], ["confirm", "alice"], ["resync", "alice"]):
            for line in (["--quiet", *words], [*words, "--quiet"]):
                done = self.garde(*line, input="111111\n222222\n")
                self.assertEqual((done.returncode, done.stdout), (0, ""), line)
            self.assertNotEqual(self.garde(*words, input="111111\n222222\n").stdout, "", words)

    def test_quiet_commands_show_what_they_were_asked_for_and_complain(self):
        self.assertEqual(self.garde("--quiet", "list").stdout, self.garde("list").stdout)
        self.assertEqual(self.garde("--quiet", "show", "alice").stdout, self.garde("show", "alice").stdout)
        self.factors, self.outcome = [], fake.result(fake.NO_FACTOR)
        self.assertEqual(self.garde("--quiet", "list").stdout, "")
        done = self.garde("--quiet", "suspend", "alice")
        self.assertEqual((done.returncode, done.stderr), (1, self.garde("suspend", "alice").stderr))


LONG = "Jean-Baptiste de la Tour, keys and badge lost"
ALL = [fake.factor(1, "alice", label="a label that is much too long for it", weak=1, offset=-8, last_used=fake.SOON),
       fake.factor(2, "alice", kind=fake.RECOVERY_CODES, period=0, digits=15, left=7),
       fake.factor(3, "alice", kind=fake.RECOVERY_CODES, period=0, digits=15, left=0),
       fake.factor(4, "alice", kind=fake.HELP_DESK, period=0, digits=8, uses=3, left=2, not_after=2**40, label=LONG),
       fake.factor(5, "alice", kind=fake.HELP_DESK, period=0, digits=8, not_after=2**40, label=LONG),
       fake.factor(6, "alice", state=fake.PENDING, pending_until=2**40, handed_out=1, replaces=1),
       fake.factor(7, "alice", not_before=2**40), fake.factor(8, "alice", not_after=1), fake.factor(9, "alice", tampered=1),
       fake.factor(10, "alice", state=fake.REVOKED), fake.factor(11, "alice", state=fake.SUSPENDED),
       fake.factor(12, "alice", state=fake.PENDING, pending_until=1),
       fake.factor(13, "alice", not_before=fake.SOON, not_after=1798761600)]


class Showing(FactorsTest):
    def setUp(self):
        super().setUp()
        self.factors = ALL

    def test_show_tells_what_is_special_about_each_factor(self):
        shown = self.garde("show", "alice").stdout
        for words in ("7 of 10 codes left", "0 of 10 codes left", "2 of 3 uses left", "as often as needed",
                      "handed out: its first right code", "factor 1 ends", "4 min 00 s slow", "TOTP weak",
                      "less than 128 bits", "valid from 2026-11-25 09:46", "valid until 2026-12-31\n", LONG,
                      "last used 2026-11-25 09:46:40"):
            self.assertIn(words, shown)
        self.assertFits(shown)
        self.assertFits(self.french("show", "alice").stdout)

    def test_each_standing_has_a_word_of_its_own_and_a_filter(self):
        for state, ids in (("pending", [6]), ("lapsed", [12]), ("not-yet", [7]), ("expired", [8]), ("used-up", [3]),
                           ("suspended", [11]), ("revoked", [10]), ("active", [1, 2, 4, 5, 13])):
            rows = json.loads(self.garde("list", "--json", "--state", state).stdout)
            self.assertEqual([row["id"] for row in rows], ids, state)
        self.assertEqual([row["id"] for row in json.loads(self.garde("list", "--json", "--type", "temporary").stdout)], [4, 5])
        self.assertEqual(len(self.garde("list", "--type", "recovery", "--state", "used-up").stdout.splitlines()), 2)

    def test_a_filter_hides_no_tampering(self):
        done = self.garde("list", "--state", "pending", "--type", "hotp")
        self.assertEqual((done.returncode, done.stdout), (4, "There is no such factor.\n"))
        self.assertIn("tampered", done.stderr)

    def test_json_has_the_new_fields_as_they_are(self):
        rows = {row["id"]: row for row in json.loads(self.garde("list", "--json").stdout)}
        self.assertEqual((rows[1]["offset"], rows[1]["weak"], rows[2]["offset"]), (-240, True, None))
        self.assertEqual([rows[n]["left"] for n in (1, 2, 3, 4, 5)], [None, 7, 0, 2, None])
        self.assertEqual([rows[n]["uses"] for n in (2, 4, 5)], [None, 3, None])
        self.assertEqual((rows[6]["handed_out"], rows[6]["replaces"], rows[7]["replaces"]), (True, 1, None))
        self.assertEqual([rows[n]["type"] for n in (2, 4)], ["recovery", "temporary"])

    def test_an_offset_that_no_device_can_have_is_no_arithmetic(self):
        self.factors = [fake.factor(1, "alice", offset=2**62), fake.factor(2, "alice", offset=-2**63)]
        self.assertEqual(self.garde("show", "alice").returncode, 0)
        self.assertEqual({row["offset"] for row in json.loads(self.garde("list", "--json").stdout)}, {0})

    def test_times_are_those_of_the_zone(self):
        self.factors = [fake.factor(1, "alice", not_after=1798758000, last_used=fake.SOON)]
        shown = self.garde("show", "alice", environment={"TZ": "Europe/Paris"}).stdout
        self.assertIn("valid until 2026-12-31\n", shown)
        self.assertIn("last used 2026-11-25 10:46:40", shown)
        self.assertIn("valid until 2026-12-31 23:00\n", self.garde("show", "alice").stdout)

    def test_the_audit_shows_an_admins_words_and_they_steer_nothing(self):
        self.fake.script[fake.AUDIT] = [fake.entry(1, event=19, note="badge lost " + HOSTILE), fake.result()]
        shown = self.garde("audit").stdout
        self.assertIn("badge lost \\x1b", shown)
        self.assertNotIn("\x1b", shown)
        self.assertEqual(json.loads(self.garde("audit", "--json").stdout)[0]["note"], "badge lost " + HOSTILE)


if __name__ == "__main__":
    unittest.main()
