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
    yield 7, text("") + text("sshd") + text("") + text("tty1") + text("")
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


def tidy():
    return [line.encode() for line in (
        "123456", "123 456", "123-456", " 1234 5678 ", "123\u00a0456", "1234\u20095678", "123\u202f456", "12\u201334\u221256",
        "\u200a123\u2015456", "abcde-fghjk-mnpqr", "OIL0O-1LI0o-il000", "12345-67890-12345", "ABCDE-FGHJK-MNPQU",
        "123.456", "\uff11\uff12\uff13\uff14\uff15\uff16", "", "1" * 64, "123456" + " " * 58, "123456" + " " * 59)]


def typed():
    return [bytes([digits]) + line.encode() for digits in (6, 8) for line in (
        "correct123456", "correct123 456", "correct 123 456", "correct,12345678", "correct 1234 5678", "correct,", ",",
        "correct ABCDE-FGHJK-MNPQR", "correct ABCDE-FGHJ1-23456", "some old cats in123456", "correct 12345-67890-12345",
        "correct, 123-456 ", "correct-123456", "", "123456", "correct 1234567", "a,b 12-3 4 56")]


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
[group cardiology]
un_enrolled = allow-until 2027-01-31
pending = allow
[service sshd group domain admins]
pending = refuse
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


# As tests/fuzz/forge.c has them.
UPDATE, DELETE, COPY = 0, 1, 2
META, ACCOUNT, FACTOR, ORIGIN, ENTRY, HEAD, ROWS_HEAD = range(7)
NULL, NUMBER, SMALL, EDGE, REAL, TEXT, BYTES, ZEROES, ANOTHERS, FLIPPED = range(10)
BYTE, OVER, PAGE, CUT = range(4)


def edit(what, table, row, column, kind, value=b""):
    return bytes((what, table, row, column, kind)) + value


def forgery(*edits, changes=b"", moment=2):
    return bytes((moment, len(edits))) + b"".join(edits) + changes


def change(what, page, where, rest=b""):
    return struct.pack(">BBH", what, page, where) + rest


def store_row():
    columns = {META: 3, ACCOUNT: 8, FACTOR: 21, ORIGIN: 7, ENTRY: 14, HEAD: 5, ROWS_HEAD: 8}
    values = ((NULL, b""), (EDGE, b"\x00"), (EDGE, b"\x0f"), (REAL, b"\x3f\xf8" + bytes(6)), (TEXT, text("root")),
              (BYTES, text("t" * 32)), (ZEROES, b"\xff\xff"), (FLIPPED, b"\x03\x01"))
    yield b""
    yield forgery()
    for table, count in columns.items():
        for column in range(count):
            yield forgery(*(edit(UPDATE, table, row, column, *values[(column + row) % len(values)]) for row in range(3)))
            yield forgery(edit(UPDATE, table, column % 2, column, FLIPPED, b"\x00\x01"))
        yield forgery(edit(DELETE, table, 0, 0, NULL))
        yield forgery(edit(COPY, table, 1, 0, TEXT, text("mallory")), edit(COPY, table, 0, 0, EDGE, b"\x12"))
    for size in (63, 64, 127, 128, 159, 160, 255, 256):
        places = ((ACCOUNT, 0), (FACTOR, 1), (FACTOR, 5), (ORIGIN, 1), (ENTRY, 5), (ENTRY, 8), (ENTRY, 9), (ENTRY, 10))
        yield from (forgery(edit(UPDATE, table, 0, column, TEXT, text("x" * size))) for table, column in places)
    yield forgery(edit(UPDATE, ACCOUNT, 0, 0, ANOTHERS, b"\x01"), edit(UPDATE, FACTOR, 2, 1, ANOTHERS, b"\x00"))
    for page in range(14):
        yield forgery(changes=change(BYTE, page, 0, b"\x05") + change(BYTE, page, 4, b"\x7f"))
        yield forgery(changes=change(PAGE, page, 0, struct.pack(">BH", (page + 3) % 14, 0)))
        yield forgery(changes=change(CUT, page, 1000))
        yield forgery(changes=change(OVER, page, 8, text("\x00\x10" * 8)))


# As tests/fuzz/played.c has them.
SAY, CHANGED, TAIL, DESCRIPTOR, BYTES_OF_INPUT, TOO_MUCH, HANG_UP, SHUT_DOWN, STOP_OR_START, DELAY = range(10)
PROMPT, SKIP, ACCEPTED, REFUSED, DENIED, BUSY, LOOKUP, FRENCH, LIST = range(9)


def attempt(user=b"\x00", items=b"\x00", arguments=b"\x00", flags=bytes(3), failures=b"\x00", attempts=0, turns=b""):
    return user + items + arguments + flags + failures + bytes((attempts,)) + turns


def turn(*actions):
    return bytes((64 + len(actions),)) + b"".join(bytes(action) for action in actions)


def login(connects=b"\0", connected=b"\0", asked=b"\0", reply=b"\0", typing=b"\0", answered=b"\0", rest=b""):
    return connects + connected + asked + reply + typing + answered + rest


def pam_turns():
    yield login()
    for packet in range(9):
        yield login(asked=turn((SAY, packet)))
        yield login(answered=turn((SAY, packet)))
        yield login(typing=turn((SAY, packet)))
        yield login(connected=turn((SAY, packet)))
        yield login(answered=turn((CHANGED, packet, 1, packet + 1)))
        yield login(answered=turn((TAIL, packet, 0)))
        yield login(asked=turn((DESCRIPTOR, packet)))
    for reply in range(4, 14):
        yield login(reply=bytes((reply,)) + text("123456"))
    for action in ((HANG_UP,), (SHUT_DOWN,), (STOP_OR_START,), (BYTES_OF_INPUT, *text("\x01\x06\x01")), (TOO_MUCH, 0)):
        for at in ("connected", "asked", "typing", "answered"):
            yield login(**{at: turn(action)})
    yield login(typing=turn((HANG_UP,)), answered=b"", rest=login())
    yield login(typing=turn((HANG_UP,), (STOP_OR_START,)))
    yield login(connects=b"\xf0" * 4 + b"\0")
    yield login(answered=turn() + turn((DELAY, 1, 0), (SAY, ACCEPTED)))
    yield login(answered=turn() + turn((DELAY, 255, 0), (SAY, ACCEPTED)))


def pam_modes():
    """split and verify, verify alone, concat: what is typed is the ninth byte of the first turns, or PAM_AUTHTOK."""
    for flags in (b"\x40\0\0", b"\x60\0\0", b"\x80\0\0", b"\xc0\0\0"):
        for typed in ("secret736251", "secret,736 251", "secret,", "secret", "secret ABCDE-FGHJK-MNPQR", "secret 12345678"):
            yield attempt(flags=flags, turns=b"\xff" + text(typed))
            yield attempt(flags=flags, turns=b"\0" * 4 + b"\x04" + text(typed))
            yield attempt(flags=flags, attempts=2, turns=b"\0" * 4 + b"\x04" + text(typed) + b"\0" * 12 + b"\x04" + text(typed))
        for packet in range(9):
            for at in range(8):
                yield attempt(flags=flags, turns=b"\xff" + text("secret736251") + b"\0" * at + turn((SAY, packet)))
        for which in range(240, 244):
            yield attempt(flags=flags, failures=bytes((1, 1, which, 2)), turns=b"\xff" + text("secret736251"))
        for at in range(1, 80, 3):
            yield attempt(flags=flags, failures=bytes((1, 0, at, 2)), turns=b"\xff" + text("secret736251"))


def pam():
    yield b""
    yield from (attempt(turns=turns) for turns in pam_turns())
    yield attempt(user=b"\x02", turns=b"\x04" + text("bob") + login())
    yield attempt(user=b"\x03" + text("a\nb"))
    for result in (5, 19, 30):  # PAM_BUF_ERR, PAM_CONV_ERR, PAM_CONV_AGAIN
        yield attempt(user=b"\x02", attempts=1, turns=bytes((12, result)) + b"\x04" + text("bob") + login())
        yield attempt(attempts=1, turns=login(reply=b"\x0c", typing=b"\0", answered=bytes((result,))) + login())
    yield attempt(items=b"\x1f" + text("192.0.2.7") + text("ssh") + text("root") + text("sshd") + text("name: "))
    yield attempt(items=b"\xe0")
    yield from (attempt(arguments=bytes((1, argument))) for argument in range(8))
    yield attempt(arguments=b"\x02\x09" + text("prompt=x") + b"\x09" + text("socket=/x"))
    yield attempt(arguments=b"\xe0")
    yield attempt(flags=b"\x00\x80\x00", turns=login(asked=turn((HANG_UP,))))
    yield attempt(attempts=2, turns=login(reply=b"\x04" + text("1")) + login() + login())
    for call in range(16):
        for error in (0, 2, 5):
            yield attempt(failures=bytes((1, 1, call, error)))
    yield from pam_modes()
    yield from (attempt(failures=bytes((1, 0, at, 0))) for at in range(1, 40))


def field(number, value):
    """A field of a protocol buffer; values under 128 only."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def container(secret, head=""):
    spaces = 'xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="d" xmlns:xenc="e"'
    return (f'<KeyContainer Version="1.0" {spaces}>{head}<KeyPackage><DeviceInfo><SerialNo>9</SerialNo></DeviceInfo><Key Id="1"'
            f' Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp"><AlgorithmParameters><Suite>HMAC-SHA256</Suite>'
            f'<ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters><FriendlyName>f</FriendlyName><Data>'
            f'<Secret>{secret}</Secret><Counter><PlainValue>5</PlainValue></Counter><Time><PlainValue>59</PlainValue></Time>'
            f'<TimeInterval><PlainValue>30</PlainValue></TimeInterval><TimeDrift><PlainValue>-2</PlainValue></TimeDrift></Data>'
            f'<UserId>UID=al\\2cice,O=x</UserId><Policy><StartDate>2026-01-01T00:00:00Z</StartDate><ExpiryDate>'
            f'2030-01-01T00:00:00+01:00</ExpiryDate><KeyUsage>OTP</KeyUsage></Policy></Key></KeyPackage></KeyContainer>').encode()


def formats():
    key = b"k" * 20
    b32, b64 = base64.b32encode(key).decode(), base64.b64encode(key).decode()
    one = field(1, key) + field(2, b"Ward:alice") + field(3, b"Ward") + field(4, 1) + field(5, 2) + field(6, 1) + field(7, 3)
    part = base64.b64encode(field(1, one) + field(2, 1) + field(3, 2) + field(4, 1) + field(5, 9)).decode()
    # What the harness's key makes of k * 20, with a first block of zeroes, and its HMAC under the same key.
    sealed = ("<EncryptedValue><EncryptionMethod Algorithm='x#aes128-cbc'/><CipherData><CipherValue>"
              "AAAAAAAAAAAAAAAAAAAAAHSOyk1bxRhYqojGmLT5SL8vpbKKWoaD7bD8XSjcs2IT</CipherValue></CipherData>"
              "</EncryptedValue><ValueMAC>yz6RsFRKMQkBCKbBSCDethyYse8=</ValueMAC>")
    head = "<EncryptionKey><ds:KeyName>k</ds:KeyName></EncryptionKey><MACMethod Algorithm='x#hmac-sha1'{}"
    return [
        b"\0" + f'{b32}\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 17\n" DISALLOW_REUSE 5 6\n" TIME_SKEW -1\n" TOTP_AUTH\n12345678\n'.encode(),
        b"\0" + f'{b32}\r\n" HOTP_COUNTER 7\r\n" STEP_SIZE 60\r\n'.encode(),
        b"\1" + f"# x\nHOTP a - {key.hex()} 5 123456 2026-01-01T00:00:00L\nHOTP/T30/8\tb\t+\t{key.hex()}\n".encode(),
        b"\2" + f"otpauth://totp/a:b?secret={b32}&issuer=a\n".encode(),
        b"\3" + f"otpauth-migration://offline?data={part.replace('=', '%3D')}\n".encode(),
        b"\4" + container(f"<PlainValue>{b64}</PlainValue>"),
        b"\4" + container(sealed, head.format("/>")),
        b"\4" + container(sealed, head.format("><MACKey/></MACMethod>")),
        b"\4" + b"<!DOCTYPE x [<!ENTITY a \"b\">]>" + container(sealed),
    ]


HARNESSES = {"wire": wire, "base32": base32, "tidy": tidy, "typed": typed, "uri": uri, "settings": settings, "ring": ring,
             "store_row": store_row, "pam": pam, "formats": formats}


def main(folder):
    for name, make in HARNESSES.items():
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(make()):
            (place / f"seed{number:02}").write_bytes(seed)


if __name__ == "__main__":
    main(sys.argv[1])
