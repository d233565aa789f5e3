"""apt installs the packages into a machine that runs, and a question decides whether codes are asked for from then on."""

import datetime
import re
import unittest

import machine
from enclosure import Terminal
from machine import PASSWORD, PEOPLE, UNITS, Machine


class Install(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(garde=False)
        self.addCleanup(self.machine.close)
        self.machine.boot()
        self.packages = self.machine.bring_packages()

    def owner_and_mode(self, path):
        return self.machine.run("stat", "--format=%U:%G %a", path).stdout.strip()

    def test_with_the_answer_no_nothing_of_any_login_changes(self):
        before = self.machine.run("sh", "-c", "cat /etc/pam.d/*").stdout
        self.machine.apt("install", *self.packages)
        self.assertEqual(self.machine.run("sh", "-c", "cat /etc/pam.d/*").stdout, before)
        for user in PEOPLE:
            self.assertTrue(self.machine.lets_in(user, PASSWORD))
            self.assertFalse(self.machine.lets_in(user, PASSWORD + "123456"))
        self.assertEqual(self.machine.run("garded", "check").returncode, 0)
        self.assertNotRegex(self.machine.file("/etc/garde/garde.conf").read_text(), r"(?m)^\s*[^#\s]")

    def test_keys_store_doors_and_service_are_there_with_their_owners(self):
        self.machine.apt("install", *self.packages)
        for path, wanted in (("/etc/garde", "root:root 755"), ("/etc/garde/garde.conf", "root:root 644"),
                             ("/etc/garde/master.key", "root:root 400"), ("/var/lib/garde", "garde:garde 700"),
                             ("/run/garde", "root:root 755"), ("/run/garde/verify.sock", "root:root 666"),
                             ("/run/garde/trusted.sock", "root:root 600"), ("/run/garde/admin.sock", "root:root 600")):
            self.assertEqual(self.owner_and_mode(path), wanted, path)
        self.assertEqual(self.machine.run("systemctl", "is-active", *UNITS).stdout, "active\n" * 4)
        self.assertEqual(self.machine.run("ps", "-o", "user=", "-C", "garded").stdout.strip(), "garde")
        self.assertEqual(self.machine.run("dpkg", "--audit").stdout, "")
        self.assertNotIn("DANGER", self.machine.garde("doctor", check=False).stdout)

    def test_with_the_answer_yes_codes_are_asked_for_and_nobody_is_locked_out(self):
        screen = self.install_and_answer("yes")
        self.assertIn("garde doctor", screen)
        last = datetime.date.today() + datetime.timedelta(days=30)
        conf = self.machine.file("/etc/garde/garde.conf").read_text()
        self.assertEqual(len(re.findall(rf"(?m)^(?:un_enrolled|pending) = allow-until {last}$", conf)), 2, conf)
        self.assertTrue(self.machine.lets_in("bob", PASSWORD))
        phone = self.machine.enrol("alice")
        self.assertFalse(self.machine.lets_in("alice", PASSWORD))
        self.assertFalse(self.machine.lets_in("alice", "wrong" + phone.at(1)))
        code = phone.code()
        self.assertTrue(self.machine.lets_in("alice", PASSWORD + code))
        self.assertFalse(self.machine.lets_in("alice", PASSWORD + code))
        self.assertNotIn("DANGER", self.machine.garde("doctor", check=False).stdout)
        self.machine.apt("purge", "libpam-garde")
        self.machine.apt("install", *self.packages)
        self.assertNotIn("pam_garde", self.machine.file("/etc/pam.d/common-auth").read_text())

    def install_and_answer(self, answer):
        terminal = Terminal(self.machine.enter("apt-get", "--yes", "--no-install-recommends", "install", *self.packages),
                            environment=self.machine.environment() | {"DEBIAN_FRONTEND": "readline"})
        self.addCleanup(terminal.close)
        terminal.expect(r"Ask for one-time codes at logins from now on\? \[yes/no\] ", 60)
        terminal.type(answer)
        screen, status = terminal.finish(60)
        self.assertEqual(status, 0, screen)
        return screen

    def test_a_person_of_the_name_garde_does_not_become_the_owner_of_the_store(self):
        self.machine.run("useradd", "--create-home", "--uid", "20009", "--shell", "/bin/bash", "garde")
        self.machine.run("sh", "-c", "echo garde garde/ask-for-codes boolean true | debconf-set-selections")
        done = self.machine.apt("install", *self.packages, check=False)
        self.assertIn("there is a user garde already", done.stdout + done.stderr)
        for made in ("/etc/garde/master.key", "/var/lib/garde", "/run/garde"):
            self.assertFalse(self.machine.file(made).exists(), made)
        self.assertTrue(self.machine.lets_in("bob", PASSWORD))
        self.machine.run("usermod", "--login", "edgar", "garde")
        self.machine.run("groupmod", "--new-name", "edgar", "garde")
        self.machine.run("dpkg", "--configure", "--pending", more={"DEBIAN_FRONTEND": "noninteractive"})
        self.assertEqual(self.owner_and_mode("/var/lib/garde"), "garde:garde 700")
        self.assertLess(int(self.machine.run("id", "--user", "garde").stdout), 1000)
        self.machine.garde("status")

    def test_a_folder_of_settings_that_others_can_write_to_is_refused_and_no_link_is_followed(self):
        self.machine.write("/root/precious", "kept\n")
        for command in ("chown bob /etc/garde", "chown root /etc/garde; chmod 0777 /etc/garde"):
            self.machine.run("sh", "-c", f"mkdir -p /etc/garde; ln -sf /root/precious /etc/garde/.unfinished; {command}")
            done = self.machine.apt("install", *self.packages, check=False)
            self.assertIn("/etc/garde is not root's alone", done.stdout + done.stderr)
            self.assertFalse(self.machine.file("/etc/garde/master.key").exists())
            self.assertEqual(self.machine.file("/root/precious").read_text(), "kept\n")
        self.machine.run("sh", "-c", "rm /etc/garde/.unfinished; chown root: /etc/garde/ && chmod go-w /etc/garde/")
        self.machine.run("dpkg", "--configure", "--pending", more={"DEBIAN_FRONTEND": "noninteractive"})
        self.machine.garde("status")

    def test_a_file_system_of_its_own_for_the_store_is_handed_over(self):
        self.machine.run("sh", "-c", "mkdir /var/lib/garde && mount -t tmpfs -o mode=755,size=90M tmpfs /var/lib/garde")
        self.machine.apt("install", *self.packages)
        self.assertEqual(self.owner_and_mode("/var/lib/garde"), "garde:garde 700")
        self.machine.garde("status")

    def test_a_garde_conf_that_is_there_already_stays_and_is_not_asked_about(self):
        self.machine.write("/etc/garde/garde.conf", "[policy]\nun_enrolled = refuse\n")
        self.machine.run("sh", "-c", "echo garde garde/ask-for-codes boolean true | debconf-set-selections")
        done = self.machine.apt("install", *self.packages)
        self.assertEqual(self.machine.file("/etc/garde/garde.conf").read_text(), "[policy]\nun_enrolled = refuse\n")
        self.assertIn("codes are not asked for", done.stdout + done.stderr)
        self.assertTrue(self.machine.lets_in("bob", PASSWORD))

    def test_half_of_keys_and_store_is_left_alone_unless_an_interrupted_install_made_it(self):
        key_ring, store = self.machine.file("/etc/garde/master.key"), self.machine.file("/var/lib/garde/garde.db")
        self.machine.write("/var/lib/garde/garde.db", "a store")
        done = self.machine.apt("install", *self.packages)
        self.assertIn("the key ring /etc/garde/master.key is missing", done.stdout + done.stderr)
        self.assertEqual((key_ring.exists(), store.read_text()), (False, "a store"))

        store.unlink()
        self.machine.write("/etc/garde/master.key", "a key ring", 0o400)
        done = self.configure()
        self.assertIn("there is a key ring (/etc/garde/master.key), but no store", done.stdout + done.stderr)
        self.assertEqual((key_ring.read_text(), store.exists()), ("a key ring", False))

        self.machine.write("/etc/garde/.unfinished", "")
        done = self.configure()
        self.assertIn("is from an install that was interrupted", done.stdout + done.stderr)
        self.assertEqual(key_ring.with_name("master.key.unfinished").read_text(), "a key ring")
        self.assertFalse(key_ring.with_name(".unfinished").exists())
        self.machine.run("garded", "check")

        whole = key_ring.read_bytes()
        self.machine.write("/etc/garde/.unfinished", "")  # killed right behind `garded init`
        self.configure()
        self.assertEqual((key_ring.read_bytes(), key_ring.with_name(".unfinished").exists()), (whole, False))

    def configure(self):
        return self.machine.run("dpkg-reconfigure", "--frontend=noninteractive", "garde")


if __name__ == "__main__":
    machine.needed()
    unittest.main()
