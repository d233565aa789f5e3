"""A real sshd on loopback, a real ssh client on a terminal: password, then code."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest

import enclosure
import garde_site
from enclosure import PASSWORD, House, Terminal
from phone import Phone

RULES = ("[service sshd-open]\nun_enrolled = allow\n[service sshd-until]\nun_enrolled = allow-until 2999-12-31\n"
         "[service sshd-over]\nun_enrolled = allow-until 2020-12-31\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sshd:
    """sshd under the PAM service name that it is called by."""

    def __init__(self, house, service="sshd", methods="keyboard-interactive:pam", first=""):
        """first: lines of sshd_config that win over the others."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ssh-", dir=house.folder))
        self.folder.chmod(0o755)
        self.port = free_port()
        host_key = self.folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host_key], check=True)
        self.user_key = self.folder / "user_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.user_key], check=True)
        authorized = self.folder / "authorized_keys"
        authorized.write_text((self.folder / "user_key.pub").read_text())
        conf = self.folder / "sshd_config"
        conf.write_text(f"{first}Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nUsePAM yes\n"
                        "PasswordAuthentication no\nKbdInteractiveAuthentication yes\nStrictModes no\n"
                        f"AuthenticationMethods {methods}\nAuthorizedKeysFile {authorized}\nPidFile none\n"
                        "MaxAuthTries 1\nLogLevel VERBOSE\nUseDNS no\nPrintMotd no\nMaxStartups 100\n")
        called = pathlib.Path("/usr/sbin/sshd")
        if service != "sshd":
            called = self.folder / service
            called.symlink_to("/usr/sbin/sshd")
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen([str(called), "-D", "-e", "-f", str(conf)], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    def ssh(self, user, source="127.0.0.1", key=False, preferred=None):
        command = ["ssh", "-F", "none", "-p", str(self.port), "-b", source, "-o", "StrictHostKeyChecking=no",
                   "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "NumberOfPasswordPrompts=1",
                   "-o", "IdentityAgent=none",
                   "-o", "PreferredAuthentications=" + (preferred or ("publickey,keyboard-interactive" if key
                                                                      else "keyboard-interactive"))]
        command += ["-i", str(self.user_key)] if key else ["-o", "PubkeyAuthentication=no"]
        return Terminal([*command, f"{user}@127.0.0.1", "echo", "I-AM-$(id -un)"])


class SshLogin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # garded's clock stands still but where a test moves it; the phone is HOTP and does not mind.
        cls.house = House(sections=RULES, clock=1_800_000_000)
        cls.addClassCleanup(cls.house.close)
        cls.house.up()
        stack = ["auth required pam_unix.so nodelay", "auth required GARDE", "account required pam_unix.so",
                 "session required pam_permit.so"]
        open_stack = ["auth requisite pam_unix.so nodelay", "auth [success=ok ignore=ignore default=die] GARDE",
                      "auth required pam_permit.so", "account required pam_unix.so",
                      "session required pam_permit.so"]
        cls.house.pam_line("sshd", *stack)
        for service in ("sshd-open", "sshd-until", "sshd-over"):
            cls.house.pam_line(service, *open_stack)
        cls.sshd = Sshd(cls.house)
        cls.addClassCleanup(cls.sshd.close)

    def setUp(self):
        house = self.house
        if house.process is None:
            house.start()
        self.phone = Phone(kind="hotp")
        house.garde("revoke", "alice", "--last", "--yes", check=False)
        house.enrol("alice", self.phone)
        house.garde("unlock", "alice")

    def attempt(self, user, password, code, sshd=None, source="127.0.0.1", key=False, preferred=None):
        """(let in?, what was asked for, what was on the screen)"""
        terminal = (sshd or self.sshd).ssh(user, source, key, preferred)
        self.addCleanup(terminal.close)
        asked = []
        while True:
            try:
                found = terminal.expect(r"(?i)(password: )|(code[^\n]*: )|(I-AM-\w+)|(permission denied|closed by)")
            except AssertionError:
                break
            if found[1]:
                asked.append("password")
                terminal.type(password)
            elif found[2]:
                asked.append("code")
                terminal.type(code)
            else:
                break
        screen, status = terminal.finish()
        return bool(found and found[3] and found[3].endswith(user) and status == 0), asked, screen

    def last(self, **only):
        entries = self.house.audit(**only)
        return entries[-1] if entries else None

    def assertEntry(self, verdict, reason, user="alice"):
        entry = self.last()
        self.assertEqual(tuple(entry[key] for key in ("event", "verdict", "reason", "user", "service", "origin")),
                         ("login", verdict, reason, user, "sshd", "ip:127.0.0.1"))

    def assertCounted(self, before, service):
        """One entry since, that names nobody. It is written when its minute is over, or at the end."""
        self.assertEqual(self.last()["seq"], before)
        self.house.restart()
        entry = self.last()
        self.assertEqual(entry["seq"], before + 1)
        self.assertEqual(tuple(entry[key] for key in ("event", "verdict", "reason", "user", "service", "origin", "count")),
                         ("unknown", "refused", "unenrolled", "", service, "ip:127.0.0.1", 1))

    def test_password_and_code_let_in(self):
        accepted, asked, screen = self.attempt("alice", PASSWORD, self.phone.at(1))
        self.assertTrue(accepted, screen)
        self.assertEqual(asked, ["password", "code"])
        self.assertEntry("accepted", "none")

    def test_wrong_password_and_right_code_do_not(self):
        accepted, asked, screen = self.attempt("alice", "wrong", self.phone.at(1))
        self.assertFalse(accepted, screen)
        self.assertEqual(asked, ["password", "code"])
        # pam_unix comes first and has failed, but PAM goes on: the code was right, and is spent (C8).
        self.assertEntry("accepted", "none")
        self.assertFalse(self.attempt("alice", PASSWORD, self.phone.at(1))[0])
        self.assertEntry("refused", "replayed")

    def test_right_password_and_wrong_code_do_not(self):
        accepted, asked, screen = self.attempt("alice", PASSWORD, self.phone.wrong())
        self.assertFalse(accepted, screen)
        self.assertEntry("refused", "wrong-code")

    def test_the_same_code_twice_lets_in_once(self):
        code = self.phone.at(1)
        self.assertTrue(self.attempt("alice", PASSWORD, code)[0])
        self.assertFalse(self.attempt("alice", PASSWORD, code)[0])
        self.assertEntry("refused", "replayed")

    def test_an_unknown_user_is_asked_the_same_and_refused(self):
        before = self.last()["seq"]
        accepted, asked, _ = self.attempt("mallory", PASSWORD, "123456")
        self.assertFalse(accepted)
        self.assertEqual(asked, ["password", "code"])
        self.assertCounted(before, "sshd")

    def test_an_un_enrolled_user_is_refused_by_default(self):
        before = self.last()["seq"]
        accepted, asked, _ = self.attempt("bob", PASSWORD, "123456")
        self.assertFalse(accepted)
        self.assertEqual(asked, ["password", "code"])
        self.assertCounted(before, "sshd")

    def test_an_un_enrolled_user_under_each_rule(self):
        for service, expected in (("sshd-open", True), ("sshd-until", True), ("sshd-over", False)):
            with self.subTest(service=service):
                sshd = Sshd(self.house, service)
                self.addCleanup(sshd.close)
                before = self.last()["seq"]
                accepted, asked, screen = self.attempt("bob", PASSWORD, "123456", sshd)
                self.assertEqual(accepted, expected, screen)
                self.assertEqual("code" in asked, not expected)
                if expected:
                    entry = self.last()
                    self.assertEqual(tuple(entry[key] for key in ("seq", "event", "reason", "user", "service", "origin")),
                                     (before + 1, "skip", "rule", "bob", service, "ip:127.0.0.1"))
                else:
                    self.assertCounted(before, service)
                self.assertFalse(self.attempt("bob", "wrong", "123456", sshd)[0])

    def test_another_name_for_an_enrolled_account_is_not_skipped(self):
        sshd = Sshd(self.house, "sshd-open")
        self.addCleanup(sshd.close)
        accepted, asked, screen = self.attempt("alias", PASSWORD, self.phone.wrong(), sshd)
        self.assertFalse(accepted, screen)
        self.assertIn("code", asked)
        terminal_accepted, asked, screen = self.attempt("alias", PASSWORD, self.phone.at(1), sshd)
        self.assertIn("code", asked)
        self.assertEqual(self.last(event="login")["user"], "alice")
        self.assertEqual(self.last(event="login")["verdict"], "accepted")

    def test_a_suspended_factor_is_refused(self):
        self.house.garde("suspend", "alice")
        self.assertFalse(self.attempt("alice", PASSWORD, self.phone.at(1))[0])
        self.assertEntry("refused", "suspended")

    def test_a_locked_origin_is_refused_and_another_is_not(self):
        self.assertTrue(self.attempt("alice", PASSWORD, self.phone.at(1), source="127.0.0.9")[0])
        for _ in range(10):
            self.house.login("alice", self.phone.wrong(), rhost="127.0.0.1")
            self.house.set_clock(self.house.now + 65)
        self.assertFalse(self.attempt("alice", PASSWORD, self.phone.at(2))[0])
        self.assertEntry("refused", "locked")
        self.assertTrue(self.attempt("alice", PASSWORD, self.phone.at(2), source="127.0.0.9")[0])

    def test_a_stopped_verifier_lets_nobody_in(self):
        before = self.last()["seq"]
        self.house.stop()
        accepted, asked, screen = self.attempt("alice", PASSWORD, self.phone.at(1))
        self.assertFalse(accepted, screen)
        self.assertEqual(asked, ["password"])
        self.house.start()
        self.assertEqual(self.last()["seq"], before, "nobody was there to write it down")
        self.assertTrue(self.attempt("alice", PASSWORD, self.phone.at(1))[0])

    def test_a_public_key_and_a_code_let_in_and_neither_alone_does(self):
        sshd = Sshd(self.house, "sshd", "publickey,keyboard-interactive:pam")
        self.addCleanup(sshd.close)
        accepted, asked, screen = self.attempt("alice", PASSWORD, self.phone.at(1), sshd, key=True)
        self.assertTrue(accepted, screen)
        self.assertEntry("accepted", "none")
        self.assertFalse(self.attempt("alice", PASSWORD, self.phone.at(1), sshd, key=True)[0])
        self.assertEntry("refused", "replayed")
        before = self.last()["seq"]
        accepted, asked, screen = self.attempt("alice", PASSWORD, self.phone.at(2), sshd)
        self.assertEqual((accepted, asked), (False, []), screen)
        self.assertEqual(self.last()["seq"], before, "nobody was asked")

    SPLIT = "auth [success=ignore ignore=ignore default=die] GARDE split nodelay"
    VERIFY = "auth [success=ok ignore=ignore default=die] GARDE verify nodelay"
    ACCOUNT = "account [ignore=ignore default=die] GARDE split"

    def in_one_field(self, service, *behind):
        """A daemon with any method, and the line of split in front of the password."""
        self.house.pam_line(service, self.SPLIT, "auth requisite pam_unix.so nodelay", *behind, self.ACCOUNT,
                            "account required pam_unix.so", "session required pam_permit.so")
        sshd = Sshd(self.house, service, "any", "PasswordAuthentication yes\nMaxAuthTries 6\n")
        self.addCleanup(sshd.close)
        return sshd

    def test_half_a_pair_lets_in_by_a_key_and_by_nothing_else(self):
        for method in ("password", "keyboard-interactive"):
            with self.subTest(method=method):
                sshd = self.in_one_field(f"half-{method}")
                typed = PASSWORD + self.phone.at(1)
                accepted, asked, screen = self.attempt("alice", typed, typed, sshd, preferred=method)
                self.assertEqual((accepted, len(asked)), (False, 1), screen)
                self.house.log_reader.wait_for(rf"pam_garde\(half-{method}:account\): refused: a code was set aside and never checked")
        accepted, asked, screen = self.attempt("alice", "", "", sshd, key=True)
        self.assertEqual((accepted, asked), (True, []), screen)

    def test_a_whole_pair_lets_in_by_each_method_and_after_a_wrong_password_by_a_key_of_a_new_connection(self):
        sshd = self.in_one_field("sshd-pair", self.VERIFY)
        for n, method in enumerate(("password", "keyboard-interactive"), 1):
            with self.subTest(method=method):
                typed = PASSWORD + self.phone.at(n)
                accepted, _, screen = self.attempt("alice", typed, typed, sshd, preferred=method)
                self.assertTrue(accepted, screen)
        accepted, asked, screen = self.attempt("alice", "wrong", "", sshd, key=True, preferred="password,publickey")
        self.assertEqual((accepted, asked), (False, ["password"]), screen)
        accepted, asked, screen = self.attempt("alice", "", "", sshd, key=True)
        self.assertEqual((accepted, asked), (True, []), screen)

    def test_each_entry_is_in_the_log_with_sequence_and_tag_and_no_code(self):
        code = self.phone.at(1)
        self.assertTrue(self.attempt("alice", PASSWORD, code)[0])
        entry = self.last(event="login", user="alice")
        line = self.house.log_reader.wait_for(rf"<\d+>.*login user=\S*alice\S* .*seq={entry['seq']}\b.*tag=[0-9a-f]{{16}}")
        self.assertEqual(int(line[0][1:line[0].index(">")]) >> 3, 10, "not authpriv")
        self.assertNotIn(code, self.house.log_reader.text())


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
