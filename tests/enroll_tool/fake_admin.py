"""A scripted verifier behind admin.sock, for answers that a real one gives rarely or never; and the tool in front of it.

What a real verifier answers is tested with a real one (tests/login).
"""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

BUILD = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve()
GARDE = BUILD / "enroll_tool" / "garde"
FRENCH = BUILD / "tests" / "enroll_tool" / "garde_french"

(ENROL, CONFIRM, CHANGE, TRY, LIST, SHOW, AUDIT, AUDIT_VERIFY, STATUS, RESYNC, RECOVERY, TEMPCODE,
 EXPORT) = range(16, 29)
(OK, NO_USER, NO_FACTOR, WRONG_CODE, SECRET_IN_USE, SECRET_CHANGED, TOO_MANY, OTHER_UID, BAD_REQUEST, TAMPERED,
 BROKEN_ENTRY, CUT_TAIL, UNAVAILABLE, LAST_FACTOR, SOUND) = range(1, 16)
SUSPEND, RESUME, REVOKE, UNLOCK, CLEAR = range(1, 6)
TOTP, HOTP, RECOVERY_CODES, HELP_DESK = 1, 2, 3, 4
PENDING, ACTIVE, SUSPENDED, REVOKED = 1, 2, 3, 4
RUNNING, PASSED, BROKEN = 1, 2, 3
NEVER_ENDING = 2**63 - 1
SOON = 1795600000


def text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(raw)) + raw


def result(code=OK, reason=0, number=0, until=0, offset=0):
    return bytes([1, 32, code, reason]) + struct.pack(">qqq", number, until, offset)


def factor(number, user, uid=1000, label="", kind=TOTP, algorithm=1, digits=6, period=30, state=ACTIVE, created=SOON,
           pending_until=0, confirmed=SOON, not_before=0, not_after=0, last_used=0, offset=0, replaces=0, handed_out=0,
           weak=0, uses=0, left=0, tampered=0):
    return (bytes([1, 33]) + struct.pack(">q", number) + text(user) + struct.pack(">I", uid) + text(label) +
            bytes([kind, algorithm]) + struct.pack(">II", digits, period) + bytes([state]) +
            struct.pack(">8q", created, pending_until, confirmed, not_before, not_after, last_used, offset, replaces) +
            bytes([handed_out, weak]) + struct.pack(">II", uses, left) + bytes([tampered]))


def origin(name, usual=1, failures=0, last_failure=0, last_success=SOON, refused_until=0):
    return (bytes([1, 34]) + text(name) + bytes([usual]) +
            struct.pack(">Iqqq", failures, last_failure, last_success, refused_until))


def entry(seq, event=2, verdict=1, reason=0, user="alice", uid=1000, factor_id=1, service="sshd", where="ip:192.0.2.7",
          actor="uid=0", note="", count=1, time_ms=SOON * 1000):
    return (bytes([1, 35]) + struct.pack(">Qq", seq, time_ms) + bytes([event, verdict, reason]) + text(user) +
            struct.pack(">Iq", uid, factor_id) + text(service) + text(where) + text(actor) + text(note) +
            struct.pack(">I", count))


def future_mark(user, number=1, label="phone", usable_from=SOON):
    return bytes([1, 36]) + text(user) + struct.pack(">q", number) + text(label) + struct.pack(">q", usable_from)


def bad_row(user, what):
    return bytes([1, 37]) + text(user) + text(what)


def state(version="0.1.0", started=SOON - 3600, now=SOON, users=12, factors=13, future_marks=0, entries=99, scan=PASSED,
          rows_scanned=45, rows_expected=45, bad_rows=0, disk_bytes=3 << 30, reserve_bytes=5 << 20, room_low=0,
          clock_offset=0, clock_users=0, users_pending=0, users_locked=0, logins_today=0, refusals_today=0):
    return (bytes([1, 38]) + text(version) + struct.pack(">qq4Q", started, now, users, factors, future_marks, entries) +
            bytes([scan]) + struct.pack(">5QBqI", rows_scanned, rows_expected, bad_rows, disk_bytes, reserve_bytes,
                                        room_low, clock_offset, clock_users) +
            struct.pack(">4Q", users_pending, users_locked, logins_today, refusals_today))


class FakeAdmin:
    """Answers each request with what `script` has for its type: a list of packets, or a function from the request's bytes
    to one. None: hangs up. Requests are kept."""

    def __init__(self, path, script):
        self.script, self.requests = script, []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(path))
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(4096)
                if not request:
                    continue
                self.requests.append(request)
                answer = self.script.get(request[1])
                packets = answer(request) if callable(answer) else answer
                try:
                    for packet in packets or []:
                        connection.send(packet)
                except OSError:
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


class ToolTest(unittest.TestCase):
    """A folder with a configuration, and the tool."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="garde-tool-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.conf = self.folder / "garde.conf"
        self.conf.write_text(f"[verifier]\nsocket_folder = {self.folder}\n[enrolment]\nissuer = Clinic\n")
        self.conf.chmod(0o644)

    def answers(self, script):
        self.fake = FakeAdmin(self.folder / "admin.sock", script)
        self.addCleanup(self.fake.close)
        return self.fake

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if k.split("_")[0] not in ("LC", "LANG", "LANGUAGE", "SUDO")}
        return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"} | more

    def garde(self, *arguments, program=GARDE, input="", environment=None, **more):
        more.setdefault("stdout", subprocess.PIPE)
        return subprocess.run([str(program), "--config", str(self.conf), *arguments], input=input, text=True,
                              stderr=subprocess.PIPE, timeout=60, env=self.environment(**(environment or {})), **more)

    def french(self, *arguments, **more):
        return self.garde(*arguments, program=FRENCH, environment={"LANGUAGE": "fr"}, **more)

    def assertFits(self, shown):
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 80, line)
