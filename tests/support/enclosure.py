"""A private copy of what a login needs: /etc/pam.d, users, /run, /dev/log, in mount and process namespaces of our own.

enter() runs the whole test file again inside; everything mounted or started there ends with it. Root only.
"""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import garde_site

HESIOD = next(pathlib.Path("/lib").glob("*/libnss_hesiod.so.2"))  # in whose place nss_hang is put
PASSWORD = "correct horse"
PEOPLE = {"alice": 20001, "bob": 20002, "carol": 20003, "dave": 20004, "erin": 20005, "frank": 20006, "garde": 20100,
          "alias": 20001}


def enter(foreign_programs=False):
    """Returns inside the enclosure, or ends the program. foreign_programs: sshd and the like load the module, which
    they cannot when it was built with a sanitizer."""
    if foreign_programs and "__asan_init" in subprocess.run(
            ["nm", "-D", garde_site.MODULE], capture_output=True, text=True).stdout:
        print("SKIPPED: programs that know nothing of the sanitizer cannot load the module")
        sys.exit(77)
    if os.getuid() != 0:
        print("SKIPPED: needs root: it makes a mount namespace")
        sys.exit(77)
    if os.environ.get("GARDE_ENCLOSED"):
        furnish(pathlib.Path(os.environ["GARDE_ENCLOSED"]))
        return
    folder = tempfile.mkdtemp(prefix="garde-enclosure-")
    os.chmod(folder, 0o755)
    try:
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                               "--propagation", "private", sys.executable, "-B", *sys.argv],
                              env=os.environ | {"GARDE_ENCLOSED": folder})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(done.returncode if done.returncode >= 0 else 1)


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def unmount(path):
    subprocess.run(["umount", str(path)], check=True)


def furnish(folder):
    etc = folder / "etc"
    etc.mkdir()
    shutil.copytree("/etc/pam.d", etc / "pam.d")
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, capture_output=True,
                            text=True).stdout.strip()
    passwd = pathlib.Path("/etc/passwd").read_text()
    shadow = pathlib.Path("/etc/shadow").read_text()
    group = pathlib.Path("/etc/group").read_text()
    for name, uid in PEOPLE.items():
        passwd += f"{name}:x:{uid}:{uid}:{name}:{folder}/home/{name}:/bin/sh\n"
        shadow += f"{name}:{hashed}:19000:0:99999:7:::\n"
        if name != "alias":
            group += f"{name}:x:{uid}:\n"
        home = folder / "home" / name
        home.mkdir(parents=True)
        os.chown(home, uid, uid)
    (etc / "passwd").write_text(passwd)
    (etc / "shadow").write_text(shadow)
    (etc / "group").write_text(group)
    os.chmod(etc / "shadow", 0o600)
    (etc / "sudoers").write_text("Defaults timestamp_timeout=0, lecture=never, passwd_tries=1\nDefaults !fqdn\n"
                                 "alice, bob ALL=(ALL) ALL\n")
    os.chmod(etc / "sudoers", 0o440)
    for name in ("passwd", "shadow", "group", "sudoers", "pam.d"):
        mount("--bind", etc / name, f"/etc/{name}")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for name in ("sshd", "garde", "sudo", "lock", "user"):
        pathlib.Path("/run", name).mkdir()
    furnish_dev(folder)


def furnish_dev(folder):
    """A /dev with a /dev/log that this test reads."""
    dev = folder / "dev"
    dev.mkdir()
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", dev)
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (dev / name).touch()
        mount("--bind", f"/dev/{name}", dev / name)
    (dev / "pts").mkdir()
    (dev / "shm").mkdir()
    mount("--bind", "/dev/pts", dev / "pts")
    os.chmod(dev / "shm", 0o1777)
    (dev / "ptmx").symlink_to("pts/ptmx")
    (dev / "fd").symlink_to("/proc/self/fd")
    mount("--move", dev, "/dev")


class LogReader:
    """Reads datagrams from /dev/log, or from the journal's socket with their fields."""

    def __init__(self, path="/dev/log"):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path, self.lines = path, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                self.lines.append(self.socket.recv(65536))
            except OSError:
                return

    def text(self):
        return b"\n".join(self.lines).decode(errors="replace")

    def wait_for(self, pattern, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.text())
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"nothing like {pattern!r} in the log:\n{self.text()[-3000:]}")

    def close(self):
        self.socket.close()
        os.unlink(self.path)


class Terminal:
    """A program on a terminal of its own, typed at as a person would."""

    def __init__(self, command, uid=None, environment=None):
        self.seen = ""
        pid, self.fd = pty.fork()
        if pid == 0:
            try:
                if uid is not None:
                    os.setgroups([])
                    os.setgid(uid)
                    os.setuid(uid)
                os.chdir("/")
                os.execvpe(command[0], command, environment or {"PATH": os.environ["PATH"], "TERM": "dumb"})
            finally:
                os._exit(127)
        self.pid, self.status = pid, None

    def expect(self, pattern, seconds=20):
        """Waits until the pattern is on the screen; the rest of the screen stays for the next one."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found
            if not self.pump(deadline):
                raise AssertionError(f"no {pattern!r} on the terminal; last seen: {self.seen[-2000:]!r}")

    def pump(self, deadline):
        ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def type(self, text):
        os.write(self.fd, (text + "\n").encode())

    def finish(self, seconds=30):
        """The rest of the screen and the exit code."""
        deadline = time.monotonic() + seconds
        while self.pump(deadline):
            pass
        self.status = os.waitstatus_to_exitcode(self.wait(deadline))
        return self.seen, self.status

    def wait(self, deadline):
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            time.sleep(0.02)
        os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)[1]

    def close(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)


class House(garde_site.Site):
    """A site as it is installed: garded started as root becomes `garde`, sockets in /run/garde, log in /dev/log, and a
    copy of the module where every user can load it."""

    def __init__(self, **more):
        super().__init__(run_as="garde", log="system", **more)
        self.sockets = pathlib.Path("/run/garde")
        self.write_conf()
        self.service("test")
        self.module = self.folder / "pam_garde.so"
        shutil.copy(garde_site.MODULE, self.module)
        self.module.chmod(0o755)
        os.chown(self.folder, 0, 0)
        self.log_reader = LogReader()

    def log_text(self):
        return super().log_text() + self.log_reader.text()

    def pam_line(self, service, *lines):
        text = "\n".join(line.replace("GARDE", str(self.module)) for line in lines)
        pathlib.Path("/etc/pam.d", service).write_text(text + "\n")

    def close(self):
        super().close()
        self.log_reader.close()
