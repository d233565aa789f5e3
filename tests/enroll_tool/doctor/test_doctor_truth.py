#!/usr/bin/python3
"""What `garde doctor` says of stacks with split, verify and concat, against what becomes of people who log in by them."""

import ctypes
import itertools
import json
import os
import random

import enclosure
import garde_site
from broken_house import DANGER, DoctorTest
from phone import Phone

SEED = int(os.environ.get("GARDE_SEED", "20261128"))
COUNT = int(os.environ.get("GARDE_STACKS", "24"))
DIE = "[success=ignore ignore=ignore default=die]"
CHECK = "[success=ok ignore=ignore default=die]"
# Nobody waits: what is late about a refusal is not looked at here.
PARTS = {
    "split": f"auth {DIE} GARDE split nodelay\n",
    "split ok": "auth required GARDE split nodelay\n",
    "split passes": "auth optional GARDE split nodelay\n",
    "split dies": "auth [success=ok default=die] GARDE split nodelay\n",
    "verify": f"auth {CHECK} GARDE verify nodelay\n",
    "verify passes": "auth optional GARDE verify nodelay\n",
    "concat": f"auth {DIE} GARDE concat nodelay\n",
    "concat ok": "auth required GARDE concat nodelay\n",
    "prompt": "auth requisite GARDE\n",
    "password": "auth required pam_unix.so nodelay\n",
    "password is enough": "auth sufficient pam_unix.so nodelay\n",
    "password jumps": "auth [success=1 default=ignore] pam_unix.so nodelay\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
}
PASSWORD_IN = {"pam-password-alone", "pam-code-unchecked"}
CODE_IN = {"pam-password-unchecked", "pam-code-alone"}
NOBODY = {"pam-verify-alone", "pam-nothing-to-split", "pam-split-ignore", "pam-nobody"}


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


CONVERSE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)),
                            ctypes.POINTER(ctypes.POINTER(Response)), ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [("call", CONVERSE), ("data", ctypes.c_void_p)]


def log_in(answer, set_credentials=False):
    """The result of pam_authenticate for alice, who reads each prompt; or of pam_setcred alone. In this process."""
    pam, libc = ctypes.CDLL("libpam.so.0"), ctypes.CDLL(None)
    libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p

    def converse(count, messages, responses, _):
        given = ctypes.cast(libc.calloc(ctypes.c_size_t(count), ctypes.c_size_t(ctypes.sizeof(Response))),
                            ctypes.POINTER(Response))
        for i in range(count):
            if messages[i].contents.style in (1, 2):
                given[i].text = libc.strdup(answer(messages[i].contents.text.decode()).encode())
        responses[0] = given
        return 0

    handle, conversation = ctypes.c_void_p(), Conversation(CONVERSE(converse), None)
    if pam.pam_start(b"truth", b"alice", ctypes.byref(conversation), ctypes.byref(handle)) != 0:
        return -1
    got = pam.pam_setcred(handle, 2) if set_credentials else pam.pam_authenticate(handle, 0)
    pam.pam_end(handle, got)
    return got


class Truth(DoctorTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.phone = Phone(kind="hotp")
        cls.house.garde("revoke", "alice", "--last", "--yes")
        cls.house.enrol("alice", cls.phone)

    def attempt(self, password, code, **more):
        """Each prompt is answered as it asks: with the password, a code, or both."""
        def answer(prompt):
            words = prompt.lower()
            return (password if "password" in words else "") + (code() if "code" in words else "")
        return self.apart(lambda: log_in(answer, **more)) == 0

    def apart(self, call):
        """In a process of its own, as each login is. How many codes the phone has shown there is told back."""
        end, begin = os.pipe()
        pid = os.fork()
        if pid == 0:
            got = -1
            try:
                got = call()
            finally:
                os.write(begin, json.dumps([got, self.phone.counter]).encode())
                os._exit(0)
        os.close(begin)
        os.waitpid(pid, 0)
        with os.fdopen(end) as told:
            got, self.phone.counter = json.load(told)
        return got

    def people(self):
        """Who gets in: a person who has both, one with the code alone, one with the password alone."""
        code, wrong = self.phone.code, self.phone.wrong
        both = self.attempt(enclosure.PASSWORD, code)
        without_password = self.attempt("wrong", code)
        without_code = self.attempt(enclosure.PASSWORD, wrong)
        left_out = self.attempt(enclosure.PASSWORD, str)
        self.house.garde("unlock", "alice")
        self.house.garde("verify", "alice", input=code() + "\n")
        return both, without_password, without_code or left_out

    def said(self):
        done = self.doctor("--json")
        return {f["id"]: f for f in json.loads(done.stdout)["findings"] if f["place"] == "truth"}

    def stacks(self):
        lengths = (list(itertools.product(PARTS, repeat=count)) for count in (2, 3, 4))
        all_of_them = [names for some in lengths for names in some
                       if any(name.startswith(("split", "verify", "concat")) for name in names)]
        chance = random.Random(SEED)
        return chance.sample(all_of_them, min(COUNT, len(all_of_them)))

    GOOD = [("split", "password", "verify"), ("split", "password jumps", "verify"), ("concat", "password"),
            ("concat ok", "password jumps"), ("split", "verify", "password"), ("password", "prompt"),
            ("split ok", "password", "verify"), ("split passes", "password", "verify")]

    def test_what_doctor_says_is_what_becomes_of_people(self):
        good = odd = 0
        for names in [*self.GOOD, *self.stacks()]:
            with self.subTest(names=names):
                self.pam("truth", "".join(PARTS[name] for name in names))
                said = self.said()
                dangers = {name for name, finding in said.items() if finding["level"] == DANGER}
                both, without_password, without_code = self.people()
                self.assertEqual(without_code, bool(dangers & PASSWORD_IN), said)
                if "pam-asks-twice" not in said:  # which of two codes is the newer one would decide
                    self.assertEqual(without_password, bool(set(said) & CODE_IN), said)
                    self.assertEqual(both, not dangers & NOBODY, said)
                good, odd = good + both, odd + (not both or without_code or without_password)
        self.assertGreater(min(good, odd), 5)

    def test_lines_that_stop_cron_are_those_that_doctor_tells(self):
        for control, stops in ((DIE, False), ("required", False), ("[ignore=ignore default=die]", True),
                               ("[success=1 ignore=ignore default=die]", True),
                               ("[success=2 ignore=ignore default=die]", False)):
            with self.subTest(control=control):
                self.pam("truth", f"auth {control} GARDE split nodelay\n" + PARTS["password jumps"] + PARTS["verify"])
                self.assertEqual("pam-split-setcred" in self.said(), stops)
                self.assertEqual(self.attempt("", str, set_credentials=True), not stops)


if __name__ == "__main__":
    enclosure.enter(foreign_programs=True)
    garde_site.main()
