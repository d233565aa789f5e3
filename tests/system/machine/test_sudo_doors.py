"""sudo, with its timestamp."""

import dataclasses
import unittest

import doors
import machine
from doors import PASSWORD, Door

SUDO = Door(line="sudo id -un", user="{name}", inside=r"\nroot\r\n", refused=r"Sorry, try again\.\r\n", service="sudo",
            origin="ruser:{name}", actor="uid=0 tty={tty}")


def furnish(ward):
    """Everybody may, and nobody is told how to use sudo."""
    ward.write("/etc/sudoers.d/everybody", "ALL ALL=(ALL) ALL\nDefaults lecture=never\n", 0o440)


class Sudo(doors.OneField):
    door = SUDO
    page_shows = {"in", "refused", "sorry"}
    furnish = staticmethod(furnish)

    def test_sudo_asks_once_until_its_time_is_over_or_it_is_told_to_forget(self):
        alice = self.person()
        first, second = PASSWORD + alice.phone.code(), PASSWORD + alice.phone.code()
        seat = self.seat("sudo echo FIRST; sudo echo SECOND; sudo -k; sudo echo THIRD", alice)
        for typed, sees in ((first, "FIRST\r\nSECOND\r\n"), (second, "THIRD\r\n")):
            seat.expect(r"Password, then code \(6 digits\): ")
            seat.type_hidden(typed)
            seat.expect(sees)
        self.assertEqual(seat.finish(), ("", 0))
        self.assertEqual(self.verdicts(alice), 2 * [("accepted", "none")])

    def test_sudo_i_is_a_service_of_its_own_and_asks_too(self):
        alice = self.person()
        self.door = dataclasses.replace(SUDO, line="sudo -i id -un", service="sudo-i")
        knock = self.knock(alice, PASSWORD + alice.phone.code())
        self.assertInside(knock)
        self.assertEqual(self.entries(alice), [self.entry(alice, knock, "accepted", "none")])

    def test_after_a_refusal_sudo_asks_again_and_lets_in(self):
        alice = self.person()
        self.door = dataclasses.replace(SUDO, refused="incorrect password attempt")
        knock = self.knock(alice, PASSWORD + alice.phone.wrong(), PASSWORD + alice.phone.code())
        self.assertInside(knock)
        self.assertEqual(self.verdicts(alice), [("refused", "wrong-code"), ("accepted", "none")])

    def test_without_a_verifier_sudo_refuses_three_times_and_asks_nothing(self):
        alice = self.person()
        self.stop_garde()
        seat = self.seat("sudo id -un", alice)
        _, status = seat.finish()
        self.assertEqual(status, 1)
        self.assertSeen("sorry", doors.clean(seat.screen, alice))

    def test_sudo_that_may_not_ask_spends_nothing(self):
        alice = self.person()
        screen, status = self.seat("sudo -n id", alice).finish()
        self.assertEqual((screen, status), ("sudo: a password is required\r\n", 1))
        self.assertEqual(self.entries(alice), [])


class SudoWithAQuestion(doors.OwnQuestion):
    door = SUDO
    furnish = staticmethod(furnish)


if __name__ == "__main__":
    machine.needed()
    unittest.main()
