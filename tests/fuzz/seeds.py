#!/usr/bin/python3
"""First inputs for the harnesses, made from the formats' own pages: seeds.py FOLDER writes FOLDER/NAME/..."""

import base64
import pathlib
import struct
import sys


def text(value):
    raw = value.encode()
    return struct.pack(">H", len(raw)) + raw


def wire_packets():
    """A message of each type, by docs/wire_protocol.md."""
    actor = struct.pack(">I", 1000) + text("alice")
    moments = struct.pack(">6q", 1, 2, 3, 4, 5, 6)
    yield 1, text("alice") + text("sshd") + text("192.0.2.7") + text("ssh") + text("bob")
    yield 2, b"\x02" + struct.pack(">I", 6)
    yield 3, b"\x01"
    yield 4, b"\x02"
    yield 5, text("123456")
    yield 6, b"\x00"
    yield 6, b"\x01"
    yield 16, (actor + text("alice") + struct.pack(">I", 1000) + text("phone") + b"\x01\x01" +
               struct.pack(">IIQ", 6, 30, 0) + text("k" * 20))
    yield 17, actor + text("alice") + struct.pack(">q", 7) + text("123456")
    yield 18, actor + b"\x03" + text("alice") + struct.pack(">q", 7)
    yield 19, actor + text("alice") + text("123456")
    yield 20, b""
    yield 21, text("alice")
    yield 22, text("") + struct.pack(">q", 0)
    yield 23, b""
    yield 32, b"\x01\x00" + struct.pack(">qq", 7, 0)
    yield 33, (struct.pack(">q", 7) + text("alice") + struct.pack(">I", 1000) + text("phone") + b"\x01\x01" +
               struct.pack(">II", 6, 30) + b"\x02" + moments + b"\x00")
    yield 34, text("ip:192.0.2.7") + b"\x01" + struct.pack(">Iqqq", 3, 4, 5, 2 ** 63 - 1)
    yield 35, (struct.pack(">Qq", 9, 1800000000000) + b"\x02\x01\x00" + text("alice") + struct.pack(">Iq", 1000, 7) +
               text("sshd") + text("ip:192.0.2.7") + text("uid=0 tty=ssh") + struct.pack(">I", 1))


def packets():
    return [struct.pack(">BB", 1, number) + fields for number, fields in wire_packets()]


def wire():
    return [struct.pack(">HB", 8 * at, at) + packet for at, packet in enumerate(packets())]


def base32():
    raw = bytes(range(256))
    plain = [base64.b32encode(raw[:length]) for length in (0, 1, 2, 3, 4, 5, 20, 64)]
    return plain + [b"jbsw y3dp-ehpk 3pxp", b"MZXW6===", b"MZXW6=", b"MZ", b"M1======", b"AB", b"AAAAAAAA========"]


def uri():
    key = base64.b32encode(b"k" * 20).decode()
    return [line.encode() for line in (
        f"otpauth://totp/alice?secret={key}",
        f"otpauth://totp/ward:alice?secret={key}&issuer=ward",
        f"otpauth://totp/Zo%C3%AB%3A%20alice?secret={key}&issuer=Zo%C3%AB&algorithm=SHA256&digits=8&period=60",
        f"otpauth://hotp/alice?secret={key}&counter=9223372036854775807&algorithm=SHA512&digits=7",
        f"OTPAUTH://TOTP/a?secret={key}&image=x&period=120&counter=3",
        f"otpauth://totp/alice?secret={key}&secret={key}",
        "otpauth://totp/alice?secret=AAAA",
        "otpauth://steam/alice")]


def settings():
    whole = """[verifier]
socket_folder = /run/garde
key_ring = /etc/garde/master.key
store = /var/lib/garde/garde.db
user = garde
language = fr
digits = 8
log = stderr
[policy]
window = 2
lock_for = 15min
pending_for = 14d
un_enrolled = allow-until 2027-01-31
[enrolment]
issuer = Clinique Sainte-Ève
[service sshd]
un_enrolled = refuse
[service Login]
un_enrolled = allow
[peer freerad]
service = radius
[peer 4711]
service = vpn
"""
    many = "".join(f"[service s{n}]\nun_enrolled=allow\n" for n in range(66))
    peers = "".join(f"[peer p{n}]\nservice=s\n" for n in range(18))
    return [part.encode() for part in (
        "", whole, "\ufeff" + whole.replace("\n", "\r\n"), "# a comment\n\n  [policy]\n\twindow=0\n; another\n",
        "[policy]\nwindow = 1\nwindow = 1\n", "[verifier]\ndigits = 6 ; a comment\n", "[peer x]\n", "[service a]\n",
        "[peer root]\nservice=x\n", "[verifier]\nstore = " + "/" * 300 + "\n", many, peers, "digits = 6\n",
        "[policy]\nlock_for = 90s\nlock_for\n")]


def ring():
    first, line = "garde-key-ring 1\n", "key {} {}\n"
    keys = [line.format(number, f"{number:064x}") for number in range(1, 34)]
    return [part.encode() for part in (
        first + keys[0], first + keys[0] + keys[1] + line.format(2147483647, "ab" * 32), first + "".join(keys[:32]),
        first + "".join(keys), first, "garde-key-ring 2\n" + keys[0], first + keys[1] + keys[0],
        first + keys[0] + line.format(2, f"{1:064x}"), first + line.format("01", "0" * 64), first + keys[0][:-1],
        first + line.format(1, "AB" * 32), first + line.format(2147483648, "0" * 64))]


HARNESSES = {"wire": wire, "base32": base32, "uri": uri, "settings": settings, "ring": ring}


def main(folder):
    for name, make in HARNESSES.items():
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(make()):
            (place / f"seed{number:02}").write_bytes(seed)


if __name__ == "__main__":
    main(sys.argv[1])
