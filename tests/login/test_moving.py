#!/usr/bin/python3
"""Moving to garde and away from it: files that google-authenticator, pam_oath and a phone wrote, and our own exports, until the person
logs in through the real module with the code of the device they had."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import pwd
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree as xml

from garde_site import Site, SiteTest, main, needs_root
from phone import Phone

PAM_TRY = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve() / "tests" / "support" / "pam_try"
PSKC = "{urn:ietf:params:xml:ns:keyprov:pskc}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, **more)


class MovingTest(SiteTest):
    def peer_login(self, user, code, line):
        """A login through the peer's own module, so that it writes its file anew."""
        self.site.service("peer", line="auth required " + line)
        # pam_oath loses what the conversation gave it: not for our sanitizers to count.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        done = run(str(PAM_TRY), "--confdir", str(self.site.pam), "--service", "peer", "--user", user, "--", code,
                   env=os.environ | {"ASAN_OPTIONS": options.lstrip(":")})
        self.assertIn("PAM_SUCCESS", done.stdout)

    def states(self):
        return {(row["user"], row["state"]) for row in self.site.rows("list") if row["state"] != "revoked"}

    def takes(self, *arguments, check=True, **more):
        return json.loads(self.site.garde("import", *arguments, "--json", check=check, **more).stdout)


class FromGoogleAuthenticator(MovingTest):
    def write(self, *options):
        path = self.site.folder / "google"
        run("google-authenticator", "-f", "-q", "-s", str(path), *options, env={"HOME": "/root", "PATH": os.environ["PATH"]})
        secret = path.read_text().split("\n")[0]
        return path, Phone(base64.b32decode(secret + "=" * (-len(secret) % 8)))

    def test_a_person_logs_in_with_the_phone_they_had_and_no_code_counts_again(self):
        path, phone = self.write("-t", "-d", "-r", "3", "-R", "30", "-w", "3")
        user = pwd.getpwuid(os.getuid()).pw_name
        spent, step = phone.code(), phone.step()
        self.peer_login(user, spent, f"pam_google_authenticator.so secret={path} user={user} no_strict_owner")
        self.assertRegex(path.read_text(), r'" DISALLOW_REUSE \d+')
        (row,) = self.takes("google-authenticator", str(path), "--user", "daemon")
        self.assertEqual((row["outcome"], row["counter"]), ("enrolled", step + 1))
        self.assertEqual(self.states(), {("daemon", "pending")})
        self.assertRefused(self.site.login("daemon", spent))
        self.assertEqual(self.states(), {("daemon", "pending")})
        self.assertAccepted(self.site.login("daemon", phone.oathtool("--now", f"@{int(time.time()) + 30}")))
        self.assertEqual(self.states(), {("daemon", "active")})

    def test_a_counter_goes_on_where_it_was(self):
        path, phone = self.write("-c", "-r", "3", "-R", "30", "-w", "17")
        phone.kind = "hotp"
        user = pwd.getpwuid(os.getuid()).pw_name
        self.peer_login(user, phone.at(1), f"pam_google_authenticator.so secret={path} user={user} no_strict_owner")
        self.takes("google-authenticator", str(path), "--user", "daemon")
        self.assertRefused(self.site.login("daemon", phone.at(1)))
        self.assertAccepted(self.site.login("daemon", phone.oathtool("--counter", "2")))

    def test_a_phone_that_is_minutes_off_stays_so_here_and_behind_an_export(self):
        path, phone = self.write("-t", "-d", "-u", "-w", "3")
        path.write_text(path.read_text() + '" TIME_SKEW 6\n')
        self.takes("google-authenticator", str(path), "--user", "daemon")
        self.assertRefused(self.site.login("daemon", phone.code()))
        self.assertAccepted(self.site.login("daemon", phone.code(ahead=6)))
        key, out = self.site.folder / "key", self.site.folder / "out"
        key.write_text("00" * 16)
        self.site.garde("export", str(out), "--yes", "--key-file", str(key))
        (row,) = self.takes("pskc", str(out), "--key-file", str(key), "--dry-run")
        self.assertEqual(row["offset_steps"], 6)

    @needs_root
    def test_homes_of_all_are_taken_as_getent_lists_them(self):
        phones = {}
        lines = []
        for user in ("daemon", "bin", "games"):
            home = self.site.folder / "home" / user
            home.mkdir(parents=True)
            lines.append(f"{user}:{home}")
            if user != "games":
                path, phones[user] = self.write("-t", "-d", "-u", "-w", "3")
                path.rename(home / ".google_authenticator")
                os.chown(home / ".google_authenticator", pwd.getpwnam(user).pw_uid, -1)
        done = self.site.garde("import", "google-authenticator", "--list", "-", input="\n".join(lines) + "\n")
        self.assertIn("2 factors enrolled", done.stdout)
        self.assertIn("1 passed over", done.stdout)
        for user, phone in phones.items():
            self.assertAccepted(self.site.login(user, phone.oathtool()))


class FromPamOath(MovingTest):
    def test_people_log_in_with_the_tokens_they_had_and_no_code_counts_again(self):
        hotp, totp, other = Phone(kind="hotp"), Phone(), Phone()
        path = self.site.folder / "users.oath"
        path.write_text(f"HOTP daemon - {hotp.key.hex()}\nHOTP/T30 bin - {totp.key.hex()}\n"
                        f"HOTP/T30/6 games - {other.key.hex()}\nHOTP lp 1234 {other.key.hex()}\n")
        path.chmod(0o600)
        line = f"pam_oath.so usersfile={path} window=10 digits=6"
        self.peer_login("daemon", hotp.at(3), line)
        spent, step = totp.code(), totp.step()
        self.peer_login("bin", spent, line)
        rows = self.takes("users.oath", str(path), check=False)
        self.assertEqual([(r["user"], r["outcome"], r["reason"]) for r in rows],
                         [("daemon", "enrolled", None), ("bin", "enrolled", None), ("games", "enrolled", None),
                          ("lp", "refused", "pin")])
        self.assertRefused(self.site.login("daemon", hotp.at(3)))
        self.assertRefused(self.site.login("bin", spent))
        self.assertAccepted(self.site.login("daemon", hotp.oathtool("--counter", "4")))
        # pam_oath does not say which way a code was off. When a step ended just then, the later one counts as spent.
        self.assertIn(rows[1]["counter"], (step + 1, step + 3))
        if rows[1]["counter"] <= totp.step() + 1:
            self.assertAccepted(self.site.login("bin", totp.code(ahead=1)))
        self.assertAccepted(self.site.login("games", other.oathtool()))

    def test_a_second_run_doubles_nobody_and_tells_what_was_there(self):
        phones = [Phone(), Phone()]
        path = self.site.folder / "users.oath"
        path.write_text(f"HOTP/T30 daemon - {phones[0].key.hex()}\nHOTP/T30 nobodyknows - {phones[1].key.hex()}\n"
                        f"HOTP/T30 bin - {phones[1].key.hex()}\n")
        first = self.site.garde("import", "users.oath", str(path), check=False)
        self.assertEqual(first.returncode, 1)
        self.assertIn(f"{path}:2: nobodyknows: there is no such user on this system", first.stderr)
        self.assertIn("2 factors enrolled", first.stdout)
        before = self.site.rows("list")
        again = self.takes("users.oath", str(path), check=False)
        self.assertEqual([r["outcome"] for r in again], ["there", "refused", "there"])
        self.assertEqual([r["factor"] for r in again], [1, None, 2])
        self.assertEqual(self.site.rows("list"), before)
        path.write_text(f"HOTP/T30 games - {phones[0].key.hex()}\n")
        self.assertEqual(self.takes("users.oath", str(path), check=False)[0]["reason"], "in_use")
        self.assertEqual(self.site.rows("list"), before)

    def test_a_dry_run_changes_nothing(self):
        path = self.site.folder / "users.oath"
        path.write_text(f"HOTP/T30 daemon - {Phone().key.hex()}\n")
        self.site.garde("import", "users.oath", str(path), "--dry-run")
        self.assertEqual(self.site.rows("list"), [])
        self.assertEqual(len(self.site.audit()), 1)

    def test_a_weak_secret_is_taken_on_request_marked_and_works(self):
        phone = Phone(b"1234567890")
        path = self.site.folder / "users.oath"
        path.write_text(f"HOTP/T30 daemon - {phone.key.hex()}\n")
        self.assertEqual(self.takes("users.oath", str(path), check=False)[0]["reason"], "weak_secret")
        self.assertEqual(self.site.rows("list"), [])
        self.takes("users.oath", str(path), "--accept-weak")
        self.assertTrue(self.site.rows("list")[0]["weak"])
        self.assertAccepted(self.site.login("daemon", phone.oathtool()))

    def test_what_is_taken_over_waits_as_long_as_was_said(self):
        path = self.site.folder / "users.oath"
        path.write_text(f"HOTP/T30 daemon - {Phone().key.hex()}\n")
        self.takes("users.oath", str(path), "--pending-for", "3d")
        (row,) = self.site.rows("list")
        until = time.mktime(time.strptime(row["pending_until"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        self.assertAlmostEqual(until - time.time(), 3 * 86400, delta=120)


def varint(number):
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


class FromAPhone(MovingTest):
    def test_an_export_in_two_parts_is_taken_over(self):
        phones = [Phone(), Phone(kind="hotp", digits=8, algorithm="sha256", counter=5)]
        lines = []
        for index, (phone, user, kind) in enumerate(zip(phones, (b"daemon", b"bin"), (2, 1))):
            one = (field(1, phone.key) + field(2, user) + field(3, b"Ward") + field(4, 2 if index else 1) +
                   field(5, 2 if index else 1) + field(6, kind) + field(7, phone.counter))
            data = field(1, one) + field(2, 1) + field(3, 2) + field(4, index) + field(5, 123456)
            lines.append("otpauth-migration://offline?data=" + urllib.parse.quote(base64.b64encode(data).decode()))
        self.takes("otpauth-migration", "-", input="\n".join(lines) + "\n")
        self.assertAccepted(self.site.login("daemon", phones[0].oathtool()))
        self.assertAccepted(self.site.login("bin", phones[1].at(6)))
        self.assertEqual({row["label"] for row in self.site.rows("list")}, {"Ward"})

    def test_a_list_of_uris_is_taken_over(self):
        phones = [Phone(digits=8), Phone(kind="hotp", counter=9)]
        text = phones[0].uri("daemon") + "\r\n" + phones[1].uri("bin") + "\r\n"
        self.takes("otpauth", "-", input=text)
        self.assertAccepted(self.site.login("daemon", phones[0].oathtool()))
        self.assertAccepted(self.site.login("bin", phones[1].at(9)))


def openssl(key, sealed):
    done = subprocess.run(["openssl", "enc", "-d", f"-aes-{8 * len(key)}-cbc", "-K", key.hex(), "-iv", sealed[:16].hex(),
                           "-nopad"], input=sealed[16:], capture_output=True, check=True)
    return done.stdout[:-done.stdout[-1]]


def secrets_in(path, key=None, passphrase=None):
    """{user: secret}: the container opened by the openssl program and Python's HMAC and PBKDF2."""
    root = xml.parse(path).getroot()
    if passphrase is not None:
        salt = base64.b64decode(next(root.iter("Specified")).text)
        key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, int(next(root.iter("IterationCount")).text),
                                  int(next(root.iter("KeyLength")).text))
    cipher = XENC + "CipherValue"
    mac_key = openssl(key, base64.b64decode(next(next(root.iter(PSKC + "MACKey")).iter(cipher)).text))
    found = {}
    for package in root.iter(PSKC + "KeyPackage"):
        secret = next(package.iter(PSKC + "Secret"))
        sealed = base64.b64decode(next(secret.iter(cipher)).text)
        mac = base64.b64decode(next(secret.iter(PSKC + "ValueMAC")).text)
        if hmac.new(mac_key, sealed, "sha256").digest() != mac:
            raise AssertionError("a MAC is wrong")
        found[next(package.iter(PSKC + "UserId")).text] = openssl(key, sealed)
    return found


class Away(MovingTest):
    KEY = bytes(range(32))
    PASSPHRASE = b"correct horse battery"

    def setUp(self):
        super().setUp()
        self.key, self.passphrase = self.site.folder / "key", self.site.folder / "passphrase"
        self.key.write_text(self.KEY.hex() + "\n")
        self.passphrase.write_bytes(self.PASSPHRASE + b"\n")
        self.out = self.site.folder / "out.pskc"

    def exported(self):
        return [entry["note"] for entry in self.site.audit(event="exported")]

    def test_an_export_is_encrypted_and_another_garde_takes_it_up_where_this_one_stopped(self):
        totp = Phone(algorithm="sha512", digits=8)
        begun = totp.step()
        self.site.enrol("daemon", totp, "--label", "Téléphone")
        spent = range(begun, totp.step() + 1)
        hotp = self.site.enrol("bin", Phone(kind="hotp", counter=7))
        old = os.umask(0)
        try:
            done = self.site.garde("export", str(self.out), "--key-file", str(self.key), "--yes")
        finally:
            os.umask(old)
        self.assertIn("2 secrets are in", done.stdout)
        self.assertEqual(self.out.stat().st_mode & 0o7777, 0o600)
        self.assertEqual(secrets_in(self.out, key=self.KEY), {"UID=daemon": totp.key, "UID=bin": hotp.key})
        self.assertEqual(self.exported(), ["secrets=2"])

        info = run("pskctool", "--info", str(self.out)).stdout
        self.assertRegex(info, r"(?s)FriendlyName: Téléphone.*Key User Id: UID=daemon.*TimeInterval: 30.*HMAC-SHA512")
        self.assertRegex(info, r"(?s)Key User Id: UID=bin.*Key Counter: 8")
        self.assertEqual(run("pskctool", "--validate", str(self.out)).stdout, "OK\n")
        content = self.out.read_bytes()
        for phone in (totp, hotp):
            for form in (phone.key, base64.b64encode(phone.key), phone.base32().encode(), phone.key.hex().encode()):
                self.assertNotIn(form, content)

        other = Site()
        self.addCleanup(other.close)
        other.up()
        rows = json.loads(other.garde("import", "pskc", str(self.out), "--key-file", str(self.key), "--json").stdout)
        self.assertEqual([(r["user"], r["outcome"]) for r in rows], [("bin", "enrolled"), ("daemon", "enrolled")])
        self.assertEqual((rows[0]["counter"], rows[1]["label"]), (8, "Téléphone"))
        self.assertIn(rows[1]["counter"] - 1, spent)
        self.assertRefused(other.login("daemon", totp.at(rows[1]["counter"] - 1)))
        self.assertRefused(other.login("bin", hotp.at(7)))
        self.assertAccepted(other.login("daemon", totp.code(ahead=1)))
        self.assertAccepted(other.login("bin", hotp.at(8)))

    def test_a_passphrase_is_asked_for_twice_and_opens_the_export(self):
        phone = self.site.enrol("daemon")
        self.site.enrol("bin")
        word = self.PASSPHRASE.decode()
        done = self.site.garde("export", str(self.out), "--user", "daemon", input=f"yes\n{word}\n{word}\n")
        self.assertIn("1 secret is in", done.stdout)
        self.assertNotIn(word, done.stderr)
        self.assertEqual(secrets_in(self.out, passphrase=self.PASSPHRASE), {"UID=daemon": phone.key})
        self.assertEqual(run("pskctool", "--validate", str(self.out)).stdout, "OK\n")
        (row,) = self.takes("pskc", str(self.out), "--passphrase-file", str(self.passphrase))
        self.assertEqual((row["outcome"], row["factor"]), ("there", 1))
        self.assertEqual([(e["user"], e["note"]) for e in self.site.audit(event="exported")], [("daemon", "secrets=1")])

    def test_nothing_leaves_without_a_yes_a_good_key_and_a_new_file(self):
        self.site.enrol("daemon")
        there = self.site.folder / "there"
        there.write_text("mine")
        short = self.site.folder / "short"
        short.write_text("short\n")
        key = ["--key-file", str(self.key)]
        for arguments, answer, code in ((key, "no\n", 1), (key, "", 1), ([], "yes\nlong enough words\nother enough wrds\n", 1),
                                        ([], "yes\nshort\nshort\n", 1), (["--yes", "--passphrase-file", str(short)], "", 1),
                                        (["--yes", "--key-file", str(there)], "", 1),
                                        (["--yes", "--key-file", str(self.site.folder / "missing")], "", 1),
                                        (key + ["--passphrase-file", str(short)], "yes\n", 2)):
            done = self.site.garde("export", str(self.out), *arguments, input=answer, check=False)
            self.assertEqual(done.returncode, code, (arguments, done))
            self.assertFalse(self.out.exists())
        done = self.site.garde("export", str(there), *key, "--yes", check=False)
        self.assertEqual((done.returncode, there.read_text()), (1, "mine"))
        self.assertEqual(self.exported(), [])

    def test_an_export_of_nobody_leaves_no_file_and_one_that_is_cut_off_neither(self):
        done = self.site.garde("export", str(self.out), "--key-file", str(self.key), "--yes", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no factor to export", done.stderr)
        self.site.enrol("daemon")
        self.site.stop()
        done = self.site.garde("export", str(self.out), "--key-file", str(self.key), "--yes", check=False)
        self.assertEqual(done.returncode, 3)
        self.assertFalse(self.out.exists())

    def test_a_record_that_was_tampered_with_stays_here_and_the_others_go(self):
        self.site.enrol("daemon")
        phone = self.site.enrol("bin")
        self.site.stop()
        self.site.sql("UPDATE factor SET label = 'x' WHERE user = 'daemon'")
        self.site.start()
        done = self.site.garde("export", str(self.out), "--key-file", str(self.key), "--yes", check=False)
        self.assertEqual(done.returncode, 4, done)
        self.assertEqual(secrets_in(self.out, key=self.KEY), {"UID=bin": phone.key})


if __name__ == "__main__":
    main()
