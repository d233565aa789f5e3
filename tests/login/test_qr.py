"""The QR code in the terminal, as PNG and as SVG: read back as a phone would, and its code lets in."""

import pathlib
import re
import subprocess
import urllib.parse

import garde_site
from garde_site import SiteTest
from phone import Phone

import base64


def read_qr(png):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(png)], capture_output=True, text=True)
    return done.stdout.strip()


def phone_of(uri):
    parts = urllib.parse.urlsplit(uri)
    query = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=True))
    padded = query["secret"] + "=" * (-len(query["secret"]) % 8)
    return Phone(base64.b32decode(padded), kind=parts.netloc, algorithm=query.get("algorithm", "SHA1").lower(),
                 digits=int(query.get("digits", 6)), period=int(query.get("period", 30)))


def paint(text, png, background):
    """The terminal's picture: half blocks with their colours, on a terminal whose own background is given."""
    pixels = []
    default = {"fg": 255 - background, "bg": background}
    for line in text.splitlines():
        colour = dict(default)
        upper, lower = [], []
        for escape, character in re.findall(r"\x1b\[([0-9;]*)m|(.)", line):
            if not character:
                set_colours(colour, escape, default)
                continue
            top, bottom = {"█": ("fg", "fg"), "▀": ("fg", "bg"), "▄": ("bg", "fg"), " ": ("bg", "bg")}.get(
                character, ("bg", "bg"))
            upper.append(colour[top])
            lower.append(colour[bottom])
        pixels += [upper, lower]
    width = max(map(len, pixels))
    scale = 4
    rows = [bytes(v for value in row + [background] * (width - len(row)) for v in [value] * scale) for row in pixels]
    pgm = png.with_suffix(".pgm")
    pgm.write_bytes(b"P5 %d %d 255\n" % (width * scale, len(rows) * scale) + b"".join(r * scale for r in rows))
    return pgm


def set_colours(colour, escape, default):
    numbers = [int(n or 0) for n in escape.split(";")]
    shade = {16: 0, 231: 255, 232: 8, 255: 238, 0: 0, 15: 255, 7: 229}
    while numbers:
        n = numbers.pop(0)
        if n == 0:
            colour.update(default)
        elif n in (38, 48):
            kind = numbers.pop(0)
            value = shade[numbers.pop(0)] if kind == 5 else sum(numbers.pop(0) for _ in range(3)) // 3
            colour["fg" if n == 38 else "bg"] = value
        elif n in (30, 40):
            colour["fg" if n == 30 else "bg"] = 0
        elif n in (97, 107):
            colour["fg" if n == 97 else "bg"] = 255


class Qr(SiteTest):
    def check(self, user, uri):
        self.assertTrue(uri.startswith("otpauth://"), repr(uri))
        phone = phone_of(uri)
        self.site.garde("confirm", user, input=phone.oathtool() + "\n")
        self.assertAccepted(self.site.login(user, phone.oathtool("--now=now + 30 seconds")))
        return phone

    def test_the_terminal_qr_is_read_on_dark_and_on_light_terminals(self):
        shown = self.site.garde("enroll", "daemon", "--no-confirm").stdout
        uris = {read_qr(paint(shown, self.site.folder / f"shot{background}.png", background))
                for background in (0, 255)}
        self.assertEqual(len(uris), 1, uris)
        phone = self.check("daemon", uris.pop())
        typed = re.sub(r"[\s-]", "", "".join(re.findall(r"(?:[A-Z2-7]{4}[ \n]+){3,}[A-Z2-7]{1,4}", shown)))
        self.assertIn(phone.base32(), typed)
        for line in shown.splitlines():
            visible = re.sub(r"\x1b\[[0-9;]*m", "", line)
            self.assertLessEqual(len(visible), 80, visible)

    def test_the_png_is_read_and_private(self):
        png = self.site.folder / "qr.png"
        self.site.garde("enroll", "daemon", "--png", str(png), "--no-qr", "--no-confirm")
        self.assertEqual(png.stat().st_mode & 0o777, 0o600)
        self.check("daemon", read_qr(png))

    def test_the_svg_is_read_and_private(self):
        svg = self.site.folder / "qr.svg"
        self.site.garde("enroll", "daemon", "--svg", str(svg), "--no-qr", "--no-confirm", "--algorithm", "sha256",
                        "--digits", "8", "--issuer", "Hôpital Édouard-Herriot", "--label", "téléphone")
        self.assertEqual(svg.stat().st_mode & 0o777, 0o600)
        png = self.site.folder / "svg.png"
        subprocess.run(["rsvg-convert", "-o", str(png), str(svg)], check=True)
        uri = read_qr(png)
        self.assertIn("H%C3%B4pital", uri)
        self.check("daemon", uri)

    def enrol_with(self, *options):
        """What was shown, the URI in the picture, and the factor's row."""
        png = self.site.folder / "option.png"
        done = self.site.garde("enroll", "daemon", "--png", str(png), "--no-confirm", *options)
        uri = read_qr(png)
        png.unlink()
        return done.stdout, uri, max(self.site.rows("list"), key=lambda row: row["id"])

    def test_every_option_reaches_the_uri_the_row_and_the_verifier(self):
        usual = {"type": "totp", "algorithm": "sha1", "digits": 6, "period": 30, "label": ""}
        for options, told in (([], {}), (["--type", "totp"], {}), (["--type", "hotp"], {"type": "hotp", "period": None}),
                              (["--algorithm", "sha1"], {}), (["--algorithm", "sha256"], {"algorithm": "sha256"}),
                              (["--algorithm", "sha512"], {"algorithm": "sha512"}), (["--digits", "6"], {}),
                              (["--digits", "7"], {"digits": 7}), (["--digits", "8"], {"digits": 8}),
                              (["--period", "60"], {"period": 60}), (["--period", "120"], {"period": 120}),
                              (["--label", "clé"], {"label": "clé"}),
                              (["--type", "hotp", "--algorithm", "sha512", "--digits", "8", "--label", "x"],
                               {"type": "hotp", "algorithm": "sha512", "digits": 8, "period": None, "label": "x"})):
            with self.subTest(options=options):
                _, uri, row = self.enrol_with(*options)
                self.assertEqual({key: row[key] for key in usual}, usual | told)
                phone = phone_of(uri)
                self.assertEqual((phone.kind, phone.algorithm, phone.digits), (row["type"], row["algorithm"], row["digits"]))
                self.assertEqual(len(phone.key), {"sha1": 20, "sha256": 32, "sha512": 64}[row["algorithm"]])
                if row["period"]:
                    self.assertEqual(phone.period, row["period"])
                self.site.garde("confirm", "daemon", input=(phone.code() if phone.kind == "hotp" else phone.oathtool()) + "\n")
                self.assertAccepted(self.site.login("daemon", phone.code() if phone.kind == "hotp" else phone.code(ahead=1)))
                self.site.garde("revoke", "daemon", str(row["id"]), "--last", "--yes")

    def test_the_issuer_is_that_of_the_configuration_unless_told(self):
        self.assertIn("issuer=garde", self.enrol_with()[1])
        self.site.write_conf(sections="[enrolment]\nissuer = Ward B\n")
        shown, uri, _ = self.enrol_with()
        self.assertTrue(uri.startswith("otpauth://totp/Ward%20B:daemon?"), uri)
        self.assertIn("issuer=Ward%20B", uri)
        self.assertIn("Ward B", shown)
        uri = self.enrol_with("--issuer", "Hôpital")[1]
        self.assertTrue(uri.startswith("otpauth://totp/H%C3%B4pital:daemon?"), uri)
        self.assertIn("issuer=H%C3%B4pital", uri)

    def test_no_qr_shows_the_key_alone_and_no_confirm_asks_nothing(self):
        shown, uri, row = self.enrol_with()
        self.assertIn("\u2580", shown)
        self.assertEqual(row["state"], "pending")
        shown, uri, _ = self.enrol_with("--no-qr")
        for picture in "\u2580\u2584\u2588\x1b":
            self.assertNotIn(picture, shown)
        self.assertIn(phone_of(uri).base32(), re.sub(r"\s", "", shown))

    def test_an_existing_file_is_never_overwritten_and_no_factor_is_made(self):
        for option in ("--png", "--svg"):
            target = self.site.folder / f"there{option}"
            target.write_text("mine")
            link = self.site.folder / f"link{option}"
            link.symlink_to(self.site.folder / "victim")
            for path in (target, link):
                done = self.site.garde("enroll", "daemon", option, str(path), "--no-qr", "--no-confirm", check=False)
                self.assertNotEqual(done.returncode, 0)
            self.assertEqual(target.read_text(), "mine")
            self.assertFalse((self.site.folder / "victim").exists())
        self.assertEqual(self.site.rows("list"), [])

    def test_no_command_prints_a_stored_secret(self):
        phone = self.site.enrol("daemon")
        outputs = [self.site.garde(*a, check=False).stdout for a in
                   (["list"], ["show", "daemon"], ["list", "--json"], ["show", "daemon", "--json"], ["audit"],
                    ["audit", "--json"], ["suspend", "daemon"], ["resume", "daemon"])]
        everything = "".join(outputs) + self.site.log_text()
        self.site.stop()
        for form in (phone.base32(), phone.key.hex(), phone.key.hex().upper()):
            self.assertNotIn(form, everything)
        for path in self.site.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(phone.key, path.read_bytes())

    def test_a_wrong_code_at_the_enrolment_never_prints_the_right_one(self):
        phone = Phone()
        wrong = phone.wrong()
        done = self.site.garde("enroll", "daemon", "--uri-stdin", "--no-qr", check=False,
                               input=f"{phone.uri('daemon')}\n{wrong}\n{wrong}\n{wrong}\n")
        self.assertEqual(done.returncode, 1)
        for ahead in (-2, -1, 0, 1, 2):
            self.assertNotIn(phone.code(ahead=ahead), done.stdout + done.stderr)


if __name__ == "__main__":
    garde_site.main()
