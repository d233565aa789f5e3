#!/usr/bin/python3
"""`journalctl -x` knows each message of garded: the catalogs, in English and in French, and the ids of the sources are the same; what is put
into a text is there in each such message, and nobody who has no rights could have written it; and commands that are named exist."""

import re

import house
from test_french_pages import ENGLISH

ENGLISH_CATALOG, FRENCH_CATALOG = "packaging/catalog/garde.catalog", "packaging/catalog/garde.fr.catalog"
# The user is one that an admin has named, and is always there; in EVENT_LOGIN and others callers and rows say who it is.
OF_AN_ADMIN = {"ENROLLED", "CONFIRMED", "CONFIRM_FAILED", "SUSPENDED", "RESUMED", "REVOKED", "UNLOCKED", "VERIFIED", "RESYNCED",
               "RESYNC_FAILED", "RECOVERY_MADE", "TEMPCODE_MADE"}
OF_A_FACTOR = {"CONFIRMED"}
ALWAYS = {"GARDE_EVENT", "GARDE_COUNT", "GARDE_SEQ", "GARDE_TAG"}
HEADERS = {"Subject", "Defined-By", "Documentation"}


def messages():
    """{id: (name, fields that may be put in)}"""
    found = {}
    for name, number in re.findall(r"\[EVENT_(\w+)\] = \"(\w+)\"", house.read("verifier/journal.c")):
        found[number] = (name, ALWAYS | ({"GARDE_USER"} if name in OF_AN_ADMIN else set())
                         | ({"GARDE_FACTOR"} if name in OF_A_FACTOR else set()))
    for name, number, body in re.findall(r"\[NOTICE_(\w+)\] =\s*\{\"(\w+)\",(.*?)\}", house.read("verifier/journal_notice.c"), re.S):
        numbers = re.search(r"(?:\"(\w+)\"|NULL),\s*(?:\"(\w+)\"|NULL)\s*$", body).groups()
        found[number] = (name, {"GARDE_NOTICE"} | {f"GARDE_{key.upper()}" for key in numbers if key})
    return found


def entries(catalog):
    """[(id, {header: value}, text)]"""
    found = []
    for part in re.split(r"(?m)^-- ", re.sub(r"(?m)^#.*\n", "", catalog))[1:]:
        head, _, text = part.partition("\n\n")
        number, *lines = head.splitlines()
        found.append((number.strip(), dict(line.split(": ", 1) for line in lines), text.strip()))
    return found


def commands():
    """What may stand behind `garde` and `garded`."""
    tool = set(re.findall(r"&cmd_(\w+)", house.read("enroll_tool/main.c")))
    verifier = set(re.findall(r"is_command\(line, \"(\w+)\"\)", house.read("verifier/main.c")))
    return {"garde": tool, "garded": verifier}


def put_in(text):
    return set(re.findall(r"@(\w+)@", text))


def differences(name, catalog, known, programs):
    numbers = [number for number, _, _ in entries(catalog)]
    for number in sorted(set(numbers) ^ set(known)) + sorted({n for n in numbers if numbers.count(n) > 1}):
        yield f"{name}: {number} {known.get(number, ('is no id of the sources',))[0]}: missing, unknown or twice"
    for number, headers, text in entries(catalog):
        what, fields = known.get(number, ("?", set()))
        if set(headers) != HEADERS or not text or headers["Defined-By"] != "garde":
            yield f"{name}: {what}: header or text is missing"
        for field in sorted(put_in(headers.get("Subject", "") + text) - fields):
            yield f"{name}: {what}: {field} is not in each such message, or not to be trusted"
        for program, command in re.findall(r"\b(garded?)\s([a-z]+)\b", " ".join(re.findall(r"`([^`]+)`", text))):
            if command not in programs[program]:
                yield f"{name}: {what}: there is no `{program} {command}`"
    for number, line in enumerate(catalog.splitlines(), 1):
        if len(line) > 80 and not line.startswith("#"):
            yield f"{name}:{number}: longer than 80 characters"


def untranslated(english, french):
    theirs = {number: (headers, text) for number, headers, text in entries(french)}
    for number, headers, text in entries(english):
        other, words = theirs.get(number, ({}, ""))
        if put_in(text + headers["Subject"]) != put_in(words + other.get("Subject", "")):
            yield f"{number}: other fields in French"
        if re.findall(r"`(garded? [a-z]+)", text.replace("\n", " ")) != re.findall(r"`(garded? [a-z]+)", words.replace("\n", " ")):
            yield f"{number}: other commands in French"
        for line in (other.get("Subject", "") + "\n" + re.sub(r"`[^`]*`|«[^»]*»", "", words)).splitlines():
            if ENGLISH.search(line):
                yield f"{number}: left in English: {line}"
            if re.search(r" [:;?!»](\s|$)", line):
                yield f"{number}: a breakable space before a double sign: {line}"


class Catalog(house.Rule):
    def setUp(self):
        self.known = messages()
        self.english, self.french = house.read(ENGLISH_CATALOG), house.read(FRENCH_CATALOG)

    def check(self, catalog):
        return list(differences("catalog", catalog, self.known, commands()))

    def test_each_message_of_garded_is_explained_in_both_languages(self):
        self.assertGreater(len(self.known), 29)
        self.holds([*differences(ENGLISH_CATALOG, self.english, self.known, commands()),
                          *differences(FRENCH_CATALOG, self.french, self.known, commands())])

    def test_the_french_texts_say_the_same_and_nothing_is_left_in_english(self):
        self.holds(untranslated(self.english, self.french))

    def test_a_message_without_a_text_or_a_text_without_a_message_is_noticed(self):
        some = next(iter(self.known))
        self.assertEqual(len(self.check(self.english.replace(some, some[::-1]))), 2)
        self.assertIn("twice", self.check(self.english + self.english[self.english.index("-- "):])[0])

    def test_a_field_that_is_not_in_the_message_or_that_anybody_may_choose_is_noticed(self):
        for event, word in (("LOGIN", "GARDE_USER"), ("ROW_TAMPERED", "GARDE_ROW"), ("CLOCK_OFF", "GARDE_ROWS"), ("ENROLLED", "GARDE_NOSE")):
            number = next(key for key, (name, _) in self.known.items() if name == event)
            odd = self.english.replace(f"{number}\nSubject: ", f"{number}\nSubject: @{word}@ ")
            self.assertRegex("\n".join(self.check(odd)), f"{event}: {word} is not")

    def test_a_command_that_does_not_exist_is_noticed(self):
        self.assertIn("there is no `garde unlok`", self.check(self.english.replace("`garde unlock", "`garde unlok"))[0])

    def test_a_text_that_is_left_in_english_is_noticed(self):
        self.assertRegex("\n".join(untranslated(self.english, self.english)), "left in English")


if __name__ == "__main__":
    house.main()
