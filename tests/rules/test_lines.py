#!/usr/bin/python3
"""The lines of PAM are written once, in packaging/: what pages and man pages quote of them is the same."""

import re

import house

PROFILES = "packaging/pam-configs"
FRAGMENTS = "packaging/pam.d"
INSTALLED = "/usr/share/garde/pam.d/"
SUFFIXES = (".md", ".8", ".5")


def bare_lines(text, kind="auth"):
    """Without comments, blanks made one, the type in front."""
    lines = (" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [line if line.startswith((f"{kind} ", "@include ")) else f"{kind} {line}" for line in lines]


def shipped():
    """{name of a fragment: its lines}, and the profiles by their names and types, with their one line of each type."""
    found = {path.name: bare_lines(house.read(path)) for path in house.files([FRAGMENTS], "")}
    for path in house.files([PROFILES], ""):
        for kind, lines in re.findall(r"^(Auth|Account):\n((?:\t.*\n)+)", house.read(path), re.M):
            found[f"{path.name} {kind}"] = bare_lines(lines, kind.lower())
    return found


def quoted(text):
    """[(line number, line)] of those that load the module, as they stand in a file of PAM."""
    for number, line in enumerate(text.splitlines(), 1):
        line = " ".join(line.replace("\\", "").split())
        if re.match(r"(auth|account) .*pam_garde\.so", line):
            yield number, line


def strange_lines(page, text, lines):
    """A quoted line may have more options than the one that ships, as examples of options have."""
    known = {line for those in lines.values() for line in those}
    for number, line in quoted(text):
        if not any(line == one or line.startswith(f"{one} ") for one in known):
            yield f"{page}:{number}: {line}: no such line is shipped"


def lost_fragments(page, text, lines):
    for name in re.findall(rf"{INSTALLED}([\w-]+)", text):
        if name not in lines and name != "NAME":
            yield f"{page}: {INSTALLED}{name} is not shipped"


def lone_profiles(page, text):
    """A command that turns on one line without the other is an accident that waits for somebody to copy it."""
    for names in re.findall(r"pam-auth-update (?:--package )?--(?:enable|disable|remove)([\w \\-]*)", text):
        if names.replace("\\", "").split() != ["garde-split", "garde-verify"]:
            yield f"{page}: pam-auth-update with{names}"


def unquoted_blocks(text, lines):
    blocks = "\n".join(" ".join(line.split()) for line in text.splitlines())
    for name, those in lines.items():
        if "\n".join(those) not in blocks:
            yield f"{name}: its lines are not in the page"


def hasty(lines):
    """None of our lines lets in by itself, wherever somebody puts it: the password must have said yes. `verify` says yes to a code
    that `split` has set aside, and so is no other line's equal, which pam-auth-update wants. No account line ever says yes."""
    for name, those in lines.items():
        for line in those:
            wanted = "auth [success=ok ignore=ignore default=die]" if "pam_garde.so verify" in line else "auth [success=ignore ignore=ignore default=die]"
            if line.startswith("account "):
                wanted = "account [ignore=ignore default=die]"
            if "pam_garde.so" in line and wanted not in line:
                yield f"{name}: {line}"


class Lines(house.Rule):
    def setUp(self):
        self.lines = shipped()
        self.pages = [path for path in house.tracked() if path.suffix in SUFFIXES and path.parts[0] != "tests"]

    def test_each_line_that_is_quoted_is_one_that_ships(self):
        self.assertGreater(sum(len(list(quoted(house.read(page)))) for page in self.pages), 8)
        self.holds(line for page in self.pages for line in strange_lines(page, house.read(page), self.lines))

    def test_each_fragment_that_is_named_ships(self):
        self.holds(line for page in self.pages for line in lost_fragments(page, house.read(page), self.lines))

    def test_each_fragment_and_profile_stands_whole_in_the_page_of_front_ends(self):
        self.assertGreaterEqual(len(self.lines), 8)
        self.holds(unquoted_blocks(house.read("docs/front_ends.md"), self.lines))

    def test_each_command_turns_both_profiles_on_or_off(self):
        self.holds(line for page in self.pages for line in lone_profiles(page, house.read(page)))

    def test_no_line_lets_anybody_in_without_the_password(self):
        self.holds(hasty(self.lines))

    def test_profiles_are_off_until_somebody_turns_them_on(self):
        for path in house.files([PROFILES], ""):
            self.assertRegex(house.read(path), r"(?m)^Default: no$", path)
            self.assertNotRegex(house.read(path).splitlines()[0], ",", "debconf takes a comma in a name for two names")


class TheReaderSees(house.Rule):
    def test_lines_that_do_not_ship_and_profiles_alone(self):
        lines = {"prompt": ["auth requisite pam_garde.so"], "code-first": ["auth [success=ok default=die] pam_garde.so concat"]}
        self.is_seen(strange_lines("page", "    auth sufficient\tpam_garde.so\n", lines))
        self.is_seen(strange_lines("page", "auth requisite pam_garde.sox\n", lines))
        self.holds(strange_lines("page", "  auth  requisite pam_garde.so [prompt=Code: ]\n", lines))
        self.is_seen(lost_fragments("page", f"@include {INSTALLED}promt", lines))
        self.is_seen(lone_profiles("page", "`pam-auth-update --enable garde-split`"))
        self.is_seen(lone_profiles("page", "pam-auth-update --package --remove garde-verify\n"))
        self.holds(lone_profiles("page", "`pam-auth-update --disable garde-split garde-verify`"))
        self.is_seen(unquoted_blocks("auth required pam_garde.so", lines))
        self.is_seen(hasty(lines))
        self.is_seen(strange_lines("page", "account required pam_garde.so split\n", lines))
        self.is_seen(hasty({"garde-split Account": ["account [success=ok ignore=ignore default=die] pam_garde.so split"]}))


if __name__ == "__main__":
    house.main()
