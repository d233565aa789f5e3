#!/usr/bin/python3
"""Each man page has a French one that says the same: section by section, option by option, example by example; no line is left in English,
and what changes in English is translated anew.

docs/man/fr/translated has the fingerprints of what was translated. Once the French pages say what the English ones say now:

    python3 tests/rules/test_french_pages.py --translated
"""

import re
import shutil
import sys
import unittest

import house
import mdoc
import test_man_pages

FOLDER = "docs/man/fr"
TRANSLATED = f"{FOLDER}/translated"
SECTIONS = {"NOM": "NAME", "ENVIRONNEMENT": "ENVIRONMENT", "FICHIERS": "FILES", "CODE DE RETOUR": "EXIT STATUS", "EXEMPLES": "EXAMPLES",
            "VOIR AUSSI": "SEE ALSO", "SIGNAUX": "SIGNALS", "DIAGNOSTIC": "DIAGNOSTICS", "RÉSULTATS": "RESULTS", "NORMES": "STANDARDS",
            "SÉCURITÉ ET LIMITES": "SECURITY CONSIDERATIONS", "Limitation des tentatives": "Throttle",
            "Utilisateurs et droits": "Users and rights", "Le contrôle au démarrage": "The scan", "Refus": "Refusals",
            "Complétion": "Completion", "Mot de passe et code dans un seul champ": "Password and code in one field",
            "Règles des connexions sans code": "Rules for logins without a code", "Sous systemd": "Under systemd"}
ENGLISH = re.compile(r"(?<![\w.-])(the|of|is|and|with|that|which|when|this|from|are|was|not|its|for|his|her|has|be|by|to|it)(?![\w.-])")
LONG = 25  # a line that long is no name
# mandoc knows the sections by their English names only.
ENGLISH_NAMES = ('first section is not "NAME"', "description line outside NAME section", "possible typo in section name")


def pair(name):
    return house.read(test_man_pages.PAGES[name]), house.read(f"{FOLDER}/{name}")


def differences(english, french):
    """Where the French page leaves the English one."""
    ours, theirs = mdoc.Page(english, {}), mdoc.Page(french, SECTIONS)
    for index, step in enumerate(ours.outline):
        other = theirs.outline[index] if index < len(theirs.outline) else ("the end",)
        if step != other:
            yield f"line {ours.lines[index]}: {step} is {other} in French"
            return
        missing, more = ours.names[index] - theirs.names[index], theirs.names[index] - ours.names[index]
        if missing or more:
            yield f"behind line {ours.lines[index]}, {step}: French lacks {dict(missing)}, and has {dict(more)}"
    for step in theirs.outline[len(ours.outline):]:
        yield f"French has more: {step}"


def left_in_english(english, french):
    lines = {text for _, text in mdoc.Page(english, {}).texts if len(text) >= LONG and not text.startswith("RFC ")}
    for number, text in mdoc.Page(french, SECTIONS).texts:
        if text in lines or ENGLISH.search(text):
            yield f"line {number}: {text}"


def breakable(french):
    """A double sign has a non-breaking space before it: `\\~`."""
    return [f"line {number}: {text}" for number, text in mdoc.Page(french, SECTIONS).texts if re.search(r" [:;?!]( |$)", text)]


def stale(name, english, translated):
    """Passages that are not those which were translated."""
    known = set(re.findall(rf"^{re.escape(name)} (\w+)$", translated, re.M))
    for line, print_ in mdoc.Page(english, {}).prints():
        if print_ not in known:
            yield f"{name}:{line} was changed: change the French page, then run: python3 tests/rules/test_french_pages.py --translated"


def write_translated():
    lines = [f"{name} {print_}\n" for name in test_man_pages.PAGES for _, print_ in mdoc.Page(pair(name)[0], {}).prints()]
    (house.ROOT / TRANSLATED).write_text("".join(dict.fromkeys(lines)))


def lint(source):
    return [line for line in test_man_pages.lint(source) if not any(words in line for words in ENGLISH_NAMES)]


class FrenchPages(house.Rule):
    def for_each(self, rule):
        for name in test_man_pages.PAGES:
            with self.subTest(page=name):
                self.holds(rule(*pair(name)))

    def test_each_page_has_the_sections_options_and_examples_of_the_english_one(self):
        self.for_each(differences)

    def test_what_changed_in_english_was_translated_anew(self):
        for name in test_man_pages.PAGES:
            with self.subTest(page=name):
                self.holds(stale(name, pair(name)[0], house.read(TRANSLATED)))

    def test_no_line_is_left_in_english(self):
        self.for_each(left_in_english)

    def test_no_line_breaks_before_a_double_sign(self):
        self.for_each(lambda _, french: breakable(french))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_every_page_is_clean_under_lint(self):
        self.for_each(lambda _, french: lint(french))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_letters_are_shown_as_they_are(self):
        for name in test_man_pages.PAGES:
            run = house.run("mandoc", "-T", "utf8", house.ROOT / FOLDER / name)
            shown = re.sub(r".\x08", "", run.stdout)
            self.assertRegex(shown, "é")
            self.assertNotRegex(shown, r"\\\[|Ã|\ufffd")

    def test_groff_is_told_the_name_of_the_first_section(self):
        """groff prints header and footer of a page only behind a section of that name, and knows the English one."""
        for name in test_man_pages.PAGES:
            with self.subTest(page=name):
                self.assertRegex(pair(name)[1], r"\n\.ds doc-section-name NOM\n\.Sh NOM\n")

    def test_every_page_is_installed(self):
        rules = house.read("docs/CMakeLists.txt")
        self.holds(name for name in test_man_pages.PAGES if f"man/fr/{name}" not in rules)

    def test_what_is_missing_in_french_is_seen(self):
        english, french = pair("garde.8")
        for old, new in ((".It Fl -png Ar fichier\n", ""), (".It Fl -png Ar fichier", ".It Fl -jpeg Ar fichier"), (".Sh FICHIERS\n", ""),
                         ("--since 8h", "--since 9h"), (".Fl -no-confirm .\n", "cela.\n"), (".Cm help Op Ar commande", ".Cm help"),
                         ("# garde show alice\n.Ed", ".Ed"), (".Pp\nAucune", "Aucune"), (".It Ev TZ\n", "")):
            with self.subTest(without=old):
                self.assertIn(old, french)
                self.is_seen(differences(english, french.replace(old, new, 1)))
        self.is_seen(differences(english, french + ".Sh BOGUES\n"))

    def test_a_sentence_that_changed_in_english_is_seen(self):
        changed = pair("garde.8")[0].replace("There are three tries", "There are five tries")
        self.is_seen(stale("garde.8", changed, house.read(TRANSLATED)))

    def test_what_is_left_in_english_is_seen(self):
        english, french = pair("garde.8")
        self.is_seen(left_in_english(english, french.replace("Efface tous les échecs", "Clears all failures counted for the user")))
        self.is_seen(left_in_english(english, french + "Default\\~: sha1, which every app honours\\~; some apps ignore\n"))
        self.is_seen(breakable(french + "Attention : cela\n"))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_a_fault_in_a_page_is_seen(self):
        self.is_seen(lint(pair("garde.8")[1].replace(".El\n", "", 1)))


if __name__ == "__main__" and sys.argv[1:] == ["--translated"]:
    write_translated()
elif __name__ == "__main__":
    house.main()
