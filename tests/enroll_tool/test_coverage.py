#!/usr/bin/python3
"""`garde coverage` in front of a scripted verifier: names, states and numbers that a real one gives rarely, and bad files of names.

Who is there and with which shell is this system's own; tests/system/test_coverage.py has one with people in it."""

import csv
import datetime
import io
import json
import pwd
import time
import unittest

import fake_admin as fake
from fake_admin import ToolTest

SKIP = 3
HOSTILE = ["=HYPERLINK(1)", "+1+1", "-2", "@SUM(A1)", 'a"b,c', "a\x1b[2J", "\tb", "a‮b", "x\r\ny", "z;=1+1"]


def skip(seq, user, service="sshd", at=None, count=1):
    return fake.entry(seq, event=SKIP, reason=18, user=user, factor_id=0, service=service, count=count,
                      time_ms=int((at or time.time()) * 1000))


class Coverage(ToolTest):
    def serve(self, factors=(), entries=(), shown=None):
        shown = shown or {}

        def show(request):
            length = int.from_bytes(request[2:4], "big")
            return shown.get(request[4:4 + length].decode(errors="replace"), [fake.result(fake.NO_USER, 6)])

        return self.answers({fake.LIST: [*factors, fake.result()], fake.AUDIT: [*entries, fake.result()],
                             fake.SHOW: show})

    def only(self, *names):
        """A file of these names, and so nobody else."""
        path = self.folder / "names"
        path.write_bytes(b"".join(name if isinstance(name, bytes) else name.encode() + b"\n" for name in names))
        return str(path)

    def people(self, *arguments, code=5):
        done = self.garde("coverage", "--json", *arguments)
        self.assertEqual(done.returncode, code, done)
        answer = json.loads(done.stdout)
        return {person["user"]: person for person in answer["people"]}, answer["summary"]

    def test_each_state_has_its_word(self):
        now = int(time.time())
        states = {"un-enrolled": [], "pending": [fake.factor(1, "root", 0, state=fake.PENDING, pending_until=now + 100)],
                  "lapsed": [fake.factor(1, "root", 0, state=fake.PENDING, pending_until=now - 1)],
                  "suspended": [fake.factor(1, "root", 0, state=fake.SUSPENDED)],
                  "expired": [fake.factor(1, "root", 0, not_after=now - 1)],
                  "not-yet": [fake.factor(1, "root", 0, not_before=now + 1000)],
                  "codes-only": [fake.factor(1, "root", 0, kind=3), fake.factor(2, "root", 0, kind=4)]}
        served = self.serve()
        for state, factors in states.items():
            with self.subTest(state=state):
                served.script[fake.LIST] = [*factors, fake.result()]
                people, summary = self.people("--users", self.only("root"))
                self.assertEqual(people["root"]["state"], state)
                self.assertEqual((summary["login_shells"], summary["without_factor"]), (1, 1))

    def test_of_several_factors_one_that_counts_is_enough(self):
        self.serve([fake.factor(1, "root", 0, state=fake.SUSPENDED), fake.factor(2, "root", 0),
                    fake.factor(3, "root", 0, state=fake.PENDING, pending_until=9)])
        people, summary = self.people("--users", self.only("root"), code=0)
        self.assertEqual((people, summary["login_shells"], summary["without_factor"]), ({}, 1, 0))

    def test_an_account_with_nothing_left_is_revoked_and_not_un_enrolled(self):
        self.serve(shown={"root": [fake.factor(1, "root", 0, state=fake.REVOKED), fake.result()]})
        self.assertEqual(self.people("--users", self.only("root"))[0]["root"]["state"], "revoked")

    def test_an_account_that_was_cleared_is_not_un_enrolled_either(self):
        self.serve(shown={"root": [fake.result()]})
        self.assertEqual(self.people("--users", self.only("root"))[0]["root"]["state"], "revoked")

    def test_a_row_that_does_not_hold_is_told_by_the_exit_code_too(self):
        self.serve([fake.factor(1, "root", 0), fake.factor(2, "root", 0, tampered=1)])
        people, _ = self.people("--users", self.only("root"), code=4)
        self.assertEqual(people["root"]["state"], "tampered")

    def test_logins_without_a_code_are_counted_and_the_last_is_told(self):
        now = time.time()
        served = self.serve([fake.factor(1, "root", 0)],
                            [skip(1, "root", at=now - 300), fake.entry(2, user="root"), skip(3, "root", "su", now - 100),
                             skip(4, "root", "login", now - 200), skip(5, "nobody-any-more", at=now - 5)])
        people, summary = self.people()
        root = people["root"]
        self.assertEqual((root["state"], root["without_code"], root["last_service"]), ("confirmed", 3, "su"))
        last = datetime.datetime.fromisoformat(root["last_without_code"].replace("Z", "+00:00")).timestamp()
        self.assertAlmostEqual(last, now - 100, delta=1)
        gone = people["nobody-any-more"]
        self.assertEqual((gone["uid"], gone["login_shell"], gone["state"]), (None, False, "un-enrolled"))
        self.assertEqual((summary["let_in_without_code"], summary["logins_without_code"]), (2, 4))
        asked = next(request for request in served.requests if request[1] == fake.AUDIT)
        since = int.from_bytes(asked[-8:], "big") / 1000
        self.assertAlmostEqual(since, now - 30 * 86400, delta=60)

    def test_since_is_what_the_verifier_is_asked_for(self):
        served = self.serve()
        self.people("--since", "2026-11-24T09:30:00+01:00", "--users", self.only("root"))
        asked = next(request for request in served.requests if request[1] == fake.AUDIT)
        self.assertEqual(int.from_bytes(asked[-8:], "big"), 1795509000000)

    def test_names_are_no_formulas_and_break_out_of_no_cell(self):
        self.serve([], [skip(i + 1, name, service=name) for i, name in enumerate(HOSTILE)])
        done = self.garde("coverage", "--csv")
        self.assertEqual(done.returncode, 5, done)
        raw = done.stdout
        self.assertNotIn("\x1b", raw)
        self.assertNotIn(";", raw)  # which ends a cell in a French spreadsheet
        read = list(csv.DictReader(io.StringIO(raw, newline="")))
        found = {row["user"]: row for row in read if row["without_code"] != "0"}
        self.assertEqual(len(found), len(HOSTILE))
        for row in found.values():
            self.assertEqual(None not in row and None not in row.values(), True, row)
            for cell in row.values():
                self.assertNotRegex(cell, r"^[=+\-@\t\r]")
        self.assertIn("'=HYPERLINK(1)", found)
        self.assertIn('a"b,c', found)
        self.assertIn("x\\x0d\\x0ay", found)

    def test_lines_of_the_csv_end_as_the_standard_says(self):
        self.serve()
        path = self.folder / "out.csv"
        with open(path, "wb") as out:
            self.garde("coverage", "--csv", "--users", self.only("root"), stdout=out)
        self.assertEqual(path.read_bytes(), b"user,uid,login_shell,state,without_code,last_without_code,last_service\r\n"
                                            b"root,0,yes,un-enrolled,0,,\r\n")

    def test_names_reach_no_terminal_as_they_are_and_the_table_fits(self):
        self.serve([], [skip(i + 1, name, service=name[:60]) for i, name in enumerate(HOSTILE + ["n" * 200])])
        for run in (self.garde, self.french):
            done = run("coverage")
            self.assertEqual(done.returncode, 5, done)
            self.assertFits(done.stdout)
            for hidden in ("\x1b", "‮", "\t", "\r"):
                self.assertNotIn(hidden, done.stdout)

    def test_a_bad_file_of_names_is_told_with_its_line_and_nothing_is_printed(self):
        self.serve()
        for names, line in ((["root", "a:b"], 2), (["x" * 256], 1), (["root", b"a\0b\n"], 2), ([b"\xff\xfe\n"], 1),
                            (["root", "", "# all", "a\x1b[2J"], 4), (["a,b"], 1), ([b"x" * 100000], 1)):
            with self.subTest(names=names):
                done = self.garde("coverage", "--users", self.only(*names))
                self.assertEqual((done.returncode, done.stdout), (2, ""), done)
                self.assertIn(f"line {line}: ", done.stderr)
                self.assertNotIn("\x1b", done.stderr)

    def test_a_file_of_names_may_be_as_windows_and_people_write_it(self):
        self.serve()
        for text in (b"root", b"root\r\n", b"\xef\xbb\xbfroot\n", b"\n  root \t\n\n# nobody\nroot\n"):
            with self.subTest(text=text):
                self.assertEqual(list(self.people("--users", self.only(text))[0]), ["root"])
        done = self.garde("coverage", "--json", "--users", "-", input="root\n")
        self.assertEqual([person["user"] for person in json.loads(done.stdout)["people"]], ["root"])

    def test_a_name_that_nobody_has_is_told_and_the_others_go_on(self):
        self.serve()
        done = self.garde("coverage", "--json", "--users", self.only("no-such-user", "root"))
        self.assertIn("there is no user no-such-user", done.stderr)
        self.assertEqual([person["user"] for person in json.loads(done.stdout)["people"]], ["root"])

    def test_wrong_usage_is_exit_code_two(self):
        for words in (["--json", "--csv"], ["--since", "yesterday"], ["alice"], ["--users", "/nonexistent"],
                      ["--users", str(self.folder)]):
            with self.subTest(words=words):
                done = self.garde("coverage", *words)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done)
        done = self.garde("coverage", "--group", "no-such-group")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertIn("there is no group no-such-group", done.stderr)

    def test_without_an_answer_nothing_is_printed(self):
        done = self.garde("coverage")
        self.assertEqual((done.returncode, done.stdout), (3, ""), done)
        self.answers({fake.LIST: [fake.result()], fake.AUDIT: None})
        for form in ([], ["--json"], ["--csv"]):
            done = self.garde("coverage", *form)
            self.assertEqual((done.returncode, done.stdout), (3, ""), done)

    def test_who_has_no_login_shell_is_left_out(self):
        self.serve()
        people, summary = self.people()
        shells = {line.strip() for line in open("/etc/shells") if line.startswith("/")}
        expected = {entry.pw_name for entry in pwd.getpwall() if entry.pw_shell in shells or not entry.pw_shell}
        self.assertEqual(set(people), {name for name in expected})
        self.assertEqual(summary["login_shells"], len(expected))
        self.assertTrue(summary["everybody_listed"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
