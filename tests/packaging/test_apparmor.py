"""The profile of AppArmor: it is one, it allows all that garded does in its life, and where the kernel has AppArmor garded lives under it.

garded runs in a temporary folder here; the profile is rewritten for that folder, and says the same of it.
"""

import os
import pathlib
import re
import shutil
import subprocess
import time
import unittest

import garde_site
from garde_site import Site
from phone import Phone

PROFILE = pathlib.Path(os.environ["GARDE_SOURCE"]) / "packaging" / "apparmor" / "usr.sbin.garded"
PARSER = ["apparmor_parser", "--skip-cache", "--base", "/etc/apparmor.d"]
TRACED = "open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,connect,bind,execve,chmod,fchmodat"
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (?!-1 )")
PLACE = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?(?:\{sa_family=AF_UNIX, sun_path=)?"([^"]*)"')


# -- what the profile says, for paths

def expanded(text, variables):
    """A text of the profile without variables and braces: a list of globs."""
    if found := re.search(r"@\{(\w+)\}", text):
        return [whole for value in variables[found[1]] for whole in expanded(text.replace(found[0], value, 1), variables)]
    return [text]


def pattern(glob):
    """A regular expression for a glob of AppArmor."""
    out, depth, at = "", 0, 0
    while at < len(glob):
        sign = glob[at]
        if glob.startswith("**", at):
            out, at = out + ".*", at + 1
        elif sign == "[":
            end = glob.index("]", at)
            out, at = out + glob[at:end + 1].replace("[^", "[^"), end
        elif sign in "*?":
            out += "[^/]*" if sign == "*" else "[^/]"
        elif sign in "{}":
            depth += 1 if sign == "{" else -1
            out += "(?:" if sign == "{" else ")"
        else:
            out += "|" if sign == "," and depth else re.escape(sign)
        at += 1
    return out


class Rules:
    """Paths and what may be done with them, includes and all."""

    def __init__(self, profile):
        done = subprocess.run([*PARSER, "--preprocess", str(profile)], check=True, capture_output=True, text=True)
        variables = {name: [value.strip('"') for value in values.split()]
                     for name, values in re.findall(r"(?m)^@\{(\w+)\} ?= ?(.*)$", done.stdout)}
        self.rules = []
        for path, rights in re.findall(r"(?m)^ *(?:owner +)?((?:/|@\{|\{)\S*) +([a-zA-Z]+),", done.stdout):
            for glob in expanded(path, variables):
                self.rules.append((re.compile(pattern(re.sub("/+", "/", glob))), set(rights)))

    def allow(self, path, rights):
        left = set(rights)
        for regex, given in self.rules:
            if left & given and regex.fullmatch(path):
                left -= given
        return not left


# -- what strace saw

def wanted(call, arguments):
    """[(path, rights)] of a call that worked."""
    found = [os.path.normpath(os.path.join(folder, name)) for folder, name in PLACE.findall(arguments) if name]
    if call in ("open", "openat"):
        flags = set(re.findall(r"O_\w+", arguments))
        if "O_PATH" in flags:  # a place, and no right to anything
            return []
        rights = ("r" if "O_WRONLY" not in flags else "") + ("w" if flags & {"O_WRONLY", "O_RDWR", "O_CREAT"} else "")
    elif call == "execve":
        found, rights = [os.path.realpath(garde_site.GARDED) if found[0] == "/proc/self/exe" else found[0]], "x"
    else:
        rights = "w"
    return [(path + ("/" if os.path.isdir(path) else ""), rights) for path in found]


def accesses(trace):
    for line in trace.splitlines():
        if found := CALL.match(line):
            yield from ((path, rights, line) for path, rights in wanted(found[1], found[2]))


class Life(unittest.TestCase):
    def setUp(self):
        if not shutil.which("apparmor_parser"):
            self.skipTest("needs apparmor_parser (scripts/packages, group test)")
        self.site = Site("un_enrolled = allow\n", sections="[group daemon]\nun_enrolled = refuse\n", log="system")
        self.addCleanup(self.site.close)
        self.profile = self.site.folder / "profile"
        self.relocate(PROFILE.read_text())

    def relocate(self, text):
        """The profile for garded as it was built, in the folder of the site."""
        self.name = f"garde-test-{os.getpid()}"
        for old, new in (("profile garded /usr/sbin/garded", f"profile {self.name}"), ("/usr/sbin/garded", garde_site.GARDED),
                         ("/etc/garde/garde.conf", self.site.conf), ("/etc/garde", self.site.key_ring.parent),
                         ("/var/lib/garde", self.site.store.parent), ("@{run}/garde", self.site.sockets)):
            text = text.replace(old, str(new))
        self.profile.write_text(text)

    def live(self, under):
        """init, check, start, enrol, log in with and without a code, reload, end."""
        def run(*words):
            return [*under, str(garde_site.GARDED), *words, "--config", str(self.site.conf)]
        for word in ("init", "check"):
            subprocess.run(run(word), check=True, capture_output=True, env=self.site.environment())
        with open(self.site.log_file, "ab") as log:
            self.site.process = subprocess.Popen(run(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.site.environment())
        self.log_in()
        self.site.reload()
        self.assertEqual(self.site.stop(), 0)

    def log_in(self):
        deadline = time.monotonic() + 30
        while not self.site.is_listening():
            self.assertIsNone(self.site.process.poll(), self.site.log_text())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertTrue(self.site.login("daemon", phone.at(1)).accepted)
        self.assertEqual(self.site.login("bin").prompts, [])  # let through: the helper has looked

    def test_the_profile_is_one(self):
        def parse(path):
            return subprocess.run([*PARSER, "--skip-kernel-load", str(path)], capture_output=True, text=True)
        self.assertEqual(parse(PROFILE).returncode, 0, parse(PROFILE).stderr)
        self.profile.write_text(PROFILE.read_text().replace("capability setuid,", "capability of_everything,"))
        self.assertNotEqual(parse(self.profile).returncode, 0, "anything would be one")

    @garde_site.needs_root
    @unittest.skipUnless(shutil.which("strace"), "needs strace (scripts/packages, group test)")
    def test_all_that_garded_opens_in_its_life_is_in_the_profile(self):
        if re.search(r"GARDE_SANITIZE:\w+=ON", (garde_site.BUILD / "CMakeCache.txt").read_text()):
            self.skipTest("a sanitizer opens more than garded does")
        trace = self.site.folder / "trace"
        self.live(["strace", "-D", "-f", "-qq", "-s", "300", "-y", "-A", "-o", str(trace), "-e", f"trace={TRACED}", "-e", "signal=none"])
        seen = list(accesses(trace.read_text()))
        rules = Rules(self.profile)
        missing = {(path, rights) for path, rights, _ in seen if rights and not rules.allow(path, rights)}
        self.assertEqual(missing, set())
        paths = {path for path, _, _ in seen}
        for path in (self.site.key_ring, self.site.store, self.site.conf, self.site.sockets / "verify.sock", "/etc/group"):
            self.assertIn(str(path), paths, "it was not seen")
        self.assertFalse(rules.allow("/etc/shadow", "r") or rules.allow(str(self.site.conf), "w") or rules.allow("/bin/sh", "x"))

    @garde_site.needs_root
    def test_garded_lives_under_the_profile_where_the_kernel_has_apparmor(self):
        enabled = pathlib.Path("/sys/module/apparmor/parameters/enabled")
        if not enabled.exists() or enabled.read_text().strip() != "Y" or not os.access("/sys/kernel/security/apparmor/.replace", os.W_OK):
            self.skipTest("this kernel has no AppArmor")
        subprocess.run([*PARSER, "--replace", str(self.profile)], check=True, capture_output=True)
        self.addCleanup(subprocess.run, [*PARSER, "--remove", str(self.profile)], capture_output=True)
        self.live(["aa-exec", "-p", self.name, "--"])


if __name__ == "__main__":
    garde_site.main()
