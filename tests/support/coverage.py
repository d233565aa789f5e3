"""What the tests have run of core/, verifier/ and pam_module/, by gcov's counts: a table by file and folder.

    coverage.py empty BUILD            begins anew: nothing has run
    coverage.py table BUILD            lines and branches of each file, of each folder, and what is below what must be
    coverage.py check BUILD            the same, and fails if a folder is below
    coverage.py missing BUILD FILE...  the lines that never ran, and those of whose branches some were never taken

A branch is one way out of a condition, as the compiler has it without optimising: `if (a && b)` has four. What stands in a header is counted
once, however many files include it.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

FOLDERS = ("core", "verifier", "pam_module")
MUST = {"lines": 95, "branches": 85}


class File:
    """Counts of one source file: number of the line -> how often it ran, and how often each of its branches was taken."""

    def __init__(self):
        self.lines = collections.Counter()
        self.branches = {}

    def add(self, number, ran, branches):
        self.lines[number] += ran
        before = self.branches.get(number, [])
        longest = max(len(before), len(branches))
        pad = lambda counts: [*counts, *[0] * (longest - len(counts))]
        self.branches[number] = [a + b for a, b in zip(pad(before), pad(branches))]

    def ratio(self, what):
        """(reached, all)"""
        counts = list(self.lines.values()) if what == "lines" else [n for row in self.branches.values() for n in row]
        return sum(n > 0 for n in counts), len(counts)

    def missing(self):
        """Lines that never ran, and (line, branches not taken, of how many) of those that did."""
        never = sorted(number for number, ran in self.lines.items() if ran == 0)
        part = [(number, row.count(0), len(row)) for number, row in sorted(self.branches.items())
                if 0 in row and self.lines[number]]
        return never, part


def collect(reports, source):
    """{path below source: File} from what gcov wrote about each object."""
    files = collections.defaultdict(File)
    for report in reports:
        for part in report["files"]:
            path = pathlib.Path(os.path.normpath(os.path.join(report["current_working_directory"], part["file"])))
            if not path.is_relative_to(source) or path.relative_to(source).parts[0] not in FOLDERS:
                continue
            file = files[str(path.relative_to(source))]
            for line in part["lines"]:
                file.add(line["line_number"], line["count"],
                         [branch["count"] for branch in line["branches"] if not branch["throw"]])
    return dict(files)


def objects(build):
    return sorted(note for folder in FOLDERS for note in (build / folder).rglob("*.gcno"))


def empty(build):
    """Counts are written by whoever runs the code, as whatever user: so the files are there before, and open to all."""
    for old in build.rglob("*.gcda"):
        old.unlink()
    for note in build.rglob("*.gcno"):
        begin(note.with_suffix(".gcda"))


def begin(counts):
    counts.touch()
    counts.chmod(0o666)


def read(build):
    reports = []
    for note in objects(build):
        counts = note.with_suffix(".gcda")
        never = counts.exists() and counts.stat().st_size == 0
        if never:
            counts.unlink()
        done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", str(note)], cwd=build,
                              capture_output=True, text=True, check=True)
        if never:
            begin(counts)
        reports += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return reports


def totals(files, folder=""):
    chosen = [file for path, file in files.items() if path.startswith(folder)]
    return {what: tuple(map(sum, zip(*(file.ratio(what) for file in chosen)))) or (0, 0) for what in MUST}


def percent(reached, count):
    return 100 * reached / count if count else 100


def row(name, numbers):
    cells = [cell for what in MUST for cell in (f"{numbers[what][0]} of {numbers[what][1]}", f"{percent(*numbers[what]):.1f}")]
    return f"| {name} | " + " | ".join(cells) + " |"


def below(numbers):
    return [what for what, must in MUST.items() if percent(*numbers[what]) < must]


def table(files):
    """(the lines of the table, folders that are below what must be)"""
    lines = ["| file | lines | % | branches | % |", "|---|--:|--:|--:|--:|"]
    lines += [row(path, totals({path: file})) for path, file in sorted(files.items())]
    by_folder = {folder: totals(files, folder + "/") for folder in FOLDERS}
    lines += [row(f"**{folder}/**", numbers) for folder, numbers in by_folder.items()]
    lines += [row("**all**", totals(files)), ""]
    for path, file in sorted(files.items()):
        for what in below(totals({path: file})):
            lines.append(f"{path}: {what} below {MUST[what]} %")
    return lines, [f"{folder}/: {what} below {MUST[what]} %" for folder, numbers in by_folder.items()
                   for what in below(numbers)]


def runs(numbers):
    """3-5, 9: lines that follow each other as one."""
    found = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{a}-{b}" if a != b else f"{a}" for a, b in found)


def show_missing(files, source, names):
    for path, file in sorted(files.items()):
        if names and not any(path.startswith(name) for name in names):
            continue
        text = (source / path).read_text().splitlines()
        never, part = file.missing()
        if never or part:
            print(f"{path}: never run: {runs(never) or 'none'}")
        for number, lacks, count in part:
            print(f"    {number}: {lacks} of {count}: {text[number - 1].strip()}")


def main(what, build, *names):
    build, source = pathlib.Path(build).resolve(), pathlib.Path(__file__).resolve().parents[2]
    if what == "empty":
        empty(build)
        return 0
    files = collect(read(build), source)
    if what == "missing":
        show_missing(files, source, names)
        return 0
    lines, misses = table(files)
    print("\n".join(lines + misses))
    return 1 if what == "check" and misses else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
