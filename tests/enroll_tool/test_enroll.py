#!/usr/bin/python3
"""garde enroll: pictures that a reader takes back, files that are never written over, and what becomes of a factor."""

import base64
import os
import pathlib
import re
import resource
import struct
import subprocess
import unittest
import urllib.parse

import fake_admin as fake
import terminal
from fake_admin import ToolTest

KEY = b"12345678901234567890"
URI = f"otpauth://totp/Ward%20B:alice?secret={base64.b32encode(KEY).decode()}&issuer=Ward%20B"


def zbar(picture):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True)
    return done.stdout.strip()


def key_of(uri):
    secret = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(uri).query))["secret"]
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


class EnrollTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.right = {"code": "424242"}
        self.answers({fake.ENROL: [fake.result(number=7, until=fake.SOON)], fake.CONFIRM: self.confirm,
                      fake.CHANGE: [fake.result(number=1)]})

    def confirm(self, request):
        right = request.endswith(fake.text(self.right["code"]))
        return [fake.result(number=7) if right else fake.result(fake.WRONG_CODE, 1)]

    def types(self):
        return [request[1] for request in self.fake.requests]

    def sent_key(self):
        """The secret of the WIRE_ENROL that arrived."""
        request = next(r for r in self.fake.requests if r[1] == fake.ENROL)
        for size in (20, 32, 64):
            if request[-size - 2:-size] == struct.pack(">H", size):
                return request[-size:]
        raise AssertionError(request)


class Pictures(EnrollTest):
    def test_the_terminal_qr_is_read_on_any_background_and_without_colours(self):
        shown = self.garde("enroll", "root", "--no-confirm").stdout
        read = set()
        for name, text, ink, paper in (("dark", shown, 230, 0), ("light", shown, 0, 255), ("odd", shown, 130, 120),
                                       ("plain", terminal.without_colours(shown), 0, 255)):
            picture = self.folder / f"{name}.pgm"
            terminal.write_pgm(picture, terminal.painted(text, ink, paper))
            read.add(zbar(picture))
        self.assertEqual(len(read), 1, read)
        uri = read.pop()
        self.assertEqual(key_of(uri), self.sent_key())
        self.assertTrue(uri.startswith("otpauth://totp/Clinic:root?"), uri)

    def test_each_line_of_the_qr_brings_its_colours_and_gives_them_back(self):
        shown = self.garde("enroll", "root", "--no-confirm").stdout
        lines = [line for line in shown.splitlines() if "\x1b" in line]
        self.assertGreaterEqual(len(lines), 20)
        for line in lines:
            self.assertTrue(line.startswith("\x1b[38;5;16;48;5;231m    "), repr(line))
            self.assertTrue(line.endswith("    \x1b[0m"), repr(line))
        for blank in lines[:2] + lines[-2:]:
            self.assertEqual(terminal.without_colours(blank).strip(), "")
        self.assertFits(terminal.without_colours(shown))
        self.assertNotIn("\x1b", self.garde("enroll", "root", "--no-confirm", "--no-qr").stdout)

    def test_png_and_svg_are_read_and_are_one_and_the_same(self):
        png, svg, drawn = (self.folder / name for name in ("a.png", "a.svg", "drawn.png"))
        old = os.umask(0)
        try:
            done = self.garde("enroll", "root", "--no-confirm", "--no-qr", "--png", str(png), "--svg", str(svg))
        finally:
            os.umask(old)
        self.assertEqual(done.returncode, 0, done)
        subprocess.run(["rsvg-convert", "-o", str(drawn), str(svg)], check=True)
        self.assertEqual(zbar(png), zbar(drawn))
        self.assertEqual(key_of(zbar(png)), self.sent_key())
        for path in (png, svg):
            self.assertEqual(path.stat().st_mode & 0o7777, 0o600)
        self.assertRegex(svg.read_text(), r"(?s)^<\?xml.*<svg [^>]*>\n<path [^>]*/>\n<path [^>]*/>\n</svg>\n$")
        head = png.read_bytes()[16:33]
        width, height, depth, colour = struct.unpack(">IIBB", head[:10])
        self.assertEqual((width, depth, colour, width % 8), (height, 1, 0, 0))

    def test_the_key_for_typing_is_the_one_in_the_qr(self):
        for algorithm, size in (("sha1", 20), ("sha256", 32), ("sha512", 64)):
            shown = self.garde("enroll", "root", "--no-confirm", "--no-qr", "--algorithm", algorithm).stdout
            typed = re.search(r"^  Key +((?:[A-Z2-7 ]+\n +)*[A-Z2-7 ]+)$", shown, re.M)[1]
            self.assertRegex(typed.split("\n")[0], r"^(?:[A-Z2-7]{4} )+[A-Z2-7]{1,4}$")
            plain = re.sub(r"\s", "", typed)
            self.assertEqual(base64.b32decode(plain + "=" * (-len(plain) % 8)), self.sent_key())
            self.assertEqual(len(self.sent_key()), size)
            self.assertFits(shown)
            self.fake.requests.clear()

    def test_every_secret_is_another(self):
        keys = set()
        for _ in range(5):
            self.garde("enroll", "root", "--no-confirm", "--no-qr")
            keys.add(self.sent_key())
            self.fake.requests.clear()
        self.assertEqual(len(keys), 5)

    def test_what_differs_from_the_usual_is_warned_of(self):
        usual = self.garde("enroll", "root", "--no-confirm", "--no-qr")
        self.assertEqual((usual.stderr, "Type" in usual.stdout), ("", False))
        for words in (["--digits", "8"], ["--period", "60"], ["--algorithm", "sha256"]):
            done = self.garde("enroll", "root", "--no-confirm", "--no-qr", *words)
            self.assertIn("some phone apps", done.stderr)
            self.assertIn("  Type ", done.stdout)


class Files(EnrollTest):
    def test_nothing_that_is_there_is_touched_and_no_factor_is_made(self):
        there, target = self.folder / "there", self.folder / "target"
        there.write_text("mine")
        links = {"link": target, "link-to-file": there, "dangling": self.folder / "no" / "where"}
        for name, to in links.items():
            (self.folder / name).symlink_to(to)
        (self.folder / "folder").mkdir()
        for name in ("there", "folder", "no/such/folder", *links):
            for option in ("--png", "--svg"):
                done = self.garde("enroll", "root", "--no-confirm", option, str(self.folder / name))
                self.assertEqual((done.returncode, done.stdout), (1, ""), name)
        self.assertEqual(there.read_text(), "mine")
        self.assertFalse(target.exists())
        self.assertEqual(self.types(), [])

    def test_a_file_made_before_a_failure_goes_away_again(self):
        png, svg = self.folder / "new.png", self.folder / "there.svg"
        svg.write_text("mine")
        self.assertEqual(self.garde("enroll", "root", "--png", str(png), "--svg", str(svg)).returncode, 1)
        self.assertFalse(png.exists())
        self.assertEqual(svg.read_text(), "mine")
        self.fake.script[fake.ENROL] = [fake.result(fake.TOO_MANY)]
        self.assertEqual(self.garde("enroll", "root", "--png", str(png)).returncode, 1)
        self.assertFalse(png.exists())

    def test_a_file_that_took_the_pictures_place_meanwhile_is_not_taken_away(self):
        png = self.folder / "new.png"

        enrolled = self.fake.script[fake.ENROL]
        for answer in ([fake.result(fake.TOO_MANY)], enrolled):
            with self.subTest(answer=answer):
                png.unlink(missing_ok=True)

                def put_another_there(_):
                    png.write_text("theirs")
                    return answer

                self.fake.script[fake.ENROL] = put_another_there
                self.assertEqual(self.garde("enroll", "root", "--no-confirm", "--png", str(png)).returncode, 1)
                self.assertEqual(png.read_text(), "theirs")
        self.assertEqual(self.types()[-1], fake.CHANGE, "the factor that nobody saw is revoked")

    def test_a_picture_has_no_name_before_somebody_is_enrolled(self):
        png, seen = self.folder / "new.png", []
        enrolled = self.fake.script[fake.ENROL]

        def look(_):
            seen.extend(path.name for path in self.folder.iterdir() if path.suffix == ".png")
            return enrolled

        self.fake.script[fake.ENROL] = look
        self.assertEqual(self.garde("enroll", "root", "--no-confirm", "--png", str(png)).returncode, 0)
        self.assertEqual(seen, [])
        self.assertEqual(png.stat().st_mode & 0o777, 0o600)

    def test_one_name_for_both_pictures_is_refused(self):
        both = str(self.folder / "both")
        self.assertEqual(self.garde("enroll", "root", "--png", both, "--svg", both).returncode, 2)
        self.assertFalse(os.path.exists(both))
        self.assertEqual(self.types(), [])

    def test_a_factor_that_nobody_saw_is_revoked_and_its_pictures_removed(self):
        png = self.folder / "new.png"
        with open("/dev/full", "w") as full:
            done = self.garde("enroll", "root", "--png", str(png), stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody was enrolled", done.stderr)
        self.assertEqual(self.types(), [fake.ENROL, fake.CHANGE])
        self.assertTrue(self.fake.requests[1].endswith(b"\x03" + fake.text("root") + struct.pack(">qB", 7, 0)))
        self.assertFalse(png.exists())

    def test_a_limit_of_file_sizes_takes_the_factor_back_too(self):
        for option in ("--png", "--svg"):
            picture = self.folder / "new"
            done = self.garde("enroll", "root", "--no-confirm", option, str(picture),
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
            self.assertEqual(done.returncode, 1, done)
            self.assertFalse(picture.exists())
            self.assertEqual(self.fake.requests[-1][1], fake.CHANGE)

    def test_messages_never_end_up_in_a_picture(self):
        png = self.folder / "new.png"
        command = f"exec 0<&- 1<&- 2<&-; exec '{fake.GARDE}' --config '{self.conf}' enroll root --png '{png}'"
        subprocess.run(["sh", "-c", command], env=self.environment(), timeout=60)
        self.assertTrue(not png.exists() or zbar(png).startswith("otpauth://"))


class Confirming(EnrollTest):
    def test_a_right_code_confirms_the_factor_that_was_made(self):
        done = self.garde("enroll", "root", "--no-qr", input="424 242\n")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("Factor 7 of root is active", done.stdout)
        self.assertEqual(self.types(), [fake.ENROL, fake.CONFIRM])
        self.assertIn(struct.pack(">q", 7) + fake.text("424242"), self.fake.requests[1])

    def test_three_wrong_codes_leave_it_pending_with_a_hint(self):
        done = self.garde("enroll", "root", "--no-qr", input="1\n\n2\n424242\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("garde confirm root", done.stderr)
        self.assertEqual(self.types(), [fake.ENROL, fake.CONFIRM, fake.CONFIRM])
        self.assertNotIn("424242", done.stdout + done.stderr)

    def test_a_refusal_that_no_code_can_change_ends_the_asking(self):
        self.fake.script[fake.CONFIRM] = [fake.result(fake.NO_FACTOR)]
        self.assertEqual(self.garde("confirm", "root", input="1\n2\n3\n").returncode, 1)
        self.assertEqual(self.types(), [fake.CONFIRM])
        self.assertIn(fake.text("root") + struct.pack(">q", 0), self.fake.requests[0])

    def test_no_answer_leaves_it_pending(self):
        done = self.garde("enroll", "root", "--no-qr", input="")
        self.assertEqual((done.returncode, self.types()), (1, [fake.ENROL]))
        self.assertIn("garde confirm root", done.stderr)

    def test_no_confirm_asks_nothing_and_says_until_when(self):
        done = self.garde("enroll", "root", "--no-qr", "--no-confirm", input="424242\n")
        self.assertEqual((done.returncode, self.types()), (0, [fake.ENROL]))
        self.assertIn("Until 2026-11-25 09:46 it can be confirmed with:\n  garde confirm root\n", done.stdout)

    def test_codes_that_cannot_be_codes_are_not_sent(self):
        for answer in ("x" * 600, "1\x002"):
            self.garde("confirm", "root", input=answer + "\n")
        self.assertEqual(self.types(), [])


class Uris(EnrollTest):
    def test_a_uri_from_standard_input_is_enrolled_and_the_next_line_is_the_code(self):
        done = self.garde("enroll", "root", "--uri-stdin", "--label", "fob", input=f"{URI}\n424242\n")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.sent_key(), KEY)
        picture = self.folder / "back.pgm"
        terminal.write_pgm(picture, terminal.painted(done.stdout, 255, 0))
        self.assertEqual(key_of(zbar(picture)), KEY)
        self.assertIn("Ward B", done.stdout)
        self.assertIn(fake.text("fob"), self.fake.requests[0])

    def test_a_bad_uri_makes_no_factor_and_is_not_repeated(self):
        for uri in ("", "https://x", URI.replace("totp", "motp"), URI + "&digits=9", URI + "&period=0",
                    "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", "otpauth://hotp/a?secret=" + "A" * 32, URI + "x" * 4000):
            png = self.folder / "x.png"
            done = self.garde("enroll", "root", "--uri-stdin", "--png", str(png), input=uri + "\n")
            self.assertEqual((done.returncode, done.stdout), (1, ""), uri)
            self.assertNotIn("secret=", done.stderr)
            self.assertFalse(png.exists())
        self.assertEqual(self.types(), [])

    @unittest.skipUnless(os.getuid() == 0, "needs root: it becomes another user")
    def test_an_ordinary_user_can_run_it_where_the_verifier_takes_them(self):
        self.folder.chmod(0o755)
        (self.folder / "admin.sock").chmod(0o666)
        command = ["setpriv", "--reuid=1", "--regid=1", "--clear-groups", str(fake.GARDE), "--config", str(self.conf)]
        done = subprocess.run([*command, "enroll", "root"], input="424242\n", capture_output=True, text=True,
                              env=self.environment())
        self.assertEqual(done.returncode, 0, done)
        (self.folder / "admin.sock").chmod(0o600)
        done = subprocess.run([*command, "list"], capture_output=True, text=True, env=self.environment())
        self.assertEqual((done.returncode, "sudo garde" in done.stderr), (3, True), done)

    def test_a_uid_that_stands_for_nobody_is_not_enrolled(self):
        done = self.garde("enroll", "nobody")
        self.assertEqual((done.returncode, self.types()), (1, []))
        self.assertIn("cannot have a second factor", done.stderr)

    def test_the_request_says_who_asks(self):
        own = pathlib.Path("/proc/self/loginuid").read_text() if os.path.exists("/proc/self/loginuid") else ""
        self.garde("enroll", "root", "--no-confirm", "--no-qr", environment={"SUDO_USER": "the-admin"})
        uid = int(own or 2**32 - 1)
        self.assertTrue(self.fake.requests[0].startswith(bytes([1, fake.ENROL]) + struct.pack(">I", uid) +
                                                         fake.text("the-admin") + fake.text("root")))

    @unittest.skipUnless(os.getuid() == 0, "needs root: it sets a login uid")
    def test_the_request_carries_the_uid_of_the_login(self):
        def log_in():
            pathlib.Path("/proc/self/loginuid").write_text("12345")
        try:
            self.garde("enroll", "root", "--no-confirm", "--no-qr", preexec_fn=log_in)
        except subprocess.SubprocessError:
            self.skipTest("this kernel keeps no login uid, or lets nobody set it")
        self.assertEqual(self.fake.requests[0][2:6], struct.pack(">I", 12345))

    def test_a_user_whom_the_name_service_does_not_know_is_not_enrolled(self):
        done = self.garde("enroll", "no-such-user")
        self.assertEqual((done.returncode, self.types()), (1, []))
        self.assertIn("getent passwd no-such-user", done.stderr)


SEED = bytes(range(1, 33))


class Tokens(EnrollTest):
    def enrol(self, *options, key=SEED.hex(), form="hex", **more):
        return self.garde("enroll", "root", "--key-stdin", form, *options, input=f"{key}\n424242\n", **more)

    def test_a_seed_from_standard_input_is_enrolled_and_the_next_line_is_the_code(self):
        options = ["--digits", "8", "--algorithm", "sha256", "--period", "60", "--label", "token 4711"]
        base32 = base64.b32encode(SEED).decode()
        for form, key in (("hex", SEED.hex()), ("hex", SEED.hex(" ", 2).upper()), ("base32", base32),
                          ("base32", base32.lower().rstrip("="))):
            done = self.enrol(*options, form=form, key=key)
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(self.sent_key(), SEED)
            self.assertIn(fake.text("token 4711") + b"\x01\x02" + struct.pack(">IIQ", 8, 60, 0), self.fake.requests[0])
            self.fake.requests.clear()

    def test_its_sheet_is_not_said_to_hold_a_secret(self):
        done = self.enrol("--sheet", str(self.folder / "sheet.html"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("There is no secret on it.", done.stdout)
        self.assertNotIn("has the secret", done.stdout)

    def test_nothing_of_a_seed_is_shown(self):
        done = self.enrol()
        shown = done.stdout + done.stderr
        for secret in (SEED.hex(), base64.b32encode(SEED).decode()[:4], "otpauth", "\x1b[38"):
            self.assertNotIn(secret, shown)
        self.assertIn("Factor 7 of root", shown)
        self.assertIn("Code shown by the token", shown)
        self.assertNotRegex(done.stdout, r"(?m)^  Key ")
        self.assertFits(done.stdout)

    def test_wrong_codes_of_a_token_say_how_it_is_set_right(self):
        self.right["code"] = "1"
        self.assertIn("garde resync root 7", self.enrol().stderr)
        self.assertNotIn("resync", self.garde("enroll", "root", "--no-qr", input="424242\n").stderr)

    def test_a_counter_goes_along_with_a_counting_token(self):
        self.enrol("--type", "hotp", "--counter", "4711")
        self.assertIn(b"\x02\x01" + struct.pack(">IIQ", 6, 0, 4711), self.fake.requests[0])

    def test_a_seed_that_is_none_makes_no_factor(self):
        for form, key in (("hex", "31"), ("hex", SEED.hex()[:30]), ("hex", (b"x" * 129).hex()), ("hex", "zz" * 16),
                          ("hex", ""), ("base32", "A"), ("base32", "1" * 32), ("base32", "A" * 24), ("hex", "3" * 3000)):
            done = self.enrol(form=form, key=key)
            self.assertEqual((done.returncode, done.stdout), (1, ""), key)
            self.assertFalse(len(key) > 8 and key in done.stderr, key)
        self.assertEqual(self.types(), [])

    def test_options_that_do_not_go_with_a_token_are_refused(self):
        for options in (["--uri-stdin"], ["--png", str(self.folder / "x")], ["--svg", str(self.folder / "x")],
                        ["--counter", "1"], ["--type", "hotp", "--counter", "-1"], ["--key-stdin", "hex"]):
            self.assertEqual(self.enrol(*options).returncode, 2, options)
        for options in (["--counter", "1"], ["--type", "hotp", "--counter", "1"], ["--key-stdin", "HEX"]):
            self.assertEqual(self.garde("enroll", "root", *options).returncode, 2, options)
        self.assertEqual(self.types(), [])

    def test_digits_that_are_not_the_sites_are_warned_of(self):
        told = " ".join(self.enrol("--digits", "8").stderr.split())
        self.assertIn("6 digits", told)
        self.assertIn("refuse them there unless they are set off by a comma", told)
        told = " ".join(self.enrol("--digits", "7").stderr.split())
        self.assertIn("always refuse them", told)
        self.assertNotIn("comma", told)
        self.assertNotIn("digits", self.enrol().stderr)
        self.conf.write_text(self.conf.read_text() + "[verifier]\ndigits = 8\n")
        self.assertNotIn("logins here", self.enrol("--digits", "8").stderr)
        told = " ".join(self.enrol().stderr.split())
        self.assertIn("8 digits", told)
        self.assertIn("always refuse them", told)


class Life(EnrollTest):
    def setUp(self):
        super().setUp()
        self.fake.script[fake.SHOW] = [fake.factor(3, "root", label="phone"), fake.factor(4, "root", label="old"),
                                       fake.factor(5, "root", label="old"), fake.result()]

    def enrol(self, *options, **more):
        return self.garde("enroll", "root", "--no-qr", *options, input="424242\n", **more)

    def life(self):
        """not_before, not_after, replaces of the request."""
        request = next(r for r in self.fake.requests if r[1] == fake.ENROL)
        return struct.unpack(">qqq", request[-22 - 11 - 24:-22 - 11])

    def test_dates_are_days_where_the_admin_is_and_the_last_is_included(self):
        done = self.enrol("--not-before", "2036-03-01", "--not-after", "2036-03-30", environment={"TZ": "Europe/Paris"})
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.life(), (2087938800, 2090527200, 0))
        self.assertIn("2036-03-30, that day included", done.stdout)
        self.assertFits(done.stdout)

    def test_dates_that_cannot_be_are_refused(self):
        for options in (["--not-before", "2036-02-30"], ["--not-after", "tomorrow"], ["--not-after", "2020-01-01"],
                        ["--not-before", "2036-03-02", "--not-after", "2036-03-01"]):
            done = self.enrol(*options)
            self.assertEqual((done.returncode, done.stdout), (2, ""), options)
        self.assertEqual(self.enrol("--not-before", "2036-03-01", "--not-after", "2036-03-01").returncode, 0)

    def test_the_factor_to_be_replaced_is_named_and_said_on_the_screen(self):
        for word in ("phone", "3"):
            self.fake.requests.clear()
            done = self.enrol("--replaces", word)
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(self.life()[2], 3)
            self.assertIn("factor 3 (phone), which can be used until", " ".join(done.stdout.split()))
            self.assertIn("factor 3 (phone) of root has ended", done.stdout)
        self.right["code"] = "1"
        self.assertNotIn("has ended", self.enrol("--replaces", "3").stdout)

    def test_what_begins_later_takes_no_place_but_on_a_sheet(self):
        done = self.enrol("--replaces", "3", "--not-before", "2036-03-01")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("only on a sheet", " ".join(done.stderr.split()))
        self.assertNotIn(fake.ENROL, self.types())
        self.assertEqual(self.enrol("--replaces", "3", "--not-before", "2026-03-01").returncode, 0)

    def test_with_no_factor_to_replace_nobody_is_enrolled(self):
        for word, exit_code in (("old", 1), ("none", 1), ("9", 1), ("0", 2)):
            self.assertEqual(self.enrol("--replaces", word).returncode, exit_code, word)
        self.assertNotIn(fake.ENROL, self.types())

    def test_quiet_shows_key_and_code_and_not_what_was_done(self):
        loud, quiet = self.enrol().stdout, self.enrol("--quiet").stdout
        self.assertRegex(quiet, r"  Key +[A-Z2-7]{4} ")
        self.assertIn("is active", loud)
        self.assertNotIn("is active", quiet)
        self.assertNotIn("Not confirmed", self.enrol("--no-confirm", "--quiet").stdout)


if __name__ == "__main__":
    unittest.main()
