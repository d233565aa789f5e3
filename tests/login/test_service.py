"""The verifier as a service: activation, readiness, end, deadlines, limits, and callers that misbehave."""

import fcntl
import os
import random
import re
import resource
import signal
import socket
import subprocess
import time
import unittest

import freezer
import garde_site
import garde_wire
from garde_site import Site, SiteTest
from garde_wire import Caller
from phone import Phone


class Activated(unittest.TestCase):
    """A garded that systemd would have started."""

    def setUp(self):
        # A service locks all its memory or does not start.
        if os.getuid() != 0 and resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY:
            self.skipTest("needs root, or a user who may lock all memory")
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.init()
        self.site.sockets.mkdir()
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notices.close)
        self.notices.settimeout(10)
        self.notices.bind(str(self.site.folder / "notify"))
        self.listeners = []
        for name in ("verify.sock", "trusted.sock", "admin.sock"):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.addCleanup(listener.close)
            listener.bind(str(self.site.sockets / name))
            listener.listen(128)
            self.listeners.append(listener)

    def start(self, **environment):
        """As systemd does it: descriptors from 3 on, and their number and owner in the environment."""
        held = [os.dup2(listener.fileno(), 20 + n) for n, listener in enumerate(self.listeners)]
        script = ("import os, sys\nfor n in range(3): os.dup2(20 + n, 3 + n)\nos.closerange(6, 64)\n"
                  "os.environ.update(LISTEN_FDS='3', LISTEN_PID=str(os.getpid()))\n"
                  "os.execv(sys.argv[1], sys.argv[1:])")
        with open(self.site.log_file, "ab") as log:
            self.site.process = subprocess.Popen(
                ["/usr/bin/python3", "-c", script, str(garde_site.GARDED), "--config", str(self.site.conf)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=held,
                env=os.environ | {"NOTIFY_SOCKET": str(self.site.folder / "notify")} | environment)
        for fd in held:
            os.close(fd)

    def notice(self):
        return self.notices.recv(4096).decode()


class Activation(Activated):
    def test_a_login_on_an_activated_socket_waits_for_the_verifier_and_succeeds(self):
        self.start()
        self.assertIn("READY=1", self.notice())
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertTrue(self.site.login("daemon", phone.at(1)).accepted)
        self.assertEqual(self.site.stop(), 0)
        waiting = subprocess.Popen(self.site.login_command("daemon", phone.at(2)), stdout=subprocess.PIPE, text=True)
        time.sleep(0.3)
        self.start()
        output, _ = waiting.communicate(timeout=30)
        self.assertIn("result 0 ", output)

    def test_a_reload_is_told_from_its_beginning_to_its_end(self):
        self.start()
        self.assertIn("READY=1", self.notice())
        for text, said in ((None, "configuration read again"), ("[policy]\nwindow = 5x\n", "the old one stays in force")):
            if text:
                self.site.conf.write_text(text)
            self.site.reload()
            self.assertRegex(self.notice(), r"RELOADING=1\nMONOTONIC_USEC=\d+")
            self.assertIn("READY=1", self.notice())
            self.site.wait_for_log(said)

    def test_the_end_is_told_and_the_sockets_stay(self):
        self.start()
        self.assertIn("READY=1", self.notice())
        self.assertEqual(self.site.stop(), 0)
        self.assertIn("STOPPING=1", self.notice())
        self.assertEqual(sorted(p.name for p in self.site.sockets.iterdir()),
                         ["admin.sock", "trusted.sock", "verify.sock"])


class Watchdog(Activated):
    """systemd restarts who has not said for WATCHDOG_USEC that all is well."""

    def setUp(self):
        super().setUp()
        self.start(WATCHDOG_USEC="400000")
        self.assertIn("READY=1", self.notice())
        self.phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.loop, self.log, self.worker = freezer.threads(self.site.process.pid)

    def test_while_all_is_well_it_is_told_again_and_again(self):
        self.assertEqual({self.notice() for _ in range(10)}, {"WATCHDOG=1"})

    def test_a_worker_that_hangs_is_not_told_as_well_although_the_loop_still_answers(self):
        with Caller(self.site.sockets / "trusted.sock") as caller:
            with freezer.frozen(self.worker):
                caller.send(garde_wire.ask("daemon"))
                self.assertEqual(caller.receive()[0], garde_wire.PROMPT)
                caller.send(garde_wire.answer(self.phone.at(1)))
                self.site.wait_for_log("the store has not answered")
                self.notices.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    while True:
                        self.notice()
                self.notices.settimeout(1)
                with self.assertRaises(TimeoutError, msg="systemd would never restart it"):
                    self.notice()
            self.notices.settimeout(10)
            self.assertEqual(self.notice(), "WATCHDOG=1")
            self.assertEqual(caller.receive(), (garde_wire.VERDICT, b"\x01"))

    def test_a_log_that_hangs_is_no_reason_to_be_restarted(self):
        with freezer.frozen(self.log):
            self.assertTrue(self.site.login("daemon", self.phone.at(1)).accepted)
            self.assertEqual({self.notice() for _ in range(10)}, {"WATCHDOG=1"})


class WatchdogAfterARest(Activated):
    def test_a_worker_that_is_asked_after_a_long_rest_has_its_time_from_then_on(self):
        self.start(WATCHDOG_USEC="2000000")  # told twice a second; a worker may take one second
        self.assertIn("READY=1", self.notice())
        _, _, worker = freezer.threads(self.site.process.pid)
        with Caller(self.site.sockets / "trusted.sock") as caller:
            caller.send(garde_wire.ask("daemon"))
            self.assertEqual(caller.receive()[0], garde_wire.PROMPT)
            for _ in range(4):
                self.notice()
            with freezer.frozen(worker):
                caller.send(garde_wire.answer("123456"))
                self.notices.settimeout(1.5)
                self.assertEqual(self.notice(), "WATCHDOG=1")
            self.assertEqual(caller.receive(), (garde_wire.VERDICT, b"\0"))


class Service(SiteTest):
    def caller(self, name="trusted.sock"):
        caller = Caller(self.site.sockets / name)
        self.addCleanup(caller.close)
        return caller

    def test_an_interrupt_from_the_terminal_ends_it_as_a_sigterm_does(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.site.login("no-such-user", "123456", rhost="192.0.2.9")
        self.site.process.send_signal(signal.SIGINT)
        self.assertEqual(self.site.process.wait(20), 0)
        self.assertEqual([path.name for path in self.site.sockets.glob("*")], [])
        self.site.start()
        self.assertEqual([e["count"] for e in self.site.audit(event="unknown")], [1])
        self.assertAccepted(self.site.login("daemon", phone.at(1)))

    def test_sockets_have_their_modes(self):
        modes = {p.name: oct(p.stat().st_mode & 0o777) for p in self.site.sockets.iterdir()}
        self.assertEqual(modes, {"verify.sock": "0o666", "trusted.sock": "0o600", "admin.sock": "0o600"})
        self.assertEqual(self.site.sockets.stat().st_mode & 0o777, 0o755)

    def test_an_answer_that_was_given_at_the_end_is_whole_or_absent(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        counter = 1
        for round_number in range(20):
            caller = self.caller()
            caller.send(garde_wire.ask("daemon"))
            self.assertEqual(caller.receive()[0], garde_wire.PROMPT)
            caller.send(garde_wire.answer(phone.at(counter)))
            time.sleep(round_number * 0.0002)
            self.assertEqual(self.site.stop(), 0)
            verdict = caller.receive()
            self.site.start()
            accepted_again = self.site.login("daemon", phone.at(counter)).accepted
            told = verdict is not None and verdict[1] == b"\x01"
            self.assertFalse(told and accepted_again, "accepted twice")
            counter += 1

    def test_a_caller_that_says_nothing_is_let_go(self):
        caller = self.caller("verify.sock")
        start = time.monotonic()
        self.assertIsNone(caller.receive())
        self.assertLess(time.monotonic() - start, 8)

    def test_one_uid_has_a_bounded_number_of_sessions(self):
        self.site.login("daemon", "000001")  # by now the connection that found out that it listens is forgotten
        callers = [self.caller("verify.sock") for _ in range(40)]
        answers = []
        for caller in callers:
            try:
                caller.send(garde_wire.ask("daemon"))
            except OSError:
                pass
            answers.append(caller.receive())
        kinds = [a[0] if a else None for a in answers]
        self.assertEqual(kinds.count(garde_wire.PROMPT), 16, kinds)
        for given in answers:
            if given and given[0] == garde_wire.REFUSE:
                self.assertEqual(given[1], bytes([garde_wire.REFUSE_BUSY]))
        phone = self.site.enrol("daemon")
        self.assertAccepted(self.site.login("daemon", phone.code(ahead=1)))

    def test_malformed_messages_close_the_session_and_nothing_else(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        chance = random.Random(20261124)
        good = garde_wire.ask("daemon")
        odd = [b"\x01", b"\x02" + good[1:], b"\x01\x63", good + b"x", good[:-1], garde_wire.answer("123456"),
               bytes([1, 6, 1]), bytes([1, 22]) + b"\0" * 10, b"\xff" * 2048]
        odd += [chance.randbytes(chance.randrange(1, 2048)) for _ in range(300)]
        for name in ("verify.sock", "trusted.sock", "admin.sock"):
            # To an admin the one of type 22 is well-formed: it asks for the audit.
            for packet in [p for p in odd if name != "admin.sock" or p[:2] != bytes([1, 22])]:
                with Caller(self.site.sockets / name) as caller:
                    try:
                        caller.send(packet)
                        given = caller.receive()
                    except (BrokenPipeError, ConnectionResetError):
                        given = None
                    self.assertTrue(given is None or given[0] in (garde_wire.REFUSE, 32), (name, packet[:20], given))
        self.assertIsNone(self.site.process.poll())
        self.assertAccepted(self.site.login("daemon", phone.at(1)))

    def test_an_oversized_message_is_refused(self):
        caller = self.caller()
        caller.send(garde_wire.ask("daemon") + b"\0" * 60000)
        self.assertIsNone(caller.receive())

    def test_after_a_refusal_another_answer_may_follow(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        caller = self.caller()
        caller.send(garde_wire.ask("daemon"))
        caller.receive()
        for code, verdict in ((phone.wrong(), b"\x00"), (phone.at(1), b"\x01")):
            caller.send(garde_wire.answer(code))
            self.assertEqual(caller.receive(), (garde_wire.VERDICT, verdict))
        self.assertIsNone(caller.receive())

    def test_a_login_needs_no_writable_home_and_no_shell_of_the_caller(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        login = garde_site.Login(subprocess.run(self.site.login_command("daemon", phone.at(1)), env={}, cwd="/",
                                                capture_output=True, text=True))
        self.assertAccepted(login)


class Reload(unittest.TestCase):
    def test_a_reload_that_comes_during_the_start_is_done_after_it(self):
        site = Site()
        self.addCleanup(site.close)
        site.init()
        for _ in range(20):
            for path in site.sockets.glob("*.sock"):
                path.unlink()
            site.start(wait=False)
            while not (site.sockets / "verify.sock").exists():
                self.assertIsNone(site.process.poll())
            site.reload()
            site.wait_for_log("configuration read again")
            self.assertEqual(site.stop(), 0)
            site.log_file.unlink()


class StuckLog(unittest.TestCase):
    """The log is a pipe that takes a page and that nobody reads: a journal that hangs."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.init()
        self.log, log = os.pipe()
        self.addCleanup(os.close, self.log)
        fcntl.fcntl(log, fcntl.F_SETPIPE_SZ, 4096)
        self.site.process = subprocess.Popen([str(garde_site.GARDED), "--config", str(self.site.conf)],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(log)
        while not self.site.is_listening():
            time.sleep(0.01)
        self.phone = self.site.enrol("daemon", Phone(kind="hotp"))

    def log_in(self, counters):
        for counter in counters:
            login = self.site.login("daemon", self.phone.at(counter))
            self.assertTrue(login.accepted, f"{counter}: {login}")
            self.assertLess(login.elapsed_ms, 1000)

    def test_a_log_that_hangs_delays_no_login_and_has_missed_nothing_when_it_goes_on(self):
        self.log_in(range(1, 51))
        self.site.reload()
        self.log_in(range(51, 61))
        text = b""
        while b"seq=63 " not in text:
            text += os.read(self.log, 4096)
        self.assertEqual([int(n) for n in re.findall(rb"seq=(\d+)", text)], list(range(2, 64)))
        self.assertIn(b"configuration read again", text)

    def test_the_verifier_ends_although_the_log_hangs(self):
        self.log_in(range(1, 51))
        self.assertEqual(self.site.stop(), 0)


if __name__ == "__main__":
    garde_site.main()
