"""The reader of gcov's counts."""

import pathlib
import subprocess
import tempfile
import unittest

import coverage

SOURCE = pathlib.Path("/source")


def report(path, *lines):
    return {"current_working_directory": "/source/build", "files": [{"file": path, "lines": [
        {"line_number": number, "count": ran,
         "branches": [{"count": count, "throw": throw} for count, throw in branches]} for number, ran, branches in lines]}]}


class Reader(unittest.TestCase):
    def test_counts_of_one_file_in_several_objects_are_added_up(self):
        files = coverage.collect([report("/source/core/a.h", (1, 0, [(0, False), (2, False)]), (2, 0, [])),
                                  report("../core/a.h", (1, 3, [(1, False), (0, False)]), (2, 0, [])),
                                  report("../tests/a.c", (1, 0, [])), report("/usr/include/b.h", (1, 0, []))], SOURCE)
        self.assertEqual(list(files), ["core/a.h"])
        self.assertEqual(coverage.totals(files), {"lines": (1, 2), "branches": (2, 2)})
        self.assertEqual(files["core/a.h"].missing(), ([2], []))

    def test_ways_out_that_are_exceptions_are_no_branches(self):
        files = coverage.collect([report("/source/core/a.c", (1, 1, [(1, False), (0, True)]))], SOURCE)
        self.assertEqual(coverage.totals(files)["branches"], (1, 1))

    def test_a_folder_below_what_must_be_is_named(self):
        many = [(n, 1, [(1, False)]) for n in range(1, 20)]
        files = coverage.collect([report("/source/core/a.c", *many), report("/source/pam_module/b.c", *many, (20, 0, [])),
                                  report("/source/verifier/c.c", *many, (20, 0, []), (21, 0, [])),
                                  report("/source/verifier/d.c", (1, 1, [(0, False)] * 5))], SOURCE)
        lines, misses = coverage.table(files)
        self.assertEqual(misses, ["verifier/: lines below 95 %", "verifier/: branches below 85 %"])
        self.assertIn("| **pam_module/** | 19 of 20 | 95.0 | 19 of 19 | 100.0 |", lines)
        self.assertIn("verifier/d.c: branches below 85 %", lines)

    def test_lines_that_follow_each_other_are_told_as_one(self):
        self.assertEqual(coverage.runs([1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10")

    def test_what_gcc_counts_is_read_and_what_never_ran_is_there_too(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder)
            build = source / "build"
            (build / "core").mkdir(parents=True)
            (source / "core").mkdir()
            (source / "core" / "a.c").write_text("int a(int b)\n{\n    if (b == 1 || b == 2)\n        return 1;\n    return 0;\n}\n")
            (source / "core" / "m.c").write_text("int a(int b);\nint main(void)\n{\n    return a(2) - 1;\n}\n")
            for name in ("a", "m"):
                subprocess.run(["cc", "--coverage", "-c", source / "core" / f"{name}.c", "-o", build / "core" / f"{name}.o"], check=True)
            subprocess.run(["cc", "--coverage", build / "core" / "a.o", build / "core" / "m.o", "-o", build / "run"], check=True)
            coverage.empty(build)
            self.assertEqual({path.stat().st_mode & 0o777 for path in build.rglob("*.gcda")}, {0o666})
            files = coverage.collect(coverage.read(build), source)
            self.assertEqual(coverage.totals(files), {"lines": (0, 6), "branches": (0, 4)})
            subprocess.run([build / "run"], check=True)
            files = coverage.collect(coverage.read(build), source)
            self.assertEqual(coverage.totals(files, "core/a.c"), {"lines": (3, 4), "branches": (2, 4)})
            self.assertEqual(files["core/a.c"].missing(), ([5], [(3, 2, 4)]))


if __name__ == "__main__":
    unittest.main()
