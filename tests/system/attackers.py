"""Hostile callers, one class each: attackers.py NAME, as root. A line on standard input begins and the next one ends the attack, each
answered with a line: what was done so far, as JSON.

They hold connections and send at a bounded rate: what is asked is whether the verifier lets them delay others, not who wins a
processor that somebody keeps busy; that is the scheduler's.
"""

import array
import collections
import json
import os
import random
import resource
import select
import socket
import sys
import time

import garde_wire

VERIFY, TRUSTED = "/run/garde/verify.sock", "/run/garde/trusted.sock"
STEP_S = 0.01
BOB, CAROL = 20002, 20003
SUBUIDS = 100_000
SOMEBODY = "alice"


class Attack:
    """uids: who connects; held: connections at once; each step begins `anew` of those that have ended."""

    uids = [BOB]
    path = VERIFY
    held = 0
    anew = 20
    warms_up = 3  # steps before it says that it stands

    def __init__(self):
        self.did = collections.Counter()
        self.random = random.Random(1)
        self.turn = 0
        self.open = {}
        self.poll = select.epoll()

    def connect(self):
        """As the next uid; None where there is no room."""
        self.turn += 1
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.setblocking(False)
        os.seteuid(self.uids[self.turn % len(self.uids)])
        try:
            client.connect(self.path)
        except OSError as error:
            self.did[f"no connection: {os.strerror(error.errno)}"] += 1
            client.close()
            return None
        finally:
            os.seteuid(0)
        self.did["connections"] += 1
        return client

    def send(self, client, packet):
        try:
            client.send(packet)
            self.did["packets"] += 1
        except OSError:
            self.did["packets that were not taken"] += 1

    def receive(self, client):
        """b"" when the other side is gone, None when it has said nothing."""
        try:
            return client.recv(4096)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def hold_one(self):
        client = self.connect()
        if client:
            self.open[client.fileno()] = client
            self.poll.register(client, select.EPOLLIN)
            self.begin(client)

    def let_go(self, client):
        self.poll.unregister(client)
        del self.open[client.fileno()]
        client.close()

    def begin(self, client):
        """A connection was made."""

    def answer(self, client, packet):
        """The verifier said something: `packet`."""

    def hear(self):
        for number, _ in self.poll.poll(0, 128):
            client = self.open[number]
            packet = self.receive(client)
            if packet == b"" or packet and packet[1] == garde_wire.REFUSE:
                self.did["turned away" if packet else "closed by the verifier"] += 1
                self.let_go(client)
            elif packet:
                self.answer(client, packet)

    def position(self):
        for n in range(self.held):
            self.hold_one()
            if n % 50 == 49:
                time.sleep(STEP_S)
                self.hear()

    def step(self):
        self.hear()
        for _ in range(min(self.anew, self.held - len(self.open))):
            self.hold_one()

    def wait(self):
        """false: a line has come, or the end."""
        return not select.select([sys.stdin], [], [], STEP_S)[0]

    def tell(self):
        print(json.dumps(self.did), flush=True)

    def run(self):
        while sys.stdin.readline():
            self.position()
            for _ in range(self.warms_up):
                time.sleep(STEP_S)
                self.step()
            self.tell()
            while self.wait():
                self.did["steps"] += 1
                self.step()
            if not sys.stdin.readline():
                return
            for client in list(self.open.values()):
                self.let_go(client)
            self.tell()


class Idle(Attack):
    """Connections of one uid that say nothing, more than the public door has places."""
    held = 1100


class IdleSubuids(Attack):
    """More connections than there are descriptors, of as many uids as Debian gives a user and more."""
    uids = range(SUBUIDS, SUBUIDS + 2500)
    held = 2500


class HalfMessages(Attack):
    """Packets that end early, and connections that stay open behind them."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 1024

    def begin(self, client):
        whole = garde_wire.ask(SOMEBODY, rhost="192.0.2.9")
        self.send(client, whole[:self.random.randrange(1, len(whole))])


class OddMessages(Attack):
    """Oversized, random, of another version or direction, empty, and with descriptors."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 256

    def begin(self, client):
        kind = self.turn % 6
        if kind == 5:
            try:
                client.sendmsg([garde_wire.ask(SOMEBODY)],
                               [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
            except OSError:
                pass
            return
        self.send(client, (garde_wire.ask(SOMEBODY) + bytes(60_000), self.random.randbytes(self.random.randrange(1, 2100)),
                           bytes([9]) + garde_wire.ask(SOMEBODY)[1:], bytes([1, garde_wire.VERDICT, 1]), b"")[kind])


class NeverAnswers(Attack):
    """Asks, is asked for the code, and says no more: the public door is full of them."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 1024

    def begin(self, client):
        self.send(client, garde_wire.ask(SOMEBODY))

    def answer(self, client, packet):
        self.did["prompts"] += packet[1] == garde_wire.PROMPT


class Dies(Attack):
    """Hangs up at one step after the other: connected, asked, prompted, answered."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 256
    anew = 10
    steps = "connected", "asked", "prompted", "answered"

    def position(self):
        self.dies = {}
        super().position()

    def die(self, client, step):
        if self.dies[client.fileno()] != step:
            return False
        self.did[f"died when {step}"] += 1
        self.let_go(client)
        return True

    def begin(self, client):
        self.dies[client.fileno()] = self.steps[self.turn // len(self.uids) % len(self.steps)]
        if not self.die(client, "connected"):
            self.send(client, garde_wire.ask(SOMEBODY))
            self.die(client, "asked")

    def answer(self, client, packet):
        if packet[1] == garde_wire.PROMPT and not self.die(client, "prompted"):
            self.send(client, garde_wire.answer("000000"))
            self.die(client, "answered")


class DieTogether(Attack):
    """Connections that hang up all at the same moment."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 1024
    anew = 40

    def step(self):
        super().step()
        if self.did["steps"] % 10 == 0:
            self.did["died together"] += len(self.open)
            for client in list(self.open.values()):
                self.let_go(client)


class SpeaksForOthers(Attack):
    """Attempts for somebody else's account on as many connections as the public door has, 4,000 a second."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 1024
    warms_up = 20
    at_once = 40
    name = SOMEBODY

    def position(self):
        self.ready = collections.deque()
        super().position()

    def begin(self, client):
        self.send(client, garde_wire.ask(self.name or f"nobody{self.turn}"))

    def answer(self, client, packet):
        self.did["prompts" if packet[1] == garde_wire.PROMPT else "refusals"] += 1
        self.ready.append(client)

    def step(self):
        super().step()
        for _ in range(min(self.at_once, len(self.ready))):
            client = self.ready.popleft()
            if client.fileno() >= 0:
                self.send(client, garde_wire.answer("000000"))


class GuessesNames(SpeaksForOthers):
    """The same with another name on each connection."""
    name = None


class NamedPeer(SpeaksForOthers):
    """A peer of the configuration that offers wrong codes for 200 people at once."""
    uids = [CAROL]
    held = 200
    at_once = 20
    name = None


class FullBacklog(Attack):
    """More connections at one moment than the backlog holds, and gone again."""

    def step(self):
        if self.did["steps"] % 3:
            return
        clients = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK) for _ in range(500)]
        os.seteuid(self.uids[0])
        for client in clients:
            self.did["full" if client.connect_ex(VERIFY) else "connections"] += 1
        os.seteuid(0)
        for client in clients:
            client.close()


class HangingNames(Attack):
    """Asks for names about which the name service says nothing."""
    uids = range(SUBUIDS, SUBUIDS + 64)
    held = 1024

    warms_up = 20  # the first helpers have begun to hang

    def begin(self, client):
        self.send(client, garde_wire.ask(f"nowhere{self.turn}"))


class RootsHangingNames(HangingNames):
    """The same, asked by root's programs for strangers who try names."""
    uids = [0]
    path = TRUSTED
    held = 64


ATTACKS = {attack.__name__: attack for attack in (Idle, IdleSubuids, HalfMessages, OddMessages, NeverAnswers, Dies,
                                                  DieTogether, SpeaksForOthers, GuessesNames, NamedPeer, FullBacklog,
                                                  HangingNames, RootsHangingNames)}

if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, most), most))
    ATTACKS[sys.argv[1]]().run()
