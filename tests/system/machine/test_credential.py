"""The key ring as an encrypted credential of systemd, as operations.md says, on a machine without a TPM: its own key seals it."""

import unittest

import machine
from machine import PASSWORD, MachineTest

PLAIN, SEALED = "/etc/garde/master.key", "/etc/credstore.encrypted/master.key"


class Credential(MachineTest):
    def test_a_sealed_key_ring_serves_when_the_plain_one_is_gone(self):
        self.machine.ask_everywhere()
        phone = self.machine.enrol("alice")
        self.machine.run("sh", "-ec", f"""
            mkdir -p -m 700 /etc/credstore.encrypted
            systemd-creds encrypt --with-key=host --name=master.key {PLAIN} {SEALED}
            mkdir -p /etc/systemd/system/garded.service.d
            ln -s /dev/null /etc/systemd/system/garded.service.d/plain-key.conf
            systemctl daemon-reload
            systemctl restart garded
            garde list
            shred -u {PLAIN}""")
        for happens in (lambda: None, self.machine.reboot, self.upgrade):
            happens()
            code = phone.code()
            self.assertTrue(self.machine.lets_in("alice", PASSWORD + code))
            self.assertFalse(self.machine.lets_in("alice", PASSWORD + code))
            self.assertFalse(self.machine.file(PLAIN).exists())
        self.assertNotIn("DANGER", self.machine.garde("doctor", check=False).stdout)
        self.machine.garde("audit", "--verify")

    def upgrade(self):
        self.machine.apt("install", "--reinstall", *self.machine.bring_packages())


if __name__ == "__main__":
    machine.needed()
    unittest.main()
