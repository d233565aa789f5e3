"""One installation that is put back to the same state before each fault, and what must hold after it.

Two people are enrolled. A fault happens while USER logs in or is changed by the admin; OTHER shows that the verifier serves.
"""

import shutil
import subprocess
import time
import unittest

import injection
from garde_site import PAM_IGNORE, PAM_SUCCESS, Site
from phone import Phone

USER, OTHER = "daemon", "bin"
MODULE_WAITS_MS = 3000
RUNNING, CONFIGURATION, KEY_RING, STORE = 1, 3, 4, 5  # garded(8), EXIT STATUS


class Scene(Site):
    def __init__(self, kind="totp"):
        super().__init__()
        self.kind = kind
        self.phones = {user: Phone(kind=kind) for user in (USER, OTHER)}
        self.kept = self.folder / "kept"
        self.up()
        for user, phone in self.phones.items():
            self.garde("enroll", user, "--uri-stdin", "--no-qr", input=f"{phone.uri()}\n{self.codes(user)[0]}\n")
        self.stop()
        self.keep()

    def keep(self, where=None):
        shutil.copytree(self.store.parent, where or self.kept)

    def codes(self, user=USER):
        """Of the enrolment, of the next login and of the one after it. TOTP: a step back, now, and a step ahead."""
        phone = self.phones[user]
        if self.kind == "hotp":
            return [phone.at(counter) for counter in range(3)]
        now = phone.step()
        return [phone.at(now + step) for step in (-1, 0, 1)]

    def put_back(self, kept=None):
        """Everything is as it was, and nothing runs."""
        self.end()
        shutil.rmtree(self.store.parent, ignore_errors=True)
        shutil.copytree(kept or self.kept, self.store.parent)
        self.log_file.write_bytes(b"")

    def begin(self):
        """Running, and still."""
        self.start(wait=False)
        self.wait_until_ready()
        injection.wait_until_still(self.process.pid)
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        start = self.log_text().count("garded: ready")
        while self.log_text().count("garded: ready") == start and time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"garded ended with {self.process.returncode}: {self.log_text()}")
            time.sleep(0.002)

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self):
        self.end()
        super().close()

    def ended_by_itself(self):
        """The exit code, once it is clear whether a failed call is the end of it; None if it serves on."""
        injection.wait_until_still(self.process.pid)
        return self.ended_with()

    def ended_with(self, seconds=0):
        """garded's exit code, negative for a signal; None while it runs."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def was_told_the_impossible(self):
        """A call that wakes met what only one that waits can: glibc gives up, often before strace has written which it was."""
        return "The futex facility returned an unexpected error" in self.log_text()

    def logins(self, user=USER):
        return [entry["seq"] for entry in self.audit(event="login", verdict="accepted", user=user)]


class SceneTest(unittest.TestCase):
    kind = "totp"

    @classmethod
    def setUpClass(cls):
        cls.site = Scene(cls.kind)
        cls.addClassCleanup(cls.site.close)

    def setUp(self):
        self.addCleanup(self.site.end)
        self.count = self.met = 0

    def run_cases(self, cases, run):
        """Each of them as a sub-test; `run` tells whether the fault was met. Threads do not do the same each time, so some are
        tried again, and some are never met, but most must be."""
        cases = list(cases)
        self.assertGreater(len(cases), 0)
        for case in cases:
            with self.subTest(case=" ".join(map(str, case)) if isinstance(case, tuple) and not hasattr(case, "_fields")
                              else str(case)):
                self.met += bool(run(case) or run(case))
        print(f"\n{self.id()}: {len(cases)} cases, the fault was met in {self.met}")
        self.assertGreater(self.met, 0.8 * len(cases))

    def assertNobodyLetIn(self, login):
        """An answer that is not "accepted" must be a failure of PAM's."""
        self.assertNotIn(login.number, (PAM_SUCCESS, PAM_IGNORE), login)

    def check_login(self, login, code, following, known=None):
        """garded runs again. A code that was answered "accepted" stays spent, one without an answer is spent with an entry or good
        for one login, and the one after it works."""
        site = self.site
        entries = site.logins()
        self.assertLessEqual(len(entries), 1)
        if login.accepted:
            self.assertEqual(len(entries), 1, "accepted, and not recorded")
        else:
            self.assertNobodyLetIn(login)
        again = site.login(USER, code)
        self.assertEqual(again.accepted, not entries, f"{login} then {again}; entries {entries}")
        if not entries:
            self.assertFalse(site.login(USER, code).accepted, "accepted twice")
        self.assertTrue(site.login(USER, following).accepted, "the next code does not work")
        self.assertEqual(len(site.logins()), 2)
        self.check_whole()

    def check_whole(self):
        """Store, audit and all rows hold, in the running verifier and without it."""
        site = self.site
        site.garde("audit", "--verify")
        self.assertEqual(site.stop(), 0, site.log_text())
        done = site.garded("check")
        self.assertEqual(done.returncode, 0, f"{done.stdout}{done.stderr}")
