"""`garde coverage` over real people: a roll-out half way, a directory that lists nobody, and ten thousand users."""

import csv
import json
import pathlib
import unittest

import enclosure
import garde_site
from enclosure import House
from phone import Phone

THOUSANDS = 10_000
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank")


class Coverage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open("/etc/group", "a") as group, open("/etc/passwd", "a") as passwd:
            group.write("cardiology:x:21001:alice,bob,carol\nward:x:21002:\n")
            passwd.write("robot:x:20301:20301::/:/usr/sbin/nologin\nliar:x:20302:20302::/:/opt/false\n"
                         "odd:x:20303:20303::/:/no/such/shell\nplain:x:20304:21002::/:\n")
        shells = pathlib.Path("/run/shells")  # as some have it for FTP
        shells.write_text(pathlib.Path("/etc/shells").read_text() + "/usr/sbin/nologin\n/opt/false\n")
        enclosure.mount("--bind", shells, "/etc/shells")
        cls.house = House(sections="[service open]\nun_enrolled = allow\npending = allow\n")
        cls.addClassCleanup(cls.house.close)
        cls.house.up()
        cls.house.service("open", line=f"auth [success=ok ignore=ignore default=die] {garde_site.MODULE} "
                                       f"socket={cls.house.sockets / 'trusted.sock'}\nauth required pam_permit.so")
        house = cls.house
        house.enrol("alice")
        house.enrol("bob", Phone(), confirm=False)
        for user in ("carol", "dave"):
            house.enrol(user)
        house.garde("suspend", "carol", input="yes\n")
        house.garde("revoke", "dave", "--last", input="yes\n", check=False)
        house.garde("revoke", "dave", input="yes\n", check=False)
        for user, answer in (("bob", ""), ("erin", "x"), ("erin", "x"), ("robot", "x")):
            login = house.login(user, answer, service="open")
            if not login.accepted:
                raise AssertionError(login)

    def coverage(self, *arguments, code=5, **more):
        done = self.house.garde("coverage", *arguments, check=False, **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def people(self, *arguments, **more):
        answer = json.loads(self.coverage("--json", *arguments, **more).stdout)
        return {person["user"]: person for person in answer["people"]}, answer["summary"]

    def test_each_person_is_listed_with_what_is_missing(self):
        people, summary = self.people()
        states = {user: people[user]["state"] for user in PEOPLE if user in people}
        self.assertEqual(states, {"bob": "pending", "carol": "suspended", "dave": "revoked", "erin": "un-enrolled",
                                  "frank": "un-enrolled"})
        self.assertIn("root", people)
        self.assertTrue(people["plain"]["login_shell"], "none at all is /bin/sh")
        for user in ("liar", "odd", "daemon"):
            self.assertNotIn(user, people)
        self.assertNotIn("alias", people, "another name for alice")
        self.assertEqual(summary["everybody_listed"], True)

    def test_who_got_in_without_a_code_is_counted_also_without_a_login_shell(self):
        people, summary = self.people("--since", "1h")
        self.assertEqual({user: person["without_code"] for user, person in people.items() if person["without_code"]},
                         {"bob": 1, "erin": 2, "robot": 1})
        self.assertEqual((people["robot"]["login_shell"], people["robot"]["last_service"]), (False, "open"))
        self.assertEqual((summary["let_in_without_code"], summary["logins_without_code"]), (3, 4))
        people, summary = self.people("--since", "2999-01-01")
        self.assertEqual(summary["logins_without_code"], 0)
        self.assertNotIn("robot", people)

    def test_a_group_is_its_members_primary_ones_too(self):
        self.assertEqual(set(self.people("--group", "cardiology")[0]), {"bob", "carol"})
        self.assertEqual(set(self.people("--group", "ward")[0]), {"plain"})
        names = self.house.folder / "names"
        names.write_text("alice\n")
        self.assertEqual(json.loads(self.coverage("--json", "--users", str(names), code=0).stdout)["people"], [])
        self.assertEqual(set(self.people("--group", "cardiology", "--users", "-", input="erin\nbob\nalice\n")[0]),
                         {"bob"})

    def test_the_table_fits_and_the_csv_has_the_same_rows(self):
        shown = self.coverage().stdout
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertRegex(shown, r"(?m)^erin +not enrolled +2  20\d\d-\d\d-\d\d \d\d:\d\d  open$")
        rows = list(csv.DictReader(self.coverage("--csv").stdout.splitlines()))
        people = self.people()[0]
        self.assertEqual([row["user"] for row in rows], sorted(people))
        self.assertEqual({row["user"]: row["state"] for row in rows},
                         {user: person["state"] for user, person in people.items()})

    def test_a_directory_that_lists_nobody_is_said_to(self):
        switch = self.house.folder / "nsswitch.conf"
        switch.write_text("# ours\npasswd: files [NOTFOUND=continue] hesiod systemd\ngroup: files\nshadow: files\n")
        enclosure.mount("--bind", switch, "/etc/nsswitch.conf")
        self.addCleanup(enclosure.unmount, "/etc/nsswitch.conf")
        self.assertEqual(self.people()[1]["everybody_listed"], False)
        self.assertIn("the name service asks hesiod too", " ".join(self.coverage().stdout.split()))
        self.assertIn("hesiod", self.coverage("--csv").stderr)
        self.assertEqual(self.people("--users", "-", input="bob\n")[1]["everybody_listed"], True)

    def test_ten_thousand_users_are_listed(self):
        passwd = self.house.folder / "passwd"
        with open("/etc/passwd") as before:
            text = before.read()
        passwd.write_text(text + "".join(f"u{n:05}:x:{30000 + n}:100::/:/bin/sh\n" for n in range(THOUSANDS)))
        enclosure.mount("--bind", passwd, "/etc/passwd")
        self.addCleanup(enclosure.unmount, "/etc/passwd")
        people, summary = self.people()
        self.assertEqual(sum(user.startswith("u0") for user in people), THOUSANDS)
        self.assertGreater(summary["login_shells"], THOUSANDS)


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
