"""A garde of its own for one test: key ring, store, sockets, a running garded, and real libpam in front of it.

Everything lies in one temporary folder and is gone with it, also when the test fails.
"""

import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from phone import Phone

BUILD = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve()
GARDED = BUILD / "verifier" / "garded"
GARDE = BUILD / "enroll_tool" / "garde"
MODULE = BUILD / "pam_module" / "pam_garde.so"
PAM_PASSWORD = BUILD / "tests" / "support" / "pam_password.so"
PAM_TRY = BUILD / "tests" / "support" / "pam_try"
FAKETIME = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
# Accounts that every Debian has; none of them is ever logged in here but through libpam.
USERS = ["daemon", "bin", "games", "mail", "news", "backup", "list", "irc", "man", "lp", "uucp", "proxy"]

# A program that runs garded and pam_try, and ends with another code if it finds something: valgrind.
UNDER = os.environ.get("GARDE_UNDER", "").split()

PAM_SUCCESS, PAM_SERVICE_ERR, PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL, PAM_IGNORE = 0, 3, 7, 9, 25


class Login:
    """What pam_try saw."""

    def __init__(self, process):
        self.output = process.stdout
        self.prompts = re.findall(r"^prompt \w+ (.*)$", self.output, re.M)
        self.messages = re.findall(r"^(?:info|error) (.*)$", self.output, re.M)
        found = re.search(r"^result (\d+) (\S+)(?: elapsed_ms ([\d.]+))?", self.output, re.M)
        if not found:
            raise AssertionError(f"pam_try said nothing of use: {process}")
        if UNDER and process.returncode not in (0, 1):
            raise AssertionError(f"{UNDER[0]} found something: {process.stderr[-5000:]}")
        self.number, self.name = int(found[1]), found[2]
        self.elapsed_ms = float(found[3] or 0)
        delay = re.search(r"^delay (\d+)$", self.output, re.M)
        self.delay_us = int(delay[1]) if delay else None

    @property
    def accepted(self):
        return self.number == PAM_SUCCESS

    def __repr__(self):
        return f"<{self.name} prompts={self.prompts} {self.elapsed_ms} ms>"


class Site:
    def __init__(self, policy="", verifier="", sections="", clock=None, run_as=None, folder=None, log="stderr"):
        """clock: seconds since 1970 at which garded's clock starts, or None for the real one."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="garde-test-", dir=folder))
        self.folder.chmod(0o755)
        self.run_as = run_as
        self.conf = self.folder / "garde.conf"
        self.key_ring = self.folder / "keys" / "master.key"
        self.store = self.folder / "store" / "garde.db"
        self.sockets = self.folder / "run"
        self.pam = self.folder / "pam.d"
        self.pam.mkdir()
        self.log_file = self.folder / "garded.log"
        self.clock_file = self.folder / "clock" if clock is not None else None
        if clock is not None:
            self.set_clock(clock)
        self.verifier_lines, self.policy_lines, self.sections, self.log = verifier, policy, sections, log
        self.write_conf()
        self.process = None
        self.language = ""
        self.service("test")
        if run_as:
            os.chown(self.folder, pwd.getpwnam(run_as).pw_uid, -1)

    # -- configuration and life of the verifier

    def write_conf(self, policy=None, sections=None, verifier=None):
        self.policy_lines = self.policy_lines if policy is None else policy
        self.sections = self.sections if sections is None else sections
        self.verifier_lines = self.verifier_lines if verifier is None else verifier
        user = self.run_as or pwd.getpwuid(os.getuid()).pw_name
        self.conf.write_text(f"[verifier]\nsocket_folder = {self.sockets}\nkey_ring = {self.key_ring}\n"
                             f"store = {self.store}\nuser = {user}\nlog = {self.log}\n{self.verifier_lines}\n"
                             f"[policy]\n{self.policy_lines}\n{self.sections}\n")
        self.conf.chmod(0o644)

    def service(self, name, options="", line=None, socket="trusted.sock"):
        text = line or f"auth required {MODULE} socket={self.sockets / socket} {options}"
        (self.pam / name).write_text(text + "\naccount required pam_permit.so\n")
        return name

    def split_service(self, name, password="secret", options="", socket="trusted.sock"):
        """As Debian's common-auth, with a line that takes this password in place of pam_unix, between split and verify."""
        line = f"auth [success={{}} ignore=ignore default=die] {MODULE} socket={self.sockets / socket} {options} {{}}"
        return self.service(name, line="\n".join((
            line.format("ignore", "split"), f"auth [success=1 default=ignore] {PAM_PASSWORD} password={password}",
            "auth requisite pam_deny.so", "auth required pam_permit.so", line.format("ok", "verify"))))

    def environment(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FAKETIME")}
        environment |= {"LC_ALL": "C.UTF-8", "LANGUAGE": self.language}
        if self.clock_file:
            environment |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
                            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                            "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1", "TZ": "UTC",
                            "ASAN_OPTIONS": "verify_asan_link_order=0"}
        return environment

    def set_clock(self, seconds):
        """garded's clock stands at this second."""
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(seconds)))
        new = self.clock_file.with_suffix(".new")
        new.write_text(text + "\n")
        new.chmod(0o644)
        new.rename(self.clock_file)
        self.now = int(seconds)

    def garded(self, *arguments, check=False, **more):
        return subprocess.run([str(GARDED), *arguments, "--config", str(self.conf)], capture_output=True, text=True,
                              timeout=60, check=check, env=self.environment(), **more)

    def init(self):
        done = self.garded("init")
        if done.returncode != 0:
            raise AssertionError(f"garded init: {done.returncode} {done.stderr}")
        return self

    def start(self, wait=True):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([*UNDER, str(GARDED), "--config", str(self.conf)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment())
        deadline = time.monotonic() + 20
        while wait and not self.is_listening():
            if self.process.poll() is not None:
                raise AssertionError(f"garded ended with {self.process.returncode}: {self.log_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"garded does not listen: {self.log_text()}")
            time.sleep(0.01)
        return self

    def is_listening(self):
        """At all three sockets: they are made one after the other."""
        import socket
        for name in ("verify.sock", "trusted.sock", "admin.sock"):
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                probe.connect(str(self.sockets / name))
            except OSError:
                return False
            finally:
                probe.close()
        return True

    def up(self):
        return self.init().start()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("garded did not end on SIGTERM within 20 s")
        code = self.process.returncode if self.process else None
        self.process = None
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self):
        self.stop()
        return self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def close(self):
        try:
            code = self.stop()
            if UNDER and code not in (0, None):
                raise AssertionError(f"garded ended with {code}:\n{self.log_text()[-5000:]}")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def wait_for_log(self, pattern, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.log_text())
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no line like {pattern!r} in the log:\n{self.log_text()[-3000:]}")

    # -- the admin

    def garde(self, *arguments, input=None, check=True, **more):
        done = subprocess.run([str(GARDE), "--config", str(self.conf), *arguments], input=input, capture_output=True,
                              text=True, timeout=120, env=os.environ | {"LC_ALL": "C.UTF-8"}, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"garde {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def phone_time(self):
        return self.now if self.clock_file else None

    def enrol(self, user, phone=None, *options, confirm=True, account=None):
        """Enrols a phone through `garde enroll --uri-stdin` and confirms with the code that it shows."""
        phone = phone or Phone()
        answer = [phone.uri(account or user)]
        arguments = ["enroll", user, "--uri-stdin", "--no-qr", *options]
        if confirm:
            answer.append(phone.code(self.phone_time()))
        else:
            arguments.append("--no-confirm")
        self.garde(*arguments, input="\n".join(answer) + "\n")
        return phone

    def rows(self, *arguments):
        return json.loads(self.garde(*arguments, "--json").stdout)

    def audit(self, **only):
        """Entries as dictionaries, those whose fields are as given."""
        return [e for e in self.rows("audit") if all(e.get(k) == v for k, v in only.items())]

    # -- the person

    def login_command(self, user, *answers, service="test", rhost=None, ruser=None, tty=None, more=()):
        command = [*UNDER, str(PAM_TRY), "--confdir", str(self.pam), "--service", service, "--user", user]
        for option, value in (("--rhost", rhost), ("--ruser", ruser), ("--tty", tty)):
            if value is not None:
                command += [option, value]
        return [*command, *more, "--", *answers]

    def login(self, user, *answers, **named):
        run = {k: named.pop(k) for k in ("user_id",) if k in named}
        command = self.login_command(user, *answers, **named)
        if "user_id" in run:
            command = ["setpriv", f"--reuid={run['user_id']}", f"--regid={run['user_id']}", "--clear-groups", *command]
        return Login(subprocess.run(command, capture_output=True, text=True, timeout=60))

    # -- somebody with a hand in the database, while garded is down

    def sql(self, *statements):
        import sqlite3
        base = sqlite3.connect(self.store)
        try:
            with base:
                return [base.execute(statement).fetchall() for statement in statements][-1]
        finally:
            base.close()


class SiteTest(unittest.TestCase):
    """One site for each test: self.site, made with `site_arguments`, running."""

    site_arguments = {}

    def setUp(self):
        self.site = Site(**self.site_arguments)
        self.addCleanup(self.site.close)
        self.site.up()

    def assertAccepted(self, login):
        self.assertTrue(login.accepted, f"{login}\n{self.site.log_text()[-2000:]}")

    def assertRefused(self, login, number=PAM_AUTH_ERR):
        self.assertEqual(login.number, number, f"{login}\n{self.site.log_text()[-2000:]}")


def needs_root(thing):
    return unittest.skipUnless(os.getuid() == 0, "needs root: it becomes other users")(thing)


def main():
    """unittest, with an exit code of 77 (skipped, for ctest) when every test was skipped."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    for test, why in result.skipped:
        print(f"SKIPPED {test.id()}: {why}")
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun and len(result.skipped) == result.testsRun else 0)
