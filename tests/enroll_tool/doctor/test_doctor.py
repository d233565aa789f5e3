#!/usr/bin/python3
"""`garde doctor` on a house whose parts are broken one after the other, and mended: each thing is found, and only then."""

import contextlib
import itertools
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys

import enclosure
import garde_site
from broken_house import COMMON, DANGER, IN, NOTE, OUT, PAM_D, UNSEEN, WARNING, DoctorTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import fake_admin as fake  # noqa: E402


class Doctor(DoctorTest):
    # -- all is well

    def test_a_sound_house_has_nothing_to_mend_and_says_what_was_looked_at(self):
        found = self.assertWell()
        for name in ("configuration", "files", "verifier", "pam", "sshd"):
            self.assertEqual(found[name]["level"], "ok", found)
        self.assertIn("login, sudo", found["pam"]["what"])
        self.assertRegex(found["verifier"]["what"], r"within \d+\.\d ms")

    def test_it_changes_nothing(self):
        def state():
            kept = {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in PAM_D.iterdir()}
            return kept, self.house.conf.read_bytes(), len(self.house.rows("audit")), self.house.rows("show", "alice")
        before = state()
        self.look()
        self.assertEqual(state(), before)

    def test_hostile_files_end_nothing(self):
        hostile = {"binary": os.urandom(5000), "huge": b"# \n" * 200000, "long": b"auth required " + b"x" * 5000,
                   "many": b"auth required pam_permit.so\n" * 5000, "twice": b"@include twice\n@include twice\n",
                   "deep": b"auth substack deep\n", "zero": b"\0" * 100, "crash": b"auth include\n",
                   "e\x1b[7mvil": (COMMON + "auth optional GARDE\n").encode().replace(b"GARDE", str(self.house.module).encode())}
        for name, content in hostile.items():
            (PAM_D / name).write_bytes(content)
        (PAM_D / "loop").symlink_to("loop")
        (PAM_D / "away").symlink_to("/dev/zero")
        (PAM_D / "folder").mkdir()
        os.mkfifo(PAM_D / "pipe")
        code, found = self.look()
        for name in [*hostile, "loop", "away", "pipe"]:
            (PAM_D / name).unlink()
        (PAM_D / "folder").rmdir()
        self.assertEqual(code, 1)
        self.assertIn(r"e\x1b[7mvil", found["pam-password-alone"]["place"])
        self.assertIn("crash", found["pam-service-refused"]["place"])
        self.assertWell()

    # -- files, configuration, verifier

    def test_files_of_another_mode_or_owner_are_dangers_with_the_command_that_mends(self):
        store = self.house.store
        for path, mode, effect in ((self.house.key_ring, 0o644, IN), (store, 0o640, IN), (store.parent, 0o755, IN), (self.house.conf.parent, 0o777, IN),
                                   (self.house.sockets, 0o777, IN), (self.house.sockets / "verify.sock", 0o600, OUT),
                                   (self.house.sockets / "admin.sock", 0o666, IN)):
            with self.subTest(path=path):
                old = path.stat().st_mode & 0o7777
                path.chmod(mode)
                code, found = self.look()
                self.assertEqual((code, found["file-mode"]["effect"]), (1, effect), found)
                self.assertEqual(found["file-mode"]["place"], str(path))
                command = found["file-mode"]["mend"]
                self.assertRegex(command, rf"^chmod 0[0-7]+ {re.escape(str(path))}$")
                subprocess.run(command.split(), check=True)
                self.assertWell()
                path.chmod(old)
        uid = store.stat().st_uid
        os.chown(store, 20001, -1)
        _, found = self.look()
        os.chown(store, uid, -1)
        self.assertIn("uid 20001", found["file-owner"]["what"])
        self.assertWell()

    def test_files_that_are_away_or_something_else_are_found(self):
        for path, name in ((self.house.key_ring, "key-ring-missing"), (self.house.store, "store-missing"),
                           (self.house.sockets / "trusted.sock", "socket-missing")):
            with self.subTest(path=path):
                away = path.with_name("away")
                path.rename(away)
                _, found = self.look()
                self.assertEqual(found[name]["effect"], OUT)
                path.symlink_to(away)
                _, linked = self.look()
                path.unlink()
                away.rename(path)
                self.assertEqual(linked["file-type"]["level"], DANGER)
                self.assertNotIn(name, linked)
        self.assertWell()

    def test_a_broken_configuration_is_told_with_its_line_and_the_rest_is_looked_at(self):
        with self.changed(self.house.conf, "[verifier]\nlanguag = fr\n"):
            code, found = self.look()
        self.assertEqual(code, 2)
        self.assertIn(":2: languag:", found["configuration-broken"]["what"])
        self.assertNotIn("files", found, "nobody knows where they are")
        self.assertIn("verifier", found)
        self.assertIn("pam", found)

    def test_a_socket_that_no_address_can_hold_is_a_bad_option(self):
        for count, is_bad in ((106, False), (107, True)):
            self.install_login("auth required MODULE socket=/" + "x" * count + "\n")
            found = {finding["id"] for finding in json.loads(self.doctor("--json").stdout)["findings"]}
            self.assertEqual("pam-bad-option" in found, is_bad)

    def test_a_group_that_is_misspelt_is_told(self):
        for group, is_missing in (("root", False), ("no-such-ward", True)):
            text = f"[group {group}]\nun_enrolled = refuse\n" + self.house.conf.read_text()
            with self.subTest(group=group), self.changed(self.house.conf, text):
                _, found = self.look()
                self.assertEqual("group-missing" in found, is_missing)
                if is_missing:
                    self.assertEqual((found["group-missing"]["place"], found["group-missing"]["level"]), (f"[group {group}]", WARNING))
                    self.assertIn("getent group no-such-ward", found["group-missing"]["mend"])

    def test_rules_that_let_people_in_are_told(self):
        answers = (("allow", "without-date"), ("allow-until 2999-12-31", "with-date"), ("allow-until 2020-01-01", None),
                   ("refuse", None))
        sections = ("[service sudo]", "[group wards]", "[service sudo group wards]")
        for section, key, (rule, name) in itertools.product(sections, ("un_enrolled", "pending"), answers):
            text = self.house.conf.read_text().replace("[policy]", f"{section}\n{key} = {rule}\n[policy]")
            with self.subTest(section=section, key=key, rule=rule), self.changed(self.house.conf, text):
                _, found = self.look()
                rules = {i for i in found if i.endswith("-date")}
                want = ("rule-" if key == "un_enrolled" else "pending-") + name if name else None
                self.assertEqual(rules, {want} if want else set())
                if want:
                    self.assertEqual((found[want]["place"], found[want]["effect"]), (section, IN))

    def test_without_a_verifier_everything_else_is_told_all_the_same(self):
        self.house.stop()
        code, found = self.look()
        self.assertEqual(code, 3)
        self.assertEqual(found["verifier-silent"]["effect"], OUT)
        self.assertIn("people-unseen", found)
        self.assertIn("pam", found)
        self.house.start()
        self.assertWell()

    def test_with_nothing_at_all_it_says_so(self):
        code, found = self.look(config="/nowhere/garde.conf")
        self.assertEqual(code, 2)  # the verifier of this house answers at the default place
        self.assertIn("is not there", found["configuration-broken"]["what"])

    def stand_in(self, status, *factors):
        """The configuration of a scripted verifier at a place of its own, without a verify.sock."""
        folder = self.house.folder / f"f{len(list(self.house.folder.iterdir()))}"
        folder.mkdir()
        conf = folder / "garde.conf"
        conf.write_text(self.house.conf.read_text().replace("/run/garde", str(folder)))
        conf.chmod(0o644)
        for name, script in (("trusted.sock", {}), ("admin.sock", {
                fake.SHOW: [fake.result(fake.NO_USER)], fake.LIST: [*factors, fake.result()], fake.STATUS: status})):
            self.addCleanup(fake.FakeAdmin(folder / name, script).close)
        return conf

    def test_what_the_verifier_says_of_itself_is_told_with_its_exit_code(self):
        state = {}
        conf = self.stand_in(lambda _: [fake.state(**state), fake.result()])
        for told, code, name, level in (
                (dict(version="9.9.9"), 1, "verifier-version", WARNING),
                (dict(scan=fake.BROKEN), 4, "store-tampered", DANGER), (dict(bad_rows=1), 4, "store-tampered", DANGER),
                (dict(clock_users=3, clock_offset=3600), 1, "clock-off", DANGER),
                (dict(future_marks=2), 1, "future-marks", WARNING),
                (dict(room_low=1, disk_bytes=0, reserve_bytes=1 << 20), 1, "room-low", WARNING),
                (dict(disk_bytes=255 << 20, reserve_bytes=12 << 20), 1, "disk-scarce", WARNING),
                (dict(room_low=1, disk_bytes=0, reserve_bytes=0), 3, "room-none", DANGER),
                (dict(scan=fake.RUNNING), 1, "scan-running", NOTE)):
            with self.subTest(told=told):
                state.clear()
                state.update(told)
                done, found = self.look(config=conf)  # verify.sock is missing: a danger of its own
                self.assertEqual((done, found[name]["level"]), (code, level), found)
        state.clear()
        _, found = self.look(config=conf)
        self.assertFalse({"store-tampered", "clock-off", "future-marks", "room-low", "room-none", "disk-scarce"} & set(found))

    def test_a_hostile_verifier_moves_no_cursor(self):
        conf = self.stand_in([fake.state(version="\x1b[2J\u202e"), fake.result()],
                             fake.factor(1, "\x1b[2J", state=fake.PENDING))
        _, found = self.look(config=conf)
        self.assertIn(r"\x1b[2J", found["verifier-version"]["what"])

    # -- sshd, people

    def test_sshd_is_asked_how_it_is_configured(self):
        conf = self.house.folder / "sshd_config"
        key = self.house.folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        conf.write_text("")
        pathlib.Path("/etc/ssh").mkdir(exist_ok=True)
        enclosure.mount("--bind", self.house.folder, "/etc/ssh")
        self.addCleanup(subprocess.run, ["umount", "/etc/ssh"], check=True)
        self.pam("sshd", "@include common-auth\nauth required GARDE\n")
        for lines, names in (
                ("UsePAM no", {"sshd-without-pam"}),
                ("UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes", {"sshd-method-without-code"}),
                ("UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nPubkeyAuthentication no",
                 {"sshd-password-only"}),
                ("UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication yes\nPubkeyAuthentication no",
                 {"sshd-password-too"}),
                ("UsePAM yes\nPasswordAuthentication yes\nKerberosAuthentication yes\nPubkeyAuthentication no",
                 {"sshd-password-too", "sshd-kerberos"}),
                ("UsePAM yes\nPasswordAuthentication no\nAuthenticationMethods publickey,keyboard-interactive:pam", set())):
            with self.subTest(lines=lines):
                conf.write_text(f"HostKey {key}\n{lines}\n")
                _, found = self.look()
                self.assertEqual({i for i in self.bad(found) if i.startswith("sshd-")}, names)
                self.assertIn("Match", found["sshd"]["what"])
        conf.write_text("No such line\n")
        _, found = self.look()
        self.assertEqual(found["sshd-unseen"]["effect"], UNSEEN)

    def test_people_without_a_factor_are_counted_and_the_first_are_named(self):
        self.house.enrol("bob", None, confirm=False)
        _, found = self.look()
        rows = [line.split(":") for line in pathlib.Path("/etc/passwd").read_text().splitlines()]
        names = sorted(row[0] for row in rows if not re.search(r"/(nologin|false|sync|halt|shutdown)$", row[6]))
        names = [name for name in names if name not in ("root", "alice")]
        self.assertRegex(found["users-without-factor"]["what"], rf"^{len(names)} users with a shell .*: {', '.join(names[:5])}, \.\.\.$")
        self.assertEqual(found["root-without-factor"]["level"], NOTE)
        self.assertIn("1 factor was", found["factors-pending"]["what"])
        group = pathlib.Path("/etc/group")
        without = re.sub(r"^sudo:.*\n", "", group.read_text(), flags=re.M)
        with self.changed(group, without + "sudo:x:27:alice,carol\n"):
            _, found = self.look()
        self.assertEqual(found["admins-without-factor"]["level"], WARNING)
        self.assertRegex(found["admins-without-factor"]["what"], r"^1 admin .*: carol$")
        self.house.garde("revoke", "bob", "--last", "--yes")
        self.assertNotIn("factors-pending", self.assertWell())

    def test_a_factor_that_is_over_or_was_tampered_with_covers_nobody(self):
        for told in (dict(not_after=1), dict(tampered=1), dict(not_before=1, not_after=2)):
            with self.subTest(told=told):
                conf = self.stand_in([fake.state(), fake.result()], fake.factor(1, "root", uid=0, **told))
                self.assertIn("root-without-factor", self.look(config=conf)[1])
        conf = self.stand_in([fake.state(), fake.result()], fake.factor(1, "root", uid=0, not_after=4102444800))
        self.assertNotIn("root-without-factor", self.look(config=conf)[1])

    def test_it_is_a_danger_that_nobody_is_enrolled_and_no_rule_lets_through(self):
        conf = self.stand_in([fake.state(), fake.result()], fake.factor(1, "root", uid=0, not_after=1))
        code, found = self.look(config=conf)
        self.assertEqual((code, found["nobody-enrolled"]["level"], found["nobody-enrolled"]["effect"]), (1, DANGER, OUT))
        for rule, is_danger in (("allow-until 2999-12-31", False), ("allow-until 2020-01-01", True)):
            with self.subTest(rule=rule), self.changed(conf, conf.read_text() + f"[policy]\nun_enrolled = {rule}\n"):
                self.assertEqual("nobody-enrolled" in self.look(config=conf)[1], is_danger)
        conf = self.stand_in([fake.state(), fake.result()], fake.factor(1, "nora", uid=70001))
        self.assertNotIn("nobody-enrolled", self.look(config=conf)[1])

    def test_a_factor_that_lapsed_is_a_warning(self):
        conf = self.stand_in([fake.state(), fake.result()], fake.factor(1, "x", state=fake.PENDING, pending_until=1))
        _, found = self.look(config=conf)
        self.assertEqual(found["factors-lapsed"]["level"], WARNING)

    def test_factors_whose_codes_have_another_length_are_counted(self):
        factors = [fake.factor(n, "x", uid=n, **told) for n, told in enumerate((
            dict(digits=8), dict(digits=7), dict(digits=8, state=fake.PENDING, pending_until=4102444800), dict(digits=6),
            dict(digits=8, not_after=1), dict(digits=8, state=fake.PENDING, pending_until=1), dict(digits=8, tampered=1),
            dict(digits=8, state=fake.REVOKED)))]
        conf = self.stand_in([fake.state(), fake.result()], *factors)
        name = "factors-of-other-length"
        for lines, level in (("@include common-auth\nauth required GARDE\n", NOTE),
                             ("auth required GARDE split\n@include common-auth\nauth required GARDE verify\n", WARNING),
                             ("auth required GARDE concat\n@include common-auth\n", WARNING)):
            with self.subTest(lines=lines):
                self.pam("login", lines)
                found = self.look(config=conf)[1][name]
                self.assertEqual(found["level"], level)
                self.assertTrue(found["what"].startswith("3 factors have codes of another length than 6 digits"))
                self.assertIn("2 of them can be set off by a comma", found["what"])
        with self.changed(conf, conf.read_text() + "[verifier]\ndigits = 8\n" if "[verifier]" not in conf.read_text()
                          else conf.read_text().replace("[verifier]\n", "[verifier]\ndigits = 8\n")):
            self.assertTrue(self.look(config=conf)[1][name]["what"].startswith("2 factors have codes"))
        self.assertNotIn(name, self.look()[1])

    # -- who asks, and how it is shown

    def test_an_ordinary_user_is_told_what_was_not_looked_at(self):
        program = self.house.folder / "garde"
        shutil.copy(garde_site.GARDE, program)
        program.chmod(0o755)
        code, found = self.look(program=program, user=20001, group=20001, extra_groups=[])
        self.assertEqual(code, 3)
        for name in ("file-unseen", "verifier-unseen", "people-unseen"):
            self.assertEqual((found[name]["level"], found[name]["effect"]), (NOTE, UNSEEN))
        self.assertNotIn("verifier-silent", found)
        self.assertIn("pam", found)

    def on_a_terminal(self, **more):
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update({"LC_ALL": "C.UTF-8", "TERM": "xterm"} | more)
            os.execv(garde_site.GARDE, [str(garde_site.GARDE), "doctor", "--config", str(self.house.conf)])
        shown = b""
        with contextlib.suppress(OSError):
            while more := os.read(fd, 65536):
                shown += more
        os.waitpid(pid, 0)
        os.close(fd)
        return shown.decode()

    def test_colours_are_for_terminals_that_want_them(self):
        self.assertIn("\x1b[32m", self.on_a_terminal())
        self.assertNotIn("\x1b", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b", self.doctor().stdout)

    def test_it_speaks_french_in_eighty_columns(self):
        self.install_login("auth optional GARDE\naccount required GARDE\n")
        self.look(program=fake.FRENCH, environment={"LANGUAGE": "fr"})
        page = self.doctor(program=fake.FRENCH, environment={"LANGUAGE": "fr"}).stdout
        self.install_login()
        for words in ("Vérificateur", "DANGER", "laisserait entrer", "Horloge", "valeur de contrôle"):
            self.assertIn(words, " ".join(page.split()))


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
