"""The disk of the store is filled to the last block: logins go on, through a crash and a restart, until the reserve is used up.

An ext4 in a loop-mounted image and a tmpfs of a fixed size, in a mount namespace of their own. The logins come from a program that
speaks the protocol on the trusted socket, with counter codes, so that no clock has a part in it; some come through libpam.
"""

import hashlib
import hmac
import os
import pathlib
import stat
import struct
import subprocess
import unittest

import enclosure
import garde_site
from enclosure import House
from phone import Phone

PROGRAMS = garde_site.BUILD / "tests" / "bench"
LOGINS = 10000
PEOPLE = 400  # the odd ones have counters
MIB = 1024 * 1024
PAGE = 4096


def secret_of(user):
    return hmac.new(b"garde bench", user.encode(), hashlib.sha256).digest()[:20]


def make_loop_devices():
    """The private /dev has none."""
    if not pathlib.Path("/dev/loop-control").exists():
        os.mknod("/dev/loop-control", stat.S_IFCHR | 0o600, os.makedev(10, 237))
        for number in range(64):
            os.mknod(f"/dev/loop{number}", stat.S_IFBLK | 0o600, os.makedev(7, number))


class FullDisk:
    """What both disks must do."""

    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.close)
        disk = self.house.store.parent
        disk.mkdir()
        self.mount(disk)
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        self.addCleanup(self.house.stop)
        os.chown(disk, enclosure.PEOPLE["garde"], enclosure.PEOPLE["garde"])
        os.chmod(disk, 0o700)
        self.house.init()
        self.assertGreater(sum(blocks for _, blocks in self.sizes().values()) * 512, 26 * MIB, "made with the store")
        subprocess.run([PROGRAMS / "bench_stock", self.house.key_ring, self.house.store, str(PEOPLE)], check=True)
        self.filler, self.done = disk / "filler", 0
        self.counters = {f"u{number:07d}": 1 for number in range(1, PEOPLE, 2)}
        self.phones = {user: Phone(secret_of(user), kind="hotp") for user in self.counters}

    # -- the disk

    def free(self):
        return os.statvfs(self.house.store.parent).f_bfree

    def fill(self):
        """To the last block, also as root sees it."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (MIB, PAGE, 1):
                try:
                    while True:
                        file.write(b"\xff" * size)
                        if size > 1 and self.free() == 0:
                            break
                except OSError as error:
                    self.assertEqual(error.errno, 28)  # ENOSPC
                os.fsync(file.fileno())
        self.assertEqual(self.free(), 0)

    def sizes(self):
        """Length and blocks of the files of the store."""
        return {path.name: (path.stat().st_size, path.stat().st_blocks)
                for path in self.house.store.parent.iterdir() if path.name.startswith("garde.db")}

    # -- the people

    def next_logins(self, count):
        users = sorted(self.counters)
        chosen = []
        for number in range(self.done, self.done + count):
            user = users[number % len(users)]
            chosen.append((user, self.phones[user].at(self.counters[user])))
            self.counters[user] += 1
        self.done += count
        return chosen

    def log_in(self, count, at_once=4):
        """How many of so many logins were accepted."""
        lines = "".join(f"{user} {code}\n" for user, code in self.next_logins(count))
        done = subprocess.run([PROGRAMS / "bench_load", self.house.sockets / "trusted.sock", str(at_once)],
                              input=lines, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr + self.house.log_text()[-2000:])
        return int(done.stdout.split()[1])

    def recorded(self):
        return len(self.house.audit(event="login", verdict="accepted"))

    def told(self, what):
        return self.house.log_text().count(what + ":")

    def assertAccepted(self, login):
        self.assertTrue(login.accepted, f"{login}\n{self.house.log_text()[-2000:]}")

    # -- what must hold

    def test_ten_thousand_logins_go_on_when_the_last_block_is_taken(self):
        house = self.house
        house.start()
        self.assertEqual(self.told("room-low"), 0)
        self.fill()
        sizes = self.sizes()
        (user, code), = self.next_logins(1)
        self.assertAccepted(house.login(user, code))
        house.log_reader.wait_for("room-low: ")
        self.assertEqual(self.log_in(LOGINS // 2), LOGINS // 2)
        self.assertEqual(self.told("room-low"), 1)

        house.kill()
        house.start()
        self.assertFalse(house.login(user, code).accepted, "spent before the crash")
        self.assertEqual(self.log_in(LOGINS // 4), LOGINS // 4)

        self.assertEqual(house.stop(), 0)
        house.start()
        self.assertEqual(self.log_in(LOGINS // 4), LOGINS // 4)
        for user, code in self.next_logins(3):
            self.assertAccepted(house.login(user, code))
            self.assertFalse(house.login(user, code).accepted)
        self.assertEqual(self.recorded(), self.done)
        house.garde("audit", "--verify")
        self.assertEqual((self.free(), self.sizes()), (0, sizes))
        self.assertEqual((self.told("room-low"), self.told("room-none")), (3, 0))  # once for each start

        self.filler.unlink()
        self.assertEqual(self.log_in(2000), 2000)
        house.log_reader.wait_for("room-back: ")
        self.assertEqual(house.stop(), 0)
        done = house.garded("check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def shrink_reserve(self, pages):
        """Leaves so many pages of the file that hold nothing, with the verifier stopped."""
        with open(self.house.store, "r+b") as file:
            file.seek(28)
            used, = struct.unpack(">I", file.read(4))
            file.truncate((used + pages) * PAGE)
            os.fsync(file.fileno())

    def test_a_used_up_reserve_refuses_and_recovers_by_itself_when_there_is_room(self):
        house = self.house
        self.shrink_reserve(20)
        self.fill()
        house.start()
        house.log_reader.wait_for("room-low: ")
        self.assertNotIn("room-low", house.log_file.read_text(), "what is told at the start goes to the log as well")
        accepted = self.log_in(1500, at_once=64)  # a refusal takes its tenth of a second
        self.assertGreater(accepted, 50)
        self.assertLess(accepted, 1500)
        house.log_reader.wait_for("room-none: ")
        (user, code), = self.next_logins(1)
        refused = house.login(user, code)
        self.assertEqual(refused.number, garde_site.PAM_AUTH_ERR)
        self.assertEqual(self.recorded(), accepted)
        house.garde("audit", "--verify")

        house.kill()
        house.start()
        self.assertFalse(house.login(user, code).accepted)
        self.filler.unlink()
        # Nobody repairs anything, and what was refused is unspent.
        self.counters = {one: self.first_unspent(one) for one in self.counters}
        self.assertAccepted(house.login(user, self.phones[user].at(self.counters[user])))
        self.counters[user] += 1
        house.log_reader.wait_for("room-back: ")
        self.assertEqual((self.told("room-none"), self.told("room-back")), (2, 1))  # none: before the crash and after it
        self.assertEqual(self.log_in(500), 500)
        house.garde("audit", "--verify")
        self.assertEqual(house.stop(), 0)
        done = house.garded("check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def first_unspent(self, user):
        return 1 + sum(entry["user"] == user for entry in self.entries())

    def entries(self):
        if not hasattr(self, "known_entries"):
            self.known_entries = self.house.audit(event="login", verdict="accepted")
        return self.known_entries


class Ext4(FullDisk, unittest.TestCase):
    def mount(self, disk):
        image = pathlib.Path("/run/image")  # in memory: no time is spent on a real disk below
        with open(image, "wb") as file:
            file.truncate(96 * MIB)
        subprocess.run(["mkfs.ext4", "-q", "-b", str(PAGE), "-m", "0", image], check=True)
        make_loop_devices()
        done = subprocess.run(["mount", "-o", "loop", image, disk], capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"no loop device: {done.stderr.strip()}")
        # What ext4 keeps for itself, so that it never fails to write what it has promised.
        device = pathlib.Path(os.path.realpath(f"/sys/dev/block/{os.major(disk.stat().st_dev)}:{os.minor(disk.stat().st_dev)}"))
        pathlib.Path("/sys/fs/ext4", device.name, "reserved_clusters").write_text("0")


class Tmpfs(FullDisk, unittest.TestCase):
    def mount(self, disk):
        enclosure.mount("-t", "tmpfs", "-o", "size=80m", "tmpfs", disk)


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
