"""What keys, secrets and codes may leave behind in memory or files: each form that is as good as the thing itself.

A trace is (name, bytes). For memory each is cut into windows of 8 bytes: a part that long is a find.
"""

import base64
import errno
import hashlib
import hmac
import pathlib
import re
import struct

WINDOW = 8
PURPOSES = ("seal", "tag", "audit", "fingerprint", "head", "sum")


# -- keys

def hkdf(key, salt, info):
    """(what HKDF-SHA-256 extracts, the 32 bytes that it expands to)"""
    extracted = hmac.new(salt, key, "sha256").digest()
    return extracted, hmac.new(extracted, info + b"\1", "sha256").digest()


def primes(count):
    found = []
    n = 2
    while len(found) < count:
        if all(n % p for p in found):
            found.append(n)
        n += 1
    return found


def root_bits(number, power, bits):
    """The first bits behind the point of the square or cube root: where the constants of SHA-2 come from."""
    scaled = number << (bits * power)
    low, high = 0, 1 << (bits + 8)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle ** power <= scaled else (low, middle)
    return low & ((1 << bits) - 1)


class Sha2:
    """One block through SHA-256 or SHA-512, with all that is in memory meanwhile."""

    def __init__(self, bits, rounds, big, small):
        self.bits, self.rounds, self.big, self.small = bits, rounds, big, small
        self.size, self.mask = bits // 8, (1 << bits) - 1
        self.k = [root_bits(p, 3, bits) for p in primes(rounds)]
        self.start = [root_bits(p, 2, bits) for p in primes(8)]

    def turn(self, x, n):
        return (x >> n | x << (self.bits - n)) & self.mask

    def schedule(self, block):
        s = self.small
        w = [int.from_bytes(block[at:at + self.size], "big") for at in range(0, 16 * self.size, self.size)]
        for t in range(16, self.rounds):
            x, y = w[t - 15], w[t - 2]
            w.append((w[t - 16] + (self.turn(x, s[0]) ^ self.turn(x, s[1]) ^ x >> s[2]) + w[t - 7]
                      + (self.turn(y, s[3]) ^ self.turn(y, s[4]) ^ y >> s[5])) & self.mask)
        return w

    def run(self, block):
        """(words, words with their constants added, state behind the block)"""
        words, b = self.schedule(block), self.big
        added = [(w + k) & self.mask for w, k in zip(words, self.k)]
        v = list(self.start)
        for word in added:
            one = (v[7] + (self.turn(v[4], b[3]) ^ self.turn(v[4], b[4]) ^ self.turn(v[4], b[5]))
                   + (v[4] & v[5] ^ ~v[4] & v[6]) + word) & self.mask
            two = ((self.turn(v[0], b[0]) ^ self.turn(v[0], b[1]) ^ self.turn(v[0], b[2]))
                   + (v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2])) & self.mask
            v = [(one + two) & self.mask, *v[:3], (v[3] + one) & self.mask, *v[4:7]]
        return words, added, [(x + y) & self.mask for x, y in zip(self.start, v)]


class Sha1:
    size, mask = 4, 0xffffffff

    def run(self, block):
        turn = lambda x, n: (x << n | x >> (32 - n)) & self.mask
        start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
        w = [int.from_bytes(block[at:at + 4], "big") for at in range(0, 64, 4)]
        for t in range(16, 80):
            w.append(turn(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
        a, b, c, d, e = start
        added = []
        for t, word in enumerate(w):
            f, k = ((b & c | ~b & d, 0x5a827999) if t < 20 else (b ^ c ^ d, 0x6ed9eba1) if t < 40 else
                    (b & c | b & d | c & d, 0x8f1bbcdc) if t < 60 else (b ^ c ^ d, 0xca62c1d6))
            added.append((word + k) & self.mask)
            a, b, c, d, e = (turn(a, 5) + f + e + added[-1]) & self.mask, a, turn(b, 30), c, d
        return w, added, [(x + y) & self.mask for x, y in zip(start, (a, b, c, d, e))]


HASHES = {"sha1": Sha1(), "sha256": Sha2(32, 64, (2, 13, 22, 6, 11, 25), (7, 18, 3, 17, 19, 10)),
          "sha512": Sha2(64, 80, (28, 34, 39, 14, 18, 41), (1, 8, 7, 19, 61, 6))}


def of_block(name, block, algorithm):
    """What a hash makes of its first block, as this machine keeps words."""
    sha = HASHES[algorithm]
    lay = lambda words: b"".join(word.to_bytes(sha.size, "little") for word in words)
    words, added, state = map(lay, sha.run(block))
    return [(f"{name}, words", words), (f"{name}, words and constants", added), (f"{name}, state behind it", state)]


def aes_box():
    """The S-box: the inverse in GF(2^8), and an affine map."""
    box, p, q = [0x63] * 256, 1, 1
    while True:
        p = p ^ (p << 1) & 0xff ^ (0x1b if p & 0x80 else 0)
        for shift in (1, 2, 4):
            q = q ^ q << shift & 0xff
        q ^= 0x09 if q & 0x80 else 0
        rotated = [(q << n | q >> (8 - n)) & 0xff for n in range(5)]
        box[p] = rotated[0] ^ rotated[1] ^ rotated[2] ^ rotated[3] ^ rotated[4] ^ 0x63
        if p == 1:
            return box


def aes256_round_keys(key):
    """All 15 of AES-256, one behind the other."""
    box, words, constant = aes_box(), [key[i:i + 4] for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = words[-1]
        if i % 8 == 0:
            word = bytes(box[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant <<= 1
        elif i % 8 == 4:
            word = bytes(box[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[i - 8], word)))
    return b"".join(words)


def of_mac_key(name, key, algorithm="sha256"):
    """The key, and what HMAC makes of it."""
    size = 128 if algorithm == "sha512" else 64
    found = [(name, key)]
    for side, byte in (("inner", 0x36), ("outer", 0x5c)):
        pad = bytes(b ^ byte for b in key)
        found += [(f"{name}, {side} pad", pad),
                  *of_block(f"{name}, {side} pad", pad + bytes([byte]) * (size - len(key)), algorithm)]
    return found


def of_ring_key(key, store_id):
    """Everything that is made from a key of the ring."""
    extracted, _ = hkdf(key, store_id, b"")
    found = [("key of the ring, hex", key.hex().encode()), *of_mac_key("extracted key", extracted)]
    for purpose in PURPOSES:
        derived = hkdf(key, store_id, b"garde 1 " + purpose.encode())[1]
        found += of_mac_key(f"{purpose} key", derived)
        if purpose == "seal":
            found.append(("seal key, round keys", aes256_round_keys(derived)))
    return found


def of_phone(phone, account="someone"):
    """A factor's secret in every form in which it is handed over or used."""
    name = f"{phone.kind} {phone.algorithm} secret"
    return [*of_mac_key(name, phone.key, phone.algorithm), (f"{name}, base32", phone.base32().encode()),
            (f"{name}, base32 in small letters", phone.base32().lower().encode()),
            (f"{name}, hex", phone.key.hex().encode()), (f"{name}, base64", base64.b64encode(phone.key).rstrip(b"="))]


def of_code(phone, moving_factor):
    """A code that was compared, and the hashes that it was cut from."""
    message = struct.pack(">Q", moving_factor)
    digest = hmac.new(phone.key, message, phone.algorithm).digest()
    size = 128 if phone.algorithm == "sha512" else 64
    inner = hashlib.new(phone.algorithm, bytes(b ^ 0x36 for b in phone.key.ljust(size, b"\0")) + message).digest()
    last = (inner + b"\x80").ljust(size - 8, b"\0") + struct.pack(">Q", 8 * (size + len(inner)))
    name = f"{phone.kind} {phone.algorithm} code"
    return [(name, phone.at(moving_factor).encode()), (f"hash of a {name}", digest), (f"inner hash of a {name}", inner),
            *of_block(f"inner hash of a {name}", last, phone.algorithm)[:2]]


# -- memory

class Mapping:
    def __init__(self, line):
        words = line.split(None, 5)
        self.start, self.end = (int(at, 16) for at in words[0].split("-"))
        self.mode, self.name = words[1], words[5].strip() if len(words) > 5 else ""
        self.flags = ()

    def __repr__(self):
        return f"{self.start:x}-{self.end:x} {self.mode} {self.name or 'anonymous'}"


def mappings(pid):
    """What the process can have written: writable, or not of a file."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            found.append(Mapping(line))
        elif line.startswith("VmFlags:"):
            found[-1].flags = tuple(line.split()[1:])
    return [m for m in found if m.mode[0] == "r" and (m.mode[1] == "w" or not m.name) and m.name != "[vvar]"]


def memory(pid):
    """(mapping, its bytes) one after the other."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for mapping in mappings(pid):
            data = bytearray()
            while len(data) < mapping.end - mapping.start:
                file.seek(mapping.start + len(data))
                try:
                    part = file.read(mapping.end - mapping.start - len(data))
                except OSError as error:
                    if error.errno != errno.EIO:  # what was unmapped meanwhile
                        raise
                    break
                data += part
            yield mapping, bytes(data)


def windows(text):
    """Parts of which any copy of 11 bytes or more holds one whole."""
    last = max(0, len(text) - WINDOW)
    return {text[at:at + WINDOW] for at in {*range(0, last, 4), last}}


PAGE = 4096


def parts(traces):
    """({part of 8 bytes: name}, {shorter trace: name})"""
    wanted, short = {}, {}
    for name, text in traces:
        for part in windows(text):
            (wanted if len(part) == WINDOW else short).setdefault(part, name)
    # what does not tell one thing from another: HMAC's padding, words of zeroes
    return {part: name for part, name in wanted.items() if len(set(part)) > 3}, short


def places(data, wanted, short):
    """(name, offset) of every part in these bytes."""
    for page in range(0, len(data), PAGE):
        if data.count(0, page, page + PAGE) == PAGE:
            continue
        for at in range(page, min(page + PAGE, len(data) - WINDOW + 1)):
            name = wanted.get(data[at:at + WINDOW])
            if name is not None:
                yield name, at
    for part, name in short.items():
        for match in re.finditer(re.escape(part), data):
            yield name, match.start()


def names_in(data, traces):
    """The traces of which a part is in these bytes."""
    return {name for name, _ in places(data, *parts(traces))}


def find(pid, traces):
    """Every place where a part of a trace lies: (name, mapping, address)."""
    wanted, short = parts(traces)
    return [(name, mapping, mapping.start + at) for mapping, data in memory(pid) for name, at in places(data, wanted, short)]
