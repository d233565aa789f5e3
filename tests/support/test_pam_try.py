"""The helper that puts answers in front of real libpam, tried on stacks of Debian's own modules."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

PAM_TRY = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve() / "tests" / "support" / "pam_try"


class PamTry(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="garde-pam-try-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_try(self, line, *arguments, user=("--user", "daemon"), **more):
        (self.folder / "svc").write_text(line + "\n")
        return subprocess.run([PAM_TRY, "--confdir", self.folder, "--service", "svc", *user, *arguments],
                              capture_output=True, text=True, timeout=20, **more)

    def test_success_is_exit_0_and_a_last_line_with_its_name(self):
        done = self.run_try("auth required pam_permit.so")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"\Aresult 0 PAM_SUCCESS elapsed_ms [\d.]+\n\Z")

    def test_failure_is_exit_1_and_each_call_has_a_line(self):
        done = self.run_try("auth required pam_deny.so", "--times", "3")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.count("result 7 PAM_AUTH_ERR"), 3)

    def test_no_answer_left_fails_the_conversation(self):
        done = self.run_try("auth required pam_permit.so", user=("--no-user",))
        self.assertEqual(done.returncode, 1)
        self.assertIn("prompt on login:\n", done.stdout)
        self.assertIn("PAM_CONV_ERR", done.stdout)

    def test_answers_come_from_arguments_and_from_the_standard_input(self):
        line = "auth required pam_permit.so"
        self.assertEqual(self.run_try(line, "--", "daemon", user=("--no-user",)).returncode, 0)
        self.assertEqual(self.run_try(line, "--stdin", user=("--no-user",), input="daemon\n").returncode, 0)
        self.assertEqual(self.run_try(line, "--stdin", user=("--no-user",), input="").returncode, 1)

    def test_messages_are_lines(self):
        (self.folder / "text").write_text("good morning\n")
        done = self.run_try(f"auth required pam_echo.so file={self.folder}/text\nauth required pam_permit.so")
        self.assertIn("info good morning", done.stdout)

    def test_other_calls_and_wrong_usage(self):
        self.assertEqual(self.run_try("account required pam_permit.so", "--call", "account").returncode, 0)
        self.assertEqual(self.run_try("account required pam_permit.so", "--call", "nothing").returncode, 2)
        self.assertEqual(self.run_try("auth required pam_permit.so", "--times", "5x").returncode, 2)

    def test_a_list_of_calls_goes_as_far_as_they_succeed(self):
        both = "authenticate,setcred"
        done = self.run_try("auth required pam_permit.so", "--call", both)
        self.assertEqual((done.returncode, done.stdout.count("PAM_SUCCESS")), (0, 2))
        done = self.run_try("auth required pam_deny.so", "--call", both)
        self.assertEqual((done.returncode, done.stdout.count("result")), (1, 1))
        self.assertEqual(self.run_try("auth required pam_permit.so", "--call", "authenticate,nothing").returncode, 2)

    def test_a_delay_is_told_instead_of_waited_for(self):
        line = "auth optional pam_faildelay.so delay=60000000\nauth required pam_deny.so"
        found = re.search(r"^delay (\d+)$", self.run_try(line, "--delays").stdout, re.M)
        self.assertTrue(30_000_000 <= int(found[1]) <= 90_000_000, found[0])

    def test_go_holds_the_answer_back_until_the_file_is_there(self):
        go = self.folder / "go"
        (self.folder / "svc").write_text("auth required pam_permit.so\n")
        process = subprocess.Popen([PAM_TRY, "--confdir", self.folder, "--service", "svc", "--no-user", "--go", go,
                                    "daemon"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "prompt on login:\n")
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(0.1)
        go.touch()
        self.assertIn("PAM_SUCCESS", process.communicate(timeout=20)[0])


if __name__ == "__main__":
    unittest.main()
