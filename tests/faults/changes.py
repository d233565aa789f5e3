"""The admin's changes, each from a state in which it can be made, and what it leaves behind whole or not at all."""

import os
import subprocess

from garde_site import GARDE
from phone import Phone
from scene import OTHER, USER, Scene, SceneTest

NEW = Phone()  # the second phone, that `enroll` and `confirm` are about
LIVE = ("id", "user", "uid", "label", "type", "state", "tampered")


class Change:
    """arguments and input of `garde`; the event that records it; what has been done before."""

    def __init__(self, name, event, before=(), arguments=(), answer=None):
        self.name, self.event, self.before, self.more, self.answer = name, event, before, arguments, answer

    def run(self, site, check=False):
        return site.garde(self.name, USER, *self.more, input=self.answer and self.answer(), check=check)

    def run_under(self, site, *options):
        """The same below strace."""
        return subprocess.run(["strace", *options, str(GARDE), "--config", str(site.conf), self.name, USER, *self.more],
                              input=self.answer and self.answer(), capture_output=True, text=True, timeout=60,
                              env=os.environ | {"LC_ALL": "C.UTF-8"})

    def __str__(self):
        return self.name


def uri():
    return NEW.uri() + "\n"


def code():
    return NEW.shown + "\n"


ENROLL = Change("enroll", "enrolled", arguments=("--uri-stdin", "--no-qr", "--no-confirm"), answer=uri)
CONFIRM = Change("confirm", "confirmed", before=(ENROLL,), answer=code)
SUSPEND = Change("suspend", "suspended")
RESUME = Change("resume", "resumed", before=(SUSPEND,))
REVOKE = Change("revoke", "revoked", arguments=("--last", "--yes"))
UNLOCK = Change("unlock", "unlocked")
CHANGES = [ENROLL, CONFIRM, SUSPEND, RESUME, REVOKE, UNLOCK]


def state(site):
    """What an admin sees of this user, without what passes by itself."""
    shown = site.rows("show", USER)
    factors = [{key: factor[key] for key in LIVE} for factor in shown["factors"]]
    return factors, [(origin["origin"], origin["failures"]) for origin in shown["origins"]]


class Start:
    """The kept store from which a change is made, its state, and the state after the change."""

    def __init__(self, site, change):
        NEW.shown = NEW.code()
        site.put_back()
        site.begin()
        for before in change.before:
            before.run(site, check=True)
        site.login(USER, "000000")  # something to unlock
        self.before, self.entries = state(site), len(site.audit(event=change.event))
        site.stop()
        self.store = site.folder / f"kept-{change}"
        site.keep(self.store)
        site.begin()
        change.run(site, check=True)
        self.after = state(site)


class ChangeTest(SceneTest):
    """check(): after the fault, with garded running again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.starts = {change: Start(cls.site, change) for change in CHANGES}

    def begin(self, change):
        NEW.shown = NEW.code()
        self.site.put_back(self.starts[change].store)
        self.site.begin()

    def is_made(self, change):
        """Whole or absent: one entry and the new state, or neither."""
        start = self.starts[change]
        entries = len(self.site.audit(event=change.event)) - start.entries
        self.assertIn(entries, (0, 1))
        self.assertEqual(state(self.site), start.after if entries else start.before)
        return entries == 1

    def check(self, change, answered_well):
        made = self.is_made(change)
        if answered_well:
            self.assertTrue(made, "answered, and not there")
        again = change.run(self.site)
        if not made:
            self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn(again.returncode, (0, 1), again.stderr)
        self.assertEqual(state(self.site), self.starts[change].after)
        self.check_people(change)
        self.check_whole()

    def check_people(self, change):
        """Who may log in now: a confirmation spends its code, a suspended or revoked phone opens nothing."""
        site, works = self.site, change not in (SUSPEND, REVOKE)
        self.assertTrue(site.login(OTHER, site.codes(OTHER)[1]).accepted)
        if change is CONFIRM:
            self.assertFalse(site.login(USER, NEW.shown).accepted, "a code that was spent")
        self.assertEqual(site.login(USER, site.codes()[1]).accepted, works)
