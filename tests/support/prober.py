"""Run inside a machine: knocks at both doors of garded without a pause, until its standard input ends. Prints a line of JSON with how often
each outcome was seen, by the name of the error; "open" is none."""

import collections
import errno
import json
import select
import socket
import sys

DOORS = ("/run/garde/verify.sock", "/run/garde/trusted.sock")
PAUSE = 0.02  # seconds


def knock(door):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
        caller.setblocking(False)
        try:
            caller.connect(door)
            return "open"
        except OSError as error:
            return errno.errorcode[error.errno]


seen = collections.Counter()
while not select.select([sys.stdin], [], [], PAUSE)[0]:
    seen.update(knock(door) for door in DOORS)
print(json.dumps(seen))
