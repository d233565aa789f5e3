"""The verifier's clock is set back and forth, by seconds and by hours, also between two replies of one login.

No code is accepted twice, and whoever's phone is right gets in as soon as the verifier's clock is. Real processes; garded's clock
stands still but where a test sets it.
"""

import os
import random
import re
import subprocess
import threading
import time
import unittest

import garde_site
import garde_wire
from garde_site import Site, SiteTest
from phone import Phone

HOUR = 3600
DESK = "192.0.2.7"
ACCEPTED, REFUSED = (garde_wire.VERDICT, b"\x01"), (garde_wire.VERDICT, b"\x00")


class ClockTest(SiteTest):
    site_arguments = {"clock": 1_800_000_000}

    def setUp(self):
        super().setUp()
        self.start = self.site.now

    def login(self, user, phone, at=None):
        """With the code that a phone shows whose clock stands there."""
        return self.site.login(user, phone.code(self.site.now if at is None else at), rhost=DESK)

    def users(self, *names):
        """Enrolled, and known from the desk; the clock goes on by two minutes."""
        phones = {name: self.site.enrol(name) for name in names}
        self.site.set_clock(self.site.now + 60)
        for name, phone in phones.items():
            self.assertAccepted(self.login(name, phone))
        self.site.set_clock(self.site.now + 60)
        return phones

    def status(self, code):
        done = self.site.garde("status", "--json", check=False)
        self.assertEqual(done.returncode, code, done)
        return garde_site.json.loads(done.stdout)

    def attention(self, code):
        return self.status(code)["state"]["attention"]

    def reason(self):
        return self.site.audit(event="login")[-1]["reason"]

    def refused_until(self, code=5):
        """{user: seconds}"""
        told = self.status(code)["future_marks"]
        return {row["user"]: int(time.mktime(time.strptime(row["refused_until"], "%Y-%m-%dT%H:%M:%SZ"))) - time.timezone
                for row in told}


class Steps(ClockTest):
    def test_after_hours_ahead_in_which_nobody_got_in_everybody_gets_in_at_once(self):
        phones = self.users("daemon", "bin", "games")
        true = self.site.now
        self.site.set_clock(true + 9 * HOUR)
        for _ in range(4):  # the last of them inside a delay
            self.assertRefused(self.login("daemon", phones["daemon"], at=true))
        self.assertRefused(self.login("bin", phones["bin"], at=true))
        self.site.set_clock(true + 60)
        self.assertEqual(self.attention(0), [])
        for name, phone in phones.items():
            self.assertAccepted(self.login(name, phone))

    def test_after_hours_behind_everybody_gets_in_at_once(self):
        phones = self.users("daemon", "bin")
        true = self.site.now
        self.site.set_clock(true - 5 * HOUR)
        self.assertRefused(self.login("daemon", phones["daemon"], at=true))
        self.assertRefused(self.login("daemon", phones["daemon"], at=true - 60))
        self.assertEqual(set(self.refused_until()), {"daemon", "bin"}, "a clock that is behind finds all marks ahead")
        self.site.set_clock(true + 30)
        self.assertEqual(self.attention(0), [])
        for name, phone in phones.items():
            self.assertAccepted(self.login(name, phone))
            self.assertRefused(self.login(name, phone))

    def test_a_clock_that_goes_back_and_forth_over_one_moment_accepts_its_code_once(self):
        phone = self.users("daemon")["daemon"]
        true, accepted = self.site.now, 0
        for there in (0, 30, 0, -30, 0, HOUR, 0, -HOUR, 0, 86400, 0):
            self.site.set_clock(true + there)
            accepted += self.login("daemon", phone, at=true).accepted
            self.site.garde("unlock", "daemon")
        self.assertEqual(accepted, 1)

    def test_whoever_got_in_while_the_clock_was_ahead_waits_for_it_and_is_listed(self):
        phones = self.users("daemon", "bin")
        true = self.site.now
        self.site.set_clock(true + 3 * HOUR)
        self.assertAccepted(self.login("daemon", phones["daemon"]))
        self.site.set_clock(true)
        self.assertAccepted(self.login("bin", phones["bin"]))
        until = self.refused_until()
        self.assertEqual(set(until), {"daemon"})
        self.assertLessEqual(abs(until["daemon"] - (true + 3 * HOUR)), 60)
        # Nothing lowers the mark.
        self.assertRefused(self.login("daemon", phones["daemon"]))
        for words in (["unlock", "daemon"], ["suspend", "daemon"], ["resume", "daemon"]):
            self.site.garde(*words)
        self.site.restart()
        self.site.set_clock(until["daemon"] - 60)
        self.assertEqual(self.refused_until(), until)
        for off in (-30, 0, 30):
            self.assertRefused(self.login("daemon", phones["daemon"], at=self.site.now + off))
            self.site.garde("unlock", "daemon")
        self.site.set_clock(until["daemon"])
        self.assertEqual(self.attention(0), [])
        self.assertAccepted(self.login("daemon", phones["daemon"], at=self.site.now + 30))

    def test_who_is_listed_is_brought_in_again_by_a_new_factor_and_not_by_the_old_secret(self):
        phone = self.users("daemon")["daemon"]
        true = self.site.now
        self.site.set_clock(true + 48 * HOUR)
        self.assertAccepted(self.login("daemon", phone))
        self.site.set_clock(true)
        old = self.status(5)["future_marks"][0]["factor"]
        new = self.site.enrol("daemon")
        self.site.set_clock(true + 60)
        self.assertAccepted(self.login("daemon", new))
        self.assertEqual(self.attention(5), ["future-marks"])
        self.site.garde("revoke", "daemon", str(old), "--yes")
        self.assertEqual(self.attention(0), [])
        # The old secret has one life, with its mark.
        self.site.enrol("daemon", phone, confirm=False)
        self.assertEqual(self.site.garde("confirm", "daemon", input=phone.code(self.site.now) + "\n", check=False).returncode, 1)
        self.assertEqual(self.attention(5), ["future-marks"])


class Replies(ClockTest):
    """Leaps while a login is under way."""

    def ask(self, user="daemon"):
        caller = garde_wire.Caller(self.site.sockets / "trusted.sock")
        self.addCleanup(caller.close)
        caller.send(garde_wire.ask(user, rhost=DESK))
        self.assertEqual(caller.receive()[0], garde_wire.PROMPT)
        return caller

    def answer(self, caller, code):
        caller.send(garde_wire.answer(code))
        return caller.receive()

    def test_a_leap_between_prompt_and_answer_lets_in_by_the_time_of_the_answer(self):
        phone = self.users("daemon")["daemon"]
        true = self.site.now
        for leap in (HOUR, -HOUR):
            slow = self.ask()
            self.site.set_clock(true + leap)
            self.assertEqual(self.answer(slow, phone.code(true)), REFUSED)
            self.site.set_clock(true)
        self.assertEqual(self.answer(self.ask(), phone.code(true)), ACCEPTED)

    def test_a_code_that_was_spent_between_prompt_and_answer_stays_spent_over_every_leap(self):
        phone = self.users("daemon")["daemon"]
        true = self.site.now
        slow = [self.ask() for _ in range(5)]
        self.assertEqual(self.answer(self.ask(), phone.code(true)), ACCEPTED)
        for caller, leap in zip(slow, (0, -30, 30, -2 * HOUR, 2 * HOUR)):
            self.site.set_clock(true + leap)
            self.assertEqual(self.answer(caller, phone.code(true)), REFUSED)
            self.site.garde("unlock", "daemon")

    def test_a_leap_between_two_answers_accepts_each_code_once(self):
        phone = self.users("daemon")["daemon"]
        true = self.site.now
        early, late = phone.code(true), phone.code(true + 2 * HOUR)
        caller, other, third = self.ask(), self.ask(), self.ask()
        self.assertEqual(self.answer(caller, late), REFUSED)
        self.assertEqual(self.answer(other, late), REFUSED)
        self.site.set_clock(true + 2 * HOUR)
        self.assertEqual(self.answer(caller, early), REFUSED)
        self.site.garde("unlock", "daemon")
        self.assertEqual(self.answer(caller, late), ACCEPTED)
        self.assertEqual(self.answer(other, late), REFUSED)
        self.site.set_clock(true)
        self.assertEqual(self.answer(other, late), REFUSED)
        self.assertEqual(self.answer(other, early), REFUSED, "below the mark: never lowered")
        self.site.garde("unlock", "daemon")
        self.site.set_clock(true + 2 * HOUR)
        self.assertEqual(self.answer(third, late), REFUSED)

    def test_one_code_offered_by_8_processes_while_the_clock_leaps_is_accepted_once_at_most(self):
        phone = self.users("daemon")["daemon"]
        taken = 0
        for _ in range(6):
            now = self.site.now + HOUR
            self.site.set_clock(now)
            accepted = self.while_it_leaps(now, phone.code(now))
            self.assertLessEqual(accepted, 1)
            taken += accepted
            self.site.set_clock(now)
            self.assertEqual(self.login("daemon", phone, at=now).accepted, not accepted, "spent, or else fresh")
            self.site.garde("unlock", "daemon")
        print(f"taken while the clock leapt: {taken} of 6")

    def while_it_leaps(self, now, code):
        """How many of 8 were let in. The clock leaps to and fro until all have an answer."""
        go = self.site.folder / "go"
        go.unlink(missing_ok=True)
        command = self.site.login_command("daemon", code, rhost=DESK, more=("--go", str(go)))
        running = [subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                   for _ in range(8)]
        for process in running:
            self.assertTrue(process.stdout.readline().startswith("prompt"))
        done = threading.Event()
        leaping = threading.Thread(target=self.leap, args=(now, done))
        leaping.start()
        try:
            go.touch()
            outputs = [process.communicate(timeout=60)[0] for process in running]
        finally:
            done.set()
            leaping.join()
        return sum(bool(re.search(r"^result 0 ", output, re.M)) for output in outputs)

    def leap(self, now, done):
        while not done.is_set():
            for there in (2 * HOUR, 0, -2 * HOUR, 0):
                self.site.set_clock(now + there)


class Watch(ClockTest):
    def off_by(self, ahead, word):
        names = ("daemon", "bin", "games")
        phones = self.users(*names)
        true = self.site.now
        self.site.set_clock(true + ahead)
        for name in names:
            self.assertNotIn("clock-off", self.site.garde("status", "--json", check=False).stdout)
            self.assertRefused(self.login(name, phones[name], at=true))
        self.site.wait_for_log(rf"clock-off: .* offset_s={-ahead} users=3\n")
        self.assertIn("clock-off", self.attention(5))
        self.assertIn(f"WHICH SEEMS TO BE 1 h 00 min {word}", self.site.garde("status", check=False).stdout)
        self.assertNotIn("clock-back", self.site.log_text())
        self.site.set_clock(true + 60)
        for name in names:
            self.assertAccepted(self.login(name, phones[name]))
        self.site.wait_for_log("clock-back: ")
        self.assertEqual(self.attention(0), [])
        self.assertEqual(self.site.log_text().count("clock-off: "), 1)

    def test_a_clock_that_is_ahead_is_told_by_log_and_status_until_it_is_right(self):
        self.off_by(HOUR, "FAST")

    def test_a_clock_that_is_behind_is_told_by_log_and_status_until_it_is_right(self):
        self.off_by(-HOUR, "SLOW")

    def test_one_phone_that_is_off_is_no_reason_to_doubt_the_clock(self):
        phones = self.users("daemon", "bin", "games")
        for _ in range(3):
            self.assertRefused(self.login("daemon", phones["daemon"], at=self.site.now + HOUR))
        self.assertEqual(self.attention(0), [])
        self.assertNotIn("clock-off", self.site.log_text())


class Throttle(ClockTest):
    def lock(self, user):
        """Ten failures from the desk, each after its delay."""
        for _ in range(10):
            self.assertRefused(self.site.login(user, "000001", rhost=DESK))
            self.site.set_clock(self.site.now + 65)

    def test_a_lock_from_a_time_ahead_is_no_wait_but_the_next_failure_locks_again(self):
        phone = self.users("daemon")["daemon"]
        true = self.site.now
        self.site.set_clock(true + 24 * HOUR)
        self.lock("daemon")
        self.assertRefused(self.login("daemon", phone))
        self.assertEqual(self.reason(), "locked")
        self.site.set_clock(true)
        self.assertRefused(self.site.login("daemon", phone.wrong(true), rhost=DESK))
        self.assertEqual(self.reason(), "wrong-code")
        self.assertRefused(self.login("daemon", phone))
        self.assertEqual(self.reason(), "locked", "a step back gives one attempt, not ten")
        self.site.set_clock(true + 15 * 60)
        self.assertAccepted(self.login("daemon", phone))

    def test_failures_of_a_time_ahead_still_count_and_a_success_ends_them(self):
        phone = self.users("daemon")["daemon"]
        true = self.site.now
        self.site.set_clock(true + 24 * HOUR)
        self.lock("daemon")
        self.site.set_clock(true)
        self.assertEqual(self.site.rows("show", "daemon")["origins"][0]["failures"], 10)
        self.assertAccepted(self.login("daemon", phone))
        self.assertEqual(self.site.rows("show", "daemon")["origins"][0]["failures"], 0)

    def test_a_factor_is_pending_for_its_time_however_the_clock_is_set(self):
        start = self.site.now
        for user, leap in (("daemon", 15 * 60), ("bin", -15 * 60 - 1), ("games", 400 * 86400), ("mail", -400 * 86400)):
            with self.subTest(leap=leap):
                self.site.set_clock(start)
                phone = self.site.enrol(user, confirm=False)
                self.site.set_clock(start + leap)
                code = phone.code(self.site.now)
                self.assertEqual(self.site.garde("confirm", user, input=code + "\n", check=False).returncode, 1)
                self.assertRefused(self.site.login(user, code))
                self.site.enrol(user)  # and a new one takes its place

    def test_a_factor_that_was_confirmed_while_the_clock_was_behind_is_as_good_as_any(self):
        self.site.set_clock(self.start - 400 * 86400)
        phone = self.site.enrol("daemon")
        self.site.set_clock(self.start)
        self.assertAccepted(self.login("daemon", phone))


class Model:
    """What garded must say: the mark of each user, as policy.h has it."""

    def __init__(self, phones):
        self.phones, self.marks = phones, {}
        self.taken = {user: set() for user in phones}

    def confirmed(self, user, now):
        self.marks[user] = self.phones[user].step(now) + 1
        self.taken[user].add(self.phones[user].step(now))

    def accepts(self, user, code, now):
        phone = self.phones[user]
        middle = phone.step(now)
        for step in range(middle - 1, middle + 2):
            if step >= self.marks[user] and phone.at(step) == code:
                self.marks[user] = step + 1
                return step
        return None


class Random(unittest.TestCase):
    STEPS = 60

    def leap(self, chance, true, now):
        """Where the clock is set: true again, a little off, hours off, days off."""
        return chance.choice([true] * 5 + [now + 30, now - 30, true + chance.randrange(-90, 91), now - 2 * HOUR] +
                             [true + chance.randrange(-2, 3) * HOUR, true + chance.choice([-1, 0, 0, 1]) * 86400])

    def code(self, chance, phone, true, now, used):
        """Of a phone that is right, of one that is wrong as the clock is, or one that was used before."""
        if used and chance.random() < 0.4:
            return chance.choice(used)
        return phone.code(chance.choice([true, true, now]) + chance.choice([0, 0, 30, -30]))

    def test_over_random_steps_and_logins_no_code_is_accepted_twice(self):
        seed = int(os.environ.get("GARDE_SEED", random.randrange(1 << 32)))
        print(f"GARDE_SEED={seed}")
        chance = random.Random(seed)
        site = Site(clock=1_800_000_000)
        self.addCleanup(site.close)
        site.up()
        phones = {user: site.enrol(user) for user in ("daemon", "bin", "games")}
        model = Model(phones)
        for user in phones:
            model.confirmed(user, site.now)
        self.run_steps(site, model, chance)

    def run_steps(self, site, model, chance):
        true, used, accepted = site.now, {user: [] for user in model.phones}, 0
        for n in range(self.STEPS):
            true += chance.randrange(0, 61)
            site.set_clock(self.leap(chance, true, site.now))
            if chance.random() < 0.05:
                site.kill() if chance.random() < 0.5 else site.stop()
                site.start()
            user = chance.choice(list(model.phones))
            code = self.code(chance, model.phones[user], true, site.now, used[user])
            step = model.accepts(user, code, site.now)
            login = site.login(user, code, rhost=DESK)
            self.assertEqual(login.accepted, step is not None, f"login {n} of {user} at {site.now}: {login}")
            used[user] = (used[user] + [code])[-6:]
            if not login.accepted:
                site.garde("unlock", user)
                continue
            self.assertNotIn(step, model.taken[user], f"login {n}: {user}'s code of step {step} for the second time")
            model.taken[user].add(step)
            accepted += 1
        self.assertGreater(accepted, 3, "hardly anything was let in: nothing was tried")
        print(f"{accepted} of {self.STEPS} logins accepted")


if __name__ == "__main__":
    garde_site.main()
