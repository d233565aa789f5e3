"""Somebody who knocks at garded's doors in a machine without a pause.

    with Prober(machine) as prober: ...
    prober.seen         how often each outcome was seen, by the name of the error; "open" is none
"""

import collections
import errno
import json
import pathlib
import select
import socket
import subprocess
import sys

DOORS = ("/run/garde/verify.sock", "/run/garde/trusted.sock")
PAUSE = 0.02  # seconds


class Prober:
    def __init__(self, machine):
        self.machine, self.seen = machine, None

    def __enter__(self):
        self.process = subprocess.Popen(self.machine.enter("python3", "-c", pathlib.Path(__file__).read_text()),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.seen = json.loads(self.process.communicate(timeout=60)[0])


def knock(door):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
        caller.setblocking(False)
        try:
            caller.connect(door)
            return "open"
        except OSError as error:
            return errno.errorcode[error.errno]


if __name__ == "__main__":
    outcomes = collections.Counter()
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        outcomes.update(knock(door) for door in DOORS)
    print(json.dumps(outcomes))
