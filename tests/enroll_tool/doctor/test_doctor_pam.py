#!/usr/bin/python3
"""`garde doctor` on stacks of PAM that let in or lock out, and on files of PAM that others can change."""

import os

import enclosure
import garde_site
from broken_house import COMMON, DANGER, IN, NOTE, OUT, PAM_D, UNSEEN, WARNING, DoctorTest

# What follows COMMON in a service that includes it, and what is found: id, level, effect, words of what and mend.
STACKS = [
    ("auth optional GARDE\n", "pam-password-alone", DANGER, IN, 'control value "optional" lets', '"required"'),
    ("auth sufficient GARDE\n", "pam-password-alone", DANGER, IN, 'control value "sufficient"', '"required"'),
    ("auth [success=ok default=ignore] GARDE\n", "pam-password-alone", DANGER, IN, "success=ok default=ignore", "requisite"),
    ("auth sufficient pam_permit.so\nauth required GARDE\n", "pam-password-alone", DANGER, IN,
     "ends the stack with success before the code", "before it"),
    ("auth [success=1 default=ignore] pam_permit.so\nauth required GARDE\nauth optional pam_warn.so\n",
     "pam-password-alone", DANGER, IN, "jumps over the line", "not over it"),
    ("auth sufficient pam_rootok.so\nauth required GARDE\n", "pam-root-without-code", NOTE, IN, "pam_rootok.so (", "su of root"),
    ("auth sufficient pam_succeed_if.so user ingroup free\nauth required GARDE\n", "pam-some-without-code", WARNING, IN,
     "Only for whom pam_succeed_if.so", "only then"),
    ("auth sufficient pam_oath.so\nauth required GARDE\n", "pam-other-instead-of-code", WARNING, IN, "pam_oath.so", "of its own"),
    ("auth required GARDE\nauth requisite pam_deny.so\n", "pam-nobody", DANGER, OUT, "nobody gets in", "root shell"),
    ("auth required /nowhere/pam_garde.so\n", "pam-module-missing", DANGER, OUT, "there is no /nowhere", "install"),
    ("auth optional /nowhere/pam_garde.so\n", "pam-password-alone", DANGER, IN, "is not there, and the control value", "required"),
    ("auth required GARDE bogus\n", "pam-bad-option", DANGER, OUT, 'option "bogus"', "pam_garde(8)"),
    ("auth required GARDE debug debug\n", "pam-bad-option", DANGER, OUT, 'option "debug"', "pam_garde(8)"),
    ("auth required GARDE timeout=31\n", "pam-bad-option", DANGER, OUT, 'option "timeout=31"', "pam_garde(8)"),
    ("auth required GARDE prompt=Password:\n", "pam-bad-option", DANGER, OUT, 'option "prompt=Password:"', "pam_garde(8)"),
    ("auth required GARDE [prompt=Password: ]\n", "pam-bad-option", DANGER, OUT, 'option "prompt=Password: "', "pam_garde(8)"),
    ("auth required GARDE prompt=\x1b[31m\n", "pam-bad-option", DANGER, OUT, "prompt=", "pam_garde(8)"),
    ("auth required GARDE [prompt=" + "xxx " * 128 + "]\n", "pam-bad-option", DANGER, OUT, "prompt=xxx", "pam_garde(8)"),
    ("auth required MODULE socket=/run/other/trusted.sock\n", "pam-other-socket", DANGER, OUT, "garded listens in /run/garde",
     "socket=/run/garde/trusted.sock"),
    ("auth required GARDE\naccount required GARDE\n", "pam-line-type", DANGER, OUT, 'type "account"', '"auth"'),
    ("auth required GARDE\nsession optional GARDE\n", "pam-line-type", WARNING, None, 'type "session"', '"auth"'),
    ("auth required GARDE\nauht required pam_permit.so\n", "pam-line-fails", WARNING, OUT, "login:3:", "pam.conf(5)"),
    ("auth required GARDE\n@include nowhere\n", "pam-service-refused", DANGER, OUT, "is not there", "root shell"),
    ("auth required GARDE\nauth required \\\n", "pam-service-refused", DANGER, OUT, "backslash", "root shell"),
    ("auth required GARDE\n@include login\n", "pam-not-read", WARNING, UNSEEN, "without end", "pam.conf(5)"),
]


class Pam(DoctorTest):
    def test_each_fault_of_a_stack_is_found_and_gone_when_it_is_mended(self):
        for rest, name, level, effect, what, mend in STACKS:
            with self.subTest(rest=rest):
                self.install_login(rest)
                code, found = self.look()
                self.install_login()
                self.assertIn(name, found)
                finding = found[name]
                self.assertEqual((finding["level"], finding["effect"], finding["place"]), (level, effect, "login"), finding)
                self.assertIn(what, finding["what"])
                self.assertIn(mend, finding["mend"])
                self.assertEqual(self.bad(found) - {"pam-nobody", "pam-module-missing"} - {name}, set(), found)
                if level == DANGER:
                    self.assertEqual(code, 1)
        self.assertWell()

    def test_a_slip_of_the_pen_in_the_name_of_the_module_is_told(self):
        self.install_login("auth required pam_gard.so\n")
        code, found = self.look()
        self.install_login()
        missing = found["pam-module-missing"]
        self.assertEqual((code, missing["level"], missing["effect"], missing["place"]), (1, DANGER, OUT, "login"))
        self.assertIn("there is no pam_gard.so", missing["what"])
        self.assertIn("correct its name", missing["mend"])
        self.install_login("auth required GARDE\nauth optional pam_gard.so\n")
        self.assertWell()
        self.install_login()

    def test_a_password_that_is_not_asked_for_is_told(self):
        self.pam("login", "auth required GARDE\n")
        _, found = self.look()
        self.assertEqual(found["pam-code-alone"]["level"], WARNING)
        self.pam("login", "auth required GARDE\n" + COMMON)
        _, found = self.look()
        self.assertEqual(found["pam-code-first"]["level"], NOTE)
        self.install_login()
        self.assertFalse({"pam-code-alone", "pam-code-first"} & set(self.assertWell()))

    def test_a_line_that_several_services_include_is_told_once(self):
        self.pam("common-auth", COMMON + "auth optional GARDE\n")
        for name in ("su", "login", "sudo"):
            self.pam(name, "@include common-auth\n")
        _, found = self.look()
        self.pam("common-auth", COMMON)
        (PAM_D / "su").unlink()
        self.pam("sudo", "@include common-auth\nauth required GARDE\n")
        self.install_login()
        places = found["pam-password-alone"]["place"].split(", ")
        self.assertEqual(places, sorted(places))
        self.assertLessEqual({"su", "login", "sudo"}, set(places))
        self.assertIn("/etc/pam.d/common-auth:4", found["pam-password-alone"]["what"])

    def test_doors_without_a_code_are_noted_and_none_with_one_is_a_warning(self):
        self.pam("su", "@include common-auth\n")
        _, found = self.look()
        self.assertIn("su", found["pam-service-without-code"]["place"].split(", "))
        self.assertNotIn("login", found["pam-service-without-code"]["place"])
        self.pam("login", "@include common-auth\n")
        self.pam("sudo", "@include common-auth\n")
        _, found = self.look()
        self.assertEqual(found["pam-nowhere"]["level"], WARNING)
        (PAM_D / "su").unlink()
        self.install_login()
        self.pam("sudo", "@include common-auth\nauth required GARDE\n")

    def test_a_service_without_auth_lines_is_judged_by_other(self):
        self.pam("other", "auth optional GARDE\nauth required pam_unix.so\n")
        self.pam("xdm", "account required pam_permit.so\n")
        _, found = self.look()
        self.pam("other", "auth requisite pam_deny.so\n")
        (PAM_D / "xdm").unlink()
        self.assertIn("xdm", found["pam-password-alone"]["place"])

    def test_a_module_that_others_can_change_is_a_danger(self):
        self.house.module.chmod(0o777)
        code, found = self.look()
        self.house.module.chmod(0o755)
        self.assertEqual((code, found["pam-module-writable"]["effect"]), (1, IN))

    def test_files_of_pam_that_others_can_change_are_dangers(self):
        file = PAM_D / "common-zz"
        file.write_text("auth required pam_unix.so\n")
        for path, change, undo in ((file, lambda: file.chmod(0o666), lambda: file.chmod(0o644)),
                                   (file, lambda: os.chown(file, 1, 0), lambda: os.chown(file, 0, 0)),
                                   (PAM_D, lambda: PAM_D.chmod(0o777), lambda: PAM_D.chmod(0o755))):
            with self.subTest(path=path):
                change()
                code, found = self.look()
                undo()
                self.assertEqual((code, found["pam-file-writable"]["effect"]), (1, IN))
                self.assertIn(str(path), found["pam-file-writable"]["what"])
        self.assertNotIn("pam-file-writable", self.look()[1])
        file.unlink()

    def test_a_module_that_cannot_be_loaded_is_a_danger(self):
        whole, copy = self.house.module.read_bytes(), self.house.folder / "elsewhere" / "pam_garde.so"
        copy.parent.mkdir()
        for bad in (b"", whole[:1000], whole[:-1], whole[:18] + b"\xff\xff" + whole[20:], b"#!" + whole[2:]):
            copy.write_bytes(bad)
            self.install_login(f"auth required {copy} socket=/run/garde/trusted.sock\n")
            code, found = self.look()
            self.assertEqual((code, found["pam-module-broken"]["effect"]), (1, OUT), bad[:30])
        copy.write_bytes(whole)
        self.assertNotIn("pam-module-broken", self.look()[1])
        self.install_login()


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
