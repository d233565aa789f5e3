"""A screen in a machine of the tests: an X server without hardware, typed at with xdotool, its pixels read from its memory.

    shown = screen.Screen(machine, user="alice")
    locker = shown.start("i3lock", "--nofork")
    shown.wait_for(lambda now: now.share_of(0xFFFFFF) == 1, "the lock")
    shown.type("secret")
    shown.key("Return")

Nothing sleeps for a while: a test waits for what is to be seen. The picture is the server's own memory, so nothing that
grabs the display can keep a test from seeing it.
"""

import collections
import os
import pathlib
import struct
import tempfile
import time
import zlib

WIDTH, HEIGHT = 1024, 768


class Picture:
    """What a screen showed at one moment: four bytes a pixel (blue, green, red, 0)."""

    def __init__(self, width, height, pixels):
        self.width, self.height, self.pixels = width, height, pixels

    def __eq__(self, other):
        return (self.width, self.pixels) == (other.width, other.pixels)

    def colours(self):
        """How many pixels there are of each colour, by 0xRRGGBB."""
        counts = collections.Counter(memoryview(self.pixels).cast("I").tolist())
        return dict(counts)

    def share_of(self, colour):
        """How much of it has that colour, of 1."""
        return self.colours().get(colour, 0) / (self.width * self.height)

    def row(self, at):
        return self.pixels[4 * self.width * at:4 * self.width * (at + 1)]

    def cropped(self, left, top, width, height):
        rows = [self.row(at)[4 * left:4 * (left + width)] for at in range(top, top + height)]
        return Picture(width, height, b"".join(rows))

    def lines(self):
        """The lines of a text on black, each cut out: what has the same letters in the same colour is equal."""
        black, found, line = bytes(4 * self.width), [], []
        for row in [*(self.row(at) for at in range(self.height)), black]:
            if row != black:
                line.append(row)
            elif line:
                left = min(len(row) - len(row.lstrip(b"\0")) for row in line) // 4
                right = max(len(row.rstrip(b"\0")) + 3 for row in line) // 4
                found.append(Picture(right - left, len(line), b"".join(row[4 * left:4 * right] for row in line)))
                line = []
        return found

    def save(self, path):
        """As PNG."""
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        rows = bytearray()
        for at in range(self.height):
            row, rgb = self.row(at), bytearray(3 * self.width)
            rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
            rows += b"\0" + rgb
        pathlib.Path(path).write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def read_memory(path):
    """The picture in the file that Xvfb -fbdir keeps, which is in the format of xwd; None while it is being made."""
    data = path.read_bytes() if path.exists() else b""
    header = struct.unpack(">25I", data[:100].ljust(100, b"\0"))
    width, height, bits, line = header[4], header[5], header[11], header[12]
    start = header[0] + 12 * header[19]
    if (bits, line) != (32, 4 * width) or len(data) < start + line * height:
        return None
    pixels = bytearray(data[start:start + line * height])
    pixels[3::4] = bytes(width * height)
    return Picture(width, height, bytes(pixels))


class Program:
    """A program that a screen shows: a transient unit, so that nothing of it is left when the machine goes."""

    def __init__(self, screen, name):
        self.screen, self.name = screen, name

    def ended(self):
        return self.screen.machine.run("systemctl", "is-active", self.name, check=False).stdout.strip() not in (
            "active", "activating", "deactivating")

    def stop(self):
        self.screen.machine.run("systemctl", "stop", self.name, check=False)

    def log(self):
        return self.screen.machine.journal("--unit", self.name)


class Screen:
    """The screen of one person. server: False if something else (lightdm) starts Xvfb, with options()."""

    def __init__(self, machine, user, number=7, server=True, authority=None):
        self.machine, self.user, self.number, self.programs = machine, user, number, 0
        self.environment = {"DISPLAY": f":{number}"} | ({"XAUTHORITY": authority} if authority else {})
        self.folder = f"/var/tmp/screen-{user}"
        machine.run("install", "--directory", f"--owner={user}", self.folder)
        self.memory = machine.file(self.folder) / "Xvfb_screen0"
        if server:
            self.server = self.start("Xvfb", f":{number}", *self.options(), "-ac")
            machine.wait(lambda: machine.run("xdotool", "getdisplaygeometry", user=user, check=False,
                                             more=self.environment).returncode == 0, "the screen is there")

    def options(self):
        return ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-fbdir", self.folder]

    def start(self, *command, **more):
        """Starts a program of the person's on the screen. more: its environment."""
        self.programs += 1
        name = f"shown-{self.user}-{self.programs}.service"
        given = {"HOME": f"/home/{self.user}", "USER": self.user} | self.environment | more
        self.machine.run("systemd-run", "--quiet", f"--unit={name}", f"--uid={self.user}", "--property=LimitMEMLOCK=8M",
                         *[f"--setenv={key}={value}" for key, value in given.items()], *command)
        return Program(self, name)

    # -- what a person does

    def xdotool(self, *arguments):
        return self.machine.run("xdotool", *arguments, user=self.user, more=self.environment).stdout

    def type(self, text):
        self.xdotool("type", "--delay=1", text)

    def key(self, *names):
        self.xdotool("key", *names)

    def enter(self, text):
        self.type(text)
        self.key("Return")

    # -- what a person sees

    def picture(self):
        return read_memory(self.memory)

    def wait_for(self, holds, what, seconds=30):
        """Until holds(picture); returns that picture."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.picture()
            if now is not None and holds(now):
                return now
            if time.monotonic() > deadline:
                raise AssertionError(f"not on the screen within {seconds} s: {what}; what was there: {self.last_seen(now)}")
            time.sleep(0.02)

    def last_seen(self, picture):
        path = pathlib.Path(tempfile.gettempdir(), "garde-screen.png")
        if picture is not None:
            picture.save(path)
        return path if picture is not None else "nothing"

    def keep(self, name, left, top, width, height):
        """A part of what is there for docs/images/, if GARDE_PICTURES names a folder."""
        if "GARDE_PICTURES" in os.environ:
            self.picture().cropped(left, top, width, height).save(pathlib.Path(os.environ["GARDE_PICTURES"], f"{name}.png"))
