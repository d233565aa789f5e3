"""The admin's commands against a running verifier: rows, changes, who did it, and a hundred thousand users."""

import concurrent.futures
import json
import os
import subprocess
import time

import garde_site
import garde_wire
from garde_site import SiteTest
from phone import Phone


def enrol_many(path, first, last):
    with garde_wire.Caller(path) as admin:
        for n in range(first, last):
            admin.change(garde_wire.enrol(f"user{n:06}", 100_000 + n, Phone()))
    return last - first


class Admin(SiteTest):
    def test_list_and_show_tell_what_is_there(self):
        self.site.enrol("daemon", None, "--label", "phone")
        self.site.enrol("bin", Phone(kind="hotp"), confirm=False)
        rows = self.site.rows("list")
        self.assertEqual({(r["user"], r["state"]) for r in rows}, {("daemon", "active"), ("bin", "pending")})
        table = self.site.garde("list").stdout
        for line in table.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertIn("phone", self.site.garde("show", "daemon").stdout)
        json.dumps(self.site.rows("show", "daemon"))

    def test_a_change_names_the_factor_it_was_asked_for(self):
        self.site.enrol("daemon")
        second = self.site.enrol("daemon", Phone(kind="hotp"))
        ids = sorted(r["id"] for r in self.site.rows("list"))
        self.site.garde("suspend", "daemon", str(ids[0]))
        states = {r["id"]: r["state"] for r in self.site.rows("list")}
        self.assertEqual([states[i] for i in ids], ["suspended", "active"])
        self.assertAccepted(self.site.login("daemon", second.at(1)))
        self.assertEqual(self.site.garde("suspend", "bin", check=False).returncode, 1)
        self.assertEqual(self.site.garde("suspend", "daemon", "999", check=False).returncode, 1)
        self.assertEqual(self.site.garde("suspend", "daemon", "0", check=False).returncode, 2)

    def test_every_change_is_audited_with_who_did_it(self):
        os.environ["SUDO_USER"] = "the-admin"
        self.addCleanup(os.environ.pop, "SUDO_USER")
        phone = self.site.enrol("daemon", Phone(kind="hotp"), confirm=False)
        self.site.garde("confirm", "daemon", input=phone.wrong() + "\n", check=False)
        self.site.garde("confirm", "daemon", input=phone.at(0) + "\n")
        self.site.garde("verify", "daemon", input=phone.at(1) + "\n")
        for command in ("suspend", "resume", "unlock"):
            self.site.garde(command, "daemon")
        self.site.garde("revoke", "daemon", "--last", "--yes")
        events = [e["event"] for e in self.site.audit()]
        for event in ("enrolled", "confirm-failed", "confirmed", "verified", "suspended", "resumed", "unlocked", "revoked"):
            entry = self.site.audit(event=event)
            self.assertEqual(len(entry), 1, events)
            self.assertRegex(entry[0]["actor"], rf"^uid={os.getuid()} (login=\d+ )?sudo=the-admin$")
        self.assertEqual(self.site.audit()[0]["event"], "store-made")

    def test_audit_filters_by_user_and_time(self):
        self.site.enrol("daemon")
        self.site.enrol("bin")
        self.assertEqual({e["user"] for e in self.site.rows("audit", "--user", "bin")}, {"bin"})
        self.assertEqual(self.site.rows("audit", "--since", "2999-01-01"), [])
        self.assertTrue(self.site.rows("audit", "--since", "1h"))
        self.assertEqual(self.site.garde("audit", "--since", "yesterday", check=False).returncode, 2)

    def test_a_user_who_is_not_in_the_name_service_is_not_enrolled(self):
        done = self.site.garde("enroll", "no-such-user", "--no-confirm", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.site.rows("list"), [])

    def test_without_a_verifier_the_tool_says_so(self):
        self.site.stop()
        done = self.site.garde("list", check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("garded", done.stderr)

    def test_a_second_enrolment_stays_whole_when_the_tool_is_killed(self):
        process = subprocess.Popen([str(garde_site.GARDE), "--config", str(self.site.conf), "enroll", "daemon"],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self.site.rows("list") and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        self.assertEqual([r["state"] for r in self.site.rows("list")], ["pending"])
        self.assertEqual(self.site.garde("audit", "--verify").returncode, 0)


class Many(SiteTest):
    USERS = 100_000

    def resident_kib(self):
        return int(open(f"/proc/{self.site.process.pid}/status").read().split("VmRSS:")[1].split()[0])

    def test_list_streams_a_hundred_thousand_users_and_delays_no_login(self):
        path = str(self.site.sockets / "admin.sock")
        share = self.USERS // 25
        with concurrent.futures.ThreadPoolExecutor(25) as pool:
            made = sum(pool.map(lambda n: enrol_many(path, n * share, (n + 1) * share), range(25)))
        self.assertEqual(made, self.USERS)
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        before = self.resident_kib()
        listing = subprocess.Popen([str(garde_site.GARDE), "--config", str(self.site.conf), "list"],
                                   stdout=subprocess.PIPE, text=True)
        listing.stdout.readline()
        # The reader does not read on: the list waits, and nobody waits for it.
        for counter in range(1, 6):
            self.assertAccepted(self.site.login("daemon", phone.at(counter)))
        memory = self.resident_kib()
        # Now it reads, and page after page goes to and fro between the logins.
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lambda: sum(1 for line in listing.stdout if "user" in line))
            while not reading.done():
                counter += 1
                self.assertAccepted(self.site.login("daemon", phone.at(counter)))
            lines = reading.result()
        self.assertGreater(counter, 6, "no login fell into the listing")
        self.assertEqual(listing.wait(60), 0)
        self.assertGreaterEqual(lines, self.USERS)
        # 100,000 rows of the wire's 700 bytes and more would be 70 MB.
        self.assertLess(memory - before, 20_000, "the answer was gathered in memory")
        self.assert_status_counts_between_the_logins(phone, counter + 1)
        print(f"garded with {self.USERS} users and a waiting list: {memory} KiB resident")

    def assert_status_counts_between_the_logins(self, phone, counter):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            counting = pool.submit(self.site.garde, "status", "--json")
            first = counter
            while not counting.done():
                self.assertAccepted(self.site.login("daemon", phone.at(counter)))
                counter += 1
            state = json.loads(counting.result().stdout)["state"]
        self.assertGreater(counter, first, "no login fell into the counting")
        self.assertEqual((state["users"], state["factors"]), (self.USERS + 1, self.USERS + 1))


if __name__ == "__main__":
    garde_site.main()
