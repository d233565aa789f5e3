#!/usr/bin/python3
"""garde enroll USER --sheet: the page in a real browser, on the screen and on paper, and what becomes of file and factor."""

import base64
import html.parser
import re
import resource
import struct
import time
import unittest
import urllib.parse

import browser
import fake_admin as fake
import many_users
from fake_admin import ToolTest

VOID = {"meta", "path", "rect", "circle", "br"}
LONG_USER = "marie-" * 40 + "martin"
LONG = ["--label", "é" * 31, "--issuer", "é" * 31, "--algorithm", "sha512", "--digits", "8", "--type", "hotp",
        "--not-before", "2026-12-01", "--not-after", "2099-12-31", "--pending-for", "90d"]


class Page(html.parser.HTMLParser):
    """Elements in order, each with its attributes, its depth of heading, and whether every end has its beginning."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.broken = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), list(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), list(self.open)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)


def key_of(uri):
    secret = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(uri).query))["secret"]
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


class SheetTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.conf.write_text(self.conf.read_text() + "help_desk = 04 77 12 34 56\n")
        self.seen = []
        self.answers({fake.ENROL: self.enrol, fake.CHANGE: [fake.result(number=1)]})

    def enrol(self, request):
        """Looks at the folder as it is when the factor is to be made."""
        self.seen.append({path.name: path.read_text() for path in self.folder.glob("*.html")})
        return [fake.result(number=7, until=fake.SOON)]

    def sheet(self, *options, name="sheet.html", user="root", **more):
        path = self.folder / name
        done = self.garde("enroll", user, "--sheet", str(path), *options, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def sent_key(self):
        request = self.fake.requests[-1]
        for size in (20, 32, 64):
            if request[-size - 2:-size] == struct.pack(">H", size):
                return request[-size:]
        raise AssertionError(request)


class InTheBrowser(SheetTest):
    def check_paper(self, path, dpi=110):
        """One page of A4, and its QR code is the secret that was sent. Returns its words."""
        paper = browser.printed(self.folder, path)
        self.assertEqual(browser.paper_facts(paper), (1, browser.A4))
        grey = browser.in_grey(paper, dpi)[3]
        self.assertEqual([key_of(uri) for uri in browser.qr_codes(grey)], [self.sent_key()])
        return browser.words(paper)

    def test_in_both_languages_it_is_one_page_whose_qr_code_is_read_from_screen_and_paper(self):
        for language, said in (("fr", ["Activez votre code", "À ne jamais faire", "Support informatique : 04 77 12 34 56"]),
                               ("en", ["Set up your login code", "Never tell anyone", "IT support: 04 77 12 34 56"])):
            with self.subTest(language=language):
                path = self.sheet("--language", language, "--label", "phone", name=f"{language}.html")
                shown = " ".join(self.check_paper(path).replace("\u00a0", " ").split())
                for text in said:
                    self.assertIn(text, shown)
                on_screen = browser.qr_codes(browser.screenshot(self.folder, path))
                self.assertEqual(len(on_screen), 1)
                self.assertTrue(on_screen[0].startswith("otpauth://totp/Clinic:root?secret="), on_screen)
                self.assertEqual(key_of(on_screen[0]), self.sent_key())

    def test_the_longest_names_and_keys_stay_on_one_page(self):
        known = many_users.known(self.folder, [LONG_USER])
        self.conf.write_text(self.conf.read_text().replace("04 77 12 34 56", "é" * 31))
        for language in ("fr", "en"):
            self.check_paper(self.sheet("--language", language, *LONG, name=f"long-{language}.html", user=LONG_USER,
                                        environment=known), dpi=300)

    def test_on_a_copier_that_knows_no_grey_the_page_can_be_read(self):
        width, height, values, _ = browser.in_grey(browser.printed(self.folder, self.sheet("--language", "fr")))
        dark = sum(value < 80 for value in values)
        between = sum(80 <= value < 200 for value in values)
        self.assertGreater(dark, len(values) // 25)
        self.assertLess(between, len(values) // 25, "only edges are neither black nor white")
        copy = self.folder / "copy.pgm"
        copy.write_bytes(b"P5 %d %d 255\n" % (width, height) + bytes(255 if value > 127 else 0 for value in values))
        self.assertEqual([key_of(uri) for uri in browser.qr_codes(copy)], [self.sent_key()])

    def test_a_token_has_a_page_without_a_secret(self):
        uri = "otpauth://hotp/Clinic:root?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=3"
        path = self.sheet("--uri-stdin", "--language", "fr", input=uri + "\n")
        paper = browser.printed(self.folder, path)
        self.assertEqual(browser.paper_facts(paper), (1, browser.A4))
        self.assertEqual(browser.qr_codes(browser.in_grey(paper)[3]), [])
        self.assertIn("jeton", browser.words(paper))
        self.assertNotIn("GEZD", path.read_text())


class Markup(SheetTest):
    def test_every_element_ends_and_every_picture_has_words(self):
        for options in ([], ["--language", "fr", "--type", "hotp"]):
            page = Page(self.sheet(*options, name=f"{len(options)}.html").read_text())
            self.assertEqual((page.broken, page.open), ([], []))
            tags = [tag for tag, _, _ in page.elements]
            self.assertEqual((tags.count("h1"), tags.count("main"), tags.count("title")), (1, 1, 1 + 4))
            for tag, attributes, _ in page.elements:
                if tag == "svg":
                    self.assertTrue(attributes.get("role") == "img" or attributes.get("aria-hidden") == "true", attributes)
            depths = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
            self.assertEqual(depths[0], 1)
            for before, after in zip(depths, depths[1:]):
                self.assertLessEqual(after, before + 1, depths)

    def test_letters_stand_out_from_the_paper(self):
        style = re.search(r"<style>(.*?)</style>", self.sheet().read_text(), re.S)[1]
        colours = re.findall(r"(?<![\w-])color:#(\w{3,6})\b", style)
        self.assertGreaterEqual(len(colours), 2)
        for colour in colours:
            self.assertGreater(contrast_to_white(colour), 7, colour)
        self.assertNotIn("background-image", style)


def contrast_to_white(colour):
    """WCAG 2.1, relative luminance."""
    colour = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


class FileAndFactor(SheetTest):
    def test_the_sheet_is_there_whole_and_private_before_the_factor_is_made(self):
        path = self.sheet()
        self.assertEqual(self.seen, [{"sheet.html": path.read_text()}])
        self.assertTrue(path.read_text().endswith("</html>\n"))
        self.assertEqual(path.stat().st_mode & 0o7777, 0o600)

    def test_the_request_says_that_it_is_handed_out_anew_and_for_how_long(self):
        for options, seconds in (([], 14 * 86400), (["--pending-for", "8h"], 8 * 3600)):
            self.sheet(*options, name=f"{seconds}.html")
            request = self.fake.requests[-1]
            self.assertIn(struct.pack(">q", seconds), request)
            self.assertEqual(request[-20 - 2 - 3:-20 - 2], bytes([1, 1, 0]), "handed out, anew, not weak")

    def test_nothing_of_the_secret_is_shown_and_no_code_is_asked_for(self):
        path = self.folder / "sheet.html"
        done = self.garde("enroll", "root", "--sheet", str(path), input="424242\n")
        key = base64.b32encode(self.sent_key()).decode()
        self.assertEqual((done.returncode, [r[1] for r in self.fake.requests]), (0, [fake.ENROL]))
        self.assertIn(key, path.read_text().replace(" ", ""))
        for part in (key[:4] + " ", key[:8], "\x1b", "▀"):
            self.assertNotIn(part, done.stdout + done.stderr)
        self.assertIn("garde confirm root", done.stdout)
        self.assertFits(done.stdout.replace(str(path), "sheet.html"))

    def test_without_a_factor_the_sheet_goes_away_again(self):
        for answer, code in (([fake.result(fake.TOO_MANY)], 1), ([fake.result(fake.UNAVAILABLE)], 3), ([], 3)):
            self.fake.script[fake.ENROL] = answer
            done = self.garde("enroll", "root", "--sheet", str(self.folder / "sheet.html"))
            self.assertEqual((done.returncode, list(self.folder.glob("*.html"))), (code, []), done)

    def test_a_sheet_that_cannot_be_written_makes_no_factor(self):
        there = self.folder / "there.html"
        there.write_text("mine")
        (self.folder / "link.html").symlink_to(self.folder / "target")
        for name in ("there.html", "link.html", "no/such/folder.html"):
            done = self.garde("enroll", "root", "--sheet", str(self.folder / name))
            self.assertEqual(done.returncode, 1, done)
        done = self.garde("enroll", "root", "--sheet", str(self.folder / "full.html"),
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)))
        self.assertEqual((done.returncode, self.fake.requests), (1, []), done)
        self.assertEqual((there.read_text(), (self.folder / "full.html").exists()), ("mine", False))
        self.assertFalse((self.folder / "target").exists())

    def test_a_sheet_that_would_expire_before_it_is_good_is_refused(self):
        sheet = ["--sheet", str(self.folder / "sheet.html")]
        done = self.garde("enroll", "root", *sheet, "--not-before", "2099-01-01")
        self.assertEqual((done.returncode, self.fake.requests), (1, []))
        self.assertIn("Lengthen --pending-for", done.stderr)

    def test_the_first_login_is_not_promised_for_a_day_after_the_last(self):
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
        text = self.sheet("--not-after", day).read_text()
        self.assertRegex(text, r"First login before</dt><dd><bdi>[^<]*,\u00a000:00<")

    def test_options_that_contradict_a_sheet_are_refused(self):
        sheet = ["--sheet", str(self.folder / "sheet.html")]
        for options in ([*sheet, "--png", "x"], [*sheet, "--svg", "x"], [*sheet, "--no-qr"], [*sheet, "--no-confirm"],
                        ["--language", "fr"], ["--pending-for", "1d"], [*sheet, "--language", "de"],
                        [*sheet, "--pending-for", "91d"], [*sheet, "--pending-for", "14"]):
            self.assertEqual(self.garde("enroll", "root", *options).returncode, 2, options)
        self.assertEqual(self.fake.requests, [])

    def test_its_language_is_the_sites_and_not_the_terminals(self):
        self.conf.write_text(self.conf.read_text().replace("[verifier]\n", "[verifier]\nlanguage = fr\n"))
        self.assertIn('lang="fr"', self.sheet(name="a.html").read_text())
        path = self.folder / "b.html"
        self.french("enroll", "root", "--sheet", str(path), "--language", "en")
        self.assertIn('lang="en"', path.read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
