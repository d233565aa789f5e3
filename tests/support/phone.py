"""The phone: makes codes from a secret, as RFC 4226 and RFC 6238 say."""

import base64
import hashlib
import hmac
import secrets
import struct
import subprocess
import time


class Phone:
    def __init__(self, key=None, kind="totp", algorithm="sha1", digits=6, period=30, counter=0):
        self.key = key if key is not None else secrets.token_bytes({"sha1": 20, "sha256": 32, "sha512": 64}[algorithm])
        self.kind, self.algorithm, self.digits, self.period, self.counter = kind, algorithm, digits, period, counter

    def base32(self):
        return base64.b32encode(self.key).decode().rstrip("=")

    def uri(self, account="someone", issuer="garde"):
        text = (f"otpauth://{self.kind}/{issuer}:{account}?secret={self.base32()}&issuer={issuer}"
                f"&algorithm={self.algorithm.upper()}&digits={self.digits}")
        return text + (f"&counter={self.counter}" if self.kind == "hotp" else f"&period={self.period}")

    def at(self, moving_factor):
        digest = hmac.new(self.key, struct.pack(">Q", moving_factor), self.algorithm).digest()
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
        return str(number % 10 ** self.digits).zfill(self.digits)

    def step(self, now=None):
        return int(time.time() if now is None else now) // self.period

    def code(self, now=None, ahead=0):
        """The code that the phone shows now (TOTP), `ahead` steps on; HOTP: the next one, used up by asking."""
        if self.kind == "totp":
            return self.at(self.step(now) + ahead)
        self.counter += 1
        return self.at(self.counter - 1 + ahead)

    def wrong(self, now=None):
        """A code of the right form that is not right anywhere near now."""
        if self.kind == "totp":
            near = {self.at(max(0, self.step(now) + i)) for i in range(-5, 6)}
        else:
            near = {self.at(max(0, self.counter + i)) for i in range(-5, 30)}
        return next(code for code in (str(n).zfill(self.digits) for n in range(1000)) if code not in near)

    def oathtool(self, *options):
        """The code as oathtool computes it: somebody else's arithmetic."""
        command = ["oathtool", "--base32", f"--digits={self.digits}"]
        command.append(f"--totp={self.algorithm.upper()}" if self.kind == "totp" else "--hotp")
        if self.kind == "totp":
            command.append(f"--time-step-size={self.period}s")
        return subprocess.run([*command, *options, self.base32()], check=True, capture_output=True,
                              text=True).stdout.strip()
