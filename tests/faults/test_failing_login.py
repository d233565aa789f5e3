"""Each system call of a login fails once: nobody is let in without a record, and the verifier goes on or ends on purpose."""

import garde_site
import injection
from scene import MODULE_WAITS_MS, OTHER, RUNNING, USER, SceneTest


class Totp(SceneTest):
    def calls(self):
        self.site.put_back()
        self.site.begin()
        code = self.site.codes()[1]
        return injection.record(self.site.process.pid, lambda: self.assertTrue(self.site.login(USER, code).accepted))

    def fail(self, case):
        call, error = case
        site = self.site
        site.put_back()
        site.begin()
        _, code, following = site.codes()
        login, line = injection.inject(site.process.pid, call, injection.failing(call, error), lambda: site.login(USER, code))
        if line and error not in injection.errors_of(call.name, line):
            return False  # threads took another turn
        if call.name == "futex" and not line and site.ended_by_itself() and site.was_told_the_impossible():
            return False
        self.assertLess(login.elapsed_ms, MODULE_WAITS_MS + 1000)
        self.go_on(login, code, following)
        return line

    def go_on(self, login, code, following):
        """Where it ended, it did so by itself and says why, and starts again."""
        site = self.site
        ended = site.ended_by_itself()
        if ended is None:
            self.assertTrue(site.login(OTHER, site.codes(OTHER)[1]).accepted, site.log_text())
        else:
            self.assertEqual(ended, RUNNING, site.log_text())
            self.assertRegex(site.log_text(), "ending so that the next start recovers|the event loop failed")
            site.process = None
            site.start()
        self.check_login(login, code, following)

    def test_each_failing_call_of_a_login_lets_nobody_in_without_a_record(self):
        self.run_cases(injection.failures(injection.some(self.calls()), each=self.kind == "totp"), self.fail)


class Hotp(Totp):
    kind = "hotp"


if __name__ == "__main__":
    injection.enter()
    garde_site.main()
