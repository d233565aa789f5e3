"""The verifier is killed at each system call of a login: what was answered holds, what was not was not let in."""

import json
import shutil

import garde_site
import injection
from scene import USER, SceneTest


class Totp(SceneTest):
    def calls(self):
        """All calls of a login."""
        self.site.put_back()
        self.site.begin()
        code = self.site.codes()[1]
        calls = injection.record(self.site.process.pid, lambda: self.assertTrue(self.site.login(USER, code).accepted))
        self.assertGreater(len(calls), 20)
        return calls

    def kill_at(self, call):
        site = self.site
        site.put_back()
        site.begin()
        _, code, following = site.codes()
        login, line = injection.inject(site.process.pid, call, "signal=KILL", lambda: site.login(USER, code))
        if line:
            self.assertEqual(site.ended_with(5), -9)
        site.end()
        site.start()
        self.check_login(login, code, following)
        return line

    def test_a_kill_at_each_call_of_a_login_leaves_the_code_spent_or_usable_once(self):
        self.run_cases(self.calls(), self.kill_at)


class Hotp(Totp):
    kind = "hotp"


class Recovery(Totp):
    """With recovery codes in place of the phone's. The calls are those of the login above, so fewer of them do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        site = cls.site
        site.start()
        codes = json.loads(site.garde("recovery", USER, "--json").stdout)["codes"]
        site.stop()
        shutil.rmtree(site.kept)
        site.keep()
        site.codes = lambda user=USER: [None, *codes[:2]]

    def calls(self):
        calls = super().calls()
        return calls if injection.ALL else calls[::3]


if __name__ == "__main__":
    injection.enter()
    garde_site.main()
