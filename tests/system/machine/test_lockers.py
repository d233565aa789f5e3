"""Screen lockers, which run PAM as the user: the real i3lock and xsecurelock on a screen, typed at."""

import concurrent.futures
import unittest

import machine
import screen
from machine import PASSWORD, PEOPLE
from ward import WardTest

QUESTION = "Password, then code (6 digits): "
NOT_AVAILABLE = "Connexion par code indisponible, appelez l'informatique / Login with a code not available, call IT"


SECOND_QUESTION = "Code from your phone (6 digits): "
TWO_QUESTIONS = """auth [success=1 default=ignore] pam_unix.so
auth requisite pam_deny.so
auth required pam_permit.so
@include /usr/share/garde/pam.d/prompt
"""


class I3lock:
    """One field and no text. How it goes is told by the colour of a ring."""

    EMPTY, WRONG = 0x204060, 0x7D3300

    def __init__(self, shown):
        self.shown = shown

    def lock(self):
        self.program = self.shown.start("i3lock", "--nofork", f"--color={self.EMPTY:06x}")
        self.wait_until_ready()

    def shows(self, picture, colour):
        return middle(picture).share_of(colour) > 0.05

    def wait_until_ready(self):
        self.shown.wait_for(lambda now: middle(now).share_of(self.EMPTY) == 1, "the empty lock")

    def submit(self, text):
        self.shown.enter(text)

    def wait_until_refused(self):
        """Returns what it shows then."""
        refused = self.shown.wait_for(lambda now: self.shows(now, self.WRONG), "the ring of a refusal")
        self.shown.keep("i3lock-refused", screen.WIDTH // 2 - 120, screen.HEIGHT // 2 - 120, 240, 240)
        self.wait_until_ready()
        return middle(refused)


def middle(picture):
    return picture.cropped(screen.WIDTH // 2 - 120, screen.HEIGHT // 2 - 120, 240, 240)


class Xsecurelock:
    """A dialog with the question that PAM asks, which comes when a key is pressed."""

    # the same words are the same picture
    STILL = {"XSECURELOCK_BURNIN_MITIGATION": "0", "XSECURELOCK_BURNIN_MITIGATION_DYNAMIC": "0",
             "XSECURELOCK_PASSWORD_PROMPT": "asterisks", "XSECURELOCK_SAVER": "saver_blank"}
    # in the place of what speaks with PAM: a question (P), or a message that is an error (e)
    SPEAKER = """#!/bin/sh
printf '%s %d\\n%s\\n' "$KIND" "${#WORDS}" "$WORDS"
exec sleep 600
"""

    def __init__(self, shown, question=QUESTION, **environment):
        self.shown, self.environment = shown, self.STILL | environment
        self.question, self.not_available = self.words("P", question)[:1], self.words("e", NOT_AVAILABLE)[:2]

    def words(self, kind, words):
        """The lines of its dialog when it says these words."""
        self.shown.machine.write("/usr/local/bin/speaker", self.SPEAKER, 0o755)
        speaking = self.shown.start("xsecurelock", XSECURELOCK_AUTHPROTO="/usr/local/bin/speaker", KIND=kind, WORDS=words,
                                    **self.environment)
        self.wake()
        lines = self.shown.wait_for(lambda now: len(now.lines()) > 1, "the dialog").lines()
        speaking.stop()
        return lines

    def wake(self):
        def awake(now):
            if now.lines():
                return True
            self.shown.key("BackSpace")
            return False

        self.shown.wait_for(awake, "the dialog")

    def lock(self):
        self.program = self.shown.start("xsecurelock", **self.environment)
        self.wait_until_ready()

    def asks(self, picture):
        return picture.lines()[:1] == self.question

    def wait_until_ready(self):
        self.wake()
        return self.shown.wait_for(self.asks, "the question")

    def submit(self, text):
        self.shown.type(text)
        self.shown.keep("xsecurelock", 92, 320, 840, 140)
        self.shown.key("Return")
        self.shown.wait_for(lambda now: not self.asks(now), "that the text was taken")

    def wait_until_refused(self):
        return self.wait_until_ready()

    def wait_until_not_available(self):
        self.shown.wait_for(lambda now: now.lines()[:2] == self.not_available, "that it is not available")
        self.shown.keep("xsecurelock-not-available", 0, 320, screen.WIDTH, 140)


def at_once(calls):
    """Calls them side by side: some sights are gone in a second."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


class Lockers(WardTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.ask_everywhere()
        cls.phones = {user: cls.machine.enrol(user) for user in PEOPLE}
        cls.screens = {user: screen.Screen(cls.machine, user, number) for number, user in enumerate(PEOPLE, 7)}

    def lock(self, kind, *users):
        lockers = {user: kind(self.screens[user]) for user in users}
        for locker in lockers.values():
            locker.lock()
            self.addCleanup(locker.program.stop)
        return lockers

    def unlock(self, lockers, texts):
        for user, locker in lockers.items():
            locker.submit(texts[user])
        for locker in lockers.values():
            self.machine.wait(locker.program.ended, "it is unlocked")

    def refuse(self, lockers, texts):
        """Returns what each of them looks like."""
        for user, locker in lockers.items():
            locker.submit(texts[user])
        looks = dict(zip(lockers, at_once([locker.wait_until_refused for locker in lockers.values()])))
        for user, locker in lockers.items():
            self.assertFalse(locker.program.ended(), user)
        return looks

    def mistakes_then_right(self, kind):
        """Each person makes one mistake, and then does it right at the same lock. Returns what each mistake looks like."""
        used = {"carol": PASSWORD + self.phones["carol"].code()}
        self.unlock(self.lock(kind, "carol"), used)
        before = {user: self.logins(user) for user in PEOPLE}
        code = {user: phone.code() for user, phone in self.phones.items()}
        lockers = self.lock(kind, *PEOPLE)
        looks = self.refuse(lockers, used | {"alice": PASSWORD + self.phones["alice"].wrong(),
                                             "bob": "wrong horse" + code["bob"], "dave": PASSWORD})
        self.unlock(lockers, {user: PASSWORD + code[user] for user in PEOPLE})
        new = {user: self.logins(user)[len(before[user]):] for user in PEOPLE}
        self.assertEqual(new, {"alice": [("local", "local:20001", "wrong-code"), ("local", "local:20001", "none")],
                               "bob": [("local", "local:20002", "none")],
                               "carol": [("local", "local:20003", "replayed"), ("local", "local:20003", "none")],
                               "dave": [("local", "local:20004", "none")]})
        self.assert_logs_tell_nothing()
        return looks

    def test_i3lock_refuses_every_mistake_alike_and_unlocks_at_the_next_try(self):
        looks = self.mistakes_then_right(I3lock)
        for user in PEOPLE:
            self.assertEqual(looks[user], looks["alice"], user)

    def test_xsecurelock_refuses_every_mistake_and_unlocks_at_the_next_try(self):
        self.mistakes_then_right(Xsecurelock)

    def test_xsecurelock_shows_a_second_question_where_its_service_has_one(self):
        self.machine.write("/etc/pam.d/ward-lock", TWO_QUESTIONS)
        locker = Xsecurelock(self.screens["dave"], "Password: ", XSECURELOCK_PAM_SERVICE="ward-lock")
        second = locker.words("P", SECOND_QUESTION)[:1]
        locker.lock()
        self.addCleanup(locker.program.stop)
        for code in (self.phones["dave"].wrong(), self.phones["dave"].code()):
            locker.wait_until_ready()
            locker.submit(PASSWORD)
            self.screens["dave"].wait_for(lambda now: now.lines()[:1] == second, "the question for the code")
            self.assertFalse(locker.program.ended())
            locker.submit(code)
        self.machine.wait(locker.program.ended, "it is unlocked")

    def test_no_locker_opens_while_there_is_no_verifier(self):
        lockers = self.lock(I3lock, "alice") | self.lock(Xsecurelock, "bob")
        right = {user: PASSWORD + self.phones[user].code() for user in lockers}
        with self.no_verifier():
            for user, locker in lockers.items():
                locker.submit(right[user])
            at_once([lockers["alice"].wait_until_refused, lockers["bob"].wait_until_not_available])
        for locker in lockers.values():
            locker.wait_until_ready()
            self.assertFalse(locker.program.ended())
        self.unlock(lockers, right)


if __name__ == "__main__":
    machine.needed()
    unittest.main()
