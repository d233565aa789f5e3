"""A garded as it is shipped, with a given number of users, and the codes of these users."""

import hashlib
import hmac
import os
import pathlib
import pwd
import shutil
import subprocess
import time

import garde_site
from phone import Phone

PROGRAMS = garde_site.BUILD / "tests" / "bench"
SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
STRIDE = 7919  # a prime: users that log in one after the other are far apart in the file
PERIOD_S = 30
# What a kept store was made with: if any of it changes, the store is made anew.
MADE_WITH = ("core/store", "core/vault", "core/audit", "include/garde", "tests/bench/stock.c")


def made_with():
    digest = hashlib.sha256()
    for name in MADE_WITH:
        place = SOURCE / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


def secret_of(user):
    return hmac.new(b"garde bench", user.encode(), "sha256").digest()[:20]


class Verifier:
    """Even users have TOTP, odd ones HOTP; which of them log in next, and with which counter, is kept beside the store."""

    def __init__(self, folder, users):
        self.users, self.folder = users, folder / f"store-{users}"
        self.conf, self.key_ring = self.folder / "garde.conf", self.folder / "keys" / "master.key"
        self.store, self.sockets = self.folder / "store" / "garde.db", pathlib.Path(f"/run/garde-{users}")
        self.service, self.process, self.used = f"bench-garde-{users}", None, {}
        self.log = self.folder / "garded.log"

    def prepare(self, keep):
        """Takes the store that an earlier run left, if it fits."""
        stamp = self.folder / "made-with"
        if not keep or not stamp.exists() or stamp.read_text() != made_with():
            shutil.rmtree(self.folder, ignore_errors=True)
        new = not self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.conf.write_text(f"[verifier]\nsocket_folder = {self.sockets}\nkey_ring = {self.key_ring}\n"
                             f"store = {self.store}\nuser = garde\n")
        if new:
            self.make()
            stamp.write_text(made_with())
        user = pwd.getpwnam("garde")
        for path in (self.store.parent, *self.store.parent.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        pathlib.Path("/etc/pam.d", self.service).write_text(
            f"auth required {garde_site.MODULE} socket={self.sockets}/trusted.sock\n")

    def make(self):
        subprocess.run([garde_site.GARDED, "init", "--config", self.conf], check=True, capture_output=True)
        subprocess.run([PROGRAMS / "bench_stock", self.key_ring, self.store, str(self.users)], check=True)

    def start(self, preload=None):
        environment = dict(os.environ) | ({"LD_PRELOAD": str(preload)} if preload else {})
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([garde_site.GARDED, "--config", self.conf], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=environment)
        self.wait_until_still()
        if preload and str(preload) not in pathlib.Path(f"/proc/{self.process.pid}/maps").read_text():
            raise AssertionError(f"{preload} was not loaded")
        return self

    def ticks(self):
        """Processor time so far, in ticks of the kernel."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def cpu_s(self):
        return self.ticks() / os.sysconf("SC_CLK_TCK")

    def wait_until_still(self, seconds=120):
        """Until it listens and does nothing more: what it looks through after a start is not what is measured."""
        deadline, before = time.monotonic() + seconds, -1
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"garded ended: {self.log.read_text()[-2000:]}")
            now = self.ticks() if (self.sockets / "admin.sock").exists() else -1
            if now == before >= 0:
                return
            before = now
            time.sleep(0.3)
        raise AssertionError("garded does not come to rest")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            code = self.process.wait(60)
            self.process = None
            if code != 0:
                raise AssertionError(f"garded ended with {code}: {self.log.read_text()[-2000:]}")

    def memory_kib(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        values = dict(line.split(":", 1) for line in lines if ":" in line)
        return {name: int(values[name].split()[0]) for name in ("VmRSS", "RssAnon", "VmLck")}

    # -- the people

    def positions(self, kind, count):
        """The next `count` places in the line of TOTP or of HOTP users."""
        path = self.folder / f"next-{kind}"
        at = int(path.read_text()) if path.exists() else 0
        path.write_text(str(at + count))
        return range(at, at + count)

    def user(self, position, parity):
        people = self.users // 2
        return f"u{2 * (position * STRIDE % people) + parity:07d}"

    def totp(self, count):
        """(user, code) of people who have not logged in during this time step."""
        if count > self.users // 2:
            raise ValueError("more logins at once than people")
        chosen = [self.user(position, 0) for position in self.positions("totp", count)]
        step = int(time.time()) // PERIOD_S
        while any(self.used.get(user, 0) >= step for user in chosen):
            time.sleep(0.2)
            step = int(time.time()) // PERIOD_S
        self.used.update((user, step) for user in chosen)
        return [(user, Phone(secret_of(user)).at(step)) for user in chosen]

    def hotp(self, count):
        """(user, code) of people with counters, who come again and again."""
        people = self.users // 2
        return [(user, Phone(secret_of(user)).at(1 + position // people))
                for position, user in ((p, self.user(p, 1)) for p in self.positions("hotp", count))]
