"""Many at the same moment: one code is accepted once, and different people are all accepted; also while the verifier dies.

GARDE_RACES=all: 1,000 rounds of each kind, and 200 kills.
"""

import os
import random
import subprocess
import time

import garde_site
import garde_wire
from garde_site import SiteTest
from phone import Phone

ALL = os.environ.get("GARDE_RACES") == "all"
PEOPLE, FIRST_UID = 64, 300_000
CLOCK = 1_800_000_000
USUAL_BUDGET = 40  # include/garde/policy.h


def rounds(few, many=1000):
    return many if ALL else few


class StormTest(SiteTest):
    """One person, or 64, and pam_storm in front of them. A time-out that a busy machine does not reach: here no
    attempt may be lost."""

    kind = "hotp"

    def setUp(self):
        super().setUp()
        self.site.service("storm", "timeout=30")
        self.people = [f"person{n}" for n in range(PEOPLE)]
        self.phones = {user: Phone(kind=self.kind) for user in self.people}
        self.moving = 0
        self.admin = None
        self.addCleanup(self.leave)
        self.reach_admin()
        for n, user in enumerate(self.people):
            self.admin.change(garde_wire.enrol(user, FIRST_UID + n, self.phones[user]))
            self.admin.change(garde_wire.confirm(user, self.code(user)))
        self.storm = None

    def reach_admin(self):
        self.leave()
        self.admin = garde_wire.Caller(self.site.sockets / "admin.sock")

    def leave(self):
        if self.admin:
            self.admin.close()

    def begin_storm(self, *options):
        self.storm = subprocess.Popen(
            [garde_site.BUILD / "tests" / "support" / "pam_storm", "--confdir", self.site.pam, "--service", "storm",
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_storm)

    def end_storm(self):
        self.storm.stdin.close()
        self.storm.stdout.close()
        self.storm.wait(60)

    def code(self, user):
        phone = self.phones[user]
        return phone.at(self.moving) if self.kind == "hotp" else phone.code(self.site.now)

    def has_a_twin(self, phone):
        """The same digits again among the counters that are looked ahead to (RFC 4226 7.4): offered twice they are rightly
        accepted twice, as two codes."""
        return phone.at(self.moving) in [phone.at(self.moving + ahead) for ahead in range(1, 11)]

    def move_on(self):
        """To a code that nobody has seen, and that is no other one."""
        self.moving += 1
        while self.kind == "hotp" and any(map(self.has_a_twin, self.phones.values())):
            self.moving += 1
        if self.kind == "totp":
            self.site.set_clock(self.site.now + 30)

    def let_go(self, *offers):
        """(count, user, code) ...; returns when all of them are let go."""
        self.storm.stdin.write(" ".join(f"{count} {user} {code}" for count, user, code in offers) + "\n")
        self.storm.stdin.flush()
        self.assertEqual(self.storm.stdout.readline(), "go\n")

    def results(self):
        """[accepted, refused, neither]."""
        return list(map(int, self.storm.stdout.readline().split()))

    def offer(self, *offers):
        self.let_go(*offers)
        return self.results()


class Hotp(StormTest):
    def one_code(self, processes, times):
        """Each from a host of its own, so that no delay of the throttle keeps the code from being compared."""
        self.begin_storm("--own-hosts")
        user = self.people[0]
        for n in range(times):
            self.move_on()
            self.assertEqual(self.offer((processes, user, self.code(user))), [1, processes - 1, 0], f"round {n}")
            self.admin.change(garde_wire.unlock(user))
        reasons = [entry["reason"] for entry in self.site.audit(event="login", verdict="refused", user=user)]
        print(f"\n{self.id()}: {times} rounds, {times} accepted, {len(reasons)} refused, "
              f"{reasons.count('replayed')} of them as replayed")
        self.assertEqual(len(reasons), times * (processes - 1))
        compared = min(processes - 1, USUAL_BUDGET)  # the throttle refuses the rest unseen
        self.assertGreaterEqual(reasons.count("replayed"), times * compared, "too few were compared at all")

    def test_one_code_offered_by_8_processes_is_accepted_once(self):
        self.one_code(8, rounds(100))

    def test_one_code_offered_by_64_processes_is_accepted_once(self):
        self.one_code(64, rounds(30))

    def test_one_code_offered_by_8_processes_of_one_host_is_accepted_once(self):
        self.begin_storm()
        user = self.people[0]
        for n in range(rounds(30)):
            self.move_on()
            self.assertEqual(self.offer((8, user, self.code(user))), [1, 7, 0], f"round {n}")
            self.admin.change(garde_wire.unlock(user))

    def test_64_people_at_once_are_all_accepted(self):
        self.begin_storm()
        for n in range(rounds(30)):
            self.move_on()
            self.assertEqual(self.offer(*((1, user, self.code(user)) for user in self.people)), [PEOPLE, 0, 0],
                             f"round {n}")

    def test_32_people_with_two_processes_each_are_all_accepted_once(self):
        self.begin_storm()
        for n in range(rounds(30)):
            self.move_on()
            self.assertEqual(self.offer(*((2, user, self.code(user)) for user in self.people[:32])), [32, 32, 0],
                             f"round {n}")
            for user in self.people[:32]:
                self.admin.change(garde_wire.unlock(user))


class Totp(Hotp):
    kind = "totp"
    site_arguments = {"clock": CLOCK}


class Killed(StormTest):
    """The verifier is killed at a random moment after they were let go, and started again."""

    PROCESSES = 8

    def kill_and_start(self, after_s):
        time.sleep(after_s)
        self.site.kill()
        first = self.results()
        self.site.start()
        self.reach_admin()
        return first

    def accepted_entries(self, user):
        return len(self.site.audit(event="login", verdict="accepted", user=user))

    def check(self, first, entries):
        """What the eight were told, what the store has, and what a second offer of the same code is told."""
        user = self.people[0]
        self.admin.change(garde_wire.unlock(user))
        again = self.offer((self.PROCESSES, user, self.code(user)))
        self.assertLessEqual(first[0], entries, "accepted, and not on disk")
        self.assertEqual(again[0], 1 - entries, f"{first}, {entries} on disk, then {again}")
        self.assertEqual(sum(again[:2]), self.PROCESSES)
        self.admin.change(garde_wire.unlock(user))

    def test_a_code_is_accepted_once_whenever_the_verifier_is_killed(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        self.begin_storm("--own-hosts")
        user, seen, longest_s = self.people[0], {}, 0.02
        for n in range(rounds(40, 200)):
            with self.subTest(round=n, seed=seed):
                self.move_on()
                before = self.accepted_entries(user)
                self.let_go((self.PROCESSES, user, self.code(user)))
                first = self.kill_and_start(chance.uniform(0, longest_s))
                entries = self.accepted_entries(user) - before
                self.assertIn(entries, (0, 1))
                self.check(first, entries)
                kind = ("told" if first[0] else "untold") if entries else "unspent"
                seen[kind] = seen.get(kind, 0) + 1
                # about as many kills before the commit as after it, however fast the machine is today
                longest_s = min(0.5, longest_s * 1.3) if not entries else max(0.001, longest_s * 0.8)
        self.assertEqual(self.site.garde("audit", "--verify").returncode, 0)
        print(f"\n{self.id()}: seed {seed}, the code was {seen}")
        self.assertGreaterEqual(len(seen), 2, "every kill came at the same place")


class KilledTotp(Killed):
    kind = "totp"
    site_arguments = {"clock": CLOCK}


if __name__ == "__main__":
    garde_site.main()
