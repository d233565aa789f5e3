"""A name service that hangs: who needs it is refused in time, and nobody else waits."""

import subprocess
import time
import unittest

import enclosure
import garde_site
from enclosure import PEOPLE, House
from phone import Phone


class HangingNames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(sections="[service open]\nun_enrolled = allow\n")
        cls.addClassCleanup(cls.house.close)
        cls.house.up()
        cls.house.service("open")
        cls.phone = cls.house.enrol("alice", Phone(kind="hotp"))
        switch = cls.house.folder / "nsswitch.conf"
        switch.write_text("passwd: files hesiod\ngroup: files\nshadow: files\n")
        enclosure.mount("--bind", switch, "/etc/nsswitch.conf")
        enclosure.mount("--bind", garde_site.BUILD / "tests" / "support" / "libnss_hang.so", enclosure.HESIOD)

    def children(self):
        return subprocess.run(["pgrep", "-P", str(self.house.process.pid)], capture_output=True, text=True).stdout

    def test_the_name_service_really_hangs(self):
        with self.assertRaises(subprocess.TimeoutExpired):
            subprocess.run(["getent", "passwd", "nowhere"], timeout=1)

    def test_a_name_that_needs_it_is_refused_in_time_and_never_skipped(self):
        self.house.restart()  # the end writes what was counted
        before = len(self.house.audit(event="denied"))
        login = self.house.login("nowhere", "000001", service="open")
        self.assertEqual(login.number, garde_site.PAM_AUTHINFO_UNAVAIL, login)
        self.assertLess(login.elapsed_ms, 3000, login)
        deadline = time.monotonic() + 5
        while self.children() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(self.children(), "", "a helper was left behind")
        self.house.restart()
        self.assertEqual([e["reason"] for e in self.house.audit(event="denied")[before:]], ["lookup"])
        self.assertNotIn("nowhere", [e["user"] for e in self.house.audit()])

    def test_nobody_else_waits_meanwhile(self):
        hanging = [subprocess.Popen(self.house.login_command(f"nowhere{n}", "000001", service="open"),
                                    stdout=subprocess.DEVNULL) for n in range(20)]
        try:
            time.sleep(0.2)
            self.assertTrue(self.children(), "nothing hangs, so nothing is shown")
            login = self.house.login("alice", self.phone.code(), service="open")
            self.assertTrue(login.accepted, login)
            self.assertLess(login.elapsed_ms, 1000, login)
            self.assertTrue(self.children(), "the others had ended already")
        finally:
            codes = [process.wait(30) for process in hanging]
        self.assertNotIn(0, codes)

    def test_another_spelling_of_an_enrolled_name_is_that_account_and_never_skipped(self):
        skipped = len(self.house.audit(event="skip"))
        code = self.phone.code()
        login = self.house.login("ALICE", code, service="open")
        self.assertTrue(login.accepted, login)
        self.assertEqual(len(login.prompts), 1)
        entry = self.house.audit()[-1]
        self.assertEqual((entry["event"], entry["user"], entry["uid"]), ("login", "alice", PEOPLE["alice"]))
        self.assertFalse(self.house.login("alice", code, service="open").accepted)
        self.assertFalse(self.house.login("ALICE", code, service="open").accepted)
        self.assertEqual([e["reason"] for e in self.house.audit(event="login")[-2:]], ["replayed"] * 2)
        self.assertEqual(len(self.house.audit(event="skip")), skipped)

    def test_the_tool_keeps_the_canonical_name_and_its_uid(self):
        self.house.enrol("ALICE", Phone(kind="hotp"), "--label", "second")
        rows = self.house.rows("list")
        self.assertEqual({(row["user"], row["uid"]) for row in rows}, {("alice", PEOPLE["alice"])})
        self.assertEqual(self.house.rows("show", "ALICE"), self.house.rows("show", "alice"))
        factor = next(row["id"] for row in rows if row["label"] == "second")
        self.house.garde("revoke", "ALICE", str(factor), "--yes")
        self.assertEqual(self.house.audit(event="revoked")[-1]["user"], "alice")

    def test_a_name_that_is_in_the_files_is_found_before_it_hangs(self):
        self.house.login("bob", "000001", service="open")
        self.assertEqual([e["user"] for e in self.house.audit(event="skip")], ["bob"])


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
