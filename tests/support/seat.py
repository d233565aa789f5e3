"""A place in a machine where somebody sits: a terminal of the machine's own, what is typed there, and all that was ever on its screen.

Not Machine.terminal(): that terminal is one of the host, which programs in the machine cannot name, and login does not take.
"""

import fcntl
import os
import struct
import subprocess
import termios
import time

from enclosure import Terminal

TIOCGPTN, TIOCSPTLCK, TIOCGPTPEER = 0x80045430, 0x40045431, 0x5441


class Seat(Terminal):
    def __init__(self, machine, line, user=None):
        """line: what somebody's shell is told to do there. With "exec" before it, it takes the shell's place."""
        self.seen, self.screen = "", ""
        self.fd = os.open(f"/proc/{machine.first}/root/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, TIOCSPTLCK, struct.pack("i", 0))
        self.tty = f"/dev/pts/{struct.unpack('I', fcntl.ioctl(self.fd, TIOCGPTN, bytes(4)))[0]}"
        slave = fcntl.ioctl(self.fd, TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        if user is not None:
            os.fchown(slave, machine.file(f"/home/{user}").stat().st_uid, -1)
        # the session begins in the machine: one of the host's has no number there, and no foreground
        shell = machine.enter("setsid", "--ctty", "bash", "--norc", "-c", f"cd; {line}\nexit $?", user=user)
        self.process = subprocess.Popen(shell, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env=machine.environment(user) | {"SHELL": "/bin/bash"})
        os.close(slave)

    def pump(self, deadline):
        """login hangs the terminal up and opens it again, so nothing to read is the end only with the program's end."""
        while True:
            ended = self.process.poll() is not None
            before = len(self.seen)
            if super().pump(min(deadline, time.monotonic() + 0.2)):
                self.screen += self.seen[before:]
                return True
            if ended or time.monotonic() >= deadline:
                return False
            time.sleep(0.01)

    def type_hidden(self, text, seconds=20):
        """Once nothing is echoed: some programs show their question first and throw away what was typed before that."""
        deadline = time.monotonic() + seconds
        while termios.tcgetattr(self.fd)[3] & termios.ECHO:
            if time.monotonic() > deadline:
                raise AssertionError(f"what is typed would be shown; on the screen: {self.screen!r}")
            time.sleep(0.01)
        self.type(text)

    def wait(self, deadline):
        """For finish(): as waitpid() tells it."""
        try:
            self.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return (self.process.returncode << 8) if self.process.returncode >= 0 else -self.process.returncode

    def close(self):
        """Its terminal is hung up, as when a window is closed. Not every program ends at once then."""
        os.close(self.fd)
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
