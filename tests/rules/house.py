"""What the rule tests share: where the sources are, and a small reader of C.

The reader knows as much of C as the rules need: it blanks comments, strings and preprocessor lines without
moving a line, and finds function bodies by their braces.
"""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ["GARDE_BUILD"]) if "GARDE_BUILD" in os.environ else None
SKIPPED = 77

PRODUCT = ("include", "core", "pam_module", "verifier", "enroll_tool")
EVERYTHING = PRODUCT + ("tests",)
CORPORA = pathlib.Path("tests/fuzz/corpus")


def files(folders, *endings):
    """Files below these folders with one of these endings, as paths relative to ROOT."""
    found = []
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in endings:
                found.append(path.relative_to(ROOT))
    return sorted(found)


def tracked():
    """Text files that git knows of, and new ones that it would not ignore; all of them where there is no git. The fuzzers' corpora
    are bytes and no text."""
    run = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"],
                         cwd=ROOT, capture_output=True, check=False)
    if run.returncode != 0:
        return [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*"))
                if path.is_file() and path.relative_to(ROOT).parts[0] not in ("build", ".git")
                and CORPORA not in path.relative_to(ROOT).parents]
    names = [pathlib.Path(os.fsdecode(name)) for name in run.stdout.split(b"\0") if name]
    return sorted(name for name in names if (ROOT / name).is_file() and CORPORA not in name.parents)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


_PIECES = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


def _blank(match):
    piece = match.group(0)
    quote = piece[0] if piece[0] in "\"'" else ""
    inside = piece[1:-1] if quote else piece
    return quote + re.sub(r"[^\n]", " ", inside) + quote


def bare(text):
    """The text with comments and the insides of strings blanked; every line keeps its number and length."""
    return _PIECES.sub(_blank, text)


def without_directives(text):
    """The same with preprocessor lines blanked, their continuations too."""
    lines, in_directive = [], False
    for line in bare(text).split("\n"):
        in_directive = in_directive or line.lstrip().startswith("#")
        lines.append("" if in_directive else line)
        in_directive = in_directive and line.endswith("\\")
    return "\n".join(lines)


def _closing(text, at):
    """The index behind the brace that closes the one at `at`."""
    depth = 0
    for index in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    raise ValueError("a brace is not closed")


_TABLE = re.compile(r"\]\s*=\s*\{")
_NAME = re.compile(r"(\w+)\s*\(")


def _table_lines(body):
    """Lines inside array initialisers: a table is read differently from code."""
    lines, at = 0, 0
    while (match := _TABLE.search(body, at)) is not None:
        at = _closing(body, match.end() - 1)
        lines += body.count("\n", match.end() - 1, at)
    return lines


def functions(text):
    """[(name, first line, length in lines)]: from the line of the signature to the closing brace, tables excepted."""
    text = without_directives(text)
    found, at, since = [], 0, 0
    while (brace := text.find("{", at)) >= 0:
        end = _closing(text, brace)
        signature = re.sub(r"^\s*END_TEST\b", "", text[since:brace].split(";")[-1])
        if signature.rstrip().endswith(")"):
            start = brace - len(signature.lstrip())
            names = [name for name in _NAME.findall(signature) if name != "__attribute__"]
            name = re.search(r"START_TEST\((\w+)", signature).group(1) if names[0] == "START_TEST" else names[0]
            lines = text.count("\n", start, end) + 1 - _table_lines(text[brace:end])
            found.append((name, text.count("\n", 0, start) + 1, lines))
            since = end
        at = end
    return found


def lines_matching(pattern, text):
    """[(line number, line)] of a text that was made bare()."""
    regex = re.compile(pattern)
    return [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if regex.search(line)]


def built(relative):
    """A file of the build folder, or the test is skipped."""
    if BUILD is None or not (BUILD / relative).exists():
        raise unittest.SkipTest(f"{relative} is not built")
    return BUILD / relative


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", check=False, **more)


def is_sanitized():
    cache = BUILD / "CMakeCache.txt" if BUILD is not None else None
    return cache is not None and cache.exists() and re.search(r"^GARDE_SANITIZE:\w+=ON$", cache.read_text(), re.M)


class Rule(unittest.TestCase):
    """A rule holds when the list of what breaks it is empty."""

    maxDiff = None
    longMessage = False

    def holds(self, broken):
        broken = list(broken)
        self.assertFalse(broken, "\n  " + "\n  ".join(str(line) for line in broken))

    def is_seen(self, broken):
        """The rule finds something in an input that was broken on purpose."""
        self.assertTrue(list(broken), "the rule does not see what it is for")


def main():
    """Like unittest.main(), but a run in which everything was skipped says so to ctest."""
    program = unittest.main(module="__main__", exit=False, verbosity=1)
    result = program.result
    if not result.wasSuccessful():
        raise SystemExit(1)
    for _, why in result.skipped:
        print(f"SKIPPED {why}")
    raise SystemExit(SKIPPED if result.testsRun == len(result.skipped) else 0)
