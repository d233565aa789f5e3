#!/usr/bin/python3
"""Each header compiles alone, and twice, with both compilers, and opens with its contract."""

import concurrent.futures
import shutil
import unittest

import house

FLAGS = ["-std=c17", "-D_GNU_SOURCE", '-DGARDE_VERSION="0"', "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes",
         "-Werror", "-fsyntax-only", "-x", "c", "-"]
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]


def complaints(compiler, header):
    folder = (house.ROOT / header).parent
    source = f'#include "{house.ROOT / header}"\n' * 2 + "int header_compiles_alone;\n"
    run = house.run(compiler, "-I", house.ROOT / "include", "-I", folder, *FLAGS, input=source)
    return f"{compiler} {header}:\n{run.stderr}" if run.returncode != 0 else None


def no_contract(path, text):
    return [] if text.lstrip().startswith("/*") else [f"{path} does not open with its contract"]


class Headers(house.Rule):
    def test_each_header_compiles_alone(self):
        work = [(compiler, header) for compiler in COMPILERS for header in house.files(house.PRODUCT, ".h")]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            self.holds(filter(None, pool.map(lambda job: complaints(*job), work)))

    def test_each_header_opens_with_its_contract(self):
        self.holds(line for path in house.files(house.PRODUCT, ".h") for line in no_contract(path, house.read(path)))

    @unittest.skipIf(len(COMPILERS) < 2, "gcc and clang are not both there")
    def test_both_compilers_are_asked(self):
        self.assertEqual(COMPILERS, ["gcc", "clang"])

    def test_a_header_that_needs_another_is_seen(self):
        run = house.run("gcc", *FLAGS, input="uint32_t forgotten_stdint;\n")
        self.assertNotEqual(run.returncode, 0)
        self.is_seen(no_contract("x.h", "#ifndef X\n"))


if __name__ == "__main__":
    house.main()
