#!/usr/bin/python3
"""The pages point at what is there: tests that are named exist, and links lead somewhere."""

import os
import pathlib
import re

import house

PAGES_WITH_TESTS = ["docs/requirements.md", "docs/threat_model.md", "docs/testing.md", "docs/architecture.md"]


def test_names():
    texts = [house.read(path) for path in house.files(["tests"], ".c", ".py")]
    return {name for text in texts for name in re.findall(r"START_TEST\((\w+)\)|def (test_\w+)\(", text)
            for name in name if name}


def lost_tests(page, text, names):
    """A test's file is written as `core/otp/test_hotp.c` or login/test_login.py; its name as `a_name_of_words`."""
    for path in set(re.findall(r"\b((?:\w+/)+test_\w+\.(?:c|py))", text)):
        if not (house.ROOT / "tests" / path.removeprefix("tests/")).exists():
            yield f"{page}: there is no {path}"
    for name in set(re.findall(r"`((?:[a-z0-9]+_){3,}[a-z0-9]+)`", text)):
        if name not in names:
            yield f"{page}: there is no test {name}"


def lost_links(page, text):
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        if "://" not in target and not (house.ROOT / page).parent.joinpath(target).exists():
            yield f"{page}: {target} is not there"


def installed(text):
    """What docs/CMakeLists.txt puts into the folder of pages."""
    named = [path for paths in re.findall(r"install\((?:FILES|DIRECTORY) ([^)]*?)\s+DESTINATION \$\{CMAKE_INSTALL_DOCDIR\}", text)
             for path in paths.split()]
    below = [file.relative_to("docs") for file in house.files(["docs"], ".md") if str(file.parent.relative_to("docs")) in named]
    return {*named, *map(str, below)}


def left_behind(page, text, there):
    """Pages and pictures that an installed page leads to, and that are not beside it."""
    for target in re.findall(r"\]\(([^):#\s]+)(?:#[^)]*)?\)", text):
        if os.path.normpath(pathlib.PurePath(page).parent / target) not in there:
            yield f"docs/{page}: {target} is not installed"


def key_purposes(text):
    return re.findall(r"[\"`](garde 1 \w+)[\"`]", text)


class Pages(house.Rule):
    def test_each_test_that_a_page_names_exists(self):
        names = test_names()
        self.holds(line for page in PAGES_WITH_TESTS for line in lost_tests(page, house.read(page), names))

    def test_each_link_leads_somewhere(self):
        pages = [path for path in house.tracked() if path.suffix == ".md"]
        self.assertGreater(len(pages), 10)
        self.holds(line for page in pages for line in lost_links(page, house.read(page)))

    def test_what_an_installed_page_leads_to_is_installed_too(self):
        there = installed(house.read("docs/CMakeLists.txt"))
        self.assertIn("operations.md", there)
        self.holds(line for page in sorted(there) if page.endswith(".md")
                   for line in left_behind(page, house.read(f"docs/{page}"), there))

    def test_each_requirement_has_a_row(self):
        text = house.read("docs/requirements.md")
        rows = re.findall(r"^\| ([QC]\d+) \|", text, re.M)
        self.assertEqual(rows, [f"Q{n}" for n in range(1, 27)] + [f"C{n}" for n in range(1, 21)])

    def test_the_architecture_names_each_purpose_of_a_key(self):
        purposes = key_purposes(house.read("core/vault/keys.c"))
        self.assertGreaterEqual(len(purposes), 6)
        self.assertEqual(sorted(key_purposes(house.read("docs/architecture.md"))), sorted(purposes))

    def test_decisions_are_numbered_without_gaps(self):
        pages = sorted(path.name for path in (house.ROOT / "docs/decisions").glob("*.md"))
        self.assertEqual([name[:5] for name in pages], [f"{number:04}-" for number in range(1, len(pages) + 1)])
        self.holds(name for name in pages if not house.read(f"docs/decisions/{name}").startswith(f"# {name[:4]}: "))

    def test_a_name_or_link_to_nowhere_is_seen(self):
        self.is_seen(lost_tests("x.md", "see core/otp/test_lost.c", set()))
        self.is_seen(lost_tests("x.md", "`a_test_that_is_lost`", {"a_test_that_is_kept"}))
        self.is_seen(lost_links("README.md", "[x](docs/lost.md)"))
        self.is_seen(left_behind("x.md", "[x](y.md)", {"x.md"}))


if __name__ == "__main__":
    house.main()
