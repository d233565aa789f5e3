"""Doors of a machine that people stand at with a password and a code: what they type, what they see, whether they are in.

A test of a door inherits OneField or OwnQuestion, says how to knock (Door), and gets what must hold at every door.
"""

import concurrent.futures
import dataclasses
import itertools
import json
import re
import time

import debian_tree
from debian_tree import PASSWORD
from machine import UNITS, MachineTest
from phone import Phone
from seat import Seat

QUESTION = r"[^\n]*(?:login|assword|[Cc]ode|passe)[^\n]*: \Z"
COLOURS = r"\x1b\[[0-9;]*m"
PAGE = debian_tree.SOURCE / "docs" / "front_ends.md"
FIRST_UID = 21001


@dataclasses.dataclass
class Person:
    name: str
    phone: Phone


@dataclasses.dataclass
class Door:
    """{name} stands for who wants in, {tty} for the seat's terminal."""
    line: str           # what the shell is told
    inside: str         # what shows that it opened,
    refused: str        # and that it did not
    service: str        # what the audit says of a login here
    origin: str
    actor: str
    user: str = None    # whose shell it is; root's if None
    before: tuple = ()  # what is typed before the password, and shown
    strangers: bool = False  # can somebody without an account knock?


@dataclasses.dataclass
class Knock:
    let_in: bool
    asked: list
    screen: str
    tty: str


def clean(text, person):
    """As somebody called alice sees it, without colours and blanks at the ends of lines."""
    text = re.sub(COLOURS, "", text).replace("\r", "").replace(person.name, "alice")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def answer_all(seat, door, person, typed):
    """(is the door open?, what was asked). Each question gets the next answer, until one is left without."""
    answers = [answer.format(name=person.name) for answer in door.before] + list(typed)
    inside, asked = door.inside.format(name=person.name), []
    while True:
        found = seat.expect(f"(?P<inside>{inside})|(?P<refused>{door.refused})|(?P<question>{QUESTION})", 60)
        if not found["question"]:
            return bool(found["inside"]), asked
        asked.append(clean(found["question"], person))
        if len(asked) > len(answers):
            return False, asked
        (seat.type if len(asked) <= len(door.before) else seat.type_hidden)(answers[len(asked) - 1])


def knock(ward, door, person, *typed):
    seat = Seat(ward, door.line.format(name=person.name), user=door.user and door.user.format(name=person.name))
    try:
        let_in, asked = answer_all(seat, door, person, typed)
        shown = seat.screen[:len(seat.screen) - len(seat.seen)]
        for text in typed:
            if text and text in shown:
                raise AssertionError("what was typed is shown")
        return Knock(let_in, asked, clean(shown, person), seat.tty)
    except AssertionError as failed:
        raise AssertionError(f"at {door.service}, typing {typed}: {failed}\nall that was shown: {seat.screen!r}") from None
    finally:
        seat.close()


class DoorTest(MachineTest):
    """One machine for a class, and in it as many people as its tests want, so that none waits for another's failures."""

    door: Door
    page_shows = {"in", "refused", "stopped"}  # screens in docs/front_ends.md
    numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hash = next(line.split(":")[1] for line in cls.machine.file("/etc/shadow").read_text().splitlines()
                        if line.startswith("alice:"))
        cls.ask(cls.machine)
        cls.furnish(cls.machine)

    @classmethod
    def ask(cls, ward):
        """garde's lines."""

    @staticmethod
    def furnish(ward):
        """What the door needs."""

    @staticmethod
    def add_fragment(ward, service, lines):
        """lines in place of common-auth, in /etc/pam.d, where it overrides what a package has in /usr/lib/pam.d."""
        found = next(ward.file(f"{folder}/{service}") for folder in ("/etc/pam.d", "/usr/lib/pam.d")
                     if ward.file(f"{folder}/{service}").exists())
        ward.write(f"/etc/pam.d/{service}", found.read_text().replace("@include common-auth", lines))

    # -- people

    def person(self, enrolled=True):
        number = next(self.numbers)
        name, uid = f"pat{number:03}", FIRST_UID + number
        for path, line in (("passwd", f"{name}:x:{uid}:{uid}::/home/{name}:/bin/bash"), ("group", f"{name}:x:{uid}:"),
                           ("shadow", f"{name}:{self.hash}:19000::::::")):
            with open(self.machine.file(f"/etc/{path}"), "a") as file:
                file.write(line + "\n")
        self.machine.run("install", "-d", "-o", uid, "-g", uid, f"/home/{name}")
        return Person(name, self.machine.enrol(name) if enrolled else None)

    def help_desk_code(self, person):
        made = self.machine.garde("tempcode", person.name, "--for", "1h", "--reason", "lost phone", "--json")
        return json.loads(made.stdout)["code"]

    def recovery_code(self, person):
        return json.loads(self.machine.garde("recovery", person.name, "--yes", "--json").stdout)["codes"][0]

    # -- what they do

    def seat(self, line, person=None):
        seat = Seat(self.machine, line, user=person and person.name)
        self.addCleanup(seat.close)
        return seat

    def knock(self, person, *typed):
        return knock(self.machine, self.door, person, *typed)

    def knock_all(self, cases):
        """{what: Knock} for {what: (person, typed ...)}: all at the same time, since each refusal takes its seconds."""
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            running = {what: pool.submit(self.knock, *case) for what, case in cases.items()}
            return {what: future.result() for what, future in running.items()}

    # -- what comes of it

    def entries(self, person):
        """Of the audit: each login of somebody, and each time that a rule let them through."""
        listed = json.loads(self.machine.garde("audit", "--user", person.name, "--json").stdout)
        return [tuple(entry[key] for key in ("verdict", "reason", "service", "origin", "actor"))
                for entry in listed if entry["event"] in ("login", "skip")]

    def verdicts(self, person):
        return [entry[:2] for entry in self.entries(person)]

    def entry(self, person, knock, verdict, reason):
        return (verdict, reason, self.door.service, self.door.origin.format(name=person.name),
                self.door.actor.format(tty=knock.tty))

    def assertInside(self, knock):
        self.assertTrue(knock.let_in, knock.screen)

    def assertOutside(self, knock):
        self.assertFalse(knock.let_in, knock.screen)

    def assertSeen(self, what, screen):
        """docs/front_ends.md shows it, word for word, as a block of its own."""
        if what not in self.page_shows:
            return
        shown = "".join(f"    {line}".rstrip() + "\n" for line in screen.split("\n"))
        if f"\n\n{shown}\n" not in PAGE.read_text():
            self.fail(f"{PAGE.name} does not show this screen:\n{shown}")

    def assertLogged(self, *people):
        """The program's own words in the log are the same for all of them. The journal may be late."""
        deadline = time.monotonic() + 20
        while True:
            said = [self.said(person) for person in people]
            if said[0] and all(lines == said[0] for lines in said):
                return
            if time.monotonic() > deadline:
                self.fail(f"not the same in the log: {said}")
            time.sleep(0.1)

    def assertNothingTypedInTheLog(self, *codes):
        log = re.sub(r"tag=\w+", "", self.machine.journal())
        self.assertNotRegex(log, "|".join([PASSWORD, "wrong horse", *(rf"\b{code}\b" for code in codes)]))

    def said(self, person):
        """Without what the modules of PAM and garded say, for these are for admins and do tell."""
        lines = self.machine.journal("--lines=500").splitlines()
        return [re.sub(r"\d+", "N", line.replace(person.name, "alice")) for line in lines
                if person.name in line and not re.match(r"pam_|login user=|enrolled|confirmed|New session", line)]

    def rules(self, text):
        """garde.conf, in force when this returns, and taken back at the end of the test."""
        self.addCleanup(self.machine.run, "systemctl", "restart", "garded")
        self.addCleanup(self.machine.write, "/etc/garde/garde.conf", "")
        self.machine.write("/etc/garde/garde.conf", text)
        self.machine.run("systemctl", "restart", "garded")

    def stop_garde(self):
        """Verifier and sockets."""
        self.addCleanup(self.start_garde)
        self.machine.run("systemctl", "stop", *UNITS)

    def start_garde(self):
        self.machine.run("systemctl", "start", *UNITS)


class EveryDoor(DoorTest):
    """What holds at each of them."""

    def test_who_knows_the_password_and_has_a_code_gets_in(self):
        alice, bob, carol, dave = people = [self.person() for _ in range(4)]
        code = bob.phone.code()
        knocks = self.knock_all({"the phone's code": (alice, *self.typed(PASSWORD, alice.phone.code())),
                                 "as apps show it": (bob, *self.typed(PASSWORD, f" {code[:3]} {code[3:]}")),
                                 "of the help desk": (carol, *self.typed(PASSWORD, f" {self.help_desk_code(carol)}")),
                                 "of recovery": (dave, *self.typed(PASSWORD, f" {self.recovery_code(dave)}"))})
        for (what, knock), person in zip(knocks.items(), people):
            with self.subTest(what):
                self.assertInside(knock)
                self.assertEqual(self.entries(person), [self.entry(person, knock, "accepted", "none")])
                self.assertEqual(knock.asked, knocks["the phone's code"].asked)
        self.assertSeen("in", knocks["the phone's code"].screen)

    def test_who_lacks_one_of_them_is_refused_and_cannot_tell_which(self):
        people, knocks = self.refusals()
        audit = {"wrong code": [("refused", "wrong-code")], "used code": [("accepted", "none"), ("refused", "replayed")]}
        for what, knock in knocks.items():
            with self.subTest(what):
                self.assertOutside(knock)
                self.assertEqual(self.verdicts(people[what]), audit.get(what, []))
                self.assertLooksRefused(what, knock, knocks["wrong code"])
        self.assertEqual(self.entries(people["wrong code"]),
                         [self.entry(people["wrong code"], knocks["wrong code"], "refused", "wrong-code")])
        self.assertSeen("refused", knocks["wrong code"].screen)
        self.assertNothingTypedInTheLog(*[person.phone.at(1) for person in people.values() if person.phone])
        self.assertLogged(people["wrong code"], people["wrong password"])
        alice = people["wrong password"]
        self.assertInside(self.knock(alice, *self.typed(PASSWORD, alice.phone.code())))

    def refusals(self):
        """(who tried, what came of it) for each way to be refused."""
        whats = ["wrong code", "wrong password", "both wrong", "used code", "no code", "nothing", "not enrolled"]
        people = {what: self.person(enrolled=what != "not enrolled") for what in whats}
        if self.door.strangers:
            people["nobody"] = Person("stranger", None)
        used = people["used code"].phone.code()
        self.assertInside(self.knock(people["used code"], *self.typed(PASSWORD, used)))
        typed = {"wrong code": (PASSWORD, people["wrong code"].phone.wrong()),
                 "wrong password": ("wrong horse", people["wrong password"].phone.at(1)),
                 "both wrong": ("wrong horse", people["both wrong"].phone.wrong()), "used code": (PASSWORD, used),
                 "no code": (PASSWORD, ""), "nothing": ("", ""), "not enrolled": (PASSWORD, "123456"),
                 "nobody": (PASSWORD, "123456")}
        return people, self.knock_all({what: (person, *self.typed(*typed[what])) for what, person in people.items()})

    def test_nobody_gets_in_while_the_verifier_and_its_sockets_are_stopped(self):
        alice, bob = self.person(), self.person()
        code = alice.phone.code()
        self.stop_garde()
        knocks = self.knock_all({"right": (alice, *self.typed(PASSWORD, code)),
                                 "wrong": (bob, *self.typed("wrong horse", "123456"))})
        self.assertOutside(knocks["right"])
        self.assertOutside(knocks["wrong"])
        self.assertSeen("stopped", knocks["right"].screen)
        self.assertLooksUnavailable(knocks["right"], knocks["wrong"])
        self.start_garde()
        self.assertInside(self.knock(alice, *self.typed(PASSWORD, code)))

    def test_a_rule_lets_in_by_password_alone_who_is_not_enrolled_and_nobody_else(self):
        self.rules(f"[service {self.door.service}]\nun_enrolled = allow\n")
        alice, bob, carol = self.person(), self.person(enrolled=False), self.person(enrolled=False)
        knocks = self.knock_all({"enrolled": (alice, PASSWORD, ""), "not enrolled": (bob, PASSWORD), "wrong": (carol, "wrong horse")})
        self.assertOutside(knocks["enrolled"])
        self.assertInside(knocks["not enrolled"])
        self.assertEqual(len(knocks["not enrolled"].asked), len(self.door.before) + 1)
        self.assertEqual(self.entries(bob), [self.entry(bob, knocks["not enrolled"], "accepted", "rule")])
        self.assertOutside(knocks["wrong"])


class OneField(EveryDoor):
    """Both profiles of pam-auth-update are on."""

    @classmethod
    def ask(cls, ward):
        ward.ask_everywhere()

    @staticmethod
    def typed(password, code):
        return [password + code]

    def assertLooksRefused(self, what, knock, wrong_code):
        self.assertEqual((knock.screen, knock.asked), (wrong_code.screen, wrong_code.asked))

    def assertLooksUnavailable(self, right, wrong):
        self.assertEqual((right.screen, right.asked), (wrong.screen, wrong.asked))


class OwnQuestion(EveryDoor):
    """The fragment prompt is in the service's file."""

    page_shows = {"in"}

    @classmethod
    def ask(cls, ward):
        cls.add_fragment(ward, cls.door.service, "@include common-auth\n@include /usr/share/garde/pam.d/prompt")

    @staticmethod
    def typed(password, code):
        return [password, code]

    def assertLooksRefused(self, what, knock, wrong_code):
        """With a wrong password there is no question for the code; what the program says is the same."""
        asked = [question for question in wrong_code.asked if "Code" not in question]
        if what in ("wrong password", "both wrong", "nothing", "nobody"):
            self.assertEqual(knock.asked, asked)
            self.assertEqual(knock.screen, wrong_code.screen.replace(wrong_code.asked[-1] + "\n", ""))
        else:
            self.assertEqual((knock.screen, knock.asked), (wrong_code.screen, wrong_code.asked))

    def assertLooksUnavailable(self, right, wrong):
        """The password was right and the person is told; who has a wrong one is not."""
        self.assertEqual(right.asked, wrong.asked)
