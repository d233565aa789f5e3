"""The verifier is killed at each system call of an admin's change: the change is whole or absent."""

import garde_site
import injection
from changes import CHANGES, ChangeTest


class Admin(ChangeTest):
    def calls(self, change):
        self.begin(change)
        return injection.record(self.site.process.pid, lambda: change.run(self.site, check=True))

    def kill_at(self, case):
        change, call = case
        self.begin(change)
        done, line = injection.inject(self.site.process.pid, call, "signal=KILL", lambda: change.run(self.site))
        if line:
            self.assertEqual(self.site.ended_with(5), -9)
        self.site.end()
        self.site.start()
        self.check(change, done.returncode == 0)
        return line

    def test_a_kill_at_each_call_of_a_change_leaves_it_whole_or_absent(self):
        self.run_cases([(change, call) for change in CHANGES for call in injection.some(self.calls(change), 2)],
                       self.kill_at)


if __name__ == "__main__":
    injection.enter()
    garde_site.main()
