#!/usr/bin/python3
"""garde enroll --from: lists of all kinds, folders of all kinds, and a verifier that says no."""

import json
import os
import pathlib
import pty
import re
import resource
import struct
import subprocess
import unittest

import fake_admin as fake
import many_users
from fake_admin import GARDE, ToolTest

USERS = ["alice", "bob", "carol", "dave", "élodie", "x" * 100, "..", "-rf", "a b"]
LATER = 4102444800  # 2100
UTF8_MARK = b"\xef\xbb\xbf"


def texts(request):
    """The texts of an ENROL in order: who is at the tool, user, label."""
    at, found = 2 + 4, []
    for skip in (0, 0, 4):
        at += skip
        size = struct.unpack(">H", request[at:at + 2])[0]
        found.append(request[at + 2:at + 2 + size].decode())
        at += 2 + size
    return found


class BulkTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.known = many_users.known(self.folder, USERS)
        self.list, self.sheets = self.folder / "staff.csv", self.folder / "sheets"
        self.rows, self.made, self.on_disk = [], [], []
        self.answers({fake.LIST: lambda _: [*self.rows, fake.result()], fake.ENROL: self.enrol})

    def enrol(self, request):
        user = texts(request)[1]
        self.made.append(user)
        self.sheets.mkdir(0o700, exist_ok=True)
        self.on_disk.append(sorted(path.name for path in self.sheets.iterdir()))
        return [fake.result(number=len(self.made), until=LATER)]

    def bulk(self, text, *options, code=0, program=GARDE, language=None, **more):
        """Writes the list and runs it. Returns (what was said, {line: complaint})."""
        self.list.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = self.garde("enroll", "--from", str(self.list), "--sheets", str(self.sheets), *options, program=program,
                          environment=self.known | ({"LANGUAGE": language} if language else {}), **more)
        self.assertEqual(done.returncode, code, f"{text}\n{done.stdout}\n{done.stderr}")
        complaints = {int(number): text for number, text in
                      re.findall(r"^garde: \S*staff\.csv:(\d+): (.*)$", done.stderr, re.M)}
        return done, complaints

    def names(self):
        return sorted(path.name for path in self.sheets.iterdir())


class Lists(BulkTest):
    def test_lists_as_people_write_them_are_taken(self):
        for text in ("user\nalice\nbob\n", "user,label\r\nalice,phone\r\nbob,\r\n", "USER;Label\nalice;phone\nbob\n",
                     UTF8_MARK + "label;user\ntéléphone;alice\n;bob\n".encode(), '"user","label"\n"alice","a ""b"", c"\nbob,x',
                     "user\n\nalice\n\n  bob  \n\n", "user,issuer,language\nalice,Hôpital,fr\nbob,,en\n"):
            with self.subTest(text=text):
                self.made.clear()
                _, complaints = self.bulk(text)
                self.assertEqual((self.made, complaints), (["alice", "bob"], {}))

    def test_what_a_line_says_reaches_the_sheet_and_the_verifier(self):
        self.bulk("user,label,language,not_before,not_after,issuer\nalice,téléphone,fr,2026-12-01,2100-01-31,CHU Nord\n"
                  "bob,,,,,\n", "--label", "token", "--language", "en", "--pending-for", "90d", "--digits", "8")
        alice, bob = ((self.sheets / f"{user}.html").read_text() for user in ("alice", "bob"))
        requests = [r for r in self.fake.requests if r[1] == fake.ENROL]
        self.assertEqual([texts(r)[1:] for r in requests], [["alice", "téléphone"], ["bob", "token"]])
        for said in ('lang="fr"', "téléphone", "CHU Nord", "31\u00a0janvier\u00a02100", "huit chiffres"):
            self.assertIn(said, alice)
        for said in ('lang="en"', ">token<", "Clinic", "eight digits"):
            self.assertIn(said, bob)
        # pending for, not before, not after (the first second of the next day, UTC here)
        self.assertIn(struct.pack(">qqq", 90 * 86400, 1796083200, 4105123200), requests[0])
        self.assertIn(struct.pack(">qqq", 90 * 86400, 0, 0), requests[1])

    def test_a_bad_line_is_told_with_its_number_and_the_others_go_on(self):
        table = [
            (b"bob,x,y,z,1,2", "more fields"), (b"bob,\xe9", "not UTF-8"), (b"bob,a\x00b", "control character"),
            (b"bob,\x1b[31m", "control character"), (b'bob,"x', "quotation mark"), (b'bob,"x"y', "quotation mark"),
            (b"bob," + b"x" * 64, "label is longer"), (b"bob," + b"x" * 5000, "too long"), (b",phone", "user is missing"),
            (b"nobody-here,phone", "no user nobody-here"), (b"alice,phone", "in line 2 already"),
            (b"x" * 300 + b",", "too long"), (b"bob,,de", "fr or en"), (b"bob,,,31/12/2026", "dates such as 2026-12-31"),
            (b"bob,,,2026-02-30", "dates such as"), (b"bob,,,2099-01-01", "--pending-for"), (b"\r", None), (b",,,", None),
            (b"bob,,,,x", "more fields"), (b"\xff\xfe", "not UTF-8"),
        ]
        for bad, why in table:
            with self.subTest(bad=bad):
                self.made.clear()
                done, complaints = self.bulk(b"user,label,language,not_before\nalice\n" + bad + b"\ncarol\n",
                                             code=0 if why is None else 1)
                self.assertEqual(self.made, ["alice", "carol"])
                if why is None:
                    self.assertEqual(complaints, {})
                    continue
                self.assertEqual(list(complaints), [3], done.stderr)
                self.assertIn(why, complaints[3])
                self.assertIn("1 line could not be done", done.stderr)
                self.assertNotIn("\x1b", done.stderr + done.stdout)

    def test_dates_that_contradict_each_other_or_are_over_are_told(self):
        _, complaints = self.bulk("user,not_before,not_after\nalice,,2020-01-01\nbob,2026-12-05,2026-12-01\ncarol,,\n", code=1)
        self.assertEqual(sorted(complaints), [2, 3])
        self.assertEqual(self.made, ["carol"])

    def test_a_file_that_was_cut_off_loses_its_last_line_and_no_date(self):
        _, complaints = self.bulk("user,label,not_before,not_after\nalice,phone,,2100-01-01\nbob,phone", code=1)
        self.assertEqual(self.made, ["alice"])
        self.assertIn("ends in the middle", complaints[3])

    def test_a_file_that_is_no_list_ends_it_before_anything_is_done(self):
        binary = bytes(range(256)) * 64
        for text, why in ((b"", "nothing in"), (b"\n\n", "nothing in"), (b"alice\nbob\n", 'no column "alice"'),
                          (b"user,phone\nalice,x\n", 'no column "phone"'), (b"label\nx\n", "no column user"),
                          (b"user,user\nalice,bob\n", "there twice"), (binary, ""), (b"x" * 100000, "too long"),
                          ("user\nalice\n".encode("utf-16"), ""), (b"user\xe9\nalice\n", "not UTF-8"), (b"\xff\nuser\nalice\n", "not UTF-8")):
            with self.subTest(text=text[:20]):
                done, _ = self.bulk(text, code=1)
                self.assertIn(why, done.stderr)
                self.assertEqual((self.fake.requests, self.sheets.exists()), ([], False))
        for name in ("missing.csv", "."):
            done = self.garde("enroll", "--from", str(self.folder / name), "--sheets", str(self.sheets))
            self.assertEqual((done.returncode, self.fake.requests), (1, []))
            self.assertIn("cannot be read", done.stderr)

    def test_too_many_users_for_one_list_are_refused_before_anything_is_done(self):
        done, _ = self.bulk("user\n" + "alice\n" * 100001, code=1)
        self.assertIn("100000 users", done.stderr)
        self.assertEqual(self.fake.requests, [])


class Users(BulkTest):
    def test_who_has_a_confirmed_factor_that_is_good_is_passed_over(self):
        over, soon = 1700000000, LATER
        states = [("alice", dict(state=fake.ACTIVE), False), ("bob", dict(state=fake.SUSPENDED), False),
                  ("carol", dict(state=fake.PENDING, confirmed=0, pending_until=soon, handed_out=1), True),
                  ("dave", dict(state=fake.ACTIVE, not_after=over), True)]
        self.rows = [fake.factor(i + 1, user, **about) for i, (user, about, _) in enumerate(states)]
        self.rows += [fake.factor(9, "élodie", state=fake.REVOKED), fake.factor(10, "élodie", kind=fake.HELP_DESK, period=0),
                      fake.factor(11, "élodie", kind=fake.RECOVERY_CODES, period=0), fake.factor(12, "a b", tampered=1)]
        done, _ = self.bulk("user\nalice\nbob\ncarol\ndave\nélodie\na b\n")
        self.assertEqual(self.made, ["carol", "dave", "élodie", "a b"])
        self.assertIn("4 sheets", done.stdout)
        self.assertIn("2 users have a confirmed factor", done.stdout)
        self.assertIn("1 user had an unused sheet or import, which is good for nothing from now on", done.stdout)

    def test_a_user_whom_the_verifier_refuses_has_no_sheet_and_the_others_go_on(self):
        for answer, code in ((fake.TOO_MANY, 1), (fake.OTHER_UID, 1), (fake.BAD_REQUEST, 1), (fake.TAMPERED, 4)):
            self.fake.script[fake.ENROL] = lambda request: (
                [fake.result(answer)] if texts(request)[1] == "bob" else self.enrol(request))
            _, complaints = self.bulk("user\nalice\nbob\ncarol\n", code=code)
            self.assertEqual(list(complaints), [3])
            self.assertEqual(self.names(), ["alice.html", "carol.html"])

    def test_a_verifier_that_is_gone_or_cannot_record_ends_it_with_a_way_to_go_on(self):
        for answer in ([], [fake.result(fake.UNAVAILABLE)]):
            self.fake.script[fake.ENROL] = lambda request: (
                answer if texts(request)[1] == "bob" else self.enrol(request))
            done, complaints = self.bulk("user\nalice\nbob\ncarol\ndave\n", code=3)
            self.assertEqual((list(complaints), self.names()), ([3], ["alice.html"]))
            self.assertIn("2 users are left. Run the same command again", done.stderr)
        self.fake.script[fake.LIST] = []
        self.made.clear()
        self.bulk("user\nalice\n", code=3)
        self.assertEqual(self.made, [])

    def test_the_sheet_is_there_before_the_factor_is_asked_for(self):
        self.bulk("user\nalice\nbob\n")
        self.assertEqual(self.on_disk, [["alice.html"], ["alice.html", "bob.html"]])

    def traced(self, *arguments):
        """The names of the calls that flush, name and send, in order, for one user."""
        trace = self.folder / "trace"
        command = ["strace", "-f", "-o", str(trace), "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,linkat,sendmsg,sendto",
                   "--", str(GARDE), "--config", str(self.conf), "enroll", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                              env=self.environment(ASAN_OPTIONS="detect_leaks=0"))
        self.assertEqual(done.returncode, 0, done.stderr)
        calls = re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.M)
        return [{"renameat2": "renameat", "fdatasync": "fsync", "sendto": "sendmsg"}.get(call, call) for call in calls]

    def test_file_and_name_are_flushed_before_the_factor_is_asked_for(self):
        self.list.write_text("user\nroot\n")
        self.assertEqual(self.traced("--from", str(self.list), "--sheets", str(self.sheets)),
                         ["sendmsg", "fsync", "renameat", "fsync", "sendmsg"], "LIST, file, name, folder, ENROL")
        self.assertEqual(self.traced("root", "--sheet", str(self.folder / "root.html")),
                         ["fsync", "linkat", "fsync", "sendmsg"], "file, name, folder, ENROL")

    def test_names_lead_to_files_in_the_folder_and_nowhere_else(self):
        done, _ = self.bulk("user\n" + "\n".join(USERS) + "\n")
        self.assertEqual(self.names(), sorted(["alice.html", "bob.html", "carol.html", "dave.html", "%C3%A9lodie.html",
                                               "x" * 100 + ".html", "%2E..html", "%2Drf.html", "a%20b.html"]))
        self.assertEqual(done.stderr, "")
        self.assertEqual({path.name for path in self.folder.iterdir()},
                         {"garde.conf", "admin.sock", "staff.csv", "sheets", "passwd", "group"})


class Folders(BulkTest):
    def test_the_folder_is_made_private_and_sheets_are_too(self):
        old = os.umask(0)
        try:
            self.bulk("user\nalice\n")
        finally:
            os.umask(old)
        self.assertEqual(self.sheets.stat().st_mode & 0o7777, 0o700)
        self.assertEqual((self.sheets / "alice.html").stat().st_mode & 0o7777, 0o600)

    def test_a_folder_that_others_could_write_to_is_refused(self):
        target = self.folder / "target"
        target.mkdir(0o700)
        file = self.folder / "file"
        file.touch()
        for prepare in (lambda: (self.sheets.mkdir(), self.sheets.chmod(0o770)), lambda: self.sheets.chmod(0o702),
                        lambda: (self.sheets.rmdir(), self.sheets.symlink_to(target)),
                        lambda: (self.sheets.unlink(), self.sheets.symlink_to(file))):
            prepare()
            done, _ = self.bulk("user\nalice\n", code=1)
            self.assertIn("the folder", done.stderr)
        self.assertEqual((self.made, list(target.iterdir())), ([], []))

    def test_links_and_leftovers_in_the_folder_are_replaced_and_never_followed(self):
        self.sheets.mkdir(0o700)
        victim = self.folder / "victim"
        victim.write_text("theirs")
        for name in ("alice.html", ".half-written"):
            (self.sheets / name).symlink_to(victim)
        self.bulk("user\nalice\n")
        self.assertEqual((victim.read_text(), self.names()), ("theirs", ["alice.html"]))
        self.assertFalse((self.sheets / "alice.html").is_symlink())

    def test_two_runs_do_not_share_a_folder(self):
        self.fake.script[fake.ENROL] = lambda request: (self.second.append(self.bulk_again()), self.enrol(request))[1]
        self.second = []
        self.bulk("user\nalice\n")
        self.assertEqual(self.second[0].returncode, 1)
        self.assertIn("another garde", self.second[0].stderr)

    def bulk_again(self):
        """While the first waits for its answer; the list was asked for before, so it is not asked again here."""
        script, self.fake.script = self.fake.script, {}
        try:
            other = fake.FakeAdmin(self.folder / "other.sock", {fake.LIST: [fake.result()]})
            conf = self.folder / "other.conf"
            run = self.folder / "run"
            run.mkdir(exist_ok=True)
            other.close()
            other = fake.FakeAdmin(run / "admin.sock", {fake.LIST: [fake.result()]})
            conf.write_text(f"[verifier]\nsocket_folder = {run}\n")
            conf.chmod(0o644)
            done = subprocess.run([str(GARDE), "--config", str(conf), "enroll", "--from", str(self.list), "--sheets",
                                   str(self.sheets)], capture_output=True, text=True, timeout=60,
                                  env=self.environment(**self.known))
            other.close()
            return done
        finally:
            self.fake.script = script

    def test_a_full_disk_ends_it_with_no_half_sheet_and_no_factor(self):
        done, _ = self.bulk("user\nalice\nbob\n", code=1,
                            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)))
        self.assertIn("alice.html cannot be written", done.stderr)
        self.assertIn("1 user is left", done.stderr)
        self.assertEqual((self.names(), self.made), ([], []))

    @unittest.skipIf(os.getuid() != 0, "needs root: it mounts")
    def test_a_real_full_disk_and_a_read_only_one_end_it_too(self):
        self.sheets.mkdir(0o700)
        self.list.write_text("user\nalice\nbob\ncarol\ndave\n")
        command = (f"mount -t tmpfs -o size={{size}},mode=700 none '{self.sheets}' && {{then}} "
                   f"'{GARDE}' --config '{self.conf}' enroll --from '{self.list}' --sheets '{self.sheets}'; "
                   f"echo code $?; ls -A '{self.sheets}'")
        for size, then, why in (("48k", "", "No space left on device"),
                                ("1m", f"mount -o remount,ro '{self.sheets}' &&", "Read-only file system")):
            self.made.clear()
            self.fake.script[fake.ENROL] = lambda request: [self.made.append(texts(request)[1]),
                                                            fake.result(number=1, until=LATER)][1:]
            done = subprocess.run(["unshare", "-m", "sh", "-c", command.format(size=size, then=then)], text=True,
                                  capture_output=True, timeout=60, env=self.environment(**self.known))
            self.assertIn(why, done.stderr)
            self.assertIn("code 1\n", done.stdout)
            left = done.stdout.split("code 1\n")[1].split()
            self.assertEqual(left, [f"{user}.html" for user in self.made])
            self.assertLess(len(left), 4)


class Reports(BulkTest):
    LIST = "user\nalice\nbob\nnobody-here\n"

    def test_json_has_a_row_for_each_line(self):
        self.rows = [fake.factor(1, "bob")]
        done, _ = self.bulk("user\nalice\nbob\nnobody-here\n\xff\n".encode("latin-1"), "--json", code=1)
        rows = {row["line"]: row for row in json.loads(done.stdout)}
        self.assertEqual({line: row["outcome"] for line, row in rows.items()},
                         {2: "enrolled", 3: "passed-over", 4: "failed", 5: "failed"})
        self.assertEqual(rows[2], {"line": 2, "user": "alice", "outcome": "enrolled", "sheet": "alice.html", "factor": 1,
                                   "pending_until": "2100-01-01T00:00:00Z", "why": None})
        self.assertIn("there is no user", rows[4]["why"])
        self.assertIsNone(rows[5]["user"])

    def test_json_names_those_who_were_not_reached(self):
        self.fake.script[fake.ENROL] = []
        done, _ = self.bulk("user\nalice\nbob\n", "--json", code=3)
        self.assertEqual([row["outcome"] for row in json.loads(done.stdout)], ["failed", "left"])

    def test_progress_is_lines_in_a_log_and_nothing_when_quiet(self):
        done, _ = self.bulk(self.LIST, code=1)
        self.assertEqual(done.stdout.splitlines()[:2], ["2 of 3", "3 of 3"])
        done, complaints = self.bulk(self.LIST, "--quiet", code=1)
        self.assertEqual((done.stdout, list(complaints)), ("", [4]))

    def test_progress_is_a_bar_on_a_terminal_that_goes_away_for_complaints(self):
        ours, theirs = pty.openpty()
        self.fake.script[fake.ENROL] = lambda request: (
            [fake.result(fake.TOO_MANY)] if texts(request)[1] == "bob" else self.enrol(request))
        self.list.write_text("user\nalice\nbob\ncarol\n")
        process = subprocess.Popen([str(GARDE), "--config", str(self.conf), "enroll", "--from", str(self.list), "--sheets",
                                    str(self.sheets)], stdout=theirs, stderr=theirs, env=self.environment(**self.known))
        self.assertEqual(process.wait(60), 1)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:
            pass
        os.close(ours)
        text = shown.decode()
        self.assertRegex(text, r"\r\[#+\.+\] 1/3\r\x1b\[Kgarde: ")
        self.assertIn("] 3/3\r\x1b[K", text)
        for line in re.split(r"[\r\n]", text.replace("\x1b[K", "")):
            self.assertLessEqual(len(line), 80, line)

    def test_it_speaks_french(self):
        done, complaints = self.bulk(self.LIST, code=1, program=fake.FRENCH, language="fr")
        self.assertIn("fiches", done.stdout)
        self.assertIn("utilisateur", complaints[4])

    def test_options_that_contradict_a_list_are_refused(self):
        lists, sheets = ["--from", str(self.list)], ["--sheets", str(self.sheets)]
        self.list.write_text("user\nalice\n")
        for options in (lists, sheets, ["root", *sheets], ["root", "--json"], [*lists, *sheets, "root"],
                        [*lists, *sheets, "--sheet", "x.html"], [*lists, *sheets, "--uri-stdin"],
                        [*lists, *sheets, "--png", "x"], [*lists, *sheets, "--no-confirm"],
                        [*lists, *sheets, "--key-stdin", "hex"], [*lists, *sheets, "--replaces", "1"]):
            self.assertEqual(self.garde("enroll", *options).returncode, 2, options)
        self.assertEqual((self.fake.requests, self.sheets.exists()), ([], False))


if __name__ == "__main__":
    unittest.main(verbosity=2)
