#!/usr/bin/python3
"""What the tool says to each answer of the verifier, on which stream, and with which exit code."""

import json
import pathlib
import re
import signal
import struct
import subprocess
import threading
import unittest

import fake_admin as fake
from fake_admin import ToolTest

HOSTILE = "\x1b[2J\x1b]0;owned\x07" + "a‮b"


class CommandLine(ToolTest):
    def test_wrong_usage_is_exit_code_two_and_points_to_the_help(self):
        for words in (["nonsense"], ["enroll"], ["enroll", "root", "root"], ["enroll", "root", "--digits", "5"],
                      ["enroll", "root", "--digits", "6x"], ["enroll", "root", "--period", "121"],
                      ["enroll", "root", "--period", "0"], ["enroll", "root", "--type", "hotp", "--period", "30"],
                      ["enroll", "root", "--algorithm", "md5"], ["enroll", "root", "--type", "TOTP"],
                      ["enroll", "root", "--issuer", "a:b"], ["enroll", "root", "--label", "x" * 64],
                      ["enroll", "root", "--label", "a\nb"], ["enroll", "root", "--png"],
                      ["enroll", "root", "--uri-stdin", "--digits", "8"],
                      ["enroll", "root", "--uri-stdin", "--issuer", "x"], ["confirm"], ["confirm", "a", "1", "123456"],
                      ["verify", "alice", "123456"], ["list", "alice"], ["list", "--jso"], ["show"],
                      ["list", "--state", "ill"], ["list", "--state", "tampered"], ["list", "--type", "TOTP"],
                      ["suspend", "alice", ""], ["suspend", "alice", "0"], ["revoke", "alice", "-1"],
                      ["revoke", "alice", "9" * 30], ["revoke", "alice", "--yes", "--yes"], ["revoke", "--yes"],
                      ["clear"], ["clear", "alice", "1"], ["clear", "alice", "--last"], ["resync"],
                      ["resync", "alice", "0"], ["resync", "alice", "1", "123456"], ["list", "--quiet=x"],
                      ["unlock", "alice", "1"], ["audit", "alice"], ["audit", "--since", "yesterday"],
                      ["audit", "--verify", "--user", "alice"],
                      ["audit", "--verify", "--event", "login"], ["audit", "--event", "logins"], ["status", "alice"], ["status", "--verify"],
                      ["recovery"], ["recovery", "a", "b"], ["recovery", "a", "--for", "1h"], ["tempcode"],
                      ["tempcode", "a", "--reason", "x"], ["tempcode", "a", "--for", "8h"],
                      ["tempcode", "--for", "8h", "--reason", "x"], ["tempcode", "a", "--for", "59s", "--reason", "x"],
                      ["tempcode", "a", "--for", "8d", "--reason", "x"], ["tempcode", "a", "--for", "8", "--reason", "x"],
                      ["tempcode", "a", "--for", "8h", "--reason", ""], ["tempcode", "a", "--for", "8h", "--reason", "a\nb"],
                      ["tempcode", "a", "--for", "8h", "--reason", "x" * 160],
                      ["tempcode", "a", "--for", "8h", "--reason", "x", "--uses", "0"],
                      ["tempcode", "a", "--for", "8h", "--reason", "x", "--uses", "1001"],
                      ["tempcode", "a", "b", "--for", "8h", "--reason", "x"],
                      ["list", "--json", "--json"], ["show", "x" * 256]):
            with self.subTest(words=words):
                done = self.garde(*words)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done)
                self.assertRegex(done.stderr, r"^garde: ")

    def test_words_in_the_wrong_order_and_wrong_values_are_put_right(self):
        self.assertIn("garde show alice", self.garde("alice", "show").stderr)
        self.assertNotIn("comes first", self.garde("alice", "bob").stderr)
        self.assertNotIn("\x1b", self.garde("\x1b[2J", "show").stderr)
        self.assertIn("pending|lapsed|active", self.garde("list", "--state", "Active").stderr)
        self.assertIn("sha1|sha256", self.garde("enroll", "root", "--algorithm", "md5").stderr)

    def test_help_is_there_for_all_and_for_each(self):
        alone = subprocess.run([str(fake.GARDE)], capture_output=True, text=True, env=self.environment())
        self.assertEqual((alone.returncode, alone.stdout), (2, ""))
        for words in (["help"], ["--help"], ["help", "--help"]):
            self.assertEqual(self.garde(*words).stdout, alone.stderr)
        for command in ("enroll", "confirm", "list", "show", "suspend", "resume", "revoke", "resync", "recovery",
                        "tempcode", "unlock", "clear", "verify", "audit", "coverage", "status", "doctor", "import", "export"):
            self.assertIn(f"  {command} ", alone.stderr)
            one = self.garde(command, "--help")
            self.assertEqual(one.returncode, 0)
            self.assertIn(f"Example: garde {command}", one.stdout)
            self.assertEqual(self.garde("help", command).stdout, one.stdout)
            for shown in (one.stdout, self.french(command, "--help").stdout):
                self.assertFits(shown)
        self.assertFits(alone.stderr + self.french("--help").stdout)
        self.assertRegex(self.garde("--version").stdout, r"^garde \d+\.\d+\.\d+\n$")

    def test_help_needs_no_configuration_and_no_verifier(self):
        self.conf.unlink()
        self.assertEqual(self.garde("enroll", "--help").returncode, 0)

    def test_a_bad_configuration_is_told_with_file_and_line(self):
        self.conf.write_text("[verifier]\n\ndigits = 5x\n")
        done = self.garde("list")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{self.conf}:3: digits: ", done.stderr)
        self.conf.unlink()
        self.assertIn("is not there", self.garde("list").stderr)
        self.conf.mkdir()
        self.assertIn("not a regular file", self.garde("list").stderr)

    def test_what_is_no_file_is_called_so_and_a_link_is_followed(self):
        link = self.folder / "link.conf"
        link.symlink_to(self.conf)
        self.answers({fake.LIST: [fake.result()]})
        self.assertEqual(self.garde("--config", str(link), "list").returncode, 0)
        done = self.garde("--config", str(self.folder), "list")
        self.assertEqual(done.returncode, 2)
        self.assertIn("not a regular file", done.stderr)
        self.assertNotIn("Links", done.stderr)

    def test_no_variable_names_a_folder_of_texts(self):
        texts = self.folder / "evil" / "LC_MESSAGES"
        texts.mkdir(parents=True)
        catalogue = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n' \
                    'msgid "list all factors"\nmsgstr "OWNED"\n'
        subprocess.run(["msgfmt", "-o", str(texts / "garde.mo"), "-"], input=catalogue, text=True, check=True)
        self.assertIn("liste", self.french("--help").stdout)
        for value in ("../" * 20 + str(self.folder / "evil"), "fr:" + "../" * 20 + str(self.folder / "evil")):
            done = self.garde("--help", program=fake.FRENCH, environment={"LANGUAGE": value})
            self.assertIn("list all factors", done.stdout)

    def test_no_verifier_is_exit_code_three_and_says_how_to_start_it(self):
        done = self.garde("list")
        self.assertEqual(done.returncode, 3)
        self.assertIn("systemctl start garded", done.stderr)

    def test_a_verifier_that_hangs_up_or_talks_nonsense_is_exit_code_three(self):
        self.answers({fake.LIST: None, fake.SHOW: [b"\x09\x20nonsense"], fake.CHANGE: [fake.factor(1, "alice")],
                      fake.RESYNC: None})
        for words in (["list"], ["show", "alice"], ["suspend", "alice"], ["resync", "alice"], ["clear", "alice", "--yes"],
                      ["suspend", "alice", "1"]):
            done = self.garde(*words)
            self.assertEqual((done.returncode, done.stdout), (3, ""), words)

    def test_every_refusal_has_a_text_of_its_own(self):
        answer = []
        self.answers({fake.CHANGE: lambda _: answer})
        texts = set()
        for code, exit_code in ((fake.NO_USER, 1), (fake.NO_FACTOR, 1), (fake.SECRET_IN_USE, 1), (fake.TOO_MANY, 1),
                                (fake.SECRET_CHANGED, 1), (fake.OTHER_UID, 1), (fake.BAD_REQUEST, 1),
                                (fake.LAST_FACTOR, 1), (fake.SOUND, 1), (fake.TAMPERED, 4), (fake.UNAVAILABLE, 3)):
            answer[:] = [fake.result(code)]
            done = self.garde("suspend", "alice")
            self.assertEqual((done.returncode, done.stdout), (exit_code, ""), code)
            texts.add(done.stderr)
        self.assertEqual(len(texts), 11)


class Changes(ToolTest):
    def test_a_change_says_how_many_factors_it_changed(self):
        self.answers({fake.CHANGE: lambda r: [fake.result(number=2 if r[7 + r[6]:] else 0)]})
        self.assertIn("2 factors of alice are suspended", self.garde("suspend", "alice").stdout)
        self.assertIn("2 facteurs de alice sont révoqués", self.french("revoke", "alice", "--yes").stdout)
        self.assertIn("alice is unlocked", self.garde("unlock", "alice").stdout)

    def test_a_change_carries_factor_user_and_who_asked(self):
        self.answers({fake.CHANGE: [fake.result(number=1)], fake.SHOW: [fake.factor(7, "nobody"), fake.result()]})
        self.garde("resume", "nobody-of-that-name", "7", environment={"SUDO_USER": "the-admin"})
        request = self.fake.requests[1]
        self.assertEqual(request[6:], fake.text("the-admin") + b"\x02" + fake.text("nobody-of-that-name") +
                         struct.pack(">qB", 7, 0))

    def test_verify_tells_the_reason_and_takes_the_code_from_standard_input(self):
        reasons = iter([fake.result(fake.WRONG_CODE, 2), fake.result(fake.WRONG_CODE, 4),
                        fake.result(fake.WRONG_CODE, 12), fake.result()])
        self.answers({fake.TRY: lambda _: [next(reasons)]})
        for exit_code, words in ((1, "already used"), (1, "garde unlock alice"), (4, "tampered")):
            done = self.garde("verify", "alice", input="123 456\n")
            self.assertEqual(done.returncode, exit_code)
            self.assertIn(words, done.stderr)
        done = self.garde("verify", "alice", input="123 456\n")
        self.assertEqual((done.returncode, done.stdout), (0, "alice: accepted. This code is spent now.\n"))
        self.assertTrue(self.fake.requests[0].endswith(fake.text("123456")))
        self.assertEqual(self.garde("verify", "alice", input="").returncode, 1)


class Tables(ToolTest):
    ROWS = [fake.factor(1, "alice", label="téléphone", last_used=fake.SOON),
            fake.factor(123456, "a-very-long-user-name-of-a-directory@hospital.example", label="漢字" * 10, state=3),
            fake.factor(3, "bob", kind=fake.HOTP, period=0, state=1, pending_until=1), fake.factor(4, "carol", state=4),
            fake.factor(5, "dave", state=1, pending_until=2**40), fake.factor(6, HOSTILE, label=HOSTILE)]

    def columns(self, line):
        import unicodedata
        return sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in line)

    def test_the_list_has_straight_columns_in_both_languages(self):
        self.answers({fake.LIST: self.ROWS + [fake.result()]})
        for run in (self.garde, self.french):
            lines = run("list").stdout.splitlines()
            self.assertEqual(len(lines), 7)
            for line in lines:
                self.assertLessEqual(self.columns(line), 80, line)
            starts = {lines[n].index(word) for n, word in ((0, "TYPE"), (1, "TOTP"), (3, "HOTP"), (4, "TOTP"))}
            self.assertEqual(len(starts), 1, lines)
        self.assertIn("en attente", run("list").stdout)
        self.assertIn("périmé", run("list").stdout)

    def test_nothing_from_the_wire_steers_the_terminal(self):
        rows = [fake.factor(6, HOSTILE, label=HOSTILE)]
        entries = [fake.entry(1, user=HOSTILE, service=HOSTILE, where=HOSTILE, actor=HOSTILE)]
        self.answers({fake.LIST: rows + [fake.result()], fake.AUDIT: entries + [fake.result()],
                      fake.SHOW: rows + [fake.origin(HOSTILE), fake.result()]})
        for words in (["list"], ["show", "alice"], ["audit"]):
            shown = self.garde(*words).stdout
            for byte in ("\x1b", "\x07", "‮"):
                self.assertNotIn(byte, shown)
            self.assertIn("\\x1b", shown)

    def test_show_tells_factors_and_places_and_until_when_they_are_refused(self):
        places = [fake.origin("ip:192.0.2.7"), fake.origin("ip:2001:db8:1:2::/64", usual=0, failures=10,
                                                            refused_until=fake.SOON),
                  fake.origin("host:" + "x" * 100, refused_until=fake.NEVER_ENDING)]
        self.answers({fake.SHOW: [fake.factor(1, "alice", not_after=2**40)] + places + [fake.result()]})
        shown = self.garde("show", "alice").stdout
        self.assertFits(shown)
        for words in ("SHA-1, 6 digits, every 30 s", "ip:2001:db8:1:2::/64", "11-25 09:46:40", "unlock"):
            self.assertIn(words, shown)
        self.assertFits(self.french("show", "alice").stdout)

    def test_tampered_rows_are_shown_and_exit_code_four(self):
        self.answers({fake.LIST: [fake.factor(1, "alice", tampered=1), fake.factor(2, "bob"), fake.result()],
                      fake.SHOW: [fake.factor(1, "alice", tampered=1), fake.result()]})
        done = self.garde("list")
        self.assertEqual(done.returncode, 4)
        self.assertIn("TAMPERED", done.stdout)
        self.assertIn("bob", done.stdout)
        self.assertEqual(self.garde("show", "alice").returncode, 4)
        self.assertEqual([r["tampered"] for r in json.loads(self.garde("list", "--json").stdout)], [True, False])

    def test_an_empty_list_says_what_to_do(self):
        self.answers({fake.LIST: [fake.result()], fake.AUDIT: [fake.result()]})
        self.assertIn("garde enroll", self.garde("list").stdout)
        self.assertEqual(json.loads(self.garde("list", "--json").stdout), [])
        self.assertEqual(json.loads(self.garde("audit", "--json").stdout), [])


class Json(ToolTest):
    def test_json_is_whole_and_tells_everything(self):
        self.answers({fake.LIST: Tables.ROWS + [fake.result()],
                      fake.SHOW: Tables.ROWS[:2] + [fake.origin("local:0", refused_until=fake.NEVER_ENDING),
                                                    fake.origin(b"host:\xff"), fake.result()]})
        rows = json.loads(self.garde("list", "--json").stdout)
        self.assertEqual(len(rows), len(Tables.ROWS))
        self.assertEqual(rows[0], {"id": 1, "user": "alice", "uid": 1000, "label": "téléphone", "type": "totp",
                                   "algorithm": "sha1", "digits": 6, "period": 30, "state": "active",
                                   "created": "2026-11-25T09:46:40Z", "pending_until": None,
                                   "confirmed": "2026-11-25T09:46:40Z", "not_before": None, "not_after": None,
                                   "last_used": "2026-11-25T09:46:40Z", "offset": 0, "replaces": None,
                                   "handed_out": False, "weak": False, "uses": None, "left": None, "tampered": False})
        self.assertEqual((rows[2]["type"], rows[2]["period"], rows[5]["user"]), ("hotp", None, HOSTILE))
        one = json.loads(self.garde("show", "alice", "--json").stdout)
        self.assertEqual((one["user"], len(one["factors"]), len(one["origins"])), ("alice", 2, 2))
        self.assertTrue(one["origins"][0]["refused_until_unlock"])
        self.assertEqual(one["origins"][1]["origin"], "host:\\xff")

    def test_json_steers_no_terminal_either(self):
        hostile = HOSTILE + "\u009b2J\u009d0;owned\u009c"
        self.answers({fake.LIST: [fake.factor(6, hostile, label=HOSTILE), fake.result()],
                      fake.AUDIT: [fake.entry(1, where="host:" + hostile), fake.result()],
                      fake.SHOW: [fake.factor(6, "alice", label=HOSTILE), fake.origin(hostile), fake.result()]})
        for words in (["list"], ["audit"], ["show", "\u009b2J"]):
            shown = self.garde(*words, "--json").stdout
            self.assertRegex(shown, r"\A[ -~\n]+\Z")
            json.loads(shown)
        self.assertEqual(json.loads(self.garde("audit", "--json").stdout)[0]["origin"], "host:" + hostile)

    def test_json_of_a_user_without_places_or_factors_is_whole_too(self):
        self.answers({fake.SHOW: [fake.result()]})
        self.assertEqual(json.loads(self.garde("show", "x", "--json").stdout), {"user": "x", "factors": [], "origins": []})

    def test_an_answer_that_breaks_off_is_no_whole_json(self):
        self.answers({fake.LIST: Tables.ROWS, fake.SHOW: [fake.result(fake.NO_USER)]})
        done = self.garde("list", "--json")
        self.assertEqual(done.returncode, 3)
        self.assertRaises(ValueError, json.loads, done.stdout)
        self.assertEqual(self.garde("show", "x", "--json").stdout, "")


class Audit(ToolTest):
    def test_entries_are_laid_out_in_eighty_columns(self):
        entries = [fake.entry(1, event=1, user="", uid=2**32 - 1, factor_id=0, service="", where="", actor="uid=0"),
                   fake.entry(2, verdict=0, reason=2), fake.entry(3, event=5, verdict=0, reason=6, user="", count=12),
                   fake.entry(12345678, event=9, reason=17, actor="uid=0 login=1000 sudo=" + "x" * 60,
                              where="host:" + "y" * 60)]
        long = fake.entry(0, event=19, note="phone at home; rang back the ward " * 4)
        self.answers({fake.AUDIT: [long, *entries, fake.result()]})
        shown = self.garde("audit").stdout
        self.assertEqual(" ".join(shown.split()).count("phone at home; rang back the ward"), 4)
        for line in shown.splitlines()[:-3]:
            self.assertLessEqual(len(line), 80, line)
        for words in ("store made", "login: refused, code already used", "12 times", "factor 1"):
            self.assertIn(words, shown)
        french = self.french("audit").stdout
        self.assertIn("connexion : refusé, code déjà utilisé", " ".join(french.split()))
        rows = json.loads(self.garde("audit", "--json").stdout)
        self.assertEqual(rows[2], {"seq": 2, "time": "2026-11-25T09:46:40.000Z", "event": "login", "verdict": "refused",
                                   "reason": "replayed", "user": "alice", "uid": 1000, "factor": 1, "service": "sshd",
                                   "origin": "ip:192.0.2.7", "actor": "uid=0", "note": "", "count": 1})

    def test_filters_go_to_the_verifier(self):
        self.answers({fake.AUDIT: [fake.result()]})
        self.garde("audit", "--user", "alice", "--since", "2026-11-25T10:46:40+01:00")
        self.assertEqual(self.fake.requests[0][2:], fake.text("alice") + struct.pack(">q", fake.SOON * 1000))

    def test_one_event_can_be_read_by_its_name(self):
        self.answers({fake.AUDIT: [*(fake.entry(n, event=n) for n in range(1, 22)), fake.result()]})
        names = [row["event"] for row in json.loads(self.garde("audit", "--json").stdout)]
        self.assertEqual(len(set(names)), 21)
        page = (pathlib.Path(__file__).parents[2] / "docs/man/garde.8").read_text().split(".It Fl -event Ar event")[1]
        named = " ".join(re.findall(r"^\.Cm (.*)$", page.split(".It Fl -json")[0], re.M)).split()
        for seq, name in enumerate(names, 1):
            rows = json.loads(self.garde("audit", "--json", "--event", name).stdout)
            self.assertEqual([row["seq"] for row in rows], [seq])
            self.assertIn(name, named)
        self.assertEqual(len(self.garde("audit", "--event", "skip").stdout.splitlines()), 2)

    def test_a_broken_or_cut_audit_is_exit_code_four_and_named(self):
        answers = iter([fake.result(number=1234), fake.result(fake.BROKEN_ENTRY, number=17),
                        fake.result(fake.CUT_TAIL, number=99), fake.result(fake.BROKEN_ENTRY, number=17)])
        self.answers({fake.AUDIT_VERIFY: lambda _: [next(answers)]})
        done = self.garde("audit", "--verify")
        self.assertEqual((done.returncode, done.stdout), (0, "The audit is whole: 1234 entries checked.\n"))
        for word in ("entry 17", "after 99"):
            done = self.garde("audit", "--verify")
            self.assertEqual(done.returncode, 4)
            self.assertIn(word, done.stderr)
        done = self.garde("audit", "--verify", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (4, {"whole": False, "first_broken": 17}))

    def test_a_reader_that_has_enough_is_no_error_message(self):
        self.answers({fake.AUDIT: [fake.entry(n) for n in range(1, 3000)] + [fake.result()]})
        done = subprocess.run(f"'{fake.GARDE}' --config '{self.conf}' audit | head -1", shell=True, capture_output=True,
                              text=True, env=self.environment())
        self.assertEqual((len(done.stdout.splitlines()), done.stderr), (1, ""))

    def test_what_cannot_be_written_is_an_error_that_says_why(self):
        self.answers({fake.AUDIT: [fake.entry(n) for n in range(1, 3000)] + [fake.result()],
                      fake.ENROL: [fake.result(number=7, until=fake.SOON)], fake.CHANGE: [fake.result(number=1)]})
        for words in (["audit"], ["audit", "--json"], ["--help"], ["enroll", "root", "--no-confirm"]):
            with open("/dev/full", "w") as full:
                done = self.garde(*words, stdout=full)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("garde: ", done.stderr)
            self.assertNotIn("ioctl", done.stderr)

    def test_codes_that_are_made_are_shown_before_an_interruption_has_its_way(self):
        started = threading.Event()

        def answer(_):
            started.wait(20)
            self.running.send_signal(number)
            return [fake.result(number=7, until=fake.SOON)]
        self.answers({fake.SHOW: [fake.factor(1, "root"), fake.result()], fake.RECOVERY: answer, fake.TEMPCODE: answer})
        for words, codes in ((["recovery", "root"], r"(\b\w{5}-\w{5}-\w{5}\b[^-]*){10}"),
                             (["tempcode", "root", "--for", "1h", "--reason", "x"], r"\n +\d{4} \d{4}\n")):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                started.clear()
                self.running = subprocess.Popen([str(fake.GARDE), "--config", str(self.conf), *words], text=True,
                                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
                started.set()
                shown, _ = self.running.communicate(timeout=20)
                self.assertRegex(shown, codes)
                self.assertEqual(self.running.returncode, -number)


if __name__ == "__main__":
    unittest.main()
