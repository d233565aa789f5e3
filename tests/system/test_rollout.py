"""A roll-out by groups: local ones and those of a directory, before and after the date, and while the directory is out of order."""

import pathlib
import unittest

import enclosure
import garde_site
import garde_wire
from enclosure import PASSWORD, House
from garde_site import PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL
from phone import Phone
from test_sshd import Sshd

START = 1_800_000_000  # 15 January 2027, 8:00 UTC
OVER = 1_801_440_000   # 1 February: cardiology's first second without it
HINT = "leave empty if you have no code yet"

RULES = """
[service open]
un_enrolled = allow
[service closed]
un_enrolled = refuse
[group cardiology]
un_enrolled = allow-until 2027-01-31
pending = allow-until 2027-01-31
[group admins]
un_enrolled = refuse
[group on call]
pending = refuse
[service closed group on call]
un_enrolled = allow
[group wards]
un_enrolled = allow
[group 4711]
un_enrolled = allow
[group frank]
un_enrolled = allow
"""
# alice: cardiology; bob: both; carol, erin: wards, by the directory; dave: nothing; frank: his own group, as the primary one.
GROUPS = """cardiology:x:21001:alice,bob,4711,odd.na-me_$
admins:x:21002:bob
on call:x:21003:dave
4711:x:21004:
"""
ODD = {"4711": 20301, "odd.na-me_$": 20302, "20001": 20303,  # the last one has alice's number for a name
       "listed": 20304}


class Rollout(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open("/etc/group", "a") as group, open("/etc/passwd", "a") as passwd:
            group.write(GROUPS)
            for name, uid in ODD.items():
                passwd.write(f"{name}:x:{uid}:{uid}::/nonexistent:/bin/sh\n")
        cls.house = House(sections=RULES, policy="pending_for = 60d", clock=START)
        cls.addClassCleanup(cls.house.close)
        switch = cls.house.folder / "nsswitch.conf"
        switch.write_text("passwd: files\ngroup: files hesiod\nshadow: files\n")
        enclosure.mount("--bind", switch, "/etc/nsswitch.conf")
        enclosure.mount("--bind", garde_site.BUILD / "tests" / "support" / "libnss_hang.so", enclosure.HESIOD)
        cls.house.up()
        for service in ("plain", "open", "closed"):
            cls.house.service(service, line=f"auth [success=ok ignore=ignore default=die] {garde_site.MODULE} "
                                            f"socket={cls.house.sockets / 'trusted.sock'}\nauth required pam_permit.so")

    def setUp(self):
        self.house.set_clock(START)
        self.directory("")
        self.addCleanup(self.directory, "")

    def directory(self, mode):
        pathlib.Path("/run/nss-mode").write_text(mode)

    def assertSkipped(self, user, service="plain"):
        before = len(self.house.audit(event="skip"))
        login = self.house.login(user, "000001", service=service)
        self.assertTrue(login.accepted, login)
        self.assertEqual(login.prompts, [])
        entries = self.house.audit(event="skip")
        self.assertEqual(len(entries), before + 1)
        self.assertEqual((entries[-1]["user"], entries[-1]["reason"], entries[-1]["service"]), (user, "rule", service))

    def assertAsked(self, user, service="plain", number=PAM_AUTH_ERR):
        before = len(self.house.audit(event="skip"))
        login = self.house.login(user, "000001", service=service)
        self.assertEqual(login.number, number, login)
        self.assertEqual(len(self.house.audit(event="skip")), before)
        return login

    def test_a_ward_is_let_through_until_its_date_and_its_admins_are_not(self):
        for at, alice in ((START, True), (OVER - 1, True), (OVER, False)):
            with self.subTest(at=at):
                self.house.set_clock(at)
                for service in ("plain", "open"):  # of which the second would let everybody in: the stricter holds
                    (self.assertSkipped if alice else self.assertAsked)("alice", service)
                    self.assertAsked("bob", service)
        self.assertAsked("dave")
        self.assertSkipped("dave", "open")

    def test_an_exception_of_a_service_beats_it_and_the_groups(self):
        self.assertAsked("alice", "closed")
        self.assertSkipped("dave", "closed")

    def test_a_primary_group_counts(self):
        self.assertSkipped("frank")

    def test_a_group_within_a_group_of_the_directory_counts(self):
        self.assertSkipped("carol")
        self.assertAsked("carol", "closed")

    def test_a_member_that_only_the_group_names_counts(self):
        self.assertSkipped("listed")

    def test_a_user_in_thousands_of_groups_is_found_in_the_last_of_them(self):
        self.assertSkipped("erin")

    def test_odd_names_are_names(self):
        self.assertSkipped("4711")  # in cardiology, not in the group of that name
        self.assertSkipped("odd.na-me_$")
        self.assertAsked("20001")  # which is alice's number, and alice would be let through

    def test_while_the_directory_hangs_who_needs_it_is_refused_in_time_and_nobody_else(self):
        phone = self.house.enrol("garde", Phone(kind="hotp"))
        self.directory("hangs")
        login = self.assertAsked("alice", number=PAM_AUTHINFO_UNAVAIL)
        self.assertLess(login.elapsed_ms, 3000, login)
        login = self.house.login("garde", phone.code(), service="open")
        self.assertTrue(login.accepted, login)
        self.assertAsked("alice", "closed", number=PAM_AUTHINFO_UNAVAIL)
        self.directory("")
        self.assertSkipped("alice")

    def test_a_directory_that_is_down_makes_nobody_a_non_member(self):
        """bob is an admin by the files alone; carol and dave could be in whatever group."""
        for mode in ("down", "cached"):
            self.directory(mode)
            for user in ("alice", "bob", "carol", "dave"):
                with self.subTest(mode=mode, user=user):
                    self.assertAsked(user, "open", number=PAM_AUTHINFO_UNAVAIL)

    def enrol_pending(self, user):
        self.house.garde("revoke", user, input="yes\n", check=False)
        self.house.enrol(user, Phone(), confirm=False)
        self.addCleanup(self.house.garde, "revoke", user, input="yes\n")

    def test_pending_users_have_the_rule_of_their_groups(self):
        for user in ("alice", "dave"):
            self.enrol_pending(user)
        login = self.house.login("alice", "", service="plain")
        self.assertTrue(login.accepted, login)
        self.assertIn(HINT, login.prompts[0])
        self.assertEqual(self.house.audit(event="skip")[-1]["reason"], "pending")
        for user, at in (("dave", START), ("alice", OVER)):
            self.house.set_clock(at)
            login = self.house.login(user, "", service="plain")
            self.assertEqual(login.number, PAM_AUTH_ERR, login)
            self.assertNotIn(HINT, login.prompts[0])

    def test_a_pending_user_whose_groups_cannot_be_found_is_asked_as_everybody(self):
        self.enrol_pending("alice")
        for mode in ("hangs", "down"):
            self.directory(mode)
            login = self.house.login("alice", "", service="plain")
            self.assertEqual(login.number, PAM_AUTH_ERR, login)
            self.assertNotIn(HINT, login.prompts[0])
            self.assertLess(login.elapsed_ms, 3000, login)

    def test_a_stranger_learns_nothing_of_who_is_pending(self):
        self.enrol_pending("alice")
        answers = []
        for user in ("alice", "bob", "dave"):  # pending, not enrolled, not enrolled
            with garde_wire.Caller(self.house.sockets / "verify.sock", as_uid=enclosure.PEOPLE["carol"]) as caller:
                caller.send(garde_wire.ask(user, "plain"))
                answers.append(caller.receive())
        self.assertEqual(answers, [(garde_wire.REFUSE, bytes([garde_wire.REFUSE_DENIED]))] * 3)
        with garde_wire.Caller(self.house.sockets / "verify.sock", as_uid=enclosure.PEOPLE["alice"]) as caller:
            caller.send(garde_wire.ask("alice", "plain"))
            self.assertEqual(caller.receive()[1][-1], 1, "her own prompt may stay empty")
            caller.send(garde_wire.answer(""))
            self.assertEqual(caller.receive(), (garde_wire.SKIP, b"\2"))

    def test_at_sshd_an_empty_answer_lets_a_pending_user_in_behind_the_password_alone(self):
        self.enrol_pending("alice")
        self.house.pam_line("sshd", "auth requisite pam_unix.so nodelay",
                            "auth [success=ok ignore=ignore default=die] GARDE", "auth required pam_permit.so",
                            "account required pam_unix.so", "session required pam_permit.so")
        sshd = Sshd(self.house)
        self.addCleanup(sshd.close)
        for password, code, expected in ((PASSWORD, "", True), ("wrong", "", False), (PASSWORD, "000000", False)):
            with self.subTest(password=password, code=code):
                terminal = sshd.ssh("alice")
                self.addCleanup(terminal.close)
                terminal.expect("(?i)password: ")
                terminal.type(password)
                if password == PASSWORD:
                    terminal.expect(HINT + r"\): ")
                    terminal.type(code)
                screen, _ = terminal.finish()
                self.assertEqual("I-AM-alice" in screen, expected, screen)
        skips = self.house.audit(event="skip", service="sshd")
        self.assertEqual([(e["user"], e["reason"], e["origin"]) for e in skips], [("alice", "pending", "ip:127.0.0.1")])


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
