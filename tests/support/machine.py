"""A Debian machine of a test's own, with real systemd as its first process and nobody else's network.

    class Door(machine.MachineTest):
        def test_the_right_code_lets_in(self):
            phone = self.machine.enrol("alice")
            ...

What a test writes lies in an overlay that is gone with the machine. However a test ends, its machines end with it
(debian_tree.enclosed); folders and control groups of one that was killed are removed by the next. Root only.
"""

import contextlib
import fcntl
import os
import pathlib
import re
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

BUILD = pathlib.Path(os.environ.get("GARDE_BUILD", debian_tree.SOURCE / "build" / "dev"))
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "TERM": "dumb", "HOME": "/root"}
SOCKETS = ("garded-verify.socket", "garded-trusted.socket", "garded-admin.socket")
UNITS = (*SOCKETS, "garded.service")
BOOTED_WITHIN = 180  # seconds; ten times what it takes where nothing else runs


# Where the tests may not raise limits (in many containers), systemd cannot give garded what LimitMEMLOCK= of its unit says.
MAY_LOCK = """[Service]
CapabilityBoundingSet=CAP_IPC_LOCK
AmbientCapabilities=CAP_IPC_LOCK
"""
HIERARCHIES = ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")
CAP_SYS_RESOURCE = 24
PREFIX = "garde-ward-"


class ControlGroup:
    """One of a machine's own: the systemd of each takes the group that it was started in for all there is, and would take the
    processes of another machine's service for those of its own."""

    def __init__(self, name):
        self.folders = [pathlib.Path(top, name) for top in HIERARCHIES if pathlib.Path(top, "cgroup.procs").exists()]
        for folder in self.folders:
            folder.mkdir(exist_ok=True)

    def join(self):
        for folder in self.folders:
            (folder / "cgroup.procs").write_text("0")

    def close(self):
        """Processes that were killed are in it until they are gone."""
        deadline = time.monotonic() + 10
        for folder in self.folders:
            while not self.removed(folder) and time.monotonic() < deadline:
                time.sleep(0.02)

    @staticmethod
    def removed(folder):
        for below, _, _ in os.walk(folder, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(below)
        return not folder.exists()


def may_raise_limits():
    held = re.search(r"^CapEff:\s*(\w+)$", pathlib.Path("/proc/self/status").read_text(), re.M).group(1)
    return bool(int(held, 16) >> CAP_SYS_RESOURCE & 1)


@contextlib.contextmanager
def alone():
    """No other machine is made or cleared away meanwhile: a folder that is new has nobody yet who holds it."""
    folder = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def remove_dead():
    """What machines of tests that were killed have left."""
    for folder in pathlib.Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with debian_tree.unused(folder) as dead:
            if dead and not os.path.ismount(folder / "root"):
                ControlGroup(folder.name).close()
                shutil.rmtree(folder, ignore_errors=True)
    for group in {group.name for top in HIERARCHIES for group in pathlib.Path(top).glob(PREFIX + "*")}:
        if not pathlib.Path(tempfile.gettempdir(), group).exists():
            ControlGroup(group).close()


class Machine:
    def __init__(self, garde=True):
        """garde: with its packages installed, or the bare tree."""
        lower = debian_tree.with_garde() if garde else [debian_tree.base()]
        with alone():
            remove_dead()
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
            self.held = debian_tree.hold(self.folder)
        self.folder.chmod(0o755)
        self.group = ControlGroup(self.folder.name)
        self.root = self.folder / "root"
        self.overlay = debian_tree.mounted(lower, self.folder / "upper", self.folder / "work", self.root)
        self.overlay.__enter__()
        self.container = self.first = None
        shutil.copy(BUILD / "tests" / "support" / "pam_try", self.file("/usr/local/bin"))
        if not may_raise_limits():
            self.write("/etc/systemd/system/garded.service.d/tests.conf", MAY_LOCK)

    # -- its life

    def boot(self, systemd=True):
        """Until systemd says that everything has been started; without it: something that waits, as in many containers."""
        program = ["--boot"] if systemd else ["--as-pid2", "sleep", "infinity"]
        with open(self.folder / "console.log", "ab") as console:
            self.container = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network",
                 "--capability=CAP_IPC_LOCK",  # garded, lightdm and xsecurelock lock their memory
                 f"--machine={self.folder.name.replace('_', 'x')}", f"--directory={self.root}", *program],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, preexec_fn=self.group.join)
        self.wait(self.find_first, "its first process is there", BOOTED_WITHIN)
        if systemd:
            self.wait(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip()
                      in ("running", "degraded"), "the machine has started", BOOTED_WITHIN)
        return self

    def find_first(self):
        """Its first process, once that is inside with all that makes it a machine: whoever enters a moment too soon is outside,
        and what it changes is the host."""
        for process in pathlib.Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if self.is_inside(process):
                    self.first = int(process)
        return self.first

    def is_inside(self, process):
        return (all(os.readlink(f"/proc/{process}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")
                    for kind in ("cgroup", "ipc", "mnt", "net", "pid", "uts"))
                and os.path.samefile(f"/proc/{process}/root", self.root)
                and pathlib.Path(f"/proc/{process}/comm").read_text().strip() in ("systemd", "(sd-stubinit)"))

    def shut_down(self):
        """As its power button would."""
        if self.container is None:
            return
        try:
            os.kill(self.first or self.container.pid, signal.SIGRTMIN + 4)
            self.container.wait(30)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        self.pull_the_plug()

    def pull_the_plug(self):
        """Every process of the machine is gone at once; what they have written is there."""
        if self.container is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self.first and self.container.poll() is None:
                os.kill(self.first, signal.SIGKILL)
        self.container.kill()
        self.container.wait()
        self.container = self.first = None

    def reboot(self):
        self.shut_down()
        return self.boot()

    def close(self):
        try:
            self.shut_down()
        finally:
            self.overlay.__exit__(None, None, None)
            self.group.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self.held)

    def wait(self, holds, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not holds():
            if self.container.poll() is not None:
                raise AssertionError(f"the machine ended before {what}; its console:\n{self.console_text()[-5000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}; the machine's console:\n{self.console_text()[-5000:]}")
            time.sleep(0.05)

    def console_text(self):
        return (self.folder / "console.log").read_text(errors="replace")

    # -- programs in it

    def enter(self, *command, user=None):
        """The command line that runs a program in the machine, as somebody of it."""
        entered = ["nsenter", f"--target={self.first}", "--all", "--wdns=/"]
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

    def bring_packages(self, *found):
        """Copies packages in, those that scripts/package has built if none is named; where they are there."""
        for deb in found or debian_tree.debs():
            shutil.copy(deb, self.file("/root"))
        return [f"/root/{deb.name}" for deb in found or debian_tree.debs()]

    def apt(self, *arguments, check=True, **more):
        """apt-get, that asks nothing; the machine has no network, what it shall install has been brought."""
        return self.run("apt-get", "--yes", "--no-install-recommends", *arguments, check=check,
                        more={"DEBIAN_FRONTEND": "noninteractive"} | more)

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

    # -- logins, by a program of the tests that asks libpam as sshd would (tests/support/pam_try.c)

    def attempt(self, user, *answers, service="sshd", rhost="192.0.2.1", call="authenticate"):
        """What a login shows and how it ends: the lines of pam_try."""
        done = self.run("pam_try", "--confdir", "/etc/pam.d", "--service", service, "--user", user, "--rhost", rhost,
                        "--call", call, "--", *answers, check=False)
        if done.returncode not in (0, 1):
            raise AssertionError(f"pam_try: {done.stderr}")
        return done

    def lets_in(self, user, *answers, **more):
        return self.attempt(user, *answers, **more).returncode == 0


class MachineTest(unittest.TestCase):
    """One machine for the tests of a class, booted."""

    garde = True

    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(garde=cls.garde)
        cls.addClassCleanup(cls.machine.close)
        cls.machine.boot()


def needed():
    """Ends the program where there can be no machine, else goes on in the enclosure of the machines."""
    if os.getuid() != 0:
        print("SKIPPED: needs root: it boots a machine")
        sys.exit(77)
    if not shutil.which("systemd-nspawn") or not shutil.which("debootstrap"):
        print("SKIPPED: needs debootstrap and systemd-nspawn (scripts/packages, group machine)")
        sys.exit(77)
    debian_tree.enclosed()
