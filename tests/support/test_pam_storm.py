"""The helper that lets many logins go at the same moment, tried on stacks of Debian's own modules."""

import os
import pathlib
import subprocess
import tempfile
import unittest

PAM_STORM = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve() / "tests" / "support" / "pam_storm"


class PamStorm(unittest.TestCase):
    def storm(self, line, rounds, *arguments):
        with tempfile.TemporaryDirectory(prefix="garde-pam-storm-") as folder:
            pathlib.Path(folder, "svc").write_text(line + "\n")
            return subprocess.run([PAM_STORM, "--confdir", folder, "--service", "svc", *arguments], input=rounds,
                                  capture_output=True, text=True, timeout=60)

    def test_each_round_is_let_go_and_counted(self):
        done = self.storm("auth required pam_permit.so", "3 daemon 1\n64 daemon 1 2 bin 2\n")
        self.assertEqual((done.returncode, done.stdout), (0, "go\n3 0 0\ngo\n66 0 0\n"))

    def test_refusals_and_everything_else_are_told_apart(self):
        self.assertEqual(self.storm("auth required pam_deny.so", "5 daemon 1\n").stdout, "go\n0 5 0\n")
        self.assertEqual(self.storm("auth required no_such_module.so", "5 daemon 1\n").stdout, "go\n0 0 5\n")

    def test_each_has_a_host_of_its_own_where_that_is_wanted(self):
        with tempfile.TemporaryDirectory(prefix="garde-pam-storm-") as folder:
            seen = pathlib.Path(folder, "seen")
            script = pathlib.Path(folder, "note")
            script.write_text(f'#!/bin/sh\necho "$PAM_RHOST" >>{seen}\n')
            script.chmod(0o755)
            self.storm(f"auth required pam_exec.so {script}", "3 daemon 1\n", "--own-hosts")
            self.assertEqual(sorted(seen.read_text().split()), ["192.0.2.1", "192.0.2.2", "192.0.2.3"])

    def test_a_round_that_is_none_is_an_error(self):
        for rounds in ("\n", "daemon 1\n", "0 daemon 1\n", "3 daemon\n", "255 daemon 1\n", "200 a 1 200 b 1\n"):
            self.assertEqual(self.storm("auth required pam_permit.so", rounds).returncode, 2, rounds)


if __name__ == "__main__":
    unittest.main()
