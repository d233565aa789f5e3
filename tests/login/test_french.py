#!/usr/bin/python3
"""The commands of garded speak French to who wants it; what serves, and the log, do not."""

import os
import pathlib
import pty
import re
import select
import subprocess
import unittest.mock

import garde_site
from garde_site import SiteTest

GARDED = garde_site.BUILD / "tests" / "login" / "garded_french"


class French(SiteTest):
    def setUp(self):
        patch = unittest.mock.patch.object(garde_site, "GARDED", GARDED)
        patch.start()
        self.addCleanup(patch.stop)
        super().setUp()
        self.site.stop()
        self.site.language = "fr"

    def run_garded(self, *arguments):
        return subprocess.run([str(GARDED), *arguments], capture_output=True, text=True, timeout=60,
                              env=self.site.environment())

    def test_help_and_wrong_usage_are_told_in_french(self):
        done = self.run_garded("--help")
        self.assertTrue(done.stdout.startswith("usage\u00a0: garded [--config FICHIER]"), done)
        starts = {re.search(r" {3,}(?=[a-zé][^\[]*$)", line).end() for line in done.stdout.splitlines()[:4]}
        self.assertEqual(len(starts), 1, "the descriptions stand in one column")
        self.assertEqual(self.run_garded("nonsense").stderr, done.stdout)
        self.site.language = ""
        self.assertTrue(self.run_garded("--help").stdout.startswith("usage: garded [--config FILE]"))

    def test_check_tells_what_is_good_and_what_is_not(self):
        done = self.site.garded("check")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual([line.split(" ")[0] for line in done.stdout.splitlines()], ["configuration", "trousseau", "base"])
        self.assertRegex(done.stdout, "\u00a0: bonne\n.*\u00a0: bon\n.*\u00a0: bonne\n")
        self.site.write_conf(sections="[policy]\ntongue = x\n")
        self.assertIn("`tongue` n'est pas une clé de cette section", self.site.garded("check").stderr)
        self.site.write_conf(sections="[peer nobody-of-that-name]\nservice = vpn\n")
        self.assertIn("n'est pas un utilisateur de /etc/passwd et est ignoré", self.site.garded("check").stderr)

    def test_init_tells_what_it_made_and_logs_in_english(self):
        done = self.site.garded("init")
        self.assertIn("existe déjà et n'a pas été touché", done.stderr)
        self.site.key_ring.unlink()
        for path in self.site.store.parent.iterdir():
            path.unlink()
        done = self.site.garded("init")
        self.assertRegex(done.stdout, r"^trousseau \S+ créé\nbase \S+ créée\n$")
        self.assertIn("garded: store-made", done.stderr)

    def test_accept_asks_in_french_and_understands_oui_and_yes(self):
        for answer, code in (("non", 5), ("ouii", 5), ("oui", 0), ("yes", 0)):
            self.site.sql("DELETE FROM rows_head")
            found = self.site.garded("check").stderr
            self.assertIn("l'en-tête de toutes les lignes", found)
            pid, terminal = pty.fork()
            if pid == 0:
                os.execvpe(str(GARDED), ["garded", "accept", "--config", str(self.site.conf)], self.site.environment())
            text = b""
            while "Tapez oui\u00a0: ".encode() not in text:
                self.assertTrue(select.select([terminal], [], [], 20)[0], text)
                text += os.read(terminal, 4096)
            os.write(terminal, answer.encode() + b"\n")
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), code, text)
            os.close(terminal)

    def test_what_serves_speaks_english_and_opens_no_catalogue(self):
        self.site.log_file.write_text("")
        self.site.start()
        self.site.wait_for_log("garded: ready")
        maps = pathlib.Path(f"/proc/{self.site.process.pid}/maps").read_text()
        self.assertNotIn("garde.mo", maps)
        self.site.write_conf(sections="[policy]\ntongue = x\n")
        self.site.reload()
        self.site.wait_for_log(r"configuration not taken.*`tongue` is no key of this section")


if __name__ == "__main__":
    garde_site.main()
