"""Nobody gets in any more: the console of rescue and emergency mode, and what docs/operations.md says to do there."""

import re
import termios
import unittest

import debian_tree
import machine
from machine import PASSWORD, Machine

STOP = ("systemctl", "stop", "garded.service", *machine.SOCKETS)


class WayBack(unittest.TestCase):
    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.close)
        self.machine.boot()
        self.machine.ask_everywhere()
        self.phone = self.machine.enrol("alice")
        self.machine.run("chpasswd", input="root:four words of root\n")
        self.machine.run(*STOP)
        self.assertFalse(self.machine.lets_in("alice", PASSWORD + self.phone.code()))

    def console(self):
        """What systemd starts in these modes, on a terminal."""
        console = self.machine.terminal("/lib/systemd/systemd-sulogin-shell", "rescue")
        self.addCleanup(console.close)
        console.expect(r"(?i)give root password[^)]*\): ", 20)
        # what is typed earlier is thrown away
        self.machine.wait(lambda: not termios.tcgetattr(console.fd)[3] & termios.ECHO, "the password is not shown")
        return console

    def documented(self, program):
        """The command of the document that begins like this."""
        text = (debian_tree.SOURCE / "docs" / "operations.md").read_text()
        section = re.search(r"(?ms)^## Locked out$(.*?)(?:^## |\Z)", text).group(1)
        return re.search(rf"(?m)^ +({re.escape(program)}.*?)(?:  +#.*)?$", section).group(1)

    def test_it_asks_for_the_password_of_root_alone_and_the_profiles_go_off_there(self):
        console = self.console()
        console.type("four words of root")
        console.expect(r"root@[^\r\n]*# $", 20)
        console.type(self.documented("pam-auth-update") + "; echo done=$?")
        console.expect(r"done=0", 60)
        self.assertTrue(self.machine.lets_in("alice", PASSWORD))
        self.assertFalse(self.machine.lets_in("alice", "wrong"))

    def test_a_root_without_a_password_is_refused_there(self):
        self.machine.run("passwd", "--lock", "root")
        console = self.machine.terminal("/lib/systemd/systemd-sulogin-shell", "rescue")
        self.addCleanup(console.close)
        console.expect(r"root account is locked", 20)

    def test_without_the_disk_of_var_one_command_takes_the_lines_out(self):
        self.machine.run("mount", "-t", "tmpfs", "tmpfs", "/var")
        self.assertNotEqual(self.machine.run("sh", "-c", self.documented("pam-auth-update"), check=False).returncode, 0)
        self.assertFalse(self.machine.lets_in("alice", PASSWORD))
        self.machine.run("sh", "-c", self.documented("sed"))
        self.assertTrue(self.machine.lets_in("alice", PASSWORD))
        self.assertFalse(self.machine.lets_in("alice", "wrong"))
        self.machine.run("umount", "--lazy", "/var")
        self.machine.run("systemctl", "start", "garded")
        self.machine.ask_everywhere()
        self.assertFalse(self.machine.lets_in("alice", PASSWORD))
        self.assertTrue(self.machine.lets_in("alice", PASSWORD + self.phone.code()))


if __name__ == "__main__":
    machine.needed()
    unittest.main()
