"""Several at once: one code is accepted once, and two right codes are both accepted."""

import re
import subprocess

import garde_site
from garde_site import SiteTest
from phone import Phone


class AtOnce(SiteTest):
    def at_once(self, logins):
        """Lets all of them go at the moment they all stand at the prompt; [accepted, ...]."""
        go = self.site.folder / "go"
        go.unlink(missing_ok=True)
        running = [subprocess.Popen(self.site.login_command(user, code, more=("--go", str(go))), text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for user, code in logins]
        seen = [""] * len(running)
        for n, process in enumerate(running):
            while not seen[n].startswith("prompt"):
                line = process.stdout.readline()
                self.assertTrue(line, "pam_try ended before its prompt")
                seen[n] = line
        go.touch()
        outputs = [process.communicate(timeout=60)[0] for process in running]
        return [bool(re.search(r"^result 0 ", output, re.M)) for output in outputs]


class Hotp(AtOnce):
    def test_one_code_offered_by_8_processes_is_accepted_once_in_200_rounds(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        counter = 1
        for round_number in range(200):
            accepted = self.at_once([("daemon", phone.at(counter))] * 8)
            self.assertEqual(sum(accepted), 1, f"round {round_number}: {accepted}")
            counter += 1
            self.site.garde("unlock", "daemon")

    def test_two_users_at_once_are_both_accepted(self):
        a, b = self.site.enrol("daemon", Phone(kind="hotp")), self.site.enrol("bin", Phone(kind="hotp"))
        for counter in range(1, 51):
            self.assertEqual(self.at_once([("daemon", a.at(counter)), ("bin", b.at(counter))]), [True, True])


class Totp(AtOnce):
    site_arguments = {"clock": 1_800_000_000}

    def test_one_code_offered_by_8_processes_is_accepted_once_in_200_rounds(self):
        phone = self.site.enrol("daemon")
        for round_number in range(200):
            self.site.set_clock(self.site.now + 30)
            accepted = self.at_once([("daemon", phone.code(self.site.now))] * 8)
            self.assertEqual(sum(accepted), 1, f"round {round_number}: {accepted}")
            self.site.garde("unlock", "daemon")


if __name__ == "__main__":
    garde_site.main()
