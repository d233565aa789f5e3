"""A name service that hangs: who needs it is refused in time, and nobody else waits."""

import pathlib
import subprocess
import time
import unittest

import enclosure
import garde_site
from enclosure import House
from phone import Phone

SERVICE = next(pathlib.Path("/lib").glob("*/libnss_hesiod.so.2"))


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
        enclosure.mount("--bind", garde_site.BUILD / "tests" / "support" / "libnss_hang.so", SERVICE)

    def children(self):
        return subprocess.run(["pgrep", "-P", str(self.house.process.pid)], capture_output=True, text=True).stdout

    def test_the_name_service_really_hangs(self):
        with self.assertRaises(subprocess.TimeoutExpired):
            subprocess.run(["getent", "passwd", "nowhere"], timeout=1)

    def test_a_name_that_needs_it_is_refused_in_time_and_never_skipped(self):
        start = time.monotonic()
        login = self.house.login("nowhere", "000001", service="open")
        self.assertEqual(login.number, garde_site.PAM_AUTHINFO_UNAVAIL, login)
        self.assertLess(time.monotonic() - start, 3.5)
        self.assertEqual(self.children(), "", "a helper was left behind")
        self.house.restart()
        self.assertEqual([e["reason"] for e in self.house.audit(event="denied")], ["lookup"])
        self.assertNotIn("nowhere", [e["user"] for e in self.house.audit()])

    def test_nobody_else_waits_meanwhile(self):
        hanging = [subprocess.Popen(self.house.login_command(f"nowhere{n}", "000001", service="open"),
                                    stdout=subprocess.DEVNULL) for n in range(20)]
        try:
            time.sleep(0.2)
            self.assertTrue(self.children(), "nothing hangs, so nothing is shown")
            start = time.monotonic()
            login = self.house.login("alice", self.phone.code(ahead=1), service="open")
            self.assertTrue(login.accepted, login)
            self.assertLess(time.monotonic() - start, 1)
            self.assertTrue(self.children(), "the others had ended already")
        finally:
            codes = [process.wait(30) for process in hanging]
        self.assertNotIn(0, codes)

    def test_a_name_that_is_in_the_files_is_found_before_it_hangs(self):
        self.house.login("bob", "000001", service="open")
        self.assertEqual([e["user"] for e in self.house.audit(event="skip")], ["bob"])


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
