#!/usr/bin/python3
"""Habits of docs/house_style.md that a search can hold."""

import re

import house

EVERYWHERE = {
    "goto": r"\bgoto\b",
    "a typedef of a struct": r"\btypedef\s+(struct|enum|union)\b",
    "text without an end": r"\b(sprintf|vsprintf|gets|strtok|alloca)\s*\(",
    "a shell": r"\b(system|popen|wordexp)\s*\(",
    "a temporary name that can be guessed": r"\b(mktemp|tmpnam|tempnam)\s*\(",
    "weak randomness": r"\b(rand|srand|random|srandom|drand48|rand_r)\s*\(",
    "code for tests only": r"\bTESTING\b|__attribute__\s*\(\(\s*weak",
}
PRODUCT = {
    "copies without a bound": r"\b(strcpy|strcat|strncpy|strncat|stpcpy)\s*\(",
    "the caller's environment": r"(?<!secure_)\bgetenv\s*\(",
    "numbers by a library conversion": r"\b(ato[ifl]|atoll|strto(l|ul|ll|ull|d|f|imax|umax)|s?scanf|fscanf)\s*\(",
}
CORE = {"core/ never logs": r"\b(printf|fprintf|vfprintf|puts|perror|syslog|vsyslog|sd_journal_\w+|warn|warnx|err|errx)\s*\("}
MODULE = {
    "the module never ends the caller": r"\b(abort|_?exit|_Exit|assert|raise|kill)\s*\(",
    "the module does not fork": r"\b(fork|vfork|clone|posix_spawnp?|execv\w*|execl\w*|pthread_create)\s*\(",
    "the module leaves the process alone": r"\b(setlocale|umask|chdir|signal|sigaction|sigprocmask|setenv|putenv)\s*\(",
}
PURE = {"otp and policy have no clock": r"\b(time|clock_gettime|gettimeofday|open|fopen|read|write)\s*\("}

SHORT_NAME = 3  # words: a sentence has at least so many


def broken(path, text, rules):
    clean = house.bare(text)
    for why, pattern in rules.items():
        for number, line in house.lines_matching(pattern, clean):
            yield f"{path}:{number}: {why}: {line}"


def rules_for(path):
    rules = dict(EVERYWHERE)
    if path.parts[0] != "tests":
        rules.update(PRODUCT)
    if path.parts[0] == "core":
        rules.update(CORE)
    if path.parts[:2] in (("core", "otp"), ("core", "policy")):
        rules.update(PURE)
    if path.parts[0] == "pam_module":
        rules.update(MODULE)
    return rules


def short_names(path, text):
    text = re.sub(r'"[^"\n]*"', '""', text)
    names = re.findall(r"\bSTART_TEST\((\w+)\)", text) + re.findall(r"^    def test_(\w+)\(self", text, re.M)
    return [f"{path}: {name} is no sentence" for name in names if len(name.split("_")) < SHORT_NAME]


def unlisted_tests(path, text):
    """A START_TEST that its SUITE does not name never runs."""
    listed = re.search(r"\bSUITE\((.*?)\)\s*;?\s*$", text, re.S | re.M)
    listed = listed.group(1) if listed else ""
    return [f"{path}: {name} is not in the SUITE" for name in re.findall(r"\bSTART_TEST\((\w+)\)", text)
            if not re.search(rf"\b{name}\b", listed)]


def machine_paths(path, text):
    return [f"{path}:{number}: {line}" for number, line in
            house.lines_matching(re.escape(str(house.ROOT)) + r"|/home/[a-z]+/", text)]


class Habits(house.Rule):
    def test_no_source_uses_what_the_house_does_without(self):
        self.holds(line for path in house.files(house.EVERYTHING, ".c", ".h")
                   for line in broken(path, house.read(path), rules_for(path)))

    def test_test_names_are_sentences(self):
        self.holds(line for path in house.files(["tests"], ".c", ".py")
                   for line in short_names(path, house.read(path)))

    def test_every_check_test_is_named_in_its_suite(self):
        self.holds(line for path in house.files(["tests"], ".c") for line in unlisted_tests(path, house.read(path)))

    def test_no_file_names_a_place_of_a_build_machine(self):
        endings = {".png", ".jpg", ".mo"}
        self.holds(line for path in house.tracked() if path.suffix not in endings
                   for line in machine_paths(path, house.read(path)))

    def test_each_habit_is_seen_when_it_is_broken(self):
        samples = {"core/otp/x.c": "goto end;|typedef struct a b;|strcpy(a, b);|atoi(a);|strtoul(a, 0, 10);|"
                                   "sscanf(a, b);|system(a);|rand();|getenv(a);|printf(a);|time(NULL);|#ifdef TESTING",
                   "pam_module/x.c": "abort();|exit(1);|fork();|setlocale(1, a);|assert(a);|signal(1, a);"}
        for place, lines in samples.items():
            path = house.pathlib.Path(place)
            for line in lines.split("|"):
                with self.subTest(place=place, line=line):
                    self.is_seen(broken(path, line + "\n", rules_for(path)))

    def test_words_in_comments_and_strings_are_no_breach(self):
        path = house.pathlib.Path("core/otp/x.c")
        self.holds(broken(path, '/* goto */ a("goto", secure_getenv(b)); // atoi(\n', rules_for(path)))

    def test_short_names_and_forgotten_tests_are_seen(self):
        self.is_seen(short_names("x.c", "START_TEST(it_works)\n"))
        self.is_seen(unlisted_tests("x.c", 'START_TEST(a_b_c)\nSTART_TEST(d_e_f)\nSUITE("x", a_b_c)\n'))

    def test_a_machine_path_is_seen(self):
        self.is_seen(machine_paths("x.md", f"see {house.ROOT}/x\n"))


if __name__ == "__main__":
    house.main()
