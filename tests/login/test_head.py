"""Rows that are taken away or put back whole, with tags that hold: the scan after a start finds them."""

import os
import pty
import select
import sqlite3
import subprocess
import unittest.mock

import garde_site
from garde_site import SiteTest
from phone import Phone

PASSED = r"scan-passed: .* rows=(\d+)"
FAILED = r"scan-failed: "


class Head(SiteTest):
    site_arguments = {"policy": "un_enrolled = allow"}

    def setUp(self):
        super().setUp()
        (self.site.pam / "test").write_text((self.site.pam / "test").read_text() + "auth required pam_permit.so\n")
        self.first = self.site.enrol("daemon", Phone(kind="hotp"))
        self.second = self.site.enrol("bin", Phone(kind="hotp"))
        self.counter = 0
        self.log_in()
        self.site.stop()
        self.old = self.site.folder / "old.db"
        self.old.write_bytes(self.site.store.read_bytes())
        self.site.start()
        self.log_in()
        self.site.stop()

    def log_in(self):
        self.counter += 1
        self.assertAccepted(self.site.login("daemon", self.first.at(self.counter)))
        self.assertAccepted(self.site.login("bin", self.second.at(self.counter)))

    def assertSkipped(self, login):
        self.assertEqual((login.number, login.prompts), (garde_site.PAM_SUCCESS, []), login)

    def edit(self, *statements):
        base = sqlite3.connect(self.site.store, isolation_level=None)
        try:
            base.execute("ATTACH ? AS old", (str(self.old),))
            for statement in statements:
                base.execute(statement)
        finally:
            base.close()

    def put_back(self, table, where="1"):
        self.edit(f"DELETE FROM {table} WHERE {where}", f"INSERT INTO {table} SELECT * FROM old.{table} WHERE {where}")

    def delete_bin(self):
        self.edit("DELETE FROM factor WHERE user = 'bin'", "DELETE FROM account WHERE user = 'bin'",
                  "DELETE FROM origin WHERE user = 'bin'")

    def start(self, pattern):
        self.site.log_file.write_text("")
        self.site.start()
        return self.site.wait_for_log(pattern)

    def accept(self, *options, **more):
        return self.site.garded("accept", *options, **more)

    def check(self):
        return self.site.garded("check")

    def test_a_sound_store_passes_and_un_enrolled_users_are_let_through_at_once(self):
        self.assertEqual(self.check().returncode, 0)
        self.site.log_file.write_text("")
        self.site.start()
        self.assertSkipped(self.site.login("games"))
        self.assertEqual(self.site.wait_for_log(PASSED)[1], "6")

    def test_a_user_who_was_taken_away_altogether_is_not_un_enrolled(self):
        self.delete_bin()
        self.start(FAILED)
        for user in ("bin", "games"):
            login = self.site.login(user, "000000")
            self.assertEqual(login.number, garde_site.PAM_AUTH_ERR, login)
            self.assertEqual(len(login.prompts), 1)
        self.counter += 1
        self.assertAccepted(self.site.login("daemon", self.first.at(self.counter)))
        self.assertEqual([e["reason"] for e in self.site.audit(event="rows-broken")], ["tampered"])
        self.assertEqual(self.site.audit(event="skip"), [])

    def test_what_is_found_is_found_by_check_and_at_each_start_until_it_is_accepted(self):
        self.put_back("factor", "user = 'daemon'")
        done = self.check()
        self.assertEqual(done.returncode, 5, done)
        self.assertRegex(done.stderr, r"all rows together \(6 rows, 6 expected\)")
        self.start(FAILED)
        self.site.stop()
        with unittest.mock.patch.dict(os.environ, {"SUDO_USER": "ann"}):
            done = self.accept("--yes")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("6 rows, which are not those", done.stdout)
        self.assertRegex(done.stderr, r"rows-accepted .*sudo=ann")
        self.assertEqual(self.check().returncode, 0)
        self.start(PASSED)
        entry, = self.site.audit(event="rows-accepted")
        self.assertRegex(entry["actor"], rf"^uid={os.getuid()} .*sudo=ann$")
        self.assertSkipped(self.site.login("games"))
        self.assertEqual(self.site.garde("audit", "--verify").returncode, 0)
        self.assertIn("taken as they are", self.site.garde("audit").stdout)

    def test_all_rows_put_back_with_their_head_are_found_by_the_audit_that_went_on(self):
        for table in ("origin", "factor", "account", "rows_head"):
            self.put_back(table)
        done = self.check()
        self.assertEqual(done.returncode, 5, done)
        self.assertIn("not of this audit", done.stderr)
        self.start(FAILED + r".*last audit entry")

    def test_a_missing_head_is_found(self):
        self.edit("DELETE FROM rows_head")
        self.assertRegex(self.check().stderr, r"the head over all rows")
        self.start(FAILED + r".*head")
        self.site.stop()
        self.assertIn("the head over them is missing", self.accept("--yes").stdout)
        self.start(PASSED)

    def test_accept_changes_nothing_unasked(self):
        self.delete_bin()
        before = self.site.store.read_bytes()
        done = self.accept(stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 5, done)
        self.assertIn("--yes", done.stderr)
        self.assertEqual(self.site.store.read_bytes(), before)
        self.start(FAILED)

    def test_accept_finds_nothing_to_take_in_a_sound_store(self):
        before = self.site.store.read_bytes()
        done = self.accept("--yes")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "nothing to take"), done)
        self.assertEqual(self.site.store.read_bytes(), before)

    def test_yes_is_for_accept_alone(self):
        for command in (["check"], ["init"], []):
            self.assertEqual(self.site.garded(*command, "--yes").returncode, 2, command)

    def test_accept_wants_a_verifier_that_is_stopped(self):
        self.site.start()
        done = self.accept("--yes")
        self.assertEqual(done.returncode, 5, done)
        self.assertIn("is garded running?", done.stderr)

    def test_accept_asks_at_a_terminal(self):
        self.delete_bin()
        for answer, code in (("no", 5), ("yes", 0)):
            pid, terminal = pty.fork()
            if pid == 0:
                os.execvpe(str(garde_site.GARDED), ["garded", "accept", "--config", str(self.site.conf)],
                           self.site.environment())
            text = b""
            while b"Type yes" not in text:
                self.assertTrue(select.select([terminal], [], [], 20)[0], text)
                text += os.read(terminal, 4096)
            os.write(terminal, answer.encode() + b"\n")
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), code, text)
            os.close(terminal)
        self.start(PASSED)
        self.assertSkipped(self.site.login("bin")) # as the question says

    def test_rows_whose_tag_does_not_hold_stay_refused_when_they_are_accepted(self):
        self.edit("UPDATE factor SET mark = 0 WHERE user = 'daemon'")
        self.start(r"row-tampered: .* user=daemon row=\"factor 1\"")
        self.site.wait_for_log(FAILED)
        self.site.stop()
        done = self.accept("--yes")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn('changed without the key: user=daemon row="factor 1"', done.stdout)
        self.assertIn("1 of them were changed without the key", done.stdout)
        self.assertEqual(self.check().returncode, 5)
        self.start(PASSED)
        self.site.wait_for_log("row-tampered")
        self.assertRefused(self.site.login("daemon", self.first.at(self.counter + 1)))
        self.assertSkipped(self.site.login("games"))
        self.site.stop()
        self.edit("UPDATE factor SET mark = 7 WHERE user = 'daemon'") # another edit of the same row
        self.start(FAILED)


if __name__ == "__main__":
    garde_site.main()
