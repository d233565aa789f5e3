"""What is in the verifier's memory between batches, and who can look at it (invariant 6)."""

import ctypes
import hashlib
import os
import pathlib
import platform
import secrets
import signal
import subprocess
import sys
import time
import unittest

import enclosure
import garde_site
import traces
from enclosure import PEOPLE, House
from phone import Phone

NAME_SERVICE = next(pathlib.Path("/lib").glob("*/libnss_hesiod.so.2"), None)

# libcrypto does its sums in different ways on different processors, and leaves different things on the stack: all that
# this one has; without its instructions for SHA; without those for AES; without any.
PROCESSORS = ["", ":~0x20000000", "~0x200000200000000", "0:0"] if platform.machine() == "x86_64" else [""]

TYPED = "typed1wrong2code3that4nobody5has"


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.build()

    def build(self):
        self.house = House(sections="[service open]\nun_enrolled = allow\n")
        self.addCleanup(self.house.close)
        self.house.init()
        self.house.service("open")
        self.store_id = self.house.sql("SELECT store_id FROM meta")[0][0]
        self.ring_key = bytes.fromhex(self.house.key_ring.read_text().split()[-1])

    def places(self, pid, known):
        """Where the ring's key lies whole, and everything else that was found: waits for a batch to end."""
        deadline = time.monotonic() + 5
        while True:
            whole = [(mapping, mapping.start + data.find(self.ring_key)) for mapping, data in traces.memory(pid)
                     if self.ring_key in data]
            own = {at + offset for _, at in whole for offset in range(len(self.ring_key))}
            found = [(name, mapping, address) for name, mapping, address in
                     traces.find(pid, [("key of the ring", self.ring_key), *traces.of_ring_key(self.ring_key, self.store_id),
                                       *known]) if address not in own]
            if not found or time.monotonic() > deadline:
                return whole, sorted({f"{name} in {mapping}" for name, mapping, _ in found})
            time.sleep(0.2)

    def assertNothingLeft(self, known, what):
        whole, found = self.places(self.house.process.pid, known)
        self.assertEqual(found, [], what)
        self.assertEqual(len(whole), 1, f"{what}: the key of the ring is in one place")
        mapping, _ = whole[0]
        self.assertLessEqual({"lo", "dd", "wf"}, set(mapping.flags), "locked, not dumped, wiped in a child")

    def live(self):
        """What happens to a verifier; yields after each part: (what, all that it has seen so far)."""
        house, known = self.house, []
        yield "start", known
        phones = {"alice": Phone(digits=8, algorithm="sha512"), "bob": Phone(kind="hotp", digits=8),
                  "carol": Phone(kind="hotp", digits=8, algorithm="sha256"), "dave": Phone(digits=8)}
        step = phones["alice"].step()
        for user, phone in phones.items():
            first = 0 if phone.kind == "hotp" else step - 5
            known += traces.of_phone(phone)
            for n in range(first, first + 20):
                known += traces.of_code(phone, n)
        for user, phone in phones.items():
            house.enrol(user, phone, confirm=user != "dave")
        yield "enrol and confirm", known
        for user in ("alice", "bob", "carol"):
            code = phones[user].code(ahead=1 if user == "alice" else 0)
            self.assertTrue(house.login(user, code).accepted)
            self.assertFalse(house.login(user, code).accepted)
        yield "accepted and replayed", known
        known.append(("wrong code", TYPED.encode()))
        for user in ("alice", "bob", "carol", "dave", "erin", "nobody-of-that-name"):
            self.assertFalse(house.login(user, TYPED).accepted)
            house.login(user, phones["bob"].at(19), service="open")
        yield "wrong, pending, un-enrolled and unknown", known
        house.garde("verify", "bob", input=phones["bob"].at(15) + "\n", check=False)
        house.garde("verify", "bob", input=TYPED + "\n", check=False)
        house.garde("confirm", "dave", input=TYPED + "\n", check=False)
        house.garde("enroll", "erin", "--uri-stdin", "--no-qr", input=phones["bob"].uri("erin") + "\n", check=False)
        house.garde("audit", "--verify")
        house.garde("list")
        house.garde("revoke", "carol", "--last", "--yes")
        yield "the admin's commands", known
        with subprocess.Popen(house.login_command("bob", phones["bob"].at(16), more=("--go", str(house.folder / "go"))),
                              stdout=subprocess.PIPE, text=True) as waiting:
            waiting.stdout.readline()
            yield "while a person is asked", known
            (house.folder / "go").touch()
            waiting.communicate()


class BetweenBatches(MemoryTest):
    def test_no_key_secret_or_code_is_anywhere_but_the_ring_in_its_one_place(self):
        for processor in PROCESSORS:
            with self.subTest(OPENSSL_ia32cap=processor):
                os.environ["OPENSSL_ia32cap"] = processor
                try:
                    self.house.start()
                finally:
                    del os.environ["OPENSSL_ia32cap"]
                for what, known in self.live():
                    self.assertNothingLeft(known, what)
            self.doCleanups()
            self.build()


class InFiles(MemoryTest):
    """Store, its log, temporary files (also those without a name), and everything that was logged."""

    PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/", "/run", "/run/garde")  # where programs put temporary files

    def there(self):
        return {pathlib.Path(entry.path) for place in self.PLACES for entry in os.scandir(place)
                if entry.is_file(follow_symlinks=False)}

    def written(self):
        """(name, bytes) of all that this verifier, its tool and its module can have left behind."""
        ours = {path for path in self.house.folder.rglob("*") if path.is_file()} - {self.house.key_ring, self.house.module}
        for path in sorted(ours | (self.there() - self.before)):
            try:
                yield str(path), path.read_bytes()
            except FileNotFoundError:  # somebody else's, who works on this machine, too
                pass
        if self.house.process:
            for fd in pathlib.Path(f"/proc/{self.house.process.pid}/fd").iterdir():
                if "(deleted)" in os.readlink(fd) or "memfd:" in os.readlink(fd):
                    yield os.readlink(fd), fd.read_bytes()
        for number, reader in enumerate(self.readers):
            yield f"log {number}", b"\n".join(list(reader.lines))

    def assertNothingWritten(self, known, what):
        wanted = [("key of the ring", self.ring_key), *traces.of_ring_key(self.ring_key, self.store_id), *known]
        found = sorted({f"{name} in {place}" for place, data in self.written() for name in traces.names_in(data, wanted)})
        self.assertEqual(found, [], what)

    def live_and_look(self):
        self.before = self.there()
        self.readers = [self.house.log_reader]
        if self.journal:
            self.readers.append(enclosure.LogReader("/run/systemd/journal/socket"))
            self.addCleanup(self.readers[-1].close)
        self.house.service("open", "debug")
        self.house.service("test", "debug")
        self.house.start()
        for what, known in self.live():
            self.assertNothingWritten(known, what)
        return known

    def look_in_every_place(self):
        known = self.live_and_look()
        names = {place for place, _ in self.written()}
        self.assertLessEqual({str(self.house.store), f"{self.house.store}-wal"}, names, "the search goes there")
        self.assertTrue(any(b"login" in data for place, data in self.written() if place.startswith("log ")))
        self.house.kill()
        self.assertNothingWritten(known, "killed")
        self.house.start()
        self.house.stop()
        self.assertNothingWritten(known, "started and ended")

    journal = False

    def test_no_key_secret_or_code_is_in_store_temporary_files_or_syslog(self):
        self.look_in_every_place()

    def test_no_key_secret_or_code_is_in_the_journal(self):
        self.journal = True
        self.look_in_every_place()


class Helper(MemoryTest):
    @unittest.skipIf(NAME_SERVICE is None, "no libnss_hesiod.so.2 to put a hanging one in the place of")
    def test_the_helper_that_looks_names_up_inherits_neither_keys_nor_descriptors(self):
        house = self.house
        switch = house.folder / "nsswitch.conf"
        switch.write_text("passwd: files hesiod\ngroup: files\nshadow: files\n")
        for there, here in (("/etc/nsswitch.conf", switch),
                            (NAME_SERVICE, garde_site.BUILD / "tests" / "support" / "libnss_hang.so")):
            enclosure.mount("--bind", here, there)
            self.addCleanup(subprocess.run, ["umount", there], check=True)
        house.start()
        phone = house.enrol("alice", Phone(kind="hotp", digits=8))
        self.assertTrue(house.login("alice", phone.at(1)).accepted)
        hanging = subprocess.Popen(house.login_command("nowhere", "000001", service="open"), stdout=subprocess.DEVNULL)
        try:
            pid = None
            while pid is None:
                self.assertIsNone(hanging.poll(), "nothing hangs, so nothing is shown")
                children = pathlib.Path(f"/proc/{house.process.pid}/task/{house.process.pid}/children").read_text().split()
                pid = next((child for child in children
                            if NAME_SERVICE.name in pathlib.Path(f"/proc/{child}/maps").read_text()), None)
            whole, found = self.places(pid, traces.of_phone(phone))
            files = {int(fd.name): os.readlink(fd) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
        finally:
            hanging.wait(30)
        self.assertEqual((whole, found), ([], []))
        self.assertEqual({fd for fd, to in files.items() if fd > 2 and not to.endswith("nsswitch.conf")}, set(), files)
        self.assertEqual([to for fd, to in sorted(files.items()) if fd <= 1 and not to.startswith("pipe:")], [])


class Outsiders(MemoryTest):
    ATTEMPTS = """
import ctypes, sys
pid, address = int(sys.argv[1]), int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]
room = ctypes.create_string_buffer(32)
here, there = Part(ctypes.addressof(room), 32), Part(address, 32)
print("read", libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0), ctypes.get_errno())
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
print("attach", libc.ptrace(16, pid, None, None), ctypes.get_errno())
print("seize", libc.ptrace(0x4206, pid, None, None), ctypes.get_errno())
for name in ("mem", "maps", "environ", "auxv", "stack", "syscall", "pagemap", "map_files", "fd/0", "cwd"):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            file.read(1)
        print(name, 0, 0)
    except OSError as e:
        print(name, -1, e.errno)
"""

    def test_who_is_the_same_user_reads_no_byte_of_it_and_attaches_no_debugger(self):
        self.house.start()
        pid = self.house.process.pid
        (_, address), = self.places(pid, [])[0]
        for user in ("garde", "alice"):
            done = subprocess.run(["setpriv", f"--reuid={PEOPLE[user]}", f"--regid={PEOPLE[user]}", "--clear-groups",
                                   "/usr/bin/python3", "-c", self.ATTEMPTS, str(pid), str(address)],
                                  capture_output=True, text=True, check=True)
            results = [line.split() for line in done.stdout.splitlines()]
            self.assertEqual(len(results), 13, done)
            for what, result, error in results:
                self.assertEqual(result, "-1", f"{user}: {what}")
                self.assertIn(int(error), (1, 13), f"{user}: {what}")  # EPERM, EACCES

    def test_a_core_dump_is_not_written_and_would_hold_no_key(self):
        self.house.start()
        pid = self.house.process.pid
        (mapping, _), = self.places(pid, [])[0]
        self.assertIn("dd", mapping.flags)
        self.assertRegex(pathlib.Path(f"/proc/{pid}/limits").read_text(), r"(?m)^Max core file size\s+0\s+0\s")
        self.house.process = None
        os.kill(pid, signal.SIGSEGV)
        _, status = os.waitpid(pid, 0)
        self.assertEqual((os.WTERMSIG(status), os.WCOREDUMP(status)), (signal.SIGSEGV, False))


class TheReaderSees(unittest.TestCase):
    """What is planted in another process is found, so that nothing found means something."""

    PLANT = """
import hmac, sys
key = bytes.fromhex(sys.argv[2])
kept = hmac.new(key, digestmod=sys.argv[1])
raw = key[5:16]
del sys.argv[2]
print("ready", flush=True)
sys.stdin.read()
"""

    def test_a_mac_that_is_alive_is_found_by_its_state_and_a_part_of_a_key_by_itself(self):
        for algorithm in ("sha1", "sha256", "sha512"):
            key = secrets.token_bytes(32)
            with subprocess.Popen([sys.executable, "-c", self.PLANT, algorithm, key.hex()], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                self.assertEqual(process.stdout.readline(), "ready\n")
                names = {name for name, _, _ in traces.find(process.pid, traces.of_mac_key("key", key, algorithm))}
                process.communicate()
            self.assertLessEqual({"key", "key, inner pad, state behind it", "key, outer pad, state behind it"}, names)

    def test_what_was_written_is_found_whole_or_in_part(self):
        key = secrets.token_bytes(20)
        wanted = [("key", key), ("code", b"12345678"), ("short", b"123456")]
        self.assertEqual(traces.names_in(b"x" * 3 + key[4:16] + b"y", wanted), {"key"})
        self.assertEqual(traces.names_in(b"code 12345678.", wanted), {"code", "short"})
        self.assertEqual(traces.names_in(bytes(100), wanted), set())

    def test_the_sums_are_those_of_the_library(self):
        for algorithm, size in (("sha1", 64), ("sha256", 64), ("sha512", 128)):
            # one block that is a whole message with its padding: the state behind it is the hash
            length = size - 17
            message = secrets.token_bytes(length)
            block = (message + b"\x80").ljust(size - 8, b"\0") + (8 * length).to_bytes(8, "big")
            sha = traces.HASHES[algorithm]
            state = sha.run(block)[2]
            self.assertEqual(b"".join(word.to_bytes(sha.size, "big") for word in state),
                             hashlib.new(algorithm, message).digest())
        crypto = ctypes.CDLL("libcrypto.so.3")
        key, schedule = secrets.token_bytes(32), ctypes.create_string_buffer(512)
        crypto.AES_set_encrypt_key(key, 256, schedule)
        words = [schedule.raw[at:at + 4] for at in range(0, 240, 4)]
        ours = traces.aes256_round_keys(key)
        self.assertIn(ours, (schedule.raw[:240], b"".join(word[::-1] for word in words)))
        extracted, expanded = traces.hkdf(b"\x0b" * 22, bytes(range(13)), bytes(range(0xf0, 0xfa)))  # RFC 5869 A.1
        self.assertEqual(extracted.hex(), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
        self.assertEqual(expanded.hex(), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
