"""sshd, with a real ssh on a terminal: the three ways by which it asks PAM."""

import dataclasses
import unittest

import doors
import machine
from doors import PASSWORD, Door

ASKS = """MaxStartups 100
Port 22
Port 2201
Port 2202
Match LocalPort 2201
    PasswordAuthentication no
    KbdInteractiveAuthentication yes
Match LocalPort 2202
    AuthenticationMethods publickey,keyboard-interactive:pam
    AuthorizedKeysFile /etc/ssh/desk.pub
    PasswordAuthentication no
    KbdInteractiveAuthentication yes
"""
DESK = "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\nAddressFamily inet\n"


def ssh(*options, strangers=True):
    return Door(line=f"ssh -o NumberOfPasswordPrompts=1 {' '.join(options)} {{name}}@ward id -un", user="bob",
                strangers=strangers, inside=r"\n{name}\r\n", refused=r"Permission denied \([^\n]*\)\.\r+\n", service="sshd",
                origin="ip:127.0.0.1", actor="uid=0 tty=ssh")


def open_sshd(ward):
    """Three ports, one for each way to be asked, and a desk with a key that opens the third for everybody."""
    ward.write("/etc/ssh/sshd_config.d/asks.conf", ASKS)
    ward.write("/etc/ssh/ssh_config.d/desk.conf", DESK)
    ward.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/desk")
    ward.run("chown", "bob", "/etc/ssh/desk")
    ward.run("systemctl", "start", "ssh")


class KeyboardInteractive(doors.OneField):
    door = ssh("-p", "2201")
    furnish = staticmethod(open_sshd)

    def test_after_a_refusal_the_same_connection_asks_again_and_lets_in(self):
        alice = self.person()
        self.door = dataclasses.replace(self.door, line=self.door.line.replace("Prompts=1", "Prompts=2"), refused="no third question")
        knock = self.knock(alice, PASSWORD + alice.phone.wrong(), PASSWORD + alice.phone.code())
        self.assertInside(knock)
        self.assertEqual(knock.asked, 2 * knock.asked[:1])
        self.assertEqual(self.verdicts(alice), [("refused", "wrong-code"), ("accepted", "none")])

    def test_a_code_that_is_typed_at_two_places_at_once_lets_in_one(self):
        alice = self.person()
        text = PASSWORD + alice.phone.code()
        knocks = self.knock_all({where: (alice, text) for where in ("desk", "ward", "home")})
        self.assertEqual(sorted(knock.let_in for knock in knocks.values()), [False, False, True])
        self.assertEqual(sorted(self.verdicts(alice)), [("accepted", "none"), ("refused", "replayed"), ("refused", "replayed")])


class Password(doors.OneField):
    """As Debian has it: the client asks by itself, in its own words."""

    door = ssh()
    furnish = staticmethod(open_sshd)


class KeyAndCode(doors.OneField):
    door = ssh("-p", "2202", "-i", "/etc/ssh/desk", strangers=False)
    furnish = staticmethod(open_sshd)

    def test_neither_the_key_nor_the_code_is_enough(self):
        alice = self.person()
        self.door = ssh("-p", "2202")
        knock = self.knock(alice, PASSWORD + alice.phone.code())
        self.assertOutside(knock)
        self.assertEqual(knock.asked, [])
        self.assertEqual(self.entries(alice), [])


class OwnQuestion(doors.OwnQuestion):
    door = ssh("-p", "2201")
    furnish = staticmethod(open_sshd)

    def test_the_password_method_gives_the_password_for_the_code_and_lets_nobody_in(self):
        alice = self.person()
        self.door = ssh()
        self.assertOutside(self.knock(alice, PASSWORD))
        self.assertEqual(self.verdicts(alice), [("refused", "wrong-code")])


if __name__ == "__main__":
    machine.needed()
    unittest.main()
