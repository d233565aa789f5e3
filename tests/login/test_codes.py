"""Recovery codes and help-desk codes, and codes that are typed in groups: real tool, real module, real verifier."""

import json
import os
import random
import re
import subprocess
import time

import garde_site
from garde_site import SiteTest
from phone import Phone

USER, OTHER = "daemon", "bin"
CLOCK = 1_800_000_000
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class CodesTest(SiteTest):
    site_arguments = {"clock": CLOCK}

    def setUp(self):
        super().setUp()
        self.phone = self.site.enrol(USER)
        self.site.set_clock(CLOCK + 60)

    def recovery(self, *options):
        return json.loads(self.site.garde("recovery", USER, "--json", *options).stdout)

    def tempcode(self, *options, hours="8h", reason="phone at home"):
        return json.loads(self.site.garde("tempcode", USER, "--for", hours, "--reason", reason, "--json", *options).stdout)

    def logins(self, **only):
        return self.site.audit(event="login", user=USER, **only)

    def factor(self, kind):
        found = [f for f in self.site.rows("show", USER)["factors"] if f["type"] == kind]
        self.assertLessEqual(len(found), 1)
        return found[0] if found else None


class Recovery(CodesTest):
    def test_a_set_is_ten_codes_in_groups_shown_once_and_in_the_audit(self):
        shown = self.site.garde("recovery", USER).stdout
        codes = re.findall(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){2}\b", shown)
        self.assertEqual(len(set(codes)), 10)
        self.assertLessEqual(set("".join(codes)) - {"-"}, set(ALPHABET))
        self.assertIn("Recovery codes of daemon (factor 2), made ", shown)
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 80, line)
        [entry] = self.site.audit(event="recovery-made")
        self.assertEqual((entry["user"], entry["factor"], entry["reason"]), (USER, 2, "admin"))
        self.assertNotIn(codes[0][:5], self.site.garde("show", USER).stdout + self.site.log_text())
        for place, code in enumerate(codes):  # 1, 2, 3 ... down, 6, 7, 8 ... beside them
            self.assertRegex(shown, rf"(?m)(^| ) +{place // 2 + 1 + place % 2 * 5}  {code}")

    def test_a_code_typed_by_a_person_gets_in_once(self):
        code = self.recovery()["codes"][3]
        typed = code.lower().replace("0", "o").replace("1", "l").replace("-", " - ")
        self.assertAccepted(self.site.login(USER, typed))
        self.assertRefused(self.site.login(USER, code))
        self.assertRefused(self.site.login(USER, code.replace("-", "")))
        self.site.restart()
        self.assertRefused(self.site.login(USER, code, rhost="192.0.2.9"))
        accepted, *refused = self.logins()
        self.assertEqual((accepted["verdict"], accepted["factor"], accepted["note"]), ("accepted", 2, "recovery left=9"))
        self.assertEqual({(e["reason"], e["factor"]) for e in refused}, {("replayed", 2)})
        self.assertAccepted(self.site.login(USER, self.phone.code(self.site.now)))

    def test_the_log_warns_when_two_are_left(self):
        codes = self.recovery()["codes"]
        for used, code in enumerate(codes, 1):
            self.assertAccepted(self.site.login(USER, code))
            if used == 7:
                self.assertNotIn("recovery-low", self.site.log_text())
        for left in (2, 1, 0):
            self.site.wait_for_log(rf"recovery-low: .* user={USER} left={left}\n")
        self.assertRefused(self.site.login(USER, codes[0]))

    def test_a_new_set_is_asked_for_and_ends_the_old_one(self):
        old = self.recovery()["codes"]
        self.assertAccepted(self.site.login(USER, old[0]))
        for answer in ("no\n", ""):
            done = self.site.garde("recovery", USER, input=answer, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn("9 recovery codes left", done.stderr)
        self.assertAccepted(self.site.login(USER, old[1]))
        fresh = json.loads(self.site.garde("recovery", USER, "--json", input="yes\n").stdout)["codes"]
        self.assertFalse(set(old) & set(fresh))
        self.assertRefused(self.site.login(USER, old[2]))
        self.assertAccepted(self.site.login(USER, fresh[0]))
        self.assertEqual(len(self.site.audit(event="revoked", reason="replaced", factor=2)), 1)
        again = self.recovery("--yes")["codes"]
        self.assertRefused(self.site.login(USER, fresh[1]))
        self.assertAccepted(self.site.login(USER, again[9]))

    def test_a_set_that_cannot_be_shown_is_revoked_again(self):
        for options in ([], ["--json"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([str(garde_site.GARDE), "--config", str(self.site.conf), "recovery", USER, *options],
                                      stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn("they were revoked", done.stderr)
            self.assertIsNone(self.factor("recovery"))
        self.assertEqual(len(self.site.audit(event="recovery-made")), 2)
        self.assertEqual(len(self.site.audit(event="revoked")), 2)

    def test_what_goes_to_a_closed_standard_output_was_not_shown(self):
        for command, kind in ((["recovery", USER], "recovery"),
                              (["tempcode", USER, "--for", "1h", "--reason", "x"], "temporary")):
            for options in ([], ["--json"]):
                done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", str(garde_site.GARDE), "--config",
                                       str(self.site.conf), *command, *options], stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn("they were revoked", done.stderr)
                self.assertIsNone(self.factor(kind))

    def test_nobody_gets_codes_who_was_not_enrolled(self):
        for command in (["recovery", OTHER], ["tempcode", OTHER, "--for", "1h", "--reason", "x"]):
            done = self.site.garde(*command, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("garde enroll", done.stderr)

    def test_garde_verify_spends_a_code_and_confirm_takes_none(self):
        codes = self.recovery()["codes"]
        self.site.garde("verify", USER, input=codes[0].lower() + "\n")
        self.assertRefused(self.site.login(USER, codes[0]))
        self.site.enrol(USER, Phone(), confirm=False)
        done = self.site.garde("confirm", USER, input=codes[1] + "\n", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertAccepted(self.site.login(USER, codes[1]))

    def test_suspended_codes_get_nobody_in(self):
        codes, help_code = self.recovery()["codes"], self.tempcode()["code"]
        self.site.garde("suspend", USER)
        for code in (codes[0], help_code):
            self.assertRefused(self.site.login(USER, code))
        self.site.garde("resume", USER)
        for code in (codes[0], help_code):
            self.assertAccepted(self.site.login(USER, code))


class HelpDesk(CodesTest):
    def test_the_code_is_shown_in_groups_with_what_to_say(self):
        shown = self.site.garde("tempcode", USER, "--for", "8h", "--reason", "phone at home").stdout
        self.assertRegex(shown, r"(?m)^    \d{4} \d{4}$")
        self.assertIn(time.strftime("good until %Y-%m-%d %H:%M, as often as needed", time.localtime(self.site.now + 8 * 3600)), shown)
        self.assertIn("Ring back on the number", shown.replace("\n", " "))
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 80, line)
        [entry] = self.site.audit(event="tempcode-made")
        self.assertEqual((entry["note"], entry["user"], entry["factor"]), ("phone at home", USER, 2))
        self.assertEqual(self.factor("temporary")["label"], "phone at home")

    def test_it_works_as_often_as_needed_and_no_longer_than_its_time(self):
        code = self.tempcode()["code"]
        for use in (1, 2, 3):
            self.assertAccepted(self.site.login(USER, f"{code[:4]} {code[4:]}" if use == 2 else code))
            self.assertEqual(self.logins()[-1]["note"], f"help desk use={use}")
        self.site.set_clock(self.site.now + 8 * 3600 - 1)
        self.assertAccepted(self.site.login(USER, code))
        self.site.set_clock(self.site.now + 1)
        self.assertRefused(self.site.login(USER, code))
        self.site.garde("suspend", USER, "1")
        self.site.garde("revoke", USER, "1", "--yes")
        self.assertRefused(self.site.login(USER, code))
        self.assertEqual(self.logins()[-1]["reason"], "expired")

    def test_three_logins_with_a_limit_of_two_are_two(self):
        made = self.tempcode("--uses", "2")
        self.assertEqual(made["uses"], 2)
        results = [self.site.login(USER, made["code"]).accepted for _ in range(3)]
        self.assertEqual(results, [True, True, False])

    def test_a_revoked_code_and_one_that_was_replaced_get_nobody_in(self):
        first = self.tempcode()
        second = self.tempcode()
        self.assertRefused(self.site.login(USER, first["code"]))
        self.assertAccepted(self.site.login(USER, second["code"]))
        self.site.garde("revoke", USER, str(second["factor"]), "--yes")
        self.assertRefused(self.site.login(USER, second["code"]))

    def test_wrong_codes_are_throttled_like_any(self):
        made = self.tempcode("--uses", "1")
        wrong = f"{(int(made['code']) + 1) % 10 ** 8:08}"
        for _ in range(3):
            self.assertRefused(self.site.login(USER, wrong))
        self.assertRefused(self.site.login(USER, made["code"]))
        self.assertEqual([e["reason"] for e in self.logins()][-2:], ["wrong-code", "delayed"])
        self.site.set_clock(self.site.now + 60)
        self.assertAccepted(self.site.login(USER, made["code"]))

    def test_a_code_that_cannot_be_shown_is_revoked_again(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([str(garde_site.GARDE), "--config", str(self.site.conf), "tempcode", USER, "--for", "1h",
                                   "--reason", "x"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIsNone(self.factor("temporary"))


class Grouped(CodesTest):
    def test_a_code_in_groups_as_apps_show_it_is_understood(self):
        for between in (" ", "-", "\u00a0", "\u2009"):
            self.site.set_clock(self.site.now + 60)
            code = self.phone.code(self.site.now)
            self.assertAccepted(self.site.login(USER, code[:3] + between + code[3:]))


class Storm(CodesTest):
    """Eight processes at the prompt with the same code."""

    PROCESSES = 8

    def setUp(self):
        super().setUp()
        self.site.service("storm", "timeout=30")
        self.storm = subprocess.Popen(
            [garde_site.BUILD / "tests" / "support" / "pam_storm", "--confdir", self.site.pam, "--service", "storm",
             "--own-hosts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_storm)

    def end_storm(self):
        self.storm.stdin.close()
        self.storm.stdout.close()
        self.storm.wait(60)

    def let_go(self, code):
        self.storm.stdin.write(f"{self.PROCESSES} {USER} {code}\n")
        self.storm.stdin.flush()
        self.assertEqual(self.storm.stdout.readline(), "go\n")

    def results(self):
        return list(map(int, self.storm.stdout.readline().split()))

    def offer(self, code):
        self.let_go(code)
        return self.results()

    def test_eight_processes_with_one_recovery_code_are_one_login(self):
        for n, code in enumerate(self.recovery()["codes"]):
            self.assertEqual(self.offer(code), [1, self.PROCESSES - 1, 0], f"round {n}")
            self.site.garde("unlock", USER)
        self.assertEqual(len(self.logins(verdict="accepted")), 10)

    def test_eight_processes_with_a_help_desk_code_for_three_are_three_logins(self):
        code = self.tempcode("--uses", "3")["code"]
        self.assertEqual(self.offer(code), [3, self.PROCESSES - 3, 0])

    def test_a_code_is_accepted_once_whenever_the_verifier_is_killed(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        for n, code in enumerate(self.recovery()["codes"]):
            with self.subTest(round=n, seed=seed):
                before = len(self.logins(verdict="accepted"))
                self.let_go(code)
                time.sleep(chance.uniform(0, 0.03))
                self.site.kill()
                told = self.results()[0]
                self.site.start()
                spent = len(self.logins(verdict="accepted")) - before
                self.assertIn(spent, (0, 1))
                self.assertLessEqual(told, spent, "accepted, and not on disk")
                self.site.garde("unlock", USER)
                self.assertEqual(self.offer(code)[0], 1 - spent)
                self.site.garde("unlock", USER)
        self.assertEqual(self.site.garde("audit", "--verify").returncode, 0)


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    garde_site.main()
