"""`garde status` of a running verifier. What a clock that is off does to it is in test_clock.py."""

import os
import subprocess
import time

import garde_site
from garde_site import SiteTest, needs_root
from phone import Phone


class Status(SiteTest):
    site_arguments = {"clock": 1_800_000_000}

    def status(self, code=0):
        done = self.site.garde("status", "--json", check=False)
        self.assertEqual(done.returncode, code, done)
        return garde_site.json.loads(done.stdout)

    def test_a_fresh_verifier_is_well(self):
        page = self.site.garde("status").stdout
        for line in page.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertRegex(page, r"\AVerifier      garded \d+\.\d+\.\d+, since ")
        told = self.status()
        self.assertEqual((told["future_marks"], told["bad_rows"]), ([], []))
        state = told["state"]
        self.assertEqual((state["users"], state["factors"], state["entries"]), (0, 0, 1))
        self.assertEqual(state["now"], "2027-01-15T08:00:00Z")
        self.assertEqual((state["clock_users"], state["attention"]), (0, []))
        self.assertIn(state["scan"], ("running", "passed"))

    def test_it_counts_users_factors_and_entries(self):
        self.site.enrol("daemon")
        self.site.enrol("daemon", Phone(kind="hotp"))
        self.site.enrol("bin", confirm=False)
        self.site.enrol("games")
        self.site.garde("revoke", "games", "--last", "--yes")
        state = self.status()["state"]
        self.assertEqual((state["users"], state["factors"]), (2, 3))
        self.assertEqual(state["entries"], len(self.site.audit()))

    def test_it_says_since_when_by_the_clock_as_it_is_now(self):
        def running_s():
            state = self.status()["state"]
            return [int(time.mktime(time.strptime(state[key], "%Y-%m-%dT%H:%M:%SZ"))) for key in ("started", "now")]
        # The wall clock stands still, and the verifier runs for as long as this test: minutes at most.
        for clock in (1_800_000_000, 1_900_000_000, 1_700_000_000):
            self.site.set_clock(clock)
            started, now = running_s()
            self.assertGreaterEqual(now - started, 0)
            self.assertLess(now - started, 600)

    def test_a_head_of_the_audit_that_somebody_wrote_is_told_and_the_state_with_it(self):
        self.site.enrol("daemon")
        self.site.stop()
        self.site.sql("UPDATE head SET count = 2")
        self.site.start()
        told = self.status(4)["state"]
        self.assertEqual(told["attention"], ["tampered"])
        self.assertEqual(told["factors"], 1)
        self.assertIn("without the key", " ".join(self.site.garde("status", check=False).stdout.split()))

    def test_without_a_verifier_it_is_exit_code_three(self):
        self.site.stop()
        done = self.site.garde("status", check=False)
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("systemctl start garded", done.stderr)

    @needs_root
    def test_it_is_told_to_admins_only(self):
        command = ["setpriv", "--reuid=2", "--regid=2", "--clear-groups", str(garde_site.GARDE), "--config",
                   str(self.site.conf), "status"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | {"LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("no permission", done.stderr)


if __name__ == "__main__":
    garde_site.main()
