"""FreeRADIUS with rlm_pam, which asks for everybody as the user freerad: password and code in User-Password."""

import concurrent.futures
import unittest

import machine
from machine import PASSWORD, PEOPLE
from ward import WardTest

RADIUS = "/etc/freeradius/3.0"
PEER = "[peer freerad]\nservice = radiusd\n"

class Radius(WardTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ward = cls.machine
        cls.as_debian_has_it = ward.file("/etc/pam.d/radiusd").read_text()
        ward.write("/etc/pam.d/radiusd", cls.as_debian_has_it.replace("common-auth", "/usr/share/garde/pam.d/radius"))
        ward.run("ln", "-s", "../mods-available/pam", f"{RADIUS}/mods-enabled/pam")
        ward.run("sed", "-i", r"s/^#\tpam$/\tpam/", f"{RADIUS}/sites-enabled/default")
        with open(ward.file(f"{RADIUS}/mods-config/files/authorize"), "a") as users:
            users.write("DEFAULT Auth-Type := PAM\n")
        ward.run("systemctl", "start", "freeradius")
        cls.phones = {user: ward.enrol(user) for user in PEOPLE}

    def setUp(self):
        self.machine.settings(PEER)

    def lets_in(self, user, text):
        answer = self.machine.run("radtest", user, text, "127.0.0.1", "0", "testing123", check=False).stdout
        accepted, rejected = "Received Access-Accept" in answer, "Received Access-Reject" in answer
        self.assertNotEqual(accepted, rejected, answer)
        return accepted

    def at_once(self, *requests):
        with concurrent.futures.ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(lambda request: self.lets_in(*request), requests))

    def test_password_and_code_let_in_and_every_mistake_is_rejected(self):
        used = self.phones["carol"].code()
        self.assertTrue(self.lets_in("carol", PASSWORD + used))
        before = {user: self.logins(user) for user in PEOPLE}
        code = {user: phone.code() for user, phone in self.phones.items()}
        wrong = self.at_once(("alice", PASSWORD + self.phones["alice"].wrong()), ("bob", "wrong horse" + code["bob"]),
                             ("carol", PASSWORD + used), ("dave", PASSWORD), ("nobody-here", PASSWORD + "123456"))
        self.assertEqual(wrong, [False] * 5)
        for user in ("alice", "carol"):
            self.machine.garde("unlock", user)  # who was wrong would have to wait for a moment
        self.assertEqual(self.at_once(*((user, PASSWORD + code[user]) for user in PEOPLE)), [True] * 4)
        new = {user: self.logins(user)[len(before[user]):] for user in PEOPLE}
        there = ("radiusd", "peer:freerad")
        self.assertEqual(new, {"alice": [(*there, "wrong-code"), (*there, "none")], "bob": [(*there, "none")],
                               "carol": [(*there, "replayed"), (*there, "none")], "dave": [(*there, "none")]})
        self.assert_logs_tell_nothing()

    def test_one_code_in_four_requests_at_once_lets_in_one(self):
        text = PASSWORD + self.phones["alice"].code()
        self.assertEqual(sorted(self.at_once(*[("alice", text)] * 4)), [False, False, False, True])

    def test_a_freerad_that_is_no_peer_speaks_for_nobody_and_spends_nothing(self):
        self.machine.settings("")
        text = PASSWORD + self.phones["bob"].code()
        self.assertFalse(self.lets_in("bob", text))
        self.machine.settings(PEER)
        self.assertTrue(self.lets_in("bob", text))

    def test_nobody_is_let_in_without_a_code_by_a_rule(self):
        self.machine.settings(PEER + "[policy]\nun_enrolled = allow\npending = allow\n")
        self.machine.run("useradd", "erin")
        self.machine.run("chpasswd", input=f"erin:{PASSWORD}")
        self.assertFalse(self.lets_in("erin", PASSWORD))

    def test_no_verifier_rejects_and_the_next_request_starts_it(self):
        text = PASSWORD + self.phones["carol"].code()
        with self.no_verifier():
            self.assertFalse(self.lets_in("carol", text))
        self.assertTrue(self.lets_in("carol", text))

    def test_the_profiles_do_for_debians_own_file(self):
        kept = self.machine.file("/etc/pam.d/radiusd").read_text()
        self.addCleanup(self.machine.write, "/etc/pam.d/radiusd", kept)
        self.addCleanup(self.machine.run, "pam-auth-update", "--disable", "garde-split", "garde-verify")
        self.machine.write("/etc/pam.d/radiusd", self.as_debian_has_it)
        self.machine.ask_everywhere()
        used = PASSWORD + self.phones["dave"].code()
        self.assertEqual([self.lets_in("dave", used), self.lets_in("dave", used)], [True, False])


if __name__ == "__main__":
    machine.needed()
    unittest.main()
