#!/usr/bin/python3
"""The man pages name every option of each program, every setting and every module option, and nothing else."""

import re
import shutil
import unittest

import house

PAGES = {name: f"docs/man/{name}" for name in ("garde.8", "garded.8", "garde.conf.5", "pam_garde.8")}
# Said by mandoc of a machine on which our pages, or somebody else's, are not installed.
NOT_OURS = ("referenced manual not found", "outdated mandoc.db")


def shown(source):
    """A page as a person sees it, in one line, without overstrikes."""
    run = house.run("mandoc", "-T", "ascii", "-O", "width=200", input=source)
    return re.sub(r"\s+", " ", re.sub(r".\x08", "", run.stdout))


def long_options(text):
    return set(re.findall(r"(?<![\w-])--([a-z][a-z-]*)", text))


def lint(source):
    run = house.run("mandoc", "-T", "lint", input=source)
    return [line for line in (run.stdout + run.stderr).splitlines() if not any(word in line for word in NOT_OURS)]


def items(source, macro):
    """Names of list items: `.It Cm name= Ns Ar value` gives "name=". """
    return set(re.findall(rf"^\.It {macro} (\S+)", source, re.M))


def settings_keys():
    """{section: {key}} from the table in settings.h."""
    table = re.findall(r"^ \*   \[(\w+)[^\]]*\]\s+((?:[a-z_]+ ?)+)", house.read("include/garde/settings.h"), re.M)
    return {section: set(keys.split()) for section, keys in table}


def page_keys(source):
    found = {}
    for section, body in re.findall(r"^\.Ss \[(\w+)[^\]]*\]\\&\n(.*?)(?=^\.S[sh] |\Z)", source, re.M | re.S):
        found[section] = items(body, "Cm")
    return found


def page_codes(source):
    return re.findall(r"^\.It (\d+)$", source.split(".Sh EXIT STATUS")[1].split(".Sh ")[0], re.M)


def module_options():
    return set(re.findall(r'\{"([a-z_]+=?)", take_', house.read("pam_module/options.c")))


def doctor_options():
    return set(re.findall(r'"([a-z_]+=?)"', re.search(r"known\[\] = \{(.*?)\};", house.read("enroll_tool/doctor/garde_lines.c"), re.S)[1]))


def bounds_of_options(path):
    return re.findall(r"^#define (TIMEOUT_MAX_S) +(\d+)", house.read(path), re.M)


def help_of(program, *words):
    run = house.run(house.built(program), *words, "--help", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    return run.stdout + run.stderr


def commands(help_text):
    return re.findall(r"^ {2,4}([a-z]+) {2,}\S", help_text, re.M)


def command_texts():
    overview = help_of("enroll_tool/garde")
    return {name: help_of("enroll_tool/garde", name) for name in commands(overview)}


class ManPages(house.Rule):
    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_every_page_is_clean_under_lint(self):
        for name, path in PAGES.items():
            with self.subTest(page=name):
                self.holds(lint(house.read(path)))

    def test_references_to_pages_of_ours_lead_somewhere(self):
        for path in PAGES.values():
            for name, section in re.findall(r"^\.Xr (\S+) (\d)", house.read(path), re.M):
                if "garde" in name:
                    self.assertIn(f"{name}.{section}", PAGES, path)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_the_page_of_garde_names_its_options_and_no_others(self):
        texts = command_texts()
        options = long_options(help_of("enroll_tool/garde") + "".join(texts.values()))
        self.assertEqual(long_options(shown(house.read(PAGES["garde.8"]))), options)

    def test_the_page_of_garde_names_each_command(self):
        source, texts = house.read(PAGES["garde.8"]), command_texts()
        named = set(re.findall(r"\b[a-z]+\b", " ".join(re.findall(r"^\.(?:Cm|Ss) (.*)$", source, re.M))))
        self.assertGreaterEqual(len(texts), 10)
        self.holds(name for name in texts if name not in named)

    def test_the_help_of_each_command_shows_an_example_of_it(self):
        texts = command_texts()
        self.assertGreaterEqual(len(texts), 10)
        self.holds(name for name, text in texts.items()
                   if name != "help" and not re.search(rf"^Example: (sudo )?garde {name}\b", text, re.M))

    def test_the_pages_have_every_exit_code_of_their_program_and_no_other(self):
        for name, header, begin in (("garde.8", "enroll_tool/tool.h", "TOOL"), ("garded.8", "verifier/installation.h", "CODE")):
            codes = re.findall(rf"^    {begin}_\w+ = (\d+),", house.read(header), re.M)
            self.assertGreaterEqual(len(codes), 6)
            self.assertEqual(page_codes(house.read(PAGES[name])), codes, name)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_the_page_of_garded_names_its_options_and_no_others(self):
        options = long_options(help_of("verifier/garded"))
        self.assertEqual(long_options(shown(house.read(PAGES["garded.8"]))), options)

    def test_the_page_of_the_configuration_names_its_keys_and_no_others(self):
        self.assertEqual(page_keys(house.read(PAGES["garde.conf.5"])), settings_keys())

    def test_the_page_of_the_module_names_its_options_and_no_others(self):
        self.assertEqual(items(house.read(PAGES["pam_garde.8"]).split(".Sh RESULTS")[0], "Cm"), module_options())

    def test_the_doctor_knows_the_options_of_the_module_and_no_others(self):
        self.assertEqual(doctor_options(), module_options())
        bounds = bounds_of_options("pam_module/options.c")
        self.assertEqual(bounds_of_options("enroll_tool/doctor/garde_lines.c"), bounds)
        self.assertEqual(len(bounds), 1)

    def test_both_pages_have_the_delays_of_the_policy(self):
        formula = re.search(r"^ \* +n +([\d ]+and more)\n \* +s +(.*)$", house.read("include/garde/policy.h"), re.M)
        rows = list(zip(re.split(r" {2,}| (?=\d)", formula.group(1).replace("10 and more", "").strip()),
                        formula.group(2).split()))
        self.assertEqual(len(rows), 9)
        for path in (PAGES["garde.conf.5"], PAGES["garded.8"]):
            self.assertEqual(re.findall(r"^\.It (\d+) Ta (\d+)$", house.read(path), re.M), rows, path)

    def test_an_option_too_many_or_too_few_is_seen(self):
        self.assertTrue(module_options() and settings_keys())
        source = house.read(PAGES["garde.conf.5"])
        self.assertEqual(page_codes(".Sh EXIT STATUS\n.It 0\nDone.\n.It 3\n.Sh X\n.It 4\n"), ["0", "3"])
        self.assertNotEqual(page_keys(source.replace(".It Cm language", ".It Cm tongue")), settings_keys())
        self.assertEqual(long_options("see --config and --no-qr, not a--b"), {"config", "no-qr"})

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_a_fault_in_a_page_is_seen(self):
        self.is_seen(lint(house.read(PAGES["garde.8"]).replace(".Sh NAME", ".Sh NAMES")))


if __name__ == "__main__":
    house.main()
