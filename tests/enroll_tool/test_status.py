#!/usr/bin/python3
"""What `garde status` makes of each state of the verifier: page, JSON, exit code."""

import json
import struct
import time
import unittest

import fake_admin as fake
from fake_admin import ToolTest

HOSTILE = "\x1b[2J" + "a\u202eb"
# What a state says, the exit code it gives, its name in JSON, and a word of the warning.
TROUBLES = [(dict(scan=fake.BROKEN, rows_scanned=44), 4, "tampered", "without the key"),
            (dict(scan=fake.PASSED, bad_rows=1), 4, "tampered", "without the key"),
            (dict(scan=fake.RUNNING, bad_rows=1), 4, "tampered", "without the key"),
            (dict(clock_users=3, clock_offset=3600), 5, "clock-off", "another time"),
            (dict(clock_users=3, clock_offset=0), 5, "clock-off", "another time"),
            (dict(future_marks=2), 5, "future-marks", "revoke USER FACTOR"),
            (dict(room_low=1, disk_bytes=0, reserve_bytes=0), 3, "room-none", "codes are refused"),
            (dict(room_low=1, disk_bytes=0, reserve_bytes=65535), 3, "room-none", "codes are refused"),
            (dict(room_low=1, disk_bytes=0, reserve_bytes=65536), 5, "room-low", "free some room")]


class Status(ToolTest):
    packets = None

    def say(self, packets):
        if not hasattr(self, "fake"):
            self.answers({fake.STATUS: lambda _: self.packets})
        self.packets = packets

    def status(self, *rows, code=fake.OK, **state):
        """The page, and the same as an object."""
        self.say([*rows, fake.state(**state), fake.result(code)])
        page, as_json = self.garde("status"), self.garde("status", "--json")
        self.assertEqual((page.stderr, as_json.stderr), ("", ""))
        self.assertEqual(page.returncode, as_json.returncode)
        self.assertFits(page.stdout)
        self.assertFits(self.french("status").stdout)
        return page, json.loads(as_json.stdout)

    def test_all_is_well_is_a_page_at_a_glance_and_exit_code_zero(self):
        page, told = self.status(users_pending=2, users_locked=1, logins_today=34, refusals_today=5)
        self.assertEqual(page.returncode, 0)
        self.assertEqual(page.stdout, "Verifier      garded 0.1.0, since 2026-11-25 08:46: 1 h 00 min\n"
                                      "Users         12 enrolled, of them 2 pending and 1 locked\n"
                                      "Today         34 logins, and 5 refused\n"
                                      "Factors       13\n"
                                      "Entries       99\n"
                                      "Rows          all 45 held after the start, and none was missing\n"
                                      "Disk          3.0 GiB free, 5.0 MiB kept for logins on a full disk\n"
                                      "Clock         2026-11-25 09:46:40, and no code speaks against it\n"
                                      "\n"
                                      "All is well.\n")
        self.assertEqual(told, {"future_marks": [], "bad_rows": [], "state": {
            "version": "0.1.0", "started": "2026-11-25T08:46:40Z", "now": "2026-11-25T09:46:40Z", "users": 12,
            "users_pending": 2, "users_locked": 1, "logins_today": 34, "refusals_today": 5, "factors": 13, "future_marks": 0, "entries": 99, "scan": "passed", "rows_scanned": 45, "rows_expected": 45,
            "bad_rows": 0, "disk_bytes": 3 << 30, "reserve_bytes": 5 << 20, "room_low": False, "clock_offset": 0,
            "clock_users": 0, "attention": []}})

    def test_the_request_says_when_the_day_began_here(self):
        self.say([fake.state(), fake.result()])
        before = time.time() // 86400 * 86400
        self.garde("status")
        self.assertIn(struct.unpack(">q", self.fake.requests[-1][2:])[0], (before * 1000, (before + 86400) * 1000))

    def test_an_uptime_of_days_and_the_greatest_numbers_fit(self):
        page, _ = self.status(started=fake.SOON - 86400 * 400 - 3600 * 7)
        self.assertIn(": 400 d 07 h\n", page.stdout)
        most = 2**64 - 1
        self.status(users=most, users_pending=most, users_locked=most, logins_today=most, refusals_today=most)

    def test_each_trouble_has_an_exit_code_a_warning_at_the_end_and_a_name(self):
        for state, code, name, words in TROUBLES:
            with self.subTest(state=state):
                page, told = self.status(**state)
                self.assertEqual(page.returncode, code)
                self.assertEqual(told["state"]["attention"], [name])
                warnings = page.stdout.split("\n\n")[-1]
                self.assertTrue(warnings.startswith("! "), page.stdout)
                self.assertIn(words, " ".join(warnings.split()))
                self.assertNotIn("All is well", page.stdout)

    def test_several_troubles_are_all_told_and_tampering_gives_the_exit_code(self):
        together = {}
        for state, _, _, _ in TROUBLES[2:]:
            together |= state
        page, told = self.status(**together)
        self.assertEqual(page.returncode, 4)
        self.assertEqual(told["state"]["attention"], ["tampered", "clock-off", "future-marks", "room-low"])
        self.assertEqual(page.stdout.count("\n! "), 4)

    def test_a_store_that_could_not_be_counted_is_tampered_and_the_state_is_told(self):
        page, told = self.status(code=fake.TAMPERED)
        self.assertEqual(page.returncode, 4)
        self.assertEqual(told["state"]["attention"], ["tampered"])
        self.assertIn("Users         12 enrolled", page.stdout)

    def test_a_scan_that_goes_on_is_no_trouble_and_not_yet_all_well(self):
        page, told = self.status(scan=fake.RUNNING, rows_scanned=7)
        self.assertEqual(page.returncode, 0)
        self.assertIn("7 of 45 looked through", page.stdout)
        self.assertTrue(page.stdout.endswith("\nNothing needs an admin so far.\n"))
        self.assertEqual(told["state"]["scan"], "running")

    def test_rows_that_were_taken_as_they_are_do_not_suspend_the_rules(self):
        for scan, suspended in ((fake.PASSED, False), (fake.BROKEN, True), (fake.RUNNING, True)):
            page, _ = self.status(scan=scan, bad_rows=1)
            self.assertEqual("no rule lets anybody in" in " ".join(page.stdout.split()), suspended, page.stdout)

    def test_a_disk_that_was_not_looked_at_yet_is_no_full_one(self):
        page, told = self.status(disk_bytes=0, reserve_bytes=0)
        self.assertEqual(page.returncode, 0)
        self.assertIn("Disk          not looked at yet\n", page.stdout)
        self.assertEqual((told["state"]["disk_bytes"], told["state"]["reserve_bytes"]), (None, None))

    def test_a_clock_is_slow_where_devices_are_ahead_and_fast_where_they_are_behind(self):
        for offset, words in ((3600, "1 h 00 min SLOW"), (-3600, "1 h 00 min FAST"), (90, "1 min 30 s SLOW"),
                              (-50400, "14 h 00 min FAST")):
            page, told = self.status(clock_users=4, clock_offset=offset)
            self.assertIn(f"2026-11-25 09:46:40, WHICH SEEMS TO BE {words}\n", page.stdout)
            self.assertEqual((told["state"]["clock_offset"], told["state"]["clock_users"]), (offset, 4))
            self.assertIn("codes of 4 users", " ".join(page.stdout.split()))

    def test_marks_and_bad_rows_are_tables_above_the_page(self):
        marks = [fake.future_mark("alice", 7, "phone"), fake.future_mark("b" * 200, 2**62, "l" * 60, fake.NEVER_ENDING)]
        bad = [fake.bad_row("carl", "factor 12"), fake.bad_row("d" * 255, "account")]
        page, told = self.status(*marks, *bad, future_marks=2, bad_rows=2, scan=fake.BROKEN)
        self.assertRegex(page.stdout, r"\AUSER +FACTOR  LABEL +REFUSED UNTIL\nalice +7  phone +2026-11-25 09:46:40\n")
        self.assertRegex(page.stdout, r"\n\nUSER +CHANGED WITHOUT THE KEY\ncarl +factor 12\n")
        self.assertIn("for ever", page.stdout)
        self.assertEqual(told["future_marks"][0], {"user": "alice", "factor": 7, "label": "phone",
                                                   "refused_until": "2026-11-25T09:46:40Z"})
        self.assertIsNone(told["future_marks"][1]["refused_until"])
        self.assertEqual(told["bad_rows"][0], {"user": "carl", "row": "factor 12"})
        self.assertEqual([len(told["future_marks"]), len(told["bad_rows"])], [2, 2])
        self.assertIn("2 factors, listed above", " ".join(page.stdout.split()))

    def test_hostile_names_move_no_cursor(self):
        page, told = self.status(fake.future_mark(HOSTILE, label=HOSTILE), fake.bad_row(HOSTILE, HOSTILE),
                                 version=HOSTILE, future_marks=1, bad_rows=1)
        self.assertNotRegex(page.stdout, "[\x00-\x09\x0b-\x1f\u202e]")
        self.assertEqual(told["bad_rows"][0]["user"], HOSTILE)

    def test_it_speaks_french(self):
        self.say([fake.future_mark("alice"), fake.state(future_marks=1, clock_users=3, room_low=1), fake.result()])
        shown = " ".join(self.french("status").stdout.split())
        self.assertRegex(self.french("status").stdout, r"\nVérificateur  garded .*\nUtilisateurs  12 enrôlés, dont 0 en attente et 0 bloqués\n")
        for words in ("Utilisateurs", "horloge", "Le disque", "garde revoke UTILISATEUR"):
            self.assertIn(words, shown)

    def test_an_answer_that_breaks_off_or_has_no_state_is_exit_code_three(self):
        for packets in ([fake.future_mark("alice")], [fake.state()], [fake.result()], [fake.result(fake.UNAVAILABLE)], None):
            with self.subTest(packets=packets):
                self.say(packets)
                page, as_json = self.garde("status"), self.garde("status", "--json")
                self.assertEqual((page.returncode, as_json.returncode), (3, 3))
                self.assertNotIn("All is well", page.stdout)
                self.assertRegex(page.stderr, r"^garde: ")
                self.assertRaises(ValueError, json.loads, as_json.stdout)

    def test_without_a_verifier_it_is_exit_code_three(self):
        for arguments in ((), ("--json",)):
            done = self.garde("status", *arguments)
            self.assertEqual((done.returncode, done.stdout), (3, ""))
            self.assertIn("systemctl start garded", done.stderr)


if __name__ == "__main__":
    unittest.main()
