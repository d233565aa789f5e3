"""Each system call of the verifier fails once during an admin's change: what was answered is there, and the rest is whole or absent."""

import garde_site
import injection
from changes import CONFIRM, ENROLL, REVOKE, ChangeTest
from scene import RUNNING


class Admin(ChangeTest):
    def calls(self, change):
        self.begin(change)
        return injection.record(self.site.process.pid, lambda: change.run(self.site, check=True))

    def fail(self, case):
        change, call, error = case
        self.begin(change)
        site = self.site
        done, line = injection.inject(site.process.pid, call, injection.failing(call, error), lambda: change.run(site))
        if line and error not in injection.errors_of(call.name, line):
            return False  # threads took another turn
        ended = site.ended_by_itself()
        if call.name == "futex" and not line and ended and site.was_told_the_impossible():
            return False
        if ended is not None:
            self.assertEqual(ended, RUNNING, site.log_text())
            self.assertNotEqual(done.returncode, 0)
            site.process = None
            site.start()
        self.check(change, done.returncode == 0)
        return line

    def test_each_failing_call_of_a_change_leaves_it_whole_or_absent(self):
        self.run_cases([(change, *failure) for change in (ENROLL, CONFIRM, REVOKE)
                        for failure in injection.failures(injection.some(self.calls(change), 2))], self.fail)


if __name__ == "__main__":
    injection.enter()
    garde_site.main()
