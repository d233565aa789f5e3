"""A house that `garde doctor` looks at: everything in it is well until a test breaks it."""

import contextlib
import json
import os
import pathlib
import subprocess
import unittest

import garde_site
from enclosure import House

PAM_D = pathlib.Path("/etc/pam.d")
# As Debian's pam-auth-update writes it.
COMMON = ("auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
          "auth required pam_permit.so\n")
DANGER, WARNING, NOTE = "danger", "warning", "note"
IN, OUT, UNSEEN = "lets-in", "locks-out", "not-looked-at"


class DoctorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.addClassCleanup(cls.house.close)
        cls.house.up()
        cls.install()
        cls.house.enrol("alice")

    @classmethod
    def install(cls):
        for old in PAM_D.iterdir():
            old.unlink() if old.is_symlink() or not old.is_dir() else old.rmdir()
        for name, text in {"common-auth": COMMON, "other": "auth requisite pam_deny.so\n",
                           "common-account": "account required pam_unix.so\n",
                           "common-session": "session required pam_unix.so\n",
                           "common-session-noninteractive": "session required pam_unix.so\n",
                           "common-password": "password required pam_unix.so\n",
                           "sudo": "@include common-auth\nauth required GARDE\n"}.items():
            cls.pam(name, text)
        cls.install_login()

    def tearDown(self):
        self.install()

    @classmethod
    def pam(cls, name, text):
        module = str(cls.house.module)
        text = text.replace("GARDE", module + " socket=/run/garde/trusted.sock").replace("MODULE", module)
        (PAM_D / name).write_text(text)

    @classmethod
    def install_login(cls, rest="auth required GARDE\n"):
        cls.pam("login", "@include common-auth\n" + rest)

    def doctor(self, *arguments, config=None, program=garde_site.GARDE, environment=None, **more):
        return subprocess.run([str(program), "doctor", "--config", str(config or self.house.conf), *arguments],
                              capture_output=True, text=True, timeout=60,
                              env=os.environ | {"LC_ALL": "C.UTF-8"} | (environment or {}), **more)

    def look(self, **more):
        """Exit code, and what was found but for this machine's real clock, by id. The page says the same in 80 columns."""
        done, page = self.doctor("--json", **more), self.doctor(**more)
        self.assertEqual((done.stderr, page.stderr), ("", ""))
        self.assertEqual(page.returncode, done.returncode)
        for line in page.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertNotRegex(line, "[\x00-\x1f\x7f]")
        found = json.loads(done.stdout)["findings"]
        for finding in found:
            if finding["id"] == "verifier":  # it says how fast: another time
                continue
            self.assertIn(" ".join(finding["what"].split())[:40], " ".join(page.stdout.split()))
        return done.returncode, {f["id"]: f for f in found if f["check"] != "clock"}

    def bad(self, found):
        return {i for i, finding in found.items() if finding["level"] in (DANGER, WARNING)}

    def assertWell(self):
        code, found = self.look()
        self.assertEqual(self.bad(found), set(), found)
        self.assertIn(code, (0, 5))  # 5: nothing keeps this machine's clock right
        return found

    @contextlib.contextmanager
    def changed(self, path, text):
        path, old = pathlib.Path(path), pathlib.Path(path).read_text()
        path.write_text(text)
        try:
            yield
        finally:
            path.write_text(old)
