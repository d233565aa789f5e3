"""A Debian machine of a test's own, with real systemd as its first process and nobody else's network.

    class Door(machine.MachineTest):
        def test_the_right_code_lets_in(self):
            phone = self.machine.enrol("alice")
            ...

What a test writes lies in an overlay that is gone with the machine. Root only.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import debian_tree
from debian_tree import PASSWORD, PEOPLE  # noqa: F401 (tests take them from here)
from enclosure import Terminal
from phone import Phone

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "TERM": "dumb", "HOME": "/root"}


class Machine:
    def __init__(self, garde=True):
        """garde: with its packages installed, or the bare tree."""
        lower = debian_tree.with_garde() if garde else [debian_tree.base()]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="garde-machine-"))
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        self.overlay = debian_tree.mounted(lower, self.folder / "upper", self.folder / "work", self.root)
        self.overlay.__enter__()
        self.container = self.first = None

    # -- its life

    def boot(self):
        """Until systemd says that everything has been started."""
        self.console = open(self.folder / "console.log", "ab")
        self.container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot",
             f"--machine=garde-{os.getpid()}-{id(self) & 0xffff:x}", f"--directory={self.root}"],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console)
        self.wait(lambda: self.find_first() and self.run("systemctl", "is-system-running", check=False).stdout.strip()
                  in ("running", "degraded"), "the machine has started", 60)
        return self

    def find_first(self):
        children = pathlib.Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children").read_text().split()
        self.first = int(children[0]) if children else None
        return self.first

    def shut_down(self):
        """As its power button would."""
        if self.container is None:
            return
        if self.first:
            os.kill(self.first, signal.SIGRTMIN + 4)
        try:
            self.container.wait(30)
        except subprocess.TimeoutExpired:
            self.pull_the_plug()
        self.container = None
        self.console.close()

    def pull_the_plug(self):
        """Every process of the machine is gone at once."""
        if self.first:
            os.kill(self.first, signal.SIGKILL)
        self.container.kill()
        self.container.wait()

    def reboot(self):
        self.shut_down()
        return self.boot()

    def close(self):
        try:
            self.shut_down()
        finally:
            self.overlay.__exit__(None, None, None)
            shutil.rmtree(self.folder, ignore_errors=True)

    def wait(self, holds, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not holds():
            if self.container.poll() is not None:
                raise AssertionError(f"the machine ended: {self.console_text()[-3000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}")
            time.sleep(0.05)

    def console_text(self):
        return (self.folder / "console.log").read_text(errors="replace")

    # -- programs in it

    def enter(self, *command, user=None):
        """The command line that runs a program in the machine, as somebody of it."""
        entered = ["nsenter", f"--target={self.first}", "--all", "--wd=/"]
        if user is not None:
            entered += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        return [*entered, *map(str, command)]

    def environment(self, user=None):
        return ENVIRONMENT if user is None else ENVIRONMENT | {"HOME": f"/home/{user}", "USER": user, "LOGNAME": user}

    def run(self, *command, user=None, input=None, check=True, timeout=120, more=None):
        done = subprocess.run(self.enter(*command, user=user), input=input, capture_output=True, text=True,
                              timeout=timeout, env=self.environment(user) | (more or {}),
                              **({} if input is not None else {"stdin": subprocess.DEVNULL}))
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *command, user=None, log=None, more=None):
        """A program that goes on beside the test; the caller ends it."""
        output = log if log is not None else subprocess.DEVNULL
        return subprocess.Popen(self.enter(*command, user=user), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                env=self.environment(user) | (more or {}))

    def terminal(self, *command, user=None):
        """A program on a terminal of its own (enclosure.Terminal)."""
        return Terminal(self.enter(*command, user=user), environment=self.environment(user))

    def file(self, path):
        """Where a file of the machine is for the test. Links with absolute targets lead out of it."""
        return self.root / str(path).lstrip("/")

    def write(self, path, text, mode=0o644):
        file = self.file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def journal(self, *options):
        return self.run("journalctl", "--no-pager", "--output=cat", *options).stdout

    # -- garde in it

    def garde(self, *arguments, input=None, check=True):
        return self.run("garde", *arguments, input=input, check=check)

    def enrol(self, user, phone=None, *options):
        """Enrols a phone and confirms it with the code that it shows. The phone is HOTP unless another is given, so
        that no test waits for a clock."""
        phone = phone or Phone(kind="hotp")
        self.garde("enroll", user, "--uri-stdin", "--no-qr", *options, input=f"{phone.uri(user)}\n{phone.code()}\n")
        return phone

    def settings(self, text):
        """garde.conf, and garded takes it."""
        self.write("/etc/garde/garde.conf", text)
        self.run("systemctl", "reload", "garded")

    def ask_everywhere(self):
        """Both profiles on, as docs/front_ends.md says."""
        self.run("pam-auth-update", "--enable", "garde-split", "garde-verify")


class MachineTest(unittest.TestCase):
    """One machine for the tests of a class, booted."""

    garde = True

    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(garde=cls.garde)
        cls.addClassCleanup(cls.machine.close)
        cls.machine.boot()


def needed():
    """Ends the program where there can be no machine."""
    if os.getuid() != 0:
        print("SKIPPED: needs root: it boots a machine")
        sys.exit(77)
    if not shutil.which("systemd-nspawn") or not shutil.which("debootstrap"):
        print("SKIPPED: needs debootstrap and systemd-nspawn (scripts/packages, group machine)")
        sys.exit(77)
