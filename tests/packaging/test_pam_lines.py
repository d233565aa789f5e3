#!/usr/bin/python3
"""packaging/scripts/pam-lines: which lines of PAM refuse everybody once garde's module is gone. Two packages refuse to be removed by it."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(os.environ["GARDE_SOURCE"]) / "packaging/scripts/pam-lines"


class PamLines(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.etc = pathlib.Path(folder.name)
        (self.etc / "pam.d").mkdir()

    def lines(self, **services):
        for name, text in services.items():
            (self.etc / "pam.d" / name.replace("__", ".")).write_text(text)
        run = subprocess.run([SCRIPT, self.etc, self.etc / "vendor"], capture_output=True, text=True, check=True)
        return run.stdout.replace(f"{self.etc}/", "").splitlines()

    def test_a_line_is_told_with_file_and_number(self):
        self.assertEqual(self.lines(sshd="@include common-auth\nauth required pam_garde.so\n"),
                         ["pam.d/sshd:2: auth required pam_garde.so"])

    def test_controls_paths_and_words_hide_no_line(self):
        text = "-auth [success=ok default=die] /lib/security/pam_garde.so verify\nauth\trequired \\\n  pam_garde.so\n"
        self.assertEqual(len(self.lines(su=text)), 2)

    def test_a_fragment_that_is_included_needs_the_module_too(self):
        text = "@include /usr/share/garde/pam.d/prompt\nauth include /usr/share/garde/pam.d/code-first\n"
        self.assertEqual(len(self.lines(login=text)), 2)

    def test_the_old_file_of_all_services_is_read(self):
        (self.etc / "pam.conf").write_text("sudo auth required pam_garde.so\n")
        self.assertEqual(self.lines(), ["pam.conf:1: sudo auth required pam_garde.so"])

    def test_a_service_of_the_vendor_counts_unless_etc_has_one_of_its_name(self):
        (self.etc / "vendor").mkdir()
        for name in ("cups", "sshd"):
            (self.etc / "vendor" / name).write_text("auth required pam_garde.so\n")
        self.assertEqual(self.lines(sshd="auth required pam_unix.so\n"), ["vendor/cups:1: auth required pam_garde.so"])

    def test_files_that_are_included_from_elsewhere_are_read_once_each(self):
        one, two = self.etc / "one", self.etc / "two"
        one.write_text(f"auth substack {two}\nauth include {one}\n@include {self.etc}/none\n")
        two.write_text("auth required pam_garde.so\n")
        self.assertEqual(self.lines(sshd=f"@include {one}\n", cron=f"auth include {one} # x\n"), ["two:1: auth required pam_garde.so"])

    def test_comments_are_no_lines(self):
        self.assertEqual(self.lines(sudo="# auth required pam_garde.so\nauth required pam_unix.so # not pam_garde.so\n"), [])

    def test_copies_that_tools_leave_are_no_services(self):
        line = "auth required pam_garde.so\n"
        self.assertEqual(self.lines(**{"sshd__dpkg-old": line, "sshd~": line, "common-auth__pam-old": line,
                                       "sshd__ucf-dist": line}), [])

    def test_without_a_folder_of_pam_there_is_nothing(self):
        (self.etc / "pam.d").rmdir()
        self.assertEqual(self.lines(), [])


if __name__ == "__main__":
    unittest.main()
