"""What the units of garde promise, kept by a real systemd. What they say is in packaging/test_units.py; crashes at every start and a
reboot are in test_life.py, upgrades and removals in files of their own."""

import json
import os
import pathlib
import re
import shutil
import unittest

import machine
from garde_wire import PROMPT, SKIP, VERDICT, Caller, answer, ask

DROP_INS = "/etc/systemd/system/garded.service.d"
DOORS = ("verify", "trusted", "admin")
ACCEPTED = b"\x01"
FREEZER = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).parents[3])) / "tests" / "support" / "freezer.py"


class Units(machine.MachineTest):
    def setUp(self):
        for path in self.machine.file(DROP_INS).glob("of-this-test*"):
            path.unlink()
        self.machine.write("/etc/garde/garde.conf", "")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "garded.service")

    def show(self, *names, unit="garded.service"):
        text = self.machine.run("systemctl", "show", unit, f"--property={','.join(names)}").stdout
        return dict(line.split("=", 1) for line in text.splitlines())

    def main_pid(self):
        return int(self.show("MainPID")["MainPID"])

    def with_drop_in(self, text):
        self.machine.write(f"{DROP_INS}/of-this-test.conf", text)
        self.machine.run("systemctl", "daemon-reload")

    def door(self, name):
        """A caller from outside: no uid of its own in here but root's."""
        return Caller(f"/proc/{self.machine.first}/root/run/garde/{name}.sock", timeout=20)

    def answers(self, name):
        if name == "admin":
            return self.machine.garde("list", check=False).returncode == 0
        with self.door(name) as caller:
            caller.send(ask("root"))
            return caller.receive()[0] == PROMPT

    def log_in(self, user, code):
        with self.door("trusted") as caller:
            caller.send(ask(user, service="sshd", rhost="192.0.2.7"))
            self.assertEqual(caller.receive()[0], PROMPT)
            caller.send(answer(code))
            return caller.receive() == (VERDICT, ACCEPTED)

    def stat(self, path):
        return self.machine.run("stat", "--format=%U:%G %a %F", path).stdout.strip()

    def inodes(self):
        return self.machine.run("stat", "--format=%i", *(f"/run/garde/{name}.sock" for name in DOORS)).stdout

    def journal_since(self):
        """A function that gives what was logged since now."""
        cursor = re.search(r"-- cursor: (\S+)", self.machine.run("journalctl", "--lines=1", "--show-cursor").stdout)[1]
        return lambda *options, **more: self.machine.run("journalctl", "--sync") and self.machine.run(
            "journalctl", "--no-pager", f"--after-cursor={cursor}", *options, **more).stdout

    # -- who owns what, and what is left to garded

    def test_files_folders_and_sockets_belong_to_whom_they_must(self):
        for path, wanted in (("/run/garde", "root:root 755 directory"),
                             ("/run/garde/verify.sock", "root:root 666 socket"),
                             ("/run/garde/trusted.sock", "root:root 600 socket"),
                             ("/run/garde/admin.sock", "root:root 600 socket"),
                             ("/etc/garde/master.key", "root:root 400 regular file"),
                             ("/var/lib/garde", "garde:garde 700 directory"),
                             ("/var/lib/garde/garde.db", "garde:garde 600 regular file"),
                             ("/var/lib/garde/garde.db-wal", "garde:garde 600 regular file")):
            self.assertEqual(self.stat(path), wanted, path)
        credential = "/run/credentials/garded.service/master.key"
        self.assertIn(self.stat(credential), ("garde:root 400 regular file", "root:root 440 regular file"))
        self.assertNotEqual(self.machine.run("cat", credential, user="alice", check=False).returncode, 0)

    def test_the_process_has_nothing_of_root_left(self):
        status = self.machine.run("cat", f"/proc/{self.main_pid()}/status").stdout
        user = self.machine.run("id", "--user", "garde").stdout.strip()
        self.assertRegex(status, rf"Uid:\s+{user}\s+{user}\s+{user}\s+{user}\n")
        self.assertRegex(status, r"NoNewPrivs:\s+1\n")
        self.assertRegex(status, r"Seccomp:\s+2\n")
        self.assertRegex(status, r"VmLck:\s+[1-9]\d+ kB")
        may_lock = 0 if machine.may_raise_limits() else 1 << 14  # machine.py gives it there
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(re.search(rf"{kind}:\s+(\w+)", status)[1], 16), may_lock, kind)
        self.assertRegex(self.machine.run("cat", f"/proc/{self.main_pid()}/limits").stdout, r"Max open files\s+16384")
        if machine.may_raise_limits():
            self.assertEqual(self.machine.run("cat", f"/proc/{self.main_pid()}/oom_score_adj").stdout, "-900\n")

    def test_the_exposure_of_the_running_service_is_what_was_promised(self):
        tests = self.machine.file(f"{DROP_INS}/tests.conf")
        if tests.exists():  # what machine.py adds is not ours
            aside = tests.with_suffix(".aside")
            tests.rename(aside)
            self.addCleanup(aside.rename, tests)
            self.machine.run("systemctl", "daemon-reload")
        page = self.machine.run("systemd-analyze", "security", "--no-pager", "garded.service").stdout
        self.assertRegex(page, r"Overall exposure level for garded.service: 0\.[0-6] ")

    def test_it_waits_for_the_disks_it_lives_on(self):
        self.assertIn("/var/lib/garde", self.show("RequiresMountsFor")["RequiresMountsFor"].split())

    # -- sockets

    def test_sockets_stay_when_the_service_stops_and_a_call_at_any_of_them_starts_all(self):
        phone = self.machine.enrol("alice")
        before = self.inodes()
        for count, name in enumerate(DOORS, 1):
            self.machine.run("systemctl", "stop", "garded.service")
            self.assertEqual(self.show("ActiveState")["ActiveState"], "inactive")
            self.assertEqual(self.inodes(), before)
            self.assertTrue(self.answers(name), f"nothing answers at {name}.sock")
            self.assertEqual([self.answers(other) for other in DOORS], [True] * 3)
            self.assertTrue(self.log_in("alice", phone.at(count)))
        self.assertEqual(self.inodes(), before)

    def test_a_garded_that_is_killed_again_and_again_is_there_for_the_next_caller(self):
        since = self.journal_since()
        before, pids = self.inodes(), set()
        for _ in range(22):  # systemd's own limits are 5 starts in 10 s, and 20 calls in 2 s
            pids.add(self.main_pid())
            self.machine.run("systemctl", "kill", "--signal=KILL", "garded.service")
            self.assertTrue(self.answers("trusted"))
        self.assertGreater(len(pids - {0}), 20)
        self.assertEqual(self.inodes(), before)
        self.assertNotIn("too quickly", since())

    def test_a_socket_that_is_restarted_takes_the_service_along_and_both_come_back(self):
        for name in DOORS:
            self.machine.run("systemctl", "restart", f"garded-{name}.socket")
            self.assertEqual([self.answers(other) for other in DOORS], [True] * 3, name)

    def test_a_stop_of_sockets_and_service_leaves_nobody_listening_and_a_start_brings_all_back(self):
        sockets = [f"garded-{name}.socket" for name in DOORS]
        self.machine.run("systemctl", "stop", "garded.service", *sockets)
        for name in DOORS:
            self.assertRaises(OSError, self.door, name)
        self.machine.run("systemctl", "start", "garded.service")
        self.assertEqual([self.answers(name) for name in DOORS], [True] * 3)

    # -- life

    def freeze(self, thread):
        """As if it hung: another process of the machine holds the thread."""
        shutil.copy(FREEZER, self.machine.file("/root/freezer.py"))
        ready = self.machine.file("/root/frozen")
        ready.unlink(missing_ok=True)
        script = (f"import os, sys, pathlib; sys.path.insert(0, '/root'); import freezer\n"
                  f"thread = freezer.threads({self.main_pid()})[{thread}]\n"
                  f"with freezer.frozen(thread):\n"
                  f"    pathlib.Path('/root/frozen').touch()\n"
                  f"    os.waitpid(thread, freezer.WALL)\n")  # of its end, which waits for that
        holder = self.machine.start("python3", "-c", script)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        self.machine.wait(ready.exists, "the thread stands still")

    def test_a_worker_that_hangs_ends_in_a_restart_and_the_code_is_good_at_the_next_login(self):
        phone = self.machine.enrol("bob")
        self.with_drop_in("[Service]\nWatchdogSec=1s\n")
        self.machine.run("systemctl", "restart", "garded.service")
        since, hung = self.journal_since(), self.main_pid()
        self.freeze(-1)
        with self.door("trusted") as caller:
            caller.send(ask("bob"))
            self.assertEqual(caller.receive()[0], PROMPT)  # the loop does not hang
            caller.send(answer(phone.at(1)))
            self.assertIsNone(caller.receive())
        self.machine.wait(lambda: self.main_pid() not in (0, hung), "garded was restarted")
        self.assertTrue(self.log_in("bob", phone.at(1)))
        self.assertIn("Watchdog timeout", since())
        self.assertIn("the store has not answered", since())

    def test_a_reload_with_a_bad_configuration_fails_says_why_and_leaves_the_old_one(self):
        self.machine.settings("[policy]\nwindow = 2\n")
        since, pid = self.journal_since(), self.main_pid()
        self.machine.write("/etc/garde/garde.conf", "[policy]\nwindow = many\n")
        done = self.machine.run("systemctl", "reload", "garded.service", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/etc/garde/garde.conf:2", since())
        self.assertNotIn("configuration read again", since())
        self.assertEqual((self.main_pid(), self.show("ActiveState")["ActiveState"]), (pid, "active"))
        self.assertTrue(self.answers("trusted"))
        self.machine.settings("[policy]\nwindow = 1\n")
        self.machine.wait(lambda: "configuration read again" in since(), "the new configuration is in force")

    # -- what the sandbox must leave

    def test_names_and_groups_are_looked_up_inside_the_sandbox(self):
        self.machine.run("groupadd", "--force", "night")
        self.machine.run("usermod", "--append", "--groups", "night", "carol")
        self.machine.settings("[service sshd]\nun_enrolled = allow\n\n[group night]\nun_enrolled = refuse\n")
        self.machine.wait(lambda: self.asks("dave") == SKIP, "the rule is in force")
        self.assertEqual(self.asks("dave"), SKIP)
        self.assertEqual(self.asks("carol"), PROMPT)  # her group is found
        self.assertEqual(self.asks("nobody-of-that-name"), PROMPT)

    def asks(self, user):
        with self.door("trusted") as caller:
            caller.send(ask(user, service="sshd"))
            return caller.receive()[0]

    def test_the_disk_is_watched_and_the_log_lets_others_go_first_inside_the_sandbox(self):
        state = json.loads(self.machine.garde("status", "--json").stdout)["state"]
        self.assertGreater(state["disk_bytes"], 0)
        policies = self.machine.run("sh", "-c", f"for t in /proc/{self.main_pid()}/task/*; do chrt -p ${{t##*/}}; done").stdout
        self.assertEqual(policies.count("SCHED_BATCH"), 1, policies)

    # -- the key ring

    def encrypt(self):
        self.machine.run("systemd-creds", "setup")
        self.machine.run("mkdir", "-p", "-m", "700", "/etc/credstore.encrypted")
        self.machine.run("systemd-creds", "encrypt", "--with-key=host", "--name=master.key", "/etc/garde/master.key",
                         "/etc/credstore.encrypted/master.key")

    def finds_of_the_key_ring(self):
        """What `garde doctor` says of it."""
        found = json.loads(self.machine.garde("doctor", "--json", check=False).stdout)["findings"]
        return {one["id"]: one for one in found if one["id"] in ("key-ring-missing", "credential-missing")}

    def start_fails(self):
        since = self.journal_since()
        self.assertNotEqual(self.machine.run("systemctl", "restart", "garded.service", check=False).returncode, 0)
        return since()

    def test_the_key_ring_goes_from_plain_to_encrypted_and_back_by_one_file(self):
        phone = self.machine.enrol("dave")
        link, plain, kept = (self.machine.file(path) for path in (f"{DROP_INS}/plain-key.conf", "/etc/garde/master.key", "/root/kept"))
        self.addCleanup(lambda: link.unlink(missing_ok=True))
        self.addCleanup(lambda: kept.exists() and kept.rename(plain))
        self.encrypt()

        link.symlink_to("/dev/null")
        self.machine.run("systemctl", "daemon-reload")
        plain.rename(kept)
        self.machine.run("systemctl", "restart", "garded.service")
        self.assertTrue(self.log_in("dave", phone.at(1)))
        checked = self.machine.run("systemd-run", "--quiet", "--wait", "--pipe", "-p", "LoadCredentialEncrypted=master.key",
                                   "/usr/sbin/garded", "check")
        self.assertRegex(checked.stdout, "key ring .*: good")

        self.assertEqual(self.finds_of_the_key_ring(), {})

        link.unlink()
        self.machine.run("systemctl", "daemon-reload")
        self.assertIn("ln -s /dev/null", self.finds_of_the_key_ring()["key-ring-missing"]["mend"])
        self.assertRegex(self.start_fails(), "(?s)credentials.*No such file|status=243/CREDENTIALS")
        self.machine.run("sh", "-c", "umask 077; systemd-creds decrypt --name=master.key /etc/credstore.encrypted/master.key "
                         "/etc/garde/master.key")
        self.assertEqual(self.stat("/etc/garde/master.key"), "root:root 600 regular file")
        plain.chmod(0o400)
        self.assertEqual(plain.read_bytes(), kept.read_bytes())
        self.machine.run("systemctl", "restart", "garded.service")
        self.assertTrue(self.log_in("dave", phone.at(2)))

    def test_a_credential_of_another_machine_or_of_another_name_starts_nothing(self):
        self.encrypt()
        link, sealed = self.machine.file(f"{DROP_INS}/plain-key.conf"), self.machine.file("/etc/credstore.encrypted/master.key")
        self.addCleanup(lambda: link.unlink(missing_ok=True))
        link.symlink_to("/dev/null")
        self.machine.run("systemctl", "daemon-reload")
        good = sealed.read_bytes()
        self.machine.run("systemd-creds", "encrypt", "--with-key=host", "--name=other.key", "/etc/garde/master.key",
                         "/etc/credstore.encrypted/master.key")
        self.assertIn("243/CREDENTIALS", self.start_fails())
        sealed.unlink()
        self.assertIn("rm /etc/systemd", self.finds_of_the_key_ring()["credential-missing"]["mend"])
        self.assertIn("key ring: /etc/garde/master.key", self.start_fails())
        sealed.write_bytes(good)
        self.machine.run("systemctl", "restart", "garded.service")

    # -- the journal

    def test_the_journal_has_the_fields_and_explains_each_entry_in_two_languages(self):
        since = self.journal_since()
        phone = self.machine.enrol("carol")
        self.assertFalse(self.log_in("carol", phone.wrong()))
        [login] = [entry for entry in map(json.loads, since("--output=json").splitlines()) if entry.get("GARDE_EVENT") == "login"]
        self.assertEqual((login["GARDE_USER"], login["GARDE_VERDICT"], login["GARDE_REASON"], login["GARDE_SERVICE"], login["GARDE_ORIGIN"]),
                         ("carol", "refused", "wrong-code", "sshd", "ip:192.0.2.7"))
        self.assertEqual((login["_SYSTEMD_UNIT"], login["SYSLOG_FACILITY"]), ("garded.service", "10"))
        self.assertEqual(len(login["GARDE_TAG"]), 64)

        page = since("--catalog")
        for subject in ("A factor of carol was made", r"Factor \d+ of carol is confirmed", "A code was offered at a login"):
            self.assertRegex(page, f"Subject: {subject}\n")
        explained = "\n".join(line for line in page.splitlines() if line.startswith("\u2591"))
        self.assertNotIn("GARDE_", explained)  # as it stands where the field is missing
        # a locale of that name is enough for journalctl
        self.machine.run("sh", "-c", "mkdir -p /root/locale && cp -r /usr/lib/locale/C.utf8 /root/locale/fr_FR.utf8")
        french = {"LOCPATH": "/root/locale", "LC_ALL": "fr_FR.UTF-8"}
        self.assertIn("Subject: Un facteur de carol a été créé\n", since("--catalog", more=french))
        self.assertEqual(self.machine.run("journalctl", "--list-catalog").stdout.count(" garde: "), self.catalog_entries())

    def catalog_entries(self):
        catalog = pathlib.Path(__file__).parents[3] / "packaging" / "catalog" / "garde.catalog"
        return len(re.findall(r"^-- \w{32}$", catalog.read_text(), re.M))


if __name__ == "__main__":
    machine.needed()
    unittest.main(verbosity=2)
