"""Packages that are upgraded while people log in: nobody is refused, nothing is let in twice, however the upgrade ends."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import debian_tree
import machine
from crowd import Crowd
from machine import PASSWORD, Machine
from prober import Prober

NEWER = "9.9"
# A script of the newer packages that finds this file kills the dpkg that runs it, and goes on by itself as any child would.
TRAITOR = "if [ -e /run/kill-dpkg-in-$DPKG_MAINTSCRIPT_PACKAGE ]; then rm /run/kill-dpkg-in-*; kill -KILL $PPID; fi\n"


def rebuilt(deb, version, folder):
    """The same package with another version, which is all that dpkg goes by."""
    tree = pathlib.Path(folder) / deb.stem
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = tree / "DEBIAN" / "control"
    old = next(line for line in control.read_text().splitlines() if line.startswith("Version: ")).split()[1]
    control.write_text(control.read_text().replace(f"Version: {old}\n", f"Version: {version}\n")
                       .replace(f"(= {old})", f"(= {version})"))
    script = tree / "DEBIAN" / "postinst"
    script.write_text(script.read_text().replace("set -e\n", "set -e\n" + TRAITOR, 1))
    result = pathlib.Path(folder) / f"{deb.name.split('_')[0]}_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, result], check=True, capture_output=True)
    shutil.rmtree(tree)
    return result


class Upgrade(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="garde-upgrade-")
        cls.addClassCleanup(folder.cleanup)
        cls.newer = [rebuilt(deb, NEWER, folder.name) for deb in debian_tree.debs()]

    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.close)
        self.machine.boot()
        self.machine.ask_everywhere()
        self.machine.settings("[service sshd]\nun_enrolled = allow\n")
        self.phones = {user: self.machine.enrol(user) for user in ("alice", "bob", "carol")}

    def kept(self):
        """What an upgrade leaves as it is."""
        files = ("/etc/garde/garde.conf", "/etc/garde/master.key", "/etc/pam.d/common-auth")
        doors = self.machine.run("stat", "--format=%n %i %a %U", "/run/garde/verify.sock", "/run/garde/trusted.sock",
                                 "/run/garde/admin.sock").stdout
        return [self.machine.file(file).read_bytes() for file in files], doors

    def version(self):
        return self.machine.run("dpkg-query", "--show", "--showformat=${Version} ${db:Status-Abbrev}\n", "garde",
                                "libpam-garde").stdout

    def first_process(self):
        return self.machine.run("systemctl", "show", "--value", "--property=MainPID", "garded").stdout

    def test_during_an_upgrade_everybody_gets_in_and_the_doors_stay(self):
        before, process = self.kept(), self.first_process()
        with Prober(self.machine) as prober, Crowd(self.machine, self.phones | {"dave": None}) as crowd:
            self.machine.apt("install", *self.machine.bring_packages(*self.newer))
            crowd.wait_for_more(1)
        crowd.check(self)
        self.assertEqual(self.version(), f"{NEWER} ii \n" * 2)
        self.assertNotEqual(self.first_process(), process, "the new verifier was not started")
        self.assertEqual(self.kept(), before)
        self.assertEqual(prober.seen.keys(), {"open"}, prober.seen)
        self.machine.garde("audit", "--verify")
        self.assertEqual(self.machine.run("systemctl", "--failed", "--quiet").stdout, "")

    def test_a_verifier_that_would_not_start_again_is_not_restarted_until_it_is_mended(self):
        brought = self.machine.bring_packages(*self.newer)
        process = self.first_process()
        ruin = {"a mistake in garde.conf": "echo 'un_enrolled = alow' >>/etc/garde/garde.conf",
                "no key ring": "mv /etc/garde/master.key /root",
                "a credential of another name": "mkdir -p /etc/credstore.encrypted /etc/systemd/system/garded.service.d;"
                " systemd-creds encrypt --name=other /etc/garde/master.key /etc/credstore.encrypted/master.key;"
                " ln -s /dev/null /etc/systemd/system/garded.service.d/plain-key.conf; systemctl daemon-reload"}
        mend = {"a mistake in garde.conf": "sed -i '$d' /etc/garde/garde.conf", "no key ring": "mv /root/master.key /etc/garde",
                "a credential of another name": "systemd-creds encrypt --name=master.key /etc/garde/master.key"
                " /etc/credstore.encrypted/master.key"}
        for what, command in ruin.items():
            with self.subTest(what):
                self.machine.run("sh", "-c", command)
                done = self.machine.run("dpkg", "--install", *brought)
                self.assertIn("NOT restarted", done.stderr)
                self.assertEqual(self.first_process(), process)
                self.log_in(what)
                self.machine.run("sh", "-c", mend[what])
                self.machine.run("dpkg", "--install", *brought)
                self.assertNotEqual(self.first_process(), process, "the new verifier was not started")
                self.log_in("mended")
                process = self.first_process()

    def test_after_a_killed_upgrade_logins_go_on_and_configure_mends_it(self):
        brought = self.machine.bring_packages(*self.newer)
        before, module = self.kept(), self.machine.run("find", "/usr/lib", "-name", "pam_garde.so").stdout.strip()
        for place in ("/usr/sbin/garded", module.removeprefix("/usr"), "garde", "libpam-garde"):
            with self.subTest(place):
                done = self.killed_at(place, ["dpkg", "--install", *brought])
                self.assertEqual(done.returncode, -signal.SIGKILL, f"{done.stdout}{done.stderr}")
                self.log_in("killed")
                self.machine.run("dpkg", "--configure", "--pending", check=False)
                self.log_in("configured")
                self.machine.run("dpkg", "--install", *brought)
                self.log_in("installed")
                self.assertEqual(self.machine.run("dpkg", "--audit").stdout, "")
                self.assertEqual(self.version(), f"{NEWER} ii \n" * 2)
                self.assertEqual(self.kept(), before)

    def killed_at(self, place, command):
        """place: the file that dpkg is about to put in its place, or the package whose postinst it runs."""
        if place.startswith("/"):
            command = ["strace", "--output=/dev/null", f"--trace-path={place}.dpkg-new", "--trace=rename",
                       "--inject=rename:signal=KILL", *command]
        else:
            self.machine.run("touch", f"/run/kill-dpkg-in-{place}")
        return self.machine.run(*command, check=False, more={"DEBIAN_FRONTEND": "noninteractive"})

    def log_in(self, when):
        for user, phone in self.phones.items():
            self.assertTrue(self.machine.lets_in(user, PASSWORD + phone.code()), f"{user}, {when}")


if __name__ == "__main__":
    machine.needed()
    unittest.main()
