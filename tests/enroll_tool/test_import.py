#!/usr/bin/python3
"""garde import on good and bad files: what is taken, what is refused with which reason and place, and that nothing of a stranger's
file reaches a terminal. All with --dry-run: no verifier is there, and none is missed.

That what is taken logs in is tested in tests/login/test_moving.py, with files that the peers' own tools wrote.
"""

import base64
import json
import os
import pwd
import time
import unittest
import urllib.parse

from fake_admin import ToolTest

KEY = b"12345678901234567890"
HEX = KEY.hex()
B32 = base64.b32encode(KEY).decode()
WEAK = base64.b32encode(KEY[:10]).decode()
TINY = base64.b32encode(KEY[:9]).decode().rstrip("=")


class ImportTest(ToolTest):
    def file(self, content, name="file"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o644)
        return str(path)

    def run_import(self, form, content, *options):
        return self.garde("import", form, self.file(content), "--dry-run", *options)

    def rows(self, form, content, *options):
        done = self.run_import(form, content, "--json", *options)
        self.assertEqual(done.stderr, "", done)
        return json.loads(done.stdout)

    def judged(self, form, content, *options):
        """[(line, outcome or reason)]"""
        return [(row["line"], row["reason"] or row["outcome"]) for row in self.rows(form, content, *options)]

    def table(self, form, cases, *options):
        for name, content, expected in cases:
            with self.subTest(name):
                self.assertEqual(self.judged(form, content, *options), expected)
                done = self.run_import(form, content, *options)
                bad = any(reason not in ("would_enrol", "passed_over") for _, reason in expected)
                self.assertEqual(done.returncode, 1 if bad else 0, done)
                self.assertClean(done)

    def assertClean(self, done):
        for text in (done.stdout, done.stderr):
            self.assertFalse([c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160], repr(text))
            self.assertNotIn(B32[:16], text)
            self.assertNotIn(HEX[:16], text)


def now_step(period=30):
    return int(time.time()) // period


class GoogleAuthenticator(ImportTest):
    GOOD = f'{B32}\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 3\n" DISALLOW_REUSE\n" TOTP_AUTH\n12345678\n87654321\n'

    def one(self, content):
        (row,) = self.rows("google-authenticator", content, "--user", "root")
        return row

    def test_options_become_what_they_are_here(self):
        used = now_step() - 5
        row = self.one(f'{B32}\n" DISALLOW_REUSE {used - 1} {used} {used - 7}\n" TIME_SKEW -3\n" TOTP_AUTH\n')
        self.assertEqual((row["type"], row["period"], row["counter"], row["offset_steps"]), ("totp", 30, used + 1, -3))
        row = self.one(f'{B32}\n" STEP_SIZE 60\n" TOTP_AUTH\n')
        self.assertEqual((row["period"], row["counter"], row["digits"], row["algorithm"]), (60, 0, 6, "sha1"))
        row = self.one(f'{B32}\n" HOTP_COUNTER 42\n" WINDOW_SIZE 10\n')
        self.assertEqual((row["type"], row["period"], row["counter"]), ("hotp", None, 42))
        self.assertEqual((row["user"], row["label"], row["weak"]), ("root", "google-authenticator", False))

    def test_a_secret_is_read_as_its_own_module_reads_it(self):
        self.assertEqual(self.one(B32.lower().replace("o", "0").replace("b", "8") + '\n" TOTP_AUTH\n')["outcome"],
                         "would_enrol")

    def test_what_is_not_taken_over_is_said_once(self):
        done = self.run_import("google-authenticator", self.GOOD.replace("SIZE 3", "SIZE 17"), "--user", "root")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("26 bits", done.stdout)
        self.assertIn("garde recovery USER", done.stdout)
        self.assertIn("Window sizes are not taken over", done.stdout)
        self.assertIn("Rate limits are not taken over", done.stdout)
        self.assertNotIn("Codes could be used again", done.stdout)
        self.assertFits(done.stdout)
        self.assertNotIn("12345678", done.stdout)
        again = self.run_import("google-authenticator", f'{B32}\n" TOTP_AUTH\n" NEWS 1\n', "--user", "root")
        self.assertIn("Codes could be used again", again.stdout)
        self.assertIn("Some lines of these files are not known", again.stdout)
        self.assertNotIn("Window", again.stdout)

    def test_bad_files_are_refused_with_the_line(self):
        ahead = now_step() + 10000
        self.table("google-authenticator", [
            ("good", self.GOOD, [(None, "would_enrol")]),
            ("windows line ends and no last one", self.GOOD.replace("\n", "\r\n").rstrip(), [(None, "would_enrol")]),
            ("a byte order mark", b"\xef\xbb\xbf" + self.GOOD.encode(), [(None, "would_enrol")]),
            ("empty", "", [(None, "no_secret")]),
            ("only a line end", "\n", [(1, "no_secret")]),
            ("cut inside of the secret", B32[:17], [(1, "bad_secret")]),
            ("cut behind the secret", B32 + "\n", [(None, "type")]),
            ("cut inside of an option", B32 + '\n" TOTP_AU', [(None, "type")]),
            ("both types", B32 + '\n" TOTP_AUTH\n" HOTP_COUNTER 1\n', [(None, "type")]),
            ("counter twice", B32 + '\n" HOTP_COUNTER 1\n" HOTP_COUNTER 2\n', [(3, "counter")]),
            ("counter with a rest", B32 + '\n" HOTP_COUNTER 1x\n', [(2, "counter")]),
            ("counter too large", B32 + f'\n" HOTP_COUNTER {2**63}\n', [(2, "counter")]),
            ("step of nothing", B32 + '\n" STEP_SIZE 0\n" TOTP_AUTH\n', [(2, "period")]),
            ("step too long", B32 + '\n" STEP_SIZE 121\n" TOTP_AUTH\n', [(2, "period")]),
            ("skew over an hour", B32 + '\n" TIME_SKEW 121\n" TOTP_AUTH\n', [(None, "offset")]),
            ("skew that overflows", B32 + '\n" TIME_SKEW -99999999999\n" TOTP_AUTH\n', [(2, "offset")]),
            ("used step is none", B32 + '\n" DISALLOW_REUSE 12 x\n" TOTP_AUTH\n', [(2, "not_of_format")]),
            ("used step ahead", B32 + f'\n" DISALLOW_REUSE {ahead}\n" TOTP_AUTH\n', [(None, "spent_ahead")]),
            ("used step just ahead", B32 + f'\n" DISALLOW_REUSE {now_step() + 4}\n" TOTP_AUTH\n', [(None, "spent_ahead")]),
            ("the same of a phone that is ahead", B32 + f'\n" DISALLOW_REUSE {now_step() + 4}\n" TIME_SKEW 4\n" TOTP_AUTH\n',
             [(None, "would_enrol")]),
            ("a line of something else", B32 + "\n1234567\n", [(2, "not_of_format")]),
            ("binary", bytes(range(256)) * 8, [(1, "zero_byte")]),
            ("UTF-16", self.GOOD.encode("utf-16"), [(1, "zero_byte")]),
            ("one endless line", "A" * 5000, [(1, "line_too_long")]),
            ("a zero byte later on", self.GOOD.encode() + b"1234\x005678\n", [(8, "zero_byte")]),
            ("weak", WEAK + '\n" TOTP_AUTH\n', [(None, "weak_secret")]),
            ("tiny", TINY + '\n" TOTP_AUTH\n', [(None, "secret_too_short")]),
        ], "--user", "root")

    def test_a_huge_file_ends_somewhere(self):
        huge = self.GOOD.encode() + b'" LAST0 host 1\n' * 6000
        done = self.run_import("google-authenticator", huge, "--user", "root")
        self.assertEqual(done.returncode, 1)
        self.assertIn("too large", done.stderr)
        self.assertNotIn("would be enrolled", done.stdout)

    def test_a_file_that_was_not_meant_is_not_quoted(self):
        done = self.run_import("google-authenticator", "root:$y$j9T$hash:19000:0:99999:7:::\n", "--user", "root")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("hash", done.stdout + done.stderr)

    def test_whose_file_it_is_follows_from_its_owner_but_never_to_root(self):
        path = self.file(self.GOOD)
        done = self.garde("import", "google-authenticator", path, "--dry-run")
        if os.getuid() != 0:
            self.skipTest("needs root: it gives files away")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("--user NAME", done.stderr)
        os.chown(path, pwd.getpwnam("daemon").pw_uid, -1)
        (row,) = json.loads(self.garde("import", "google-authenticator", path, "--dry-run", "--json").stdout)
        self.assertEqual((row["user"], row["outcome"]), ("daemon", "would_enrol"))


@unittest.skipUnless(os.getuid() == 0, "needs root: it gives files away")
class HomesOfAll(ImportTest):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)

    def home(self, user, content=GoogleAuthenticator.GOOD, owner=None, mode=0o400):
        home = self.folder / "home" / user
        home.mkdir(parents=True)
        if content is not None:
            path = home / ".google_authenticator"
            path.write_text(content)
            path.chmod(mode)
            os.chown(path, pwd.getpwnam(owner or user).pw_uid, -1)
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
        return f"{user}:{home}"

    def judge(self, *lines):
        rows = self.rows("google-authenticator", "\n".join(lines) + "\n", "--list")
        return [(row["user"], row["reason"] or row["outcome"]) for row in rows]

    def test_homes_are_read_one_by_one_and_those_without_the_file_are_passed_over(self):
        other = GoogleAuthenticator.GOOD.replace(B32, base64.b32encode(KEY[::-1]).decode())
        lines = [self.home("daemon"), self.home("bin", None), "# a comment", "", self.home("games", other),
                 "lp:/nonexistent"]
        self.assertEqual(self.judge(*lines), [("daemon", "would_enrol"), ("bin", "no_file"), ("games", "would_enrol"),
                                              ("lp", "no_file")])
        done = self.run_import("google-authenticator", "\n".join(lines), "--list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("2 passed over", done.stdout)

    def test_a_list_with_bad_lines_tells_them_and_goes_on(self):
        same = self.home("daemon")
        self.assertEqual(self.judge("daemon", ":/home", "daemon:home", "nobodyknows:/root", same, same,
                                    self.home("bin")),
                         [(None, "not_of_format"), (None, "not_of_format"), (None, "not_of_format"),
                          ("nobodyknows", "unknown_user"), ("daemon", "would_enrol"), ("daemon", "twice"),
                          ("bin", "twice")])

    def test_nobody_gets_the_secret_of_another_by_a_link(self):
        self.home("daemon")
        own = self.folder / "home" / "irc-other"
        own.mkdir()
        (own / ".google_authenticator").write_text(GoogleAuthenticator.GOOD)
        os.chown(own / ".google_authenticator", pwd.getpwnam("irc").pw_uid, -1)
        for name, trap in (("bin", lambda path: path.symlink_to(self.folder / "home/daemon/.google_authenticator")),
                           ("games", lambda path: os.link(self.folder / "home/daemon/.google_authenticator", path)),
                           ("lp", lambda path: path.mkdir()),
                           ("news", lambda path: os.mkfifo(path)),
                           ("irc", lambda path: path.symlink_to(self.folder / "home/irc-other/.google_authenticator"))):
            with self.subTest(name):
                line = self.home(name, None)
                trap(self.folder / "home" / name / ".google_authenticator")
                self.assertEqual(self.judge(line), [(name, "unreadable")])

    def test_a_file_of_somebody_else_in_a_home_is_not_taken(self):
        self.assertEqual(self.judge(self.home("bin", owner="daemon", mode=0o444)), [("bin", "not_theirs")])


class UsersOath(ImportTest):
    def test_types_counters_and_last_codes_are_understood(self):
        before = time.strftime("%Y-%m-%dT%H:%M:%SL", time.gmtime(time.time() - 600))
        step = (int(time.time()) - 600) // 30
        rows = self.rows("users.oath", f"HOTP root - {HEX}\nHOTP/E/7\tdaemon\t+\t{HEX[:-2]}00\t5\n"
                                       f"HOTP bin - {HEX[:-2]}01 8 123456 {before}\n"
                                       f"HOTP/T30/8 games - {HEX[:-2]}02 2 12345678 {before}\n"
                                       f"# comment\n\nHOTP/T60 root - {HEX.upper()[:-2]}03\n")
        self.assertEqual([(r["user"], r["type"], r["digits"], r["period"], r["counter"]) for r in rows],
                         [("root", "hotp", 6, None, 0), ("daemon", "hotp", 7, None, 5), ("bin", "hotp", 6, None, 9),
                          ("games", "totp", 8, 30, step + 3), ("root", "totp", 6, 60, 0)])

    def test_bad_lines_are_refused_and_the_others_go_on(self):
        good = f"HOTP root - {HEX[:-2]}aa\n"
        line = f"HOTP/T30 daemon - {HEX}"
        self.table("users.oath", [
            ("windows line ends", (line + "\n" + good).replace("\n", "\r\n"), [(1, "would_enrol"), (2, "would_enrol")]),
            ("cut", line[:18] + "\n" + good, [(1, "not_of_format"), (2, "would_enrol")]),
            ("cut inside of the secret", line[:-1] + "\n" + good, [(1, "bad_secret"), (2, "would_enrol")]),
            ("no hexadecimal", line[:-1] + "g\n" + good, [(1, "bad_secret"), (2, "would_enrol")]),
            ("a PIN", line.replace(" - ", " 1234 ") + "\n" + good, [(1, "pin"), (2, "would_enrol")]),
            ("a field too many", line + " 0 123456 2020-01-01T00:00:00L x\n" + good,
             [(1, "not_of_format"), (2, "would_enrol")]),
            ("unknown type", line.replace("T30", "T45") + "\n" + good, [(1, "type"), (2, "would_enrol")]),
            ("nine digits", line.replace("T30", "T30/9") + "\n" + good, [(1, "digits"), (2, "would_enrol")]),
            ("a counter with a sign", f"HOTP root - {HEX} -1\n" + good, [(1, "counter"), (2, "would_enrol")]),
            ("no such user", line.replace("daemon", "nobodyknows") + "\n" + good,
             [(1, "unknown_user"), (2, "would_enrol")]),
            ("a date that is none", line + " 0 123456 2020-13-01T00:00:00L\n" + good,
             [(1, "dates"), (2, "would_enrol")]),
            ("a date ahead", line + " 0 123456 2090-01-01T00:00:00L\n" + good, [(1, "spent_ahead"), (2, "would_enrol")]),
            ("the same user with another secret", good + good.replace("aa", "bb"),
             [(1, "would_enrol"), (2, "would_enrol")]),
            ("the same secret twice", good + "\n" + good, [(1, "would_enrol"), (3, "twice")]),
            ("the same secret for another", good + good.replace("root", "daemon"), [(1, "would_enrol"), (2, "twice")]),
            ("a zero byte", good.encode() + b"HOTP\x00root\n", [(1, "would_enrol"), (2, "zero_byte")]),
            ("a line too long", "H" * 5000 + "\n" + good, [(1, "line_too_long"), (2, "would_enrol")]),
            ("controls in the name", line.replace("daemon", "dae\x1b[31mmon") + "\n" + good,
             [(1, "bad_text"), (2, "would_enrol")]),
            ("a name in Latin-1", line.replace("daemon", "h\xf4te").encode("latin-1") + b"\n" + good.encode(),
             [(1, "bad_text"), (2, "would_enrol")]),
            ("a name too long", line.replace("daemon", "d" * 300) + "\n" + good, [(1, "bad_text"), (2, "would_enrol")]),
            ("weak", f"HOTP root - {HEX[:20]}\n" + good, [(1, "weak_secret"), (2, "would_enrol")]),
            ("too long", f"HOTP root - {'ab' * 129}\n" + good, [(1, "secret_too_long"), (2, "would_enrol")]),
        ])

    def test_a_binary_file_has_a_fault_in_each_line_and_says_not_more_than_a_thousand(self):
        done = self.run_import("users.oath", b"\x7fELF\x01\n" * 3000)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1001)
        self.assertIn("3000 refused", done.stdout)
        self.assertClean(done)

    def test_weak_secrets_are_taken_on_request_and_marked(self):
        weak = f"HOTP root - {HEX[:20]}\n"
        done = self.run_import("users.oath", weak, "--accept-weak")
        self.assertEqual(done.returncode, 0)
        self.assertIn("would be enrolled, weak", done.stdout)
        self.assertIn("Weak secrets are among them", done.stdout)
        self.assertTrue(self.rows("users.oath", weak, "--accept-weak")[0]["weak"])
        self.assertEqual(self.judged("users.oath", f"HOTP root - {HEX[:18]}\n", "--accept-weak"),
                         [(1, "secret_too_short")])

    def test_codes_of_another_length_are_counted_with_what_that_means(self):
        lines = (f"HOTP/T30/8 root - {HEX}\nHOTP/T30/8 bin - {HEX[:-2]}01\nHOTP/T30/7 daemon - {HEX[:-2]}02\n"
                 f"HOTP/T30 games - {HEX[:-2]}03\n")
        told = " ".join(self.run_import("users.oath", lines).stdout.split())
        self.assertIn("2 have codes of 8 digits, and logins here ask for 6 (digits in garde.conf).", told)
        self.assertIn("refuse them there unless they are set off by a comma", told)
        self.assertIn("1 has codes of 7 digits", told)
        self.assertIn("always refuse them", told)
        self.assertNotIn("codes of", self.run_import("users.oath", lines.splitlines()[3] + "\n").stdout)
        self.conf.write_text(self.conf.read_text() + "[verifier]\ndigits = 8\n")
        told = " ".join(self.run_import("users.oath", lines).stdout.split())
        self.assertIn("1 has codes of 6 digits, and logins here ask for 8", told)
        self.assertNotIn("comma", told)

    def test_quiet_leaves_nothing_but_complaints(self):
        done = self.run_import("users.oath", f"HOTP root - {HEX}\nHOTP daemon 12 {HEX}\n", "--quiet")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("a PIN belongs to it", done.stderr)

    def test_a_complaint_names_place_user_and_reason(self):
        done = self.run_import("users.oath", f"\nHOTP daemon 12 {HEX}\n")
        self.assertEqual(done.stderr, f"garde: {self.folder}/file:2: daemon: a PIN belongs to it, which garde has not: "
                                      "enrol this user anew\n")

    def test_a_name_from_a_file_reaches_the_terminal_only_escaped(self):
        done = self.run_import("users.oath", f"HOTP dae\u202emon - {HEX}\n")
        self.assertIn("dae\\xe2\\x80\\xaemon", done.stderr)
        self.assertNotIn("\u202e", done.stderr)
        raw = self.run_import("users.oath", f"HOTP dae\u202emon - {HEX}\n", "--json").stdout
        self.assertTrue(raw.isascii())


class OtpauthList(ImportTest):
    def uri(self, account="root", secret=B32, rest=""):
        return f"otpauth://totp/{account}?secret={secret}{rest}\n"

    def test_uris_are_taken_one_a_line_and_names_are_cut_to_local_ones(self):
        content = self.uri("Ward:root@clinic", rest="&issuer=Ward&digits=8&period=60&algorithm=SHA512")
        (row,) = self.rows("otpauth", content, "--domain", "clinic")
        self.assertEqual((row["user"], row["label"], row["digits"], row["period"], row["algorithm"]),
                         ("root", "Ward", 8, 60, "sha512"))
        self.assertEqual(self.judged("otpauth", content), [(1, "unknown_user")])
        self.assertEqual(self.judged("otpauth", content, "--domain", "elsewhere"), [(1, "unknown_user")])
        self.assertEqual(self.judged("otpauth", content, "--issuer", "Bank"), [(1, "passed_over")])
        self.assertEqual(self.judged("otpauth", content, "--user", "daemon", "--issuer", "Ward"), [(1, "would_enrol")])
        self.assertEqual(self.rows("otpauth", content, "--user", "daemon", "--label", "phone")[0]["label"], "phone")

    def test_bad_lines_are_refused_and_the_others_go_on(self):
        good = self.uri("daemon", base64.b32encode(KEY[::-1]).decode())
        self.table("otpauth", [
            ("windows line ends and a blank", self.uri().replace("\n", " \r\n") + good,
             [(1, "would_enrol"), (2, "would_enrol")]),
            ("cut", self.uri()[:25] + "\n" + good, [(1, "not_of_format"), (2, "would_enrol")]),
            ("no secret", "otpauth://totp/root?digits=6\n" + good, [(1, "not_of_format"), (2, "would_enrol")]),
            ("two secrets", self.uri(rest="&secret=" + B32) + good, [(1, "not_of_format"), (2, "would_enrol")]),
            ("hotp without counter", self.uri().replace("totp", "hotp") + good,
             [(1, "not_of_format"), (2, "would_enrol")]),
            ("period too long", self.uri(rest="&period=121") + good, [(1, "not_of_format"), (2, "would_enrol")]),
            ("control in the name", self.uri("ro%1Bot") + good, [(1, "not_of_format"), (2, "would_enrol")]),
            ("weak", self.uri(secret=WEAK) + good, [(1, "weak_secret"), (2, "would_enrol")]),
            ("tiny", self.uri(secret=TINY) + good, [(1, "secret_too_short"), (2, "would_enrol")]),
            ("twice", self.uri() + self.uri(), [(1, "would_enrol"), (2, "twice")]),
            ("binary", b"\x00\x01\x02\n" + good.encode(), [(1, "zero_byte"), (2, "would_enrol")]),
            ("huge", "x" * 100000 + "\n" + good, [(1, "line_too_long"), (2, "would_enrol")]),
        ])


def field(number, value):
    """A field of a protocol buffer, by hand: an int as varint, bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (2**64 - 1))
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def factor(secret=KEY, name=b"root", issuer=b"", algorithm=1, digits=1, kind=2, counter=0):
    return b"".join([field(1, secret), field(2, name), field(3, issuer), field(4, algorithm), field(5, digits),
                     field(6, kind), field(7, counter)])


def migration(*factors, size=1, index=0, batch=7, data=None):
    payload = b"".join(field(1, one) for one in factors) + field(2, 1) + field(3, size) + field(4, index)
    payload = payload + field(5, batch) if data is None else data
    return "otpauth-migration://offline?data=" + urllib.parse.quote(base64.b64encode(payload).decode()) + "\n"


class Migration(ImportTest):
    def test_every_field_is_read(self):
        rows = self.rows("otpauth-migration", migration(
            factor(), factor(KEY[::-1], b"Ward:daemon", b"Ward", 3, 2, 1, 99)))
        self.assertEqual([(r["user"], r["label"], r["type"], r["algorithm"], r["digits"], r["period"], r["counter"],
                           r["line"], r["item"]) for r in rows],
                         [("root", "otpauth", "totp", "sha1", 6, 30, 0, 1, 1),
                          ("daemon", "Ward", "hotp", "sha512", 8, None, 99, 1, 2)])

    def test_an_export_in_parts_is_whole_or_said_not_to_be(self):
        parts = [migration(factor(bytes([i]) * 20), size=3, index=i) for i in range(3)]
        good = [(i + 1, "would_enrol") for i in range(3)]
        self.assertEqual(self.judged("otpauth-migration", "".join(parts)), good)
        self.assertEqual(self.judged("otpauth-migration", parts[0] + parts[2]), good[:2] + [(None, "part_missing")])
        other = migration(factor(b"x" * 20), size=2, index=0, batch=8)
        self.assertEqual(self.judged("otpauth-migration", "".join(parts) + other),
                         good + [(4, "would_enrol"), (None, "part_missing")])

    def test_bad_exports_are_refused_and_the_others_go_on(self):
        good, ok = migration(factor(KEY[::-1], b"daemon")), (2, "would_enrol")
        raw = field(1, factor())
        self.table("otpauth-migration", [
            ("cut", migration(data=raw[:-4]) + good, [(1, "not_of_format"), ok]),
            ("cut Base64", migration(factor())[:-4] + "\n" + good, [(1, "not_of_format"), ok]),
            ("another scheme", migration(factor()).replace("-migration", "") + good, [(1, "not_of_format"), ok]),
            ("a second parameter", migration(factor()).strip() + "&x=1\n" + good, [(1, "not_of_format"), ok]),
            ("no data", "otpauth-migration://offline?data=\n" + good, [(1, "not_of_format"), ok]),
            ("a percent sign alone", "otpauth-migration://offline?data=%\n" + good, [(1, "not_of_format"), ok]),
            ("a length that lies", migration(data=b"\x0a\xff\xff\xff\xff\x0f" + raw) + good,
             [(1, "not_of_format"), ok]),
            ("binary", migration(data=bytes(range(255, 0, -1))) + good, [(1, "not_of_format"), ok]),
            ("no part of anything", migration(factor(), size=3, index=3) + good, [(1, "not_of_format"), ok]),
            ("too many parts", migration(factor(), size=65, index=3) + good, [(1, "not_of_format"), ok]),
            ("no type", migration(factor(kind=0)) + good, [(1, "type"), ok]),
            ("MD5", migration(factor(algorithm=4)) + good, [(1, "algorithm"), ok]),
            ("an algorithm below zero", migration(factor(algorithm=-1)) + good, [(1, "algorithm"), ok]),
            ("seven digits", migration(factor(digits=3)) + good, [(1, "digits"), ok]),
            ("a counter below zero", migration(factor(kind=1, counter=-1)) + good, [(1, "counter"), ok]),
            ("no secret", migration(factor(b"")) + good, [(1, "no_secret"), ok]),
            ("weak", migration(factor(KEY[:10])) + good, [(1, "weak_secret"), ok]),
            ("too long", migration(factor(b"k" * 129)) + good, [(1, "secret_too_long"), ok]),
            ("no name", migration(factor(name=b"")) + good, [(1, "no_user_name"), ok]),
            ("a zero byte in the name", migration(factor(name=b"root\0x")) + good, [(1, "bad_text"), ok]),
            ("Latin-1 in the name", migration(factor(name=b"h\xf4te")) + good, [(1, "bad_text"), ok]),
            ("controls in the issuer", migration(factor(issuer=b"a\x1b[2J")) + good, [(1, "bad_text"), ok]),
            ("a name too long", migration(factor(name=b"r" * 256)) + good, [(1, "bad_text"), ok]),
            ("windows line ends", migration(factor()).replace("\n", "\r\n") + good, [(1, "would_enrol"), ok]),
        ])


class CommandLine(ImportTest):
    def test_options_that_do_not_fit_are_usage_errors(self):
        path = self.file(f"HOTP root - {HEX}\n")
        for arguments, said in (([], "the format and the file are missing"), (["users.oath"], "are missing"),
                                (["csv", path], "there is no format csv"),
                                (["users.oath", path, path], "one file at a time"),
                                (["users.oath", path, "--user", "root"], "--user is not for the format users.oath"),
                                (["otpauth", path, "--list"], "--list is not for the format otpauth"),
                                (["google-authenticator", path, "--list", "--user", "root"], "do not go together"),
                                (["pskc", path, "--key-file", "a", "--passphrase-file", "b"], "do not go together"),
                                (["users.oath", path, "--pending-for", "10"], "--pending-for does not take 10"),
                                (["users.oath", path, "--pending-for", "91d"], "--pending-for does not take 91d"),
                                (["users.oath", path, "--label", "a\x1bb"], "--label does not take a\\x1bb")):
            with self.subTest(arguments):
                done = self.garde("import", *arguments)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(said, done.stderr)

    def test_files_that_cannot_be_read_are_told(self):
        for path in (str(self.folder / "missing"), str(self.folder)):
            done = self.garde("import", "users.oath", path, "--dry-run")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{path} cannot be read: ", done.stderr)
        self.assertEqual(self.garde("import", "users.oath", self.file(""), "--user").returncode, 2)

    def test_standard_input_is_a_file_too(self):
        done = self.garde("import", "users.oath", "-", "--dry-run", "--json", input=f"HOTP root - {HEX}\n")
        self.assertEqual(json.loads(done.stdout)[0]["file"], "-")

    def test_without_dry_run_a_missing_verifier_ends_it_at_once(self):
        done = self.garde("import", "users.oath", self.file(f"HOTP root - {HEX}\nHOTP root - {HEX}00\n"))
        self.assertEqual(done.returncode, 3, done)
        self.assertEqual(done.stderr.count("does not answer"), 1)
        self.assertIn("Run it again", done.stderr)

    def test_an_endless_file_ends_somewhere(self):
        done = self.garde("import", "users.oath", "/dev/zero", "--dry-run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("too large", done.stderr)


if __name__ == "__main__":
    unittest.main()
