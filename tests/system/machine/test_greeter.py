"""Logging in at a desktop: the real lightdm with its GTK greeter on a screen, typed at."""

import unittest

import machine
import screen
from machine import PASSWORD
from ward import WardTest

NUMBER = 7
AUTHORITY = f"/var/run/lightdm/root/:{NUMBER}"

# lightdm tells the X server its number, its terminal and the file with its cookie
SERVER = """#!/bin/sh
while [ $# -gt 0 ]; do
    [ "$1" != -auth ] || authority=$2
    shift
done
exec Xvfb {number} {options} -auth "$authority"
"""
LIGHTDM = f"""[LightDM]
logind-check-graphical=false
minimum-display-number={NUMBER}
[Seat:*]
xserver-command=/usr/local/bin/screen
greeter-session=lightdm-gtk-greeter
greeter-hide-users=true
user-session=ward
"""
SESSION = """[Desktop Entry]
Name=ward
Exec=/usr/local/bin/ward
Type=Application
"""
# A desktop is a colour of its own, as long as somebody is logged in.
DESKTOP = 0x336655
WARD = f"""#!/bin/sh
id -un >/var/tmp/in-session
xsetroot -solid '#{DESKTOP:06x}'
exec sleep 600
"""
# what comes behind the code and takes the password: a keyring would
KEEPER = "#!/bin/sh\ncat >/var/tmp/keyring-$PAM_USER\n"


WHITE, BAR, FOCUS = 0xFFFFFF, 0xF1E6D9, 0x3584E4  # colours of the dialog
NAME, PASSWORD_FIELD = "name", "password"


def rows_with(picture, colour, at_least):
    pixel = colour.to_bytes(4, "little")
    return [at for at in range(picture.height) if picture.row(at).count(pixel) >= at_least]


def focus(picture):
    """The field that takes what is typed; None where there is no dialog, or one that waits for an answer."""
    dialog, border = rows_with(picture, WHITE, 200), rows_with(picture, FOCUS, 100)
    if not dialog or not border:
        return None
    return NAME if border[0] - dialog[0] < 50 else PASSWORD_FIELD


def bar(picture):
    """The words across the dialog, as a picture; None: there are none."""
    rows = rows_with(picture, BAR, 100)
    return picture.cropped(picture.width // 2 - 160, rows[0], 320, len(rows)) if rows else None


def letters(picture):
    """How many dark pixels there are in the field with the focus. The cursor alone makes 17."""
    border = rows_with(picture, FOCUS, 100)
    if not border:
        return 0
    field = picture.cropped(picture.width // 2 - 46, border[0] + 4, 150, 22)
    return sum(count for colour, count in field.colours().items() if max(colour.to_bytes(3, "big")) < 128)


class Greeter(WardTest):
    """One person, at one screen. What goes wrong is told by the bar."""

    lines = "@include common-auth\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ward = cls.machine
        cls.phone = ward.enrol("alice")
        cls.shown = screen.Screen(ward, "root", NUMBER, server=False, authority=AUTHORITY)
        ward.write("/usr/local/bin/screen", SERVER.format(number=f":{NUMBER}", options=" ".join(cls.shown.options())), 0o755)
        ward.write("/etc/lightdm/lightdm.conf.d/50-screen.conf", LIGHTDM)
        ward.write("/etc/X11/default-display-manager", "/usr/sbin/lightdm\n")
        ward.write("/usr/share/xsessions/ward.desktop", SESSION)
        ward.write("/usr/local/bin/ward", WARD, 0o755)
        ward.write("/usr/local/bin/keeper", KEEPER, 0o755)
        service = ward.file("/etc/pam.d/lightdm")
        service.write_text(service.read_text().replace(
            "@include common-auth\n", cls.lines + "auth optional pam_exec.so expose_authtok /usr/local/bin/keeper\n"))

    def setUp(self):
        """A fresh greeter, with the name in it."""
        self.machine.run("systemctl", "restart", "lightdm")
        self.shown.wait_for(lambda now: focus(now) == NAME, "the greeter", 60)
        self.shown.xdotool("mousemove", "1", "700")
        self.shown.type("alice")
        self.shown.wait_for(lambda now: focus(now) == NAME and letters(now) > 30, "the name")
        self.shown.key("Return")

    def answer(self, text):
        """Types it where the greeter waits for something secret, and returns when that was taken.

        A question that comes empties the field, so the first key is there to see that it has come."""
        def listens(now):
            if focus(now) != PASSWORD_FIELD:
                return False
            if letters(now) < 20:
                self.shown.key("x")
            return letters(now) >= 20

        self.shown.wait_for(listens, "a field that takes what is typed")
        self.shown.key("ctrl+a")
        self.shown.enter(text)
        self.shown.wait_for(lambda now: focus(now) is None, "that the answer was taken")

    def wait_for_bar(self):
        """Returns the words that come."""
        return bar(self.shown.wait_for(lambda now: focus(now) == PASSWORD_FIELD and bar(now), "words"))

    def keep(self, name):
        self.shown.keep(name, 322, 270, 380, 240)

    def assert_in(self):
        """alice is in, and what opens keyrings has the password without the code."""
        self.shown.wait_for(lambda now: now.share_of(DESKTOP) > 0.9, "the desktop", 60)
        self.assertEqual(self.machine.file("/var/tmp/in-session").read_text(), "alice\n")
        self.assertEqual(self.machine.file("/var/tmp/keyring-alice").read_text().rstrip("\0"), PASSWORD)
        self.machine.run("rm", "/var/tmp/in-session", "/var/tmp/keyring-alice")

    def assert_out(self):
        self.assertFalse(self.machine.file("/var/tmp/in-session").exists())
        self.assertFalse(self.machine.file("/var/tmp/keyring-alice").exists(), "a keyring was opened")


class OneField(Greeter):
    """With the profiles: password and code, in the one field that there is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.ask_everywhere()

    def test_password_and_code_let_in_and_every_mistake_looks_the_same(self):
        before, used, code = len(self.logins("alice")), self.phone.code(), self.phone.code()
        self.answer(PASSWORD + used)
        self.assert_in()
        self.setUp()
        looks = []
        for mistake in (PASSWORD + self.phone.wrong(), "wrong horse" + code, PASSWORD, PASSWORD + used):
            self.answer(mistake)
            looks.append(self.wait_for_bar())
            self.assert_out()
        self.keep("lightdm-refused")
        for look in looks:
            self.assertEqual(look, looks[0])
        self.answer(PASSWORD + code)
        self.assert_in()
        self.assertEqual([reason for _, _, reason in self.logins("alice")[before:]], ["none", "wrong-code", "replayed", "none"])
        self.assertEqual({(service, origin) for service, origin, _ in self.logins("alice")}, {("lightdm", "local:0")})
        self.assert_logs_tell_nothing()

    def test_no_verifier_lets_nobody_in_and_the_next_try_starts_it(self):
        self.machine.run("systemctl", "stop", "lightdm")
        with self.no_verifier():
            self.setUp()
            self.wait_for_bar()  # before anything was typed
            self.assert_out()
        self.shown.key("Return")
        self.answer(PASSWORD + self.phone.code())
        self.assert_in()


class OwnQuestion(Greeter):
    """With a line of its own: the greeter shows the second question, over the field."""

    lines = "@include common-auth\n@include /usr/share/garde/pam.d/prompt\n"

    def test_password_then_code_let_in_and_mistakes_do_not(self):
        used, code = self.phone.code(), self.phone.code()
        self.answer(PASSWORD)
        question = self.wait_for_bar()
        self.keep("lightdm-question")
        self.answer(used)
        self.assert_in()
        self.setUp()
        looks = []
        for mistake in (self.phone.wrong(), used):
            self.answer(PASSWORD)
            self.shown.wait_for(lambda now: focus(now) == PASSWORD_FIELD and bar(now) == question, "the question")
            self.answer(mistake)
            looks.append(self.wait_for_bar())
            self.assert_out()
        self.answer("wrong horse")
        looks.append(self.wait_for_bar())
        self.assert_out()
        for look in looks:
            self.assertEqual(look, looks[0])
            self.assertNotEqual(look, question)
        self.answer(PASSWORD)
        self.shown.wait_for(lambda now: focus(now) == PASSWORD_FIELD and bar(now) == question, "the question")
        self.answer(code)
        self.assert_in()


del Greeter  # has no test of its own

if __name__ == "__main__":
    machine.needed()
    unittest.main()
