#!/usr/bin/python3
"""`garde doctor` on lines that take the code off the password: split and verify, or concat, where they stand well and where they do not."""

import pathlib

import enclosure
import garde_site
from broken_house import COMMON, DANGER, IN, NOTE, OUT, WARNING, DoctorTest

PACKAGING = pathlib.Path(__file__).resolve().parents[3] / "packaging"
SPLIT = "auth [success=ignore ignore=ignore default=die] GARDE split\n"
VERIFY = "auth [success=ok ignore=ignore default=die] GARDE verify\n"
CONCAT = "auth [success=ignore ignore=ignore default=die] GARDE concat\n"
PROMPT = "auth requisite GARDE\n"
UNIX = "auth required pam_unix.so\n"
ROOT = "auth sufficient pam_rootok.so\n"
NOT_ROOT = "auth required pam_succeed_if.so user != root quiet\n"
ACCOUNT = "account [ignore=ignore default=die] MODULE split\n"
CONTROLS = "[success=ignore ignore=ignore default=die]"


def split(control):
    return f"auth {control} GARDE split\n"


# The lines of login, and what is found: id, level, effect, words of what and mend.
STACKS = [
    # one of the two is missing
    (SPLIT + COMMON, "pam-code-unchecked", DANGER, IN, "no line with verify checks it", "/usr/share/garde/pam.d"),
    (SPLIT + COMMON + ACCOUNT, "pam-code-unchecked", DANGER, IN, "the account line (/etc/pam.d/login:5) then refuses", "/usr/share/garde/pam.d"),
    (ACCOUNT.replace("default=die", "default=ignore") + SPLIT + COMMON, "pam-code-unchecked", DANGER, IN, "login:2: the code is taken off the password here, and no line with verify checks it: any code is right", "in this order"),
    (COMMON + VERIFY, "pam-verify-alone", DANGER, OUT, "it refuses everybody", "/usr/share/garde/pam.d"),
    (ROOT + COMMON + VERIFY, "pam-verify-alone", DANGER, OUT, "it refuses everybody", "in this order"),
    (VERIFY + SPLIT + COMMON, "pam-verify-alone", DANGER, OUT, "login:1: no line with split", "in this order"),
    ("auth [success=1 default=ignore] pam_succeed_if.so user ingroup x\n" + SPLIT + COMMON + VERIFY, "pam-verify-alone",
     WARNING, OUT, "on some ways", "in this order"),
    ("auth optional /nowhere/pam_garde.so split\n" + COMMON + VERIFY, "pam-verify-alone", DANGER, OUT, "login:5: no line with split", "in this order"),
    # the text is typed already
    (COMMON + SPLIT + VERIFY, "pam-nothing-to-split", DANGER, OUT, "pam_unix.so (/etc/pam.d/login:1) has the typed text", "split before it"),
    (UNIX + "auth required GARDE concat\n", "pam-nothing-to-split", DANGER, OUT, "pam_unix.so (/etc/pam.d/login:1)", "split before it"),
    (SPLIT + SPLIT + COMMON + VERIFY, "pam-nothing-to-split", DANGER, OUT, "login:1) has the typed text", "one pair of lines away"),
    # ways round
    (SPLIT + COMMON + "auth optional GARDE verify\n", "pam-password-alone", DANGER, IN, 'control value "optional" lets', '"required"'),
    (COMMON + "auth optional GARDE verify\n", "pam-password-alone", DANGER, IN, 'control value "optional" lets', '"required"'),
    (SPLIT + "auth sufficient pam_unix.so\n" + VERIFY, "pam-password-alone", DANGER, IN, "ends the stack with success", "before it"),
    (SPLIT + "auth [success=2 default=die] pam_unix.so\nauth required pam_env.so\n" + VERIFY + "auth required pam_permit.so\n",
     "pam-password-alone", DANGER, IN, "jumps over the line of pam_garde.so", "not over it"),
    (SPLIT + VERIFY, "pam-password-unchecked", DANGER, IN, "no line checks that", "before the one with verify"),
    (CONCAT + "auth required pam_permit.so\n", "pam-password-unchecked", DANGER, IN, "no line checks that", "behind the one with split or concat"),
    # order, delays, words
    (SPLIT + VERIFY + UNIX, "pam-verify-first", WARNING, None, "mistyped password costs a code", "verify behind it"),
    (SPLIT + UNIX + VERIFY, "pam-verify-anyway", WARNING, None, "pam_unix.so (/etc/pam.d/login:2) refuses a wrong password", "requisite"),
    (SPLIT + "auth substack password\n" + VERIFY, "pam-verify-anyway", WARNING, None, "pam_unix.so (/etc/pam.d/password:1) refuses", "include"),
    (CONCAT + COMMON, "pam-code-first", NOTE, None, "concat checks the code before", "must be first"),
    (SPLIT + COMMON.replace("nullok", "nullok nodelay") + VERIFY, "pam-delays-differ", NOTE, None, "a wrong password is refused sooner", "both lines or to none"),
    (SPLIT + COMMON + VERIFY.replace("verify", "verify nodelay"), "pam-delays-differ", NOTE, None, "a wrong code is refused sooner", "both lines or to none"),
    (SPLIT.replace("split", "split verify") + COMMON + VERIFY, "pam-bad-option", DANGER, OUT, "exclude each other", "pam_garde(8)"),
    (COMMON + "auth required GARDE nodelay\n", "pam-bad-option", DANGER, OUT, "only beside split", "pam_garde(8)"),
    (SPLIT.replace("split", "split echo") + COMMON + VERIFY, "pam-bad-option", DANGER, OUT, "shows no password", "pam_garde(8)"),
    (SPLIT + COMMON + VERIFY.replace("verify", "verify split"), "pam-bad-option", DANGER, OUT, "exclude each other", "pam_garde(8)"),
    (SPLIT + COMMON + VERIFY.replace("verify", "verify verify"), "pam-bad-option", DANGER, OUT, '"verify"', "pam_garde(8)"),
    (ACCOUNT.replace("split", "split echo") + SPLIT + COMMON + VERIFY, "pam-bad-option", DANGER, OUT, "shows no password", "pam_garde(8)"),
    (ACCOUNT.replace("split", "split nullok") + SPLIT + COMMON + VERIFY, "pam-bad-option", DANGER, OUT, '"nullok"', "pam_garde(8)"),
    (SPLIT + COMMON + VERIFY + "account required MODULE verify\n", "pam-line-type", DANGER, OUT, 'type "account"', '"auth"'),
    (SPLIT + COMMON + VERIFY + "session required MODULE split\n", "pam-line-type", DANGER, OUT, 'type "session"', '"auth"'),
    (SPLIT + COMMON + VERIFY + "account required /nowhere/pam_garde.so split\n", "pam-module-missing", DANGER, OUT, "the line fails for everybody", "install the module"),
    # asked twice
    (SPLIT + COMMON + VERIFY + PROMPT, "pam-asks-twice", WARNING, OUT, "it is spent by then", "away"),
    (SPLIT + COMMON + PROMPT, "pam-asks-twice", WARNING, OUT, "login:5: the person is asked for a code here, and was before (/etc/pam.d/login:1)", "away"),
    (NOT_ROOT + SPLIT + COMMON + VERIFY + PROMPT, "pam-asks-twice", WARNING, OUT, "it is spent by then", "away"),
    (COMMON + PROMPT + PROMPT, "pam-asks-twice", WARNING, OUT, "it is spent by then", "away"),
    (SPLIT + "auth [success=1 default=ignore] /run/pam_sss.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n" + VERIFY,
     "pam-asks-again", WARNING, OUT, "pam_sss.so asks for a password of its own", "use_first_pass"),
    # control values of split
    (split("[success=ok default=die]") + COMMON + VERIFY, "pam-split-ignore", DANGER, OUT, 'split answers "ignore"', CONTROLS),
    (split("optional") + COMMON + VERIFY, "pam-split-control", NOTE, None, 'control value "optional" lets', CONTROLS),
    (split("required") + COMMON + VERIFY, "pam-split-control", NOTE, None, "although split has failed", CONTROLS),
    (split("[ignore=ignore default=die]") + COMMON + VERIFY, "pam-split-setcred", DANGER, OUT, "cron", CONTROLS),
    (split("[success=1 ignore=ignore default=die]") + COMMON + VERIFY, "pam-split-setcred", DANGER, OUT, "cron", CONTROLS),
]

GOOD = [
    SPLIT + COMMON + VERIFY,
    ROOT + SPLIT + COMMON + VERIFY,
    SPLIT + COMMON + VERIFY + ACCOUNT + "account required pam_unix.so\n",
    ACCOUNT + SPLIT + COMMON + VERIFY,
    NOT_ROOT + SPLIT + COMMON + VERIFY + "auth optional pam_gnome_keyring.so\n",
    "auth optional pam_faildelay.so delay=3000000\n" + SPLIT + COMMON.replace("nullok", "nodelay") + VERIFY,
    SPLIT + COMMON.replace("nullok", "nodelay") + VERIFY.replace("verify", "verify nodelay"),
    split("requisite") + COMMON + VERIFY,
    SPLIT + "auth requisite pam_unix.so\n" + VERIFY,
    "auth substack whole\n",
    split("[success=2 ignore=ignore default=die]") + COMMON + VERIFY,  # over what says no
    "auth [auth_err=ignore default=die] pam_deny.so\n" + SPLIT + COMMON + VERIFY,  # credentials are set nowhere here, and not for split
    SPLIT + "auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] /run/pam_sss.so use_first_pass\n"
    "auth requisite pam_deny.so\nauth required pam_permit.so\n" + VERIFY + "auth optional pam_cap.so\n",
    SPLIT + "auth [success=1 default=ignore] /run/pam_sss.so try_first_pass\nauth requisite pam_deny.so\nauth required pam_permit.so\n" + VERIFY,
]
# What is true of such lines as well.
ALSO = {"pam-bad-option": {"pam-verify-alone", "pam-code-unchecked", "pam-nothing-to-split"},
        "pam-verify-alone": {"pam-verify-first", "pam-module-missing"}, "pam-password-alone": {"pam-password-unchecked", "pam-verify-anyway"}}
USUAL = {"pam", "pam-root-without-code", "pam-service-without-code"}


class Pair(DoctorTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pathlib.Path("/run/pam_sss.so").touch()

    def look_at_login(self, text):
        self.pam("login", text)
        self.pam("password", COMMON)
        self.pam("whole", SPLIT + COMMON + VERIFY)
        code, found = self.look()
        for name in ("password", "whole"):
            pathlib.Path("/etc/pam.d", name).unlink()
        self.install_login()
        return code, {name: finding for name, finding in found.items() if finding["check"] == "pam"}

    def test_each_fault_of_the_lines_is_found_and_nothing_else(self):
        for text, name, level, effect, what, mend in STACKS:
            with self.subTest(text=text):
                code, found = self.look_at_login(text)
                self.assertIn(name, found)
                finding = found[name]
                self.assertEqual((finding["level"], finding["effect"], finding["place"]), (level, effect, "login"), finding)
                self.assertIn(what, finding["what"])
                self.assertIn(mend, finding["mend"])
                self.assertEqual(set(found) - USUAL - ALSO.get(name, set()), {name}, found)
                if level == DANGER:
                    self.assertEqual(code, 1)
        self.assertWell()

    def test_good_lines_are_nothing_to_speak_of(self):
        for text in GOOD:
            with self.subTest(text=text):
                found = self.look_at_login(text)[1]
                self.assertLessEqual(set(found), USUAL)

    def both_of_common(self, *lines):
        """The profiles of pam-auth-update, in all services."""
        before, after = lines
        self.pam("common-auth", before + COMMON + after)
        self.pam("login", "@include common-auth\n")
        self.pam("sudo", "@include common-auth\n")
        return self.look()

    def test_one_profile_of_two_is_told_with_the_command_that_mends(self):
        for lines, name in (((SPLIT, ""), "pam-code-unchecked"), (("", VERIFY), "pam-verify-alone")):
            code, found = self.both_of_common(*lines)
            self.assertEqual((code, found[name]["mend"]), (1, "pam-auth-update --enable garde-split garde-verify"))
            self.assertLessEqual({"login", "sudo"}, set(found[name]["place"].split(", ")))
        code, found = self.both_of_common(SPLIT, VERIFY)
        self.assertEqual(self.bad(found), set())
        self.assertIn("login, ", found["pam"]["what"])

    def ship(self, text):
        """Lines of the packages, with this house's module."""
        return text.replace("pam_garde.so", f"{self.house.module} socket=/run/garde/trusted.sock")

    def fragments(self):
        folder = pathlib.Path("/run/pam.d")
        folder.mkdir(exist_ok=True)
        for shipped in (PACKAGING / "pam.d").iterdir():
            (folder / shipped.name).write_text(self.ship(shipped.read_text()))
        return folder

    def profile(self, name):
        """The lines of type auth."""
        text = (PACKAGING / "pam-configs" / name).read_text().split("\nAuth:\n")[1]
        return self.ship(f"auth {text.splitlines()[0].strip()}\n")

    def test_the_lines_of_the_packages_are_nothing_to_speak_of(self):
        fragments = self.fragments()
        for lines, note in (("@include {}/password-and-code\n", None), ("@include {}/around-common-auth\n", None),
                            ("@include common-auth\n@include {}/prompt\n", None), ("@include {}/code-first\n", "pam-code-first")):
            with self.subTest(lines=lines):
                found = self.look_at_login(lines.format(fragments))[1]
                self.assertEqual(set(found) - USUAL, {note} - {None})
        found = self.both_of_common(self.profile("garde-split"), self.profile("garde-verify"))[1]
        self.assertEqual({name for name in found if name.startswith("pam")} - USUAL, set())

    def test_the_account_line_of_the_package_is_nothing_to_speak_of_and_changes_what_is_said_of_half_a_pair(self):
        line = (PACKAGING / "pam-configs" / "garde-split").read_text().split("Account:\n")[1].strip()
        self.pam("common-account", self.ship(f"account {line}\naccount required pam_unix.so\n"))
        found = self.look_at_login("@include common-account\n" + SPLIT + COMMON + VERIFY)[1]
        self.assertLessEqual(set(found), USUAL)
        finding = self.look_at_login(SPLIT + COMMON + "@include common-account\n")[1]["pam-code-unchecked"]
        self.assertIn("the account line (/etc/pam.d/common-account:1) then refuses whoever needs a code", finding["what"])
        self.assertIn("screen lockers", finding["what"])
        self.assertEqual((finding["level"], finding["effect"]), (DANGER, IN))

    def test_a_fragment_beside_the_profiles_is_told(self):
        fragments = self.fragments()
        self.both_of_common(self.profile("garde-split"), self.profile("garde-verify"))
        for name, lines, want in (("prompt", "@include common-auth\n@include {}\n", "pam-asks-twice"),
                                  ("password-and-code", "@include common-auth\n@include {}\n", "pam-nothing-to-split"),
                                  ("around-common-auth", "@include {}\n", "pam-nothing-to-split")):
            with self.subTest(name=name):
                self.pam("login", lines.format(fragments / name))
                self.assertEqual(self.bad(self.look()[1]), {want})

    def test_a_fragment_that_is_not_there_ends_the_service_as_in_libpam(self):
        for line, is_refused in (("@include /run/nowhere\n", True), ("auth include /run/nowhere\n", False),
                                 ("auth substack /run/nowhere\n", False)):
            self.pam("login", "auth sufficient pam_permit.so\n" + line)
            found = self.look()[1]
            self.assertEqual(("pam-service-refused" in found, "pam-line-fails" in found), (is_refused, not is_refused))
            done = garde_site.subprocess.run([*garde_site.UNDER, garde_site.PAM_TRY, "--confdir", "/etc/pam.d", "--service",
                                              "login", "--user", "alice"], capture_output=True, text=True, timeout=60)
            self.assertEqual("result 0" in done.stdout, not is_refused, done)

    def test_a_fragment_that_others_can_change_is_a_danger(self):
        folder = pathlib.Path("/run/open")
        folder.mkdir(mode=0o755)
        fragment = folder / "prompt"
        fragment.write_text(PROMPT.replace("GARDE", f"{self.house.module} socket=/run/garde/trusted.sock"))
        self.pam("login", f"@include common-auth\n@include {fragment}\n")
        self.assertWell()
        for path, mode, good in ((fragment, 0o666, 0o644), (folder, 0o777, 0o755)):
            path.chmod(mode)
            code, found = self.look()
            path.chmod(good)
            self.assertEqual((code, found["pam-file-writable"]["effect"]), (1, IN))
            self.assertIn(str(path), found["pam-file-writable"]["what"])

    def test_a_program_with_one_field_is_no_place_for_a_prompt_of_its_own(self):
        for text, is_found in ((COMMON + PROMPT, True), (SPLIT + COMMON + VERIFY, False), (CONCAT + COMMON, False)):
            for service in ("i3lock", "swaylock"):
                self.pam(service, text)
            found = self.look()[1]
            self.assertEqual("pam-one-field" in found, is_found)
            if is_found:
                self.assertEqual((found["pam-one-field"]["place"], found["pam-one-field"]["effect"]), ("i3lock, swaylock", OUT))

    def test_the_password_method_of_sshd_is_good_where_one_field_takes_both(self):
        config, key = self.house.folder / "sshd_config", self.house.folder / "host_key"
        garde_site.subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        config.write_text(f"HostKey {key}\nUsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication yes\n"
                          "PubkeyAuthentication no\n")
        pathlib.Path("/etc/ssh").mkdir(exist_ok=True)
        enclosure.mount("--bind", self.house.folder, "/etc/ssh")
        self.addCleanup(enclosure.unmount, "/etc/ssh")
        for text, want in ((COMMON + PROMPT, {"sshd-password-too"}), (SPLIT + COMMON + VERIFY, set()), (CONCAT + COMMON, set()),
                           (SPLIT + COMMON + VERIFY + PROMPT, {"sshd-password-too"})):
            with self.subTest(text=text):
                self.pam("sshd", text)
                self.assertEqual({name for name in self.bad(self.look()[1]) if name.startswith("sshd-")}, want)


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
