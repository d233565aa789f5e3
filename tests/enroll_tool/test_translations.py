#!/usr/bin/python3
"""The French texts are whole, and the template is that of the sources."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
FRENCH = SOURCE / "po" / "fr.po"


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env=os.environ | {"LC_ALL": "C.UTF-8", "LANGUAGE": ""})


def without_comments(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


class Translations(unittest.TestCase):
    def test_every_text_is_translated_and_none_is_fuzzy(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("msgfmt", "--check", "--statistics", "-o", pathlib.Path(folder) / "garde.mo", FRENCH)
        self.assertRegex(done.stderr, r"^\d+ translated messages\.\n$")
        self.assertEqual(done.returncode, 0)

    def test_the_template_is_that_of_the_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            fresh = pathlib.Path(folder) / "garde.pot"
            done = run("sh", SOURCE / "po" / "update", "--template", fresh)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(without_comments(fresh.read_text()), without_comments((SOURCE / "po/garde.pot").read_text()),
                             "run po/update")

    def test_the_french_catalogue_has_exactly_the_texts_of_the_template(self):
        done = run("msgcmp", FRENCH, SOURCE / "po" / "garde.pot")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(run("msgattrib", "--only-obsolete", FRENCH).stdout, "")

    def test_french_has_its_spaces_before_double_signs(self):
        text = re.sub(r'^(?!msgstr).*$', "", FRENCH.read_text().split("\n\n", 1)[1], flags=re.M)
        self.assertEqual(re.findall(r".* [:;?!](?: |\"|$)", text), [], "a line can break there")

    def test_words_fit_the_columns_of_the_tables(self):
        texts = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', FRENCH.read_text(), re.M))
        columns = [path.read_text() for path in (SOURCE / "enroll_tool").glob("*.c")]
        heads = [(head, int(width)) for text in columns
                 for head, width in re.findall(r'\{N_\("([A-Z ]+)"\), (\d+),', text)]
        self.assertGreaterEqual(len(heads), 11)
        for head, width in heads + [(state, 10) for state in ("pending", "active", "suspended", "revoked", "lapsed",
                                                                "expired", "not yet", "used up", "TAMPERED")]:
            self.assertLessEqual(max(len(head), len(texts[head])), width, head)
        for kind in ("TOTP", "HOTP", "recovery", "help desk"):
            self.assertLessEqual(max(len(kind), len(texts.get(kind, ""))), 11, kind)
        self.assertLessEqual(len(texts["%s weak"].replace("%s", "TOTP")), 11)


if __name__ == "__main__":
    unittest.main()
