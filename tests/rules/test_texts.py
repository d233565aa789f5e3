#!/usr/bin/python3
"""No text for people is left without its translation: in the commands of garded and in the tool each is marked for gettext.

That what is marked is also translated is seen in tests/enroll_tool/test_translations.py.
"""

import re

import house

VERIFIER = [f"verifier/{name}" for name in ("main.c", "command_init.c", "command_check.c", "command_accept.c", "installation.c",
                                            "problem_text.c", "peers.c", "desk/examine.c")]
LITERALS = r'((?:"(?:\\.|[^"\\\n])*"\s*(?:PRI\w+\s*)?)+)'
# The sheet is in the language that was asked for, whatever the session's is: its texts stand side by side in a table.
SIDE_BY_SIDE = {"enroll_tool/sheet_texts.c", "enroll_tool/sheet_style.c"}
MARKUP = re.compile(r"<[?/a-z]")
# Before a text that nobody reads, or that nobody translates: a command line, a place in the system.
NOT_SPOKEN = re.compile(r"(\.example\s*=\s*|json_\w+\([^;]*|fopen\([^;]*|strcmp\([^;]*|[sS]tatic_assert\([^;]*)$")
SENTENCE = re.compile(r"\b(the|of|is|are|was|not|an?|to|in|for|and|be|cannot|could|has|with|from|this|that|it|there)\b")
WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
# Settings of other programs, and commands to type.
FOREIGN = re.compile(r"[A-Z][a-z]+[A-Z]|_|=|^\W*(systemctl|journalctl|garded?|chown|chmod|sudo|service garded)\b")


def is_text(literal):
    return WORDS.search(literal) and (SENTENCE.search(literal) or not FOREIGN.search(literal))


def unmarked(text):
    """Texts of two words or more that gettext does not see."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    text = re.sub(r"ngettext\(\s*" + LITERALS + r",\s*" + LITERALS, "", text)
    text = re.sub(r"\b(?:_|N_)\(\s*" + LITERALS + r"\)", "", text)
    for found in re.finditer(LITERALS, text):
        if MARKUP.search(found[1]):
            continue
        if is_text(found[1]) and not NOT_SPOKEN.search(text[:found.start()]):
            yield found[1]


class Texts(house.Rule):
    def test_every_text_of_the_commands_of_garded_is_marked(self):
        self.holds(f"{path}: {text}" for path in VERIFIER for text in unmarked(house.read(path)))

    def test_every_text_of_the_tool_is_marked(self):
        self.holds(f"{path}: {text}" for path in house.files(["enroll_tool"], ".c")
                   if str(path) not in SIDE_BY_SIDE for text in unmarked(house.read(path)))

    def test_a_text_without_its_mark_is_seen(self):
        text = house.read("verifier/command_check.c")
        self.is_seen(unmarked(text.replace('_("store %s: good\\n")', '"the store is good"')))
        self.is_seen(unmarked('tool_complain("no such user");'))
        self.is_seen(unmarked('printf("not whole" " and so on", x);'))
        self.holds(unmarked('printf(_("not whole"\n " and so on"), x); .example = "garde list",'))


if __name__ == "__main__":
    house.main()
