#!/usr/bin/python3
"""Every test file below tests/ is a test that ctest knows of, and so is every harness of tests/fuzz/, with its corpus."""

import json

import house


def known_to_ctest():
    house.built("CTestTestfile.cmake")
    run = house.run("ctest", "--show-only=json-v1", "--test-dir", house.BUILD)
    return json.loads(run.stdout)["tests"]


def forgotten(paths, tests):
    names = {test["name"] for test in tests}
    commands = " ".join(word for test in tests for word in test.get("command", []))
    for path in paths:
        dotted = ".".join(path.relative_to("tests").with_suffix("").parts)
        if dotted not in names and path.name not in commands and f"/{path.stem} " not in commands + " ":
            yield f"{path}: no test of ctest runs it"


def test_files():
    return [path for path in house.files(["tests"], ".c", ".py", ".sh")
            if path.name.startswith("test_") or path in harnesses()]


def harnesses():
    return [path for path in house.files(["tests/fuzz"], ".c") if path.name.startswith("fuzz_")]


def without_corpus(paths, folder):
    for path in paths:
        corpus = folder / path.stem.removeprefix("fuzz_")
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield f"{path}: has nothing to replay in {corpus}"


def untold(paths, page):
    return [f"{path}: docs/testing.md does not say what it claims" for path in paths
            if f"| `{path.stem.removeprefix('fuzz_')}` |" not in page]


class Registered(house.Rule):
    def test_every_test_file_is_run_by_ctest(self):
        self.holds(forgotten(test_files(), known_to_ctest()))

    def test_every_harness_has_a_corpus_to_replay(self):
        self.assertTrue(harnesses())
        self.holds(without_corpus(harnesses(), house.ROOT / house.CORPORA))
        self.is_seen(without_corpus([house.pathlib.Path("tests/fuzz/fuzz_lost.c")], house.ROOT / house.CORPORA))

    def test_every_harness_is_on_the_page_about_tests(self):
        self.holds(untold(harnesses(), house.read("docs/testing.md")))
        self.is_seen(untold([house.pathlib.Path("tests/fuzz/fuzz_lost.c")], "| `kept` |"))

    def test_every_test_has_a_label_and_a_time_limit(self):
        for test in known_to_ctest():
            have = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
            with self.subTest(test=test["name"]):
                self.assertTrue(have.get("LABELS"), "no label")
                self.assertTrue(have.get("TIMEOUT"), "no time limit")

    def test_a_forgotten_file_is_seen(self):
        self.is_seen(forgotten([house.pathlib.Path("tests/core/otp/test_lost.c")],
                               [{"name": "core.otp.test_kept", "command": ["/b/core.otp.test_kept"]}]))


if __name__ == "__main__":
    house.main()
