#!/usr/bin/python3
"""On a terminal: what is asked, what is echoed, and that the terminal is as before, whatever ends the asking."""

import os
import pty
import re
import select
import signal
import struct
import fcntl
import termios
import time
import unittest

import fake_admin as fake
import terminal
from fake_admin import ToolTest
from test_enroll import URI


class Terminal:
    """The tool on a terminal of its own."""

    def __init__(self, test, *arguments, rows=24, columns=80, stdin=None, program=fake.GARDE, **environment):
        self.shown = b""
        test.assertTrue(program.exists())
        self.child, self.fd = pty.fork()
        if self.child == 0:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            if stdin is not None:
                os.dup2(os.open(stdin, os.O_RDONLY), 0)
            os.execve(program, [str(program), "--config", str(test.conf), *arguments], test.environment(**environment))
        test.addCleanup(self.close)

    def read(self, wait_s):
        if not select.select([self.fd], [], [], wait_s)[0]:
            return False
        try:
            self.shown += os.read(self.fd, 65536)
            return True
        except OSError:
            return False

    def wait_for(self, words):
        deadline = time.monotonic() + 20
        while words.encode() not in self.shown and time.monotonic() < deadline:
            self.read(0.1)
        assert words.encode() in self.shown, self.shown
        return self

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait_for_echo(self, wanted):
        deadline = time.monotonic() + 20
        while self.echoes() != wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.echoes() == wanted

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        while self.read(20):
            pass
        if not select.select([self.fd], [], [], 0)[0]:  # it waits for something, and would for ever
            os.kill(self.child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def close(self):
        os.close(self.fd)


class Prompts(ToolTest):
    def setUp(self):
        super().setUp()
        self.answers({fake.ENROL: [fake.result(number=7, until=fake.SOON)],
                      fake.CONFIRM: [fake.result(number=7)], fake.TRY: [fake.result()]})

    def test_a_code_is_seen_while_it_is_typed(self):
        terminal = Terminal(self, "verify", "alice").wait_for("Code: ")
        self.assertTrue(terminal.echoes())
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(self.fake.requests[0].endswith(fake.text("123456")))

    def test_a_uri_is_not_seen_while_it_is_typed(self):
        terminal = Terminal(self, "enroll", "root", "--uri-stdin", "--no-qr").wait_for("otpauth URI")
        self.assertTrue(terminal.wait_for_echo(False))
        terminal.type(URI + "\n")
        terminal.wait_for("Code shown by the phone: ")
        self.assertTrue(terminal.echoes())
        self.assertNotIn(b"otpauth://", terminal.shown)
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)

    def test_a_signal_gives_the_echo_back_and_ends_the_tool(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            terminal = Terminal(self, "enroll", "root", "--uri-stdin").wait_for("otpauth URI")
            self.assertTrue(terminal.wait_for_echo(False))
            os.kill(terminal.child, number)
            self.assertTrue(terminal.wait_for_echo(True), number)
            self.assertEqual(terminal.end(), -number)
        self.assertEqual(self.fake.requests, [])

    def test_a_signal_at_the_code_says_what_became_of_the_factor(self):
        for number, words in ((signal.SIGINT, ["enroll", "root", "--no-qr"]), (signal.SIGHUP, ["confirm", "root"])):
            terminal = Terminal(self, *words).wait_for("Code shown by the phone: ")
            time.sleep(0.05)
            os.kill(terminal.child, number)
            self.assertEqual(terminal.end(), -number)
            self.assertIn("garde confirm root", " ".join(terminal.shown.decode().split()))

    def test_a_code_can_be_typed_after_a_stop(self):
        terminal = Terminal(self, "verify", "alice").wait_for("Code: ")
        time.sleep(0.05)
        os.kill(terminal.child, signal.SIGTSTP)
        os.kill(terminal.child, signal.SIGCONT)
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)

    def test_after_a_uri_from_a_file_the_code_is_asked_on_the_terminal(self):
        uri = self.folder / "uri"
        uri.write_text(URI)
        terminal = Terminal(self, "enroll", "root", "--uri-stdin", "--no-qr", stdin=uri)
        terminal.wait_for("Code shown by the phone: ")
        time.sleep(0.05)
        terminal.type("123456\n")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(len(self.fake.requests), 2)

    def test_a_terminal_that_is_too_narrow_gets_the_key_and_good_advice(self):
        terminal = Terminal(self, "enroll", "root", "--no-confirm", columns=40)
        self.assertEqual(terminal.end(), 0)
        self.assertIn(b"--png", terminal.shown)
        self.assertNotIn(b"\x1b[38", terminal.shown)
        self.assertRegex(terminal.shown.decode(), r"Key +[A-Z2-7]{4} ")

    def test_the_usual_qr_and_its_question_fit_a_small_terminal(self):
        terminal = Terminal(self, "enroll", "root", rows=24).wait_for("Code shown by the phone: ")
        lines = terminal.shown.decode().split("\n")
        self.assertTrue(all("\x1b[38" in line for line in lines[-24:-1]), lines[-24:])
        self.assertNotIn("taller", terminal.shown.decode())
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 1)
        self.assertEqual(re.findall(r"\d{6}", terminal.shown.decode().split("Code shown")[1]), [])


class Questions(ToolTest):
    def setUp(self):
        super().setUp()
        self.answers({fake.SHOW: [fake.factor(3, "alice", label="phone"), fake.result()],
                      fake.CHANGE: [fake.result(number=1)], fake.RESYNC: [fake.result(number=3, offset=-8)]})

    def types(self):
        return [request[1] for request in self.fake.requests]

    def test_only_a_yes_that_was_typed_revokes(self):
        for answer, ends, types in (("\n", 1, []), ("n\n", 1, []), ("\x04", 1, []), ("oui\n", 0, [fake.CHANGE])):
            self.fake.requests.clear()
            terminal = Terminal(self, "revoke", "alice", "phone").wait_for("Type yes or no: ")
            self.assertTrue(terminal.echoes())
            terminal.type(answer)
            self.assertEqual(terminal.end(), ends, repr(answer))
            self.assertEqual(self.types(), [fake.SHOW, *types])

    def test_an_interrupt_at_the_question_revokes_nothing(self):
        for words in (["revoke", "alice", "phone"], ["clear", "alice"]):
            terminal = Terminal(self, *words).wait_for("Type yes or no: ")
            terminal.type("\x03")
            self.assertEqual(terminal.end(), -signal.SIGINT)
        self.assertNotIn(fake.CHANGE, self.types())

    def test_two_codes_are_asked_one_after_the_other(self):
        for program, language, questions in ((fake.GARDE, "", ("The first code: ", "The next code: ", "4 min 00 s slow")),
                                             (fake.FRENCH, "fr", ("Le premier code", "Le code suivant", "tenu compte"))):
            terminal = Terminal(self, "resync", "alice", program=program, LANGUAGE=language).wait_for(questions[0])
            terminal.type("111111\n")
            terminal.wait_for(questions[1]).type("222222\n")
            self.assertEqual(terminal.end(), 0)
            self.assertIn(questions[2], terminal.shown.decode())
            self.assertFits(terminal.shown.decode())

    def test_long_names_are_wrapped_where_a_person_reads_them(self):
        name = "a-very-long-user-name-of-a-directory.hospital.example"
        self.fake.script[fake.SHOW] = [fake.factor(3, name, label="x " * 31), fake.result()]
        for words in (["suspend", name], ["unlock", name], ["clear", name, "--yes"]):
            terminal = Terminal(self, *words)
            self.assertEqual(terminal.end(), 0)
            self.assertFits(terminal.shown.decode())
        for words in (["revoke", name], ["clear", name]):
            terminal = Terminal(self, *words).wait_for("yes or no: ")
            terminal.type("no\n")
            self.assertEqual(terminal.end(), 1)
            self.assertFits(terminal.shown.decode())


class Colours(ToolTest):
    FACTORS = [fake.factor(1, "alice"), fake.factor(2, "bob", state=fake.SUSPENDED), fake.factor(3, "eve", state=fake.REVOKED)]

    def shown(self, *words, **environment):
        self.terminals = Terminal(self, *words, **environment)
        self.terminals.end()
        return self.terminals.shown.decode()

    def setUp(self):
        super().setUp()
        self.answers({fake.LIST: [*self.FACTORS, fake.factor(4, "mallory", tampered=1), fake.result()],
                      fake.STATUS: [fake.state(), fake.result()]})

    def test_a_state_has_its_colour_on_a_terminal(self):
        shown = self.shown("list", TERM="xterm")
        for colour, word in ((32, "active"), (33, "suspended"), (31, "TAMPERED")):
            self.assertRegex(shown, rf"\x1b\[{colour}m{word} *\x1b\[0m")
        self.assertNotRegex(shown, r"\x1b\[\d+mrevoked")
        self.assertFits(terminal.without_colours(shown))
        self.assertEqual(terminal.without_colours(shown).replace("\r", ""),
                         self.garde("list").stdout + "garde: 1 record was tampered with.\n")
        self.assertIn("\x1b[32mAll is well.\x1b[0m", self.shown("status", TERM="xterm"))

    def test_colours_are_off_where_they_are_not_wanted(self):
        for environment in ({"TERM": "dumb"}, {"TERM": ""}, {"TERM": "xterm", "NO_COLOR": "1"}):
            self.assertNotIn("\x1b", self.shown("list", **environment))
            self.assertNotIn("\x1b", self.shown("status", **environment))
        self.assertIn("\x1b[", self.shown("list", TERM="xterm", NO_COLOR=""))
        self.assertNotIn("\x1b", self.garde("list", environment={"TERM": "xterm"}).stdout)


if __name__ == "__main__":
    unittest.main()
