"""garde enroll --from: a sheet and a factor for each, whatever ends the run; and the sheet's secret lets in."""

import base64
import json
import os
import random
import re
import signal
import subprocess
import time

import garde_site
import many_users
from garde_site import GARDE, SiteTest
from phone import Phone

MANY = int(os.environ.get("GARDE_BULK", 200))
EVERYBODY = [f"nurse{i:04}" for i in range(max(MANY, 120))]
USERS = EVERYBODY[:120]


def phone_of(sheet):
    typed = re.search(r'id="key">([A-Z2-7 ]+)<', sheet.read_text())[1].replace(" ", "")
    return Phone(base64.b32decode(typed + "=" * (-len(typed) % 8)))


def qr_of(sheet):
    """The drawing of the page by itself, read by somebody else's reader."""
    svg = re.search(r'<svg id="qr".*?</svg>', sheet.read_text(), re.S)[0]
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" ', 1)
    picture = sheet.parent.parent / "qr.png"
    subprocess.run(["rsvg-convert", "-o", str(picture)], input=svg, text=True, check=True)
    return subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True).stdout.strip()


def inode(path):
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


class Bulk(SiteTest):
    def setUp(self):
        super().setUp()
        self.known = os.environ | {"LC_ALL": "C.UTF-8"} | many_users.known(self.site.folder, EVERYBODY)
        self.list = self.site.folder / "staff.csv"
        self.sheets = self.site.folder / "sheets"
        self.command = [str(GARDE), "--config", str(self.site.conf), "enroll", "--from", str(self.list), "--sheets",
                        str(self.sheets)]

    def write(self, users):
        self.list.write_text("user;label\n" + "".join(f"{user};phone\n" for user in users))

    def run_list(self, *options, code=0):
        done = subprocess.run([*self.command, *options], capture_output=True, text=True, env=self.known, timeout=300)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def pending(self):
        """{user: how many pending factors}"""
        counts = {}
        for row in self.site.rows("list"):
            if row["state"] == "pending":
                counts[row["user"]] = counts.get(row["user"], 0) + 1
        return counts

    def check(self, users, logins):
        self.assertEqual(self.pending(), dict.fromkeys(users, 1))
        self.assertEqual({path.name for path in self.sheets.iterdir()}, {f"{user}.html" for user in users})
        for user in logins:
            self.assertAccepted(self.site.login(user, phone_of(self.sheets / f"{user}.html").code()))

    def test_each_user_gets_a_sheet_whose_qr_code_lets_in_at_a_login(self):
        self.write(EVERYBODY)
        began = time.monotonic()
        done = self.run_list("--json", "--pending-for", "30d")
        print(f"{len(EVERYBODY)} users in {time.monotonic() - began:.1f} s")
        told = json.loads(done.stdout)
        self.assertEqual([(row["line"], row["user"], row["outcome"]) for row in told],
                         [(i + 2, user, "enrolled") for i, user in enumerate(EVERYBODY)])
        factors = {row["id"]: row for row in self.site.rows("list")}
        for row in told:
            self.assertEqual(factors[row["factor"]]["user"], row["user"])
            self.assertEqual(factors[row["factor"]]["pending_until"], row["pending_until"])
            self.assertEqual((self.sheets / row["sheet"]).stat().st_mode & 0o7777, 0o600)
        for user in random.sample(EVERYBODY, 5):
            sheet = self.sheets / f"{user}.html"
            self.assertIn(f":{user}?secret={phone_of(sheet).base32()}&", qr_of(sheet))
        self.check(EVERYBODY, EVERYBODY[::len(EVERYBODY) // 10])

    def test_who_has_used_a_sheet_is_passed_over_and_who_has_not_gets_another(self):
        users = USERS[:20]
        self.write(users)
        self.run_list()
        old = {user: phone_of(self.sheets / f"{user}.html") for user in users}
        for user in users[:5]:
            self.assertAccepted(self.site.login(user, old[user].code()))
        done = self.run_list()
        self.assertIn("15 sheets", done.stdout)
        self.assertIn("5 users have a confirmed factor", done.stdout)
        self.assertEqual(self.pending(), dict.fromkeys(users[5:], 1))
        for user in users[5:8]:
            self.assertRefused(self.site.login(user, old[user].code()))
            self.assertAccepted(self.site.login(user, phone_of(self.sheets / f"{user}.html").code()))
        for user in users[:2]:
            self.assertAccepted(self.site.login(user, old[user].code(ahead=1)))

    def wait_for_sheets(self, process, count):
        """Until this run has written so many, or is over."""
        begun = {path: path.stat().st_ino for path in self.sheets.glob("*.html")}
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            new = sum(1 for path in self.sheets.glob("*.html") if begun.get(path) != inode(path))
            if new >= count:
                return
            time.sleep(0.002)

    def test_killed_at_any_moment_and_run_again_each_has_one_factor_and_its_sheet(self):
        seed = int(os.environ.get("GARDE_SEED", 0)) or random.randrange(1, 2**32)
        print(f"seed {seed}")
        moments = random.Random(seed)
        self.write(USERS)
        killed = 0
        for _ in range(4):
            process = subprocess.Popen(self.command, env=self.known, stdout=subprocess.DEVNULL)
            self.wait_for_sheets(process, moments.randrange(1, len(USERS) - 20))
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            for path in self.sheets.glob("*.html"):
                self.assertTrue(path.read_text().endswith("</html>\n"), f"{path} is half a sheet")
        self.assertGreater(killed, 0)
        self.run_list()
        self.check(USERS, moments.sample(USERS, 12))

    def test_a_signal_ends_it_after_the_user_at_hand_and_the_next_run_goes_on(self):
        self.write(USERS)
        ended = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(self.command, env=self.known, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True)
            self.wait_for_sheets(process, 5)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            if process.returncode == 0:
                continue  # on a busy machine it may have come too late
            ended += 1
            self.assertEqual(process.returncode, 1)
            self.assertRegex(err, r"Run the same command again")
            made = int(re.search(r"^(\d+) sheets? ", out, re.M)[1])
            self.assertGreaterEqual(len(self.pending()), made)
            for user in list(self.pending())[:3]:
                self.assertTrue((self.sheets / f"{user}.html").exists())
        self.assertGreater(ended, 0)
        self.run_list()
        self.check(USERS, USERS[:3])

    def test_a_verifier_that_goes_away_leaves_no_sheet_without_a_factor(self):
        self.write(USERS)
        process = subprocess.Popen(self.command, env=self.known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_for_sheets(process, 20)
        self.site.kill()
        out, err = process.communicate(timeout=60)
        self.site.start()
        self.assertEqual(process.returncode, 3, err)
        self.assertRegex(err, r"staff\.csv:\d+: the verifier .*\n(.*\n)*.*Run the same command again")
        sheets = {path.stem for path in self.sheets.iterdir()}
        self.assertLessEqual(sheets, set(self.pending()))
        self.run_list()
        self.check(USERS, USERS[:3])


if __name__ == "__main__":
    garde_site.main()
