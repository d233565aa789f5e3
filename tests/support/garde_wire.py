"""The wire protocol from outside, as docs/wire_protocol.md describes it: for callers that no library would make."""

import os
import socket
import struct

ASK, PROMPT, SKIP, REFUSE, ANSWER, VERDICT, LOOK = 1, 2, 3, 4, 5, 6, 7
ENROL, CONFIRM, CHANGE, RESULT = 16, 17, 18, 32
RESYNC = 25
REVOKE, UNLOCK, CLEAR = 3, 4, 5
OK, WRONG_CODE, SOUND = 1, 4, 15
REFUSE_DENIED, REFUSE_BUSY, REFUSE_LOOKUP = 1, 2, 3
VERSION = 1


def text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(raw)) + raw


def ask(user, service="test", rhost="", tty="", ruser=""):
    return bytes([VERSION, ASK]) + b"".join(map(text, (user, service, rhost, tty, ruser)))


def look(user, service="test", rhost="", tty="", ruser=""):
    return bytes([VERSION, LOOK]) + ask(user, service, rhost, tty, ruser)[2:]


def answer(code, at_once=False):
    return bytes([VERSION, ANSWER]) + text(code) + bytes([at_once])


def actor():
    return struct.pack(">I", 0xFFFFFFFF) + text("")


def enrol(user, uid, phone, pending_for=0, not_before=0, not_after=0, replaces=0, handed_out=False):
    """SHA-1 and six digits."""
    kind, period = (1, phone.period) if phone.kind == "totp" else (2, 0)
    return (bytes([VERSION, ENROL]) + actor() + text(user) + struct.pack(">I", uid) + text("") + bytes([kind, 1]) +
            struct.pack(">IIQ", 6, period, phone.counter) +
            struct.pack(">qqqqq", pending_for, not_before, not_after, replaces, 0) + bytes([handed_out, 0, 0]) +
            text(phone.key))


def confirm(user, code):
    return bytes([VERSION, CONFIRM]) + actor() + text(user) + struct.pack(">q", 0) + text(code)


def unlock(user):
    return bytes([VERSION, CHANGE]) + actor() + bytes([UNLOCK]) + text(user) + struct.pack(">q", 0) + bytes([0])


def resync(user, factor, first, second):
    return (bytes([VERSION, RESYNC]) + actor() + text(user) + struct.pack(">q", factor) + text(first) + text(second))


def revoke(user, factor):
    """Also the last one."""
    return bytes([VERSION, CHANGE]) + actor() + bytes([REVOKE]) + text(user) + struct.pack(">q", factor) + bytes([1])


def clear(user):
    return bytes([VERSION, CHANGE]) + actor() + bytes([CLEAR]) + text(user) + struct.pack(">q", 0) + bytes([0])


class Caller:
    def __init__(self, path, timeout=10, as_uid=None):
        """as_uid: root is that user while it connects, and the other side sees that user."""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(timeout)
        if as_uid is not None:
            os.seteuid(as_uid)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        finally:
            if as_uid is not None:
                os.seteuid(0)

    def send(self, packet):
        self.socket.send(packet)

    def receive(self):
        """(type, rest), or None when the other side is gone."""
        try:
            packet = self.socket.recv(4096)
        except ConnectionResetError:
            return None
        return (packet[1], packet[2:]) if packet else None

    def result(self, packet):
        """At the admin's socket: code, reason, number, until_s, offset_steps."""
        self.send(packet)
        kind, rest = self.receive()
        if kind != RESULT:
            raise AssertionError(f"no result: {kind} {rest}")
        return struct.unpack(">BBqqq", rest)

    def change(self, packet):
        """The number in the answer."""
        code, reason, number, *_ = self.result(packet)
        if code != OK:
            raise AssertionError(f"the change was not made: {code}, reason {reason}")
        return number

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
