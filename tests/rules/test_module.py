#!/usr/bin/python3
"""The built pam_garde.so: what it exports, what it needs, and that it keeps nothing between two calls."""

import re
import unittest

import house

EXPORTS = {"pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt", "pam_sm_chauthtok", "pam_sm_open_session",
           "pam_sm_close_session"}
NEEDED = {"libpam.so.0", "libc.so.6"}
COMPILERS_OWN = re.compile(r"completed\.\d+|__dso_handle|__TMC_END__|_edata|_end|__bss_start|data_start|__data_start|")


def exports(nm):
    return {line.split()[-1].split("@")[0] for line in nm.splitlines() if line.strip()}


def needed(readelf):
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\]", readelf))


def variables(readelf_symbols, sections):
    """Names of objects in writable sections that are not read-only after relocation."""
    writable = {number for number, name in sections.items() if name in (".data", ".bss", ".tbss", ".tdata")}
    found = []
    for line in readelf_symbols.splitlines():
        words = line.split()
        if len(words) == 8 and words[3] in ("OBJECT", "TLS") and words[6] in writable \
                and not COMPILERS_OWN.fullmatch(words[7]):
            found.append(words[7])
    return found


def section_numbers(readelf_sections):
    return dict(re.findall(r"^\s*\[\s*(\d+)\]\s+(\S+)", readelf_sections, re.M))


@unittest.skipIf(house.is_sanitized(), "a sanitizer brings libraries and symbols of its own")
class Module(house.Rule):
    def setUp(self):
        self.so = house.built("pam_module/pam_garde.so")

    def test_it_exports_the_six_entries_of_pam_and_nothing_more(self):
        run = house.run("nm", "-D", "--defined-only", self.so)
        self.assertEqual(exports(run.stdout), EXPORTS)

    def test_it_needs_libpam_and_libc_and_nothing_more(self):
        self.assertEqual(needed(house.run("readelf", "-dW", self.so).stdout), NEEDED)

    def test_it_has_no_variable_that_outlives_a_call(self):
        sections = section_numbers(house.run("readelf", "-SW", self.so).stdout)
        self.holds(variables(house.run("readelf", "-sW", self.so).stdout, sections))

    def test_it_names_no_place_of_the_build_machine(self):
        text = house.run("readelf", "-p", ".rodata", self.so).stdout
        self.holds(line for line in text.splitlines() if str(house.ROOT) in line)


class TheReaderSees(house.Rule):
    def test_a_further_export_and_a_further_library_are_seen(self):
        self.assertNotEqual(exports("0000 T pam_sm_authenticate\n0000 T helper\n"), EXPORTS)
        self.assertEqual(needed(" 0x1 (NEEDED)  Shared library: [libcrypto.so.3]\n"), {"libcrypto.so.3"})

    def test_a_static_variable_is_seen(self):
        symbols = "    12: 0000000000004010     4 OBJECT  LOCAL  DEFAULT   24 last_user.0\n" \
                  "    13: 0000000000004020     1 OBJECT  LOCAL  DEFAULT   24 completed.0\n"
        self.assertEqual(variables(symbols, section_numbers("  [24] .bss  NOBITS\n")), ["last_user.0"])


if __name__ == "__main__":
    house.main()
