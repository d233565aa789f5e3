"""The admin's tool is killed at each of its own system calls: the change is whole or absent, and so are the pictures."""

import garde_site
import injection
from changes import CHANGES, ENROLL, Change, ChangeTest, uri


class Tool(ChangeTest):
    def from_its_settings_on(self, run):
        """What comes before is the loader's, and changes nothing."""
        calls = injection.record_program(run)
        if injection.ALL:
            return calls
        first = next(place for place, call in enumerate(calls) if str(self.site.conf) in call.text)
        return injection.some(calls[first:], 2)

    def kill_at(self, case):
        change, call = case
        self.begin(change)
        done, line = injection.inject_program(call, "signal=KILL", lambda *strace: change.run_under(self.site, *strace))
        self.assertTrue(line or done.returncode == 0, done.stderr)
        injection.wait_until_still(self.site.process.pid)
        self.check(change, not line)
        return line

    def test_the_tool_killed_at_each_call_leaves_the_change_whole_or_absent(self):
        cases = []
        for change in CHANGES:
            self.begin(change)
            calls = self.from_its_settings_on(lambda *strace: change.run_under(self.site, *strace))
            cases += [(change, call) for call in calls]
        self.run_cases(cases, self.kill_at)


class Pictures(Tool):
    """Of a factor whose pictures were asked for."""

    def setUp(self):
        super().setUp()
        self.pictures = self.site.folder / "pictures"
        self.pictures.mkdir(exist_ok=True)
        self.png, self.svg = self.pictures / "a.png", self.pictures / "a.svg"
        self.enroll = Change("enroll", ENROLL.event, answer=uri, arguments=(
            *ENROLL.more, "--png", str(self.png), "--svg", str(self.svg)))
        self.starts[self.enroll] = self.starts[ENROLL]

    def empty(self):
        for path in self.pictures.iterdir():
            path.unlink()

    def kill_with_pictures(self, call):
        self.empty()
        self.begin(self.enroll)
        done, line = injection.inject_program(call, "signal=KILL",
                                              lambda *strace: self.enroll.run_under(self.site, *strace))
        self.assertTrue(line or done.returncode == 0, done.stderr)
        injection.wait_until_still(self.site.process.pid)
        made, left = self.is_made(self.enroll), {path.name for path in self.pictures.iterdir()}
        self.assertLessEqual(left, {"a.png", "a.svg"} if made else set())
        for name in left:
            path = self.pictures / name
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertRegex(path.read_bytes()[-16:], rb"</svg>\n$" if name == "a.svg" else rb"IEND\xaeB`\x82$")
        if not made:
            self.enroll.run(self.site, check=True)
            self.assertEqual(len(list(self.pictures.iterdir())), 2)
        self.check_whole()
        return line

    def test_the_tool_killed_at_each_call_leaves_no_half_picture(self):
        self.empty()
        self.begin(self.enroll)
        calls = self.from_its_settings_on(lambda *strace: self.enroll.run_under(self.site, *strace))
        self.run_cases(calls, self.kill_with_pictures)

    test_the_tool_killed_at_each_call_leaves_the_change_whole_or_absent = None


if __name__ == "__main__":
    injection.enter()
    garde_site.main()
