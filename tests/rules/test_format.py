#!/usr/bin/python3
"""C is formatted by clang-format with the house's file; shell scripts are clean under shellcheck."""

import shutil
import unittest

import house


def badly_formatted(text, name="x.c"):
    run = house.run("clang-format", "--dry-run", "-Werror", f"--assume-filename={house.ROOT / name}", input=text)
    return [line for line in run.stderr.splitlines() if "error:" in line]


MAINTAINER_SCRIPTS = (".config", ".preinst", ".postinst", ".prerm", ".postrm")


def scripts():
    for path in house.tracked():
        if path.suffix == ".sh" or (path.suffix in ("", *MAINTAINER_SCRIPTS) and house.read(path).startswith("#!")):
            first = house.read(path).split("\n", 1)[0]
            if "sh" in first and "python" not in first:
                yield path


class Format(house.Rule):
    @unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
    def test_all_c_is_formatted(self):
        paths = [house.ROOT / path for path in house.files(house.EVERYTHING, ".c", ".h")]
        run = house.run("clang-format", "--dry-run", "-Werror", "--style=file", *paths)
        self.holds(line for line in run.stderr.splitlines() if "error:" in line)

    @unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
    def test_bad_formatting_is_seen(self):
        self.is_seen(badly_formatted("int  f(void) {return 1;}\n"))

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shell_scripts_are_clean(self):
        for path in scripts():
            with self.subTest(path=str(path)):
                run = house.run("shellcheck", "-x", path, cwd=house.ROOT)
                self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    house.main()
