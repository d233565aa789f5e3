#!/usr/bin/python3
"""The French texts are whole, and the template is that of the sources."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve()
FRENCH = SOURCE / "po" / "fr.po"
# Words that no French text has; options and what is to be typed are not looked at.
ENGLISH = re.compile(r"(?<![\w-])(the|of|is|and|with|that|which|when|this|from|are|was|not|its|for|his|her|has|be|to|by)(?![\w-])")
# Texts that are the same in French, on purpose.
SAME = {"T", "DATE", "SERVICE", "TYPE", "Type", "?", "[--json]", "page", "configuration", "Configuration", "PAM", "sshd", "ok", "note",
        "DANGER", "%lu danger, "}


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env=os.environ | {"LC_ALL": "C.UTF-8", "LANGUAGE": ""})


def catalogue():
    """[(text, French)] with plural forms, each as in the file."""
    done = run("msgcat", "--no-wrap", FRENCH)
    pairs = []
    for entry in done.stdout.split("\n\n")[1:]:
        found = {"".join(re.findall(r'"(.*)"$', lines, re.M)) if kind == "msgid" else kind + lines
                 for kind, lines in re.findall(r'^(msgid) ((?:".*"\n?)+)', entry, re.M)}
        strings = ["".join(re.findall(r'"(.*)"$', lines, re.M))
                   for lines in re.findall(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', entry + "\n", re.M)]
        pairs += [(text, string) for text in found for string in strings]
    return pairs


def without_commands(text):
    """Without options, and without what `garde` and other programs are called with."""
    return re.sub(r"(?<![\w-])--[a-z][a-z-]*", "", text)


def french_help(*words):
    environment = {k: v for k, v in os.environ.items() if k.split("_")[0] not in ("LC", "LANG", "LANGUAGE")}
    done = subprocess.run([str(BUILD / "tests/enroll_tool/garde_french"), *words], capture_output=True, text=True,
                          env=environment | {"LC_ALL": "C.UTF-8", "LANGUAGE": "fr"}, timeout=60)
    return done.stdout


def without_comments(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


class Translations(unittest.TestCase):
    def test_every_text_is_translated_and_none_is_fuzzy(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("msgfmt", "--check", "--statistics", "-o", pathlib.Path(folder) / "garde.mo", FRENCH)
        self.assertRegex(done.stderr, r"^\d+ translated messages\.\n$")
        self.assertEqual(done.returncode, 0)

    def test_what_is_the_same_in_french_is_meant_to_be(self):
        same = {text for text, french in catalogue() if text == french} - SAME
        self.assertEqual(same, set(), "translate it, or name it in SAME")

    def test_no_english_word_is_left_in_a_french_text(self):
        for text, french in catalogue():
            self.assertIsNone(ENGLISH.search(without_commands(french)), french)

    def test_no_english_sentence_is_left_in_any_help(self):
        shown = french_help("--help")
        commands = re.findall(r"^  ([a-z]+)  ", shown, re.M)
        self.assertGreaterEqual(len(commands), 12)
        for words in [["--help"]] + [[command, "--help"] for command in commands if command != "help"]:
            text = french_help(*words)
            self.assertRegex(text, "^Usage\u00a0:")
            for line in text.splitlines():
                if not line.startswith("Exemple"):
                    self.assertIsNone(ENGLISH.search(without_commands(line)), f"{words}: {line}")

    def test_an_english_sentence_is_seen(self):
        self.assertTrue(ENGLISH.search("show the factors"))
        self.assertFalse(ENGLISH.search(without_commands("garde tempcode USER --for 8h, voir --not-after")))

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
