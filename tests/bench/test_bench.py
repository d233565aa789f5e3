"""The bench itself: a tiny run gives every figure. No time is judged; the peers stay out."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as tree

import enclosure
import garde_site

HERE = pathlib.Path(__file__).resolve().parent
FIGURES = {"one_login", "by_users", "at_once", "slow_flush", "load", "activation", "callers_memory", "largest"}


class TinyRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = subprocess.run([sys.executable, "-B", HERE / "bench.py", "--tiny", "--no-peers"], capture_output=True,
                                  text=True, timeout=500, env=os.environ | {"GARDE_ENCLOSED": ""})
        if cls.done.returncode == 77:
            raise unittest.SkipTest(cls.done.stdout.strip())
        if cls.done.returncode != 0:
            raise AssertionError(cls.done.stdout + cls.done.stderr)
        cls.results = json.loads((garde_site.BUILD.parent / "bench" / "tiny" / "results-tiny.json").read_text())

    def test_it_measures_every_figure(self):
        self.assertLessEqual(FIGURES, set(self.results))
        self.assertGreater(self.results["load"]["per_s"], 0)
        self.assertGreater(self.results["load"]["store_per_s"], 0)
        self.assertGreater(self.results["activation"]["median"], 0)

    def test_it_says_of_each_figure_whether_it_is_met(self):
        rows = re.findall(r"^\| .* \| (?:met|\*\*missed\*\*) \|$", self.done.stdout, re.M)
        self.assertGreaterEqual(len(rows), 5, self.done.stdout)

    def test_its_plots_are_pictures_without_references(self):
        sys.path.insert(0, str(HERE))
        import plot
        for name, (_, text) in plot.pictures(self.results).items():
            with self.subTest(picture=name):
                self.assertEqual(tree.fromstring(text).tag, "{http://www.w3.org/2000/svg}svg")
                self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""), r"href|url\(|https?:")


if __name__ == "__main__":
    garde_site.main()
