#!/usr/bin/python3
"""The packages that scripts/package has left in build/packages: what is in them, what they need, and that the same files make the same
packages again, for somebody else and elsewhere."""

import hashlib
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["GARDE_SOURCE"])
BUILT = ROOT / "build" / "packages"
NAMES = ("garde", "libpam-garde")
PROGRAMS = {"./usr/sbin/garde", "./usr/sbin/garded", "./etc/init.d/garded", "./usr/share/garde/pam-lines"}
PLACES = {
    "garde": ("./etc/apparmor.d/", "./etc/garde/", "./etc/init.d/garded", "./lib/systemd/system/garded", "./usr/lib/systemd/catalog/",
              "./usr/lib/sysusers.d/", "./usr/lib/tmpfiles.d/", "./usr/sbin/", "./usr/share/bash-completion/completions/garde",
              "./usr/share/doc/garde/", "./usr/share/garde/pam-lines", "./usr/share/lintian/overrides/garde",
              "./usr/share/locale/fr/LC_MESSAGES/garde.mo", "./usr/share/man/", "./usr/share/zsh/vendor-completions/_garde"),
    "libpam-garde": ("./lib/*/security/pam_garde.so", "./usr/share/doc/libpam-garde/", "./usr/share/garde/pam.d/",
                     "./usr/share/lintian/overrides/libpam-garde", "./usr/share/man/", "./usr/share/pam-configs/garde-"),
}
PAGES = {"garde": {"garde.8", "garded.8", "garde.conf.5"}, "libpam-garde": {"pam_garde.8"}}
LATER = "+400d"  # faketime


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", check=True, **more).stdout


def deb(name):
    found = list(BUILT.glob(f"{name}_*.deb"))
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def field(name, which):
    return run("dpkg-deb", "--field", deb(name), which).strip()


def listing(name):
    """[(mode, owner, path)] of files and folders."""
    lines = [line.split(None, 5) for line in run("dpkg-deb", "--contents", deb(name)).splitlines()]
    return [(line[0], line[1], line[5]) for line in lines]


def sums(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())
            if path.suffix in (".deb", ".dsc", ".xz")}


class Contents(unittest.TestCase):
    def test_every_file_is_where_it_belongs_and_roots(self):
        for name in NAMES:
            with self.subTest(name=name):
                for mode, owner, path in listing(name):
                    self.assertEqual(owner, "root/root", path)
                    if mode[0] == "d":
                        self.assertEqual(mode, "drwxr-xr-x", path)
                        continue
                    self.assertEqual(mode, "-rwxr-xr-x" if path in PROGRAMS else "-rw-r--r--", path)
                    self.assertTrue(any(pathlib.PurePath(path).match(place) or path.startswith(place) for place in PLACES[name]), path)

    def test_everything_that_is_promised_is_there(self):
        for name in NAMES:
            files = [path for mode, _, path in listing(name) if mode[0] == "-"]
            for place in PLACES[name]:
                if place not in ("./etc/garde/",):
                    with self.subTest(name=name, place=place):
                        self.assertTrue(any(pathlib.PurePath(path).match(place) or path.startswith(place) for path in files))
            pages = {path.rsplit("/", 1)[1].removesuffix(".gz") for path in files if "/man/man" in path}
            french = {path.rsplit("/", 1)[1].removesuffix(".gz") for path in files if "/man/fr/" in path}
            self.assertEqual((pages, french), (PAGES[name], PAGES[name]))

    def test_no_key_no_store_and_no_settings_are_shipped(self):
        paths = [path for name in NAMES for mode, _, path in listing(name) if mode[0] == "-"]
        self.assertFalse([path for path in paths if path.startswith(("./etc/garde/", "./var/", "./run/"))])

    def test_documents_that_a_package_names_are_there(self):
        shipped = {path.removeprefix(".") for name in NAMES for _, _, path in listing(name)}
        told = [*(ROOT / "debian").glob("*.README.Debian"), *(ROOT / "debian").glob("*.templates")]
        named = [(file.name, found) for file in told for found in re.findall(r"/usr/share/(?:doc|garde)/[\w./-]*\w", file.read_text())]
        self.assertTrue(named)
        self.assertEqual([found for found in named if not shipped & {found[1], found[1] + "/"}], [])

    def test_the_module_goes_with_its_own_verifier_only(self):
        self.assertIn(f"garde (= {field('garde', 'Version')})", field("libpam-garde", "Depends"))
        libraries = re.findall(r"\blib[\w.+-]+", field("libpam-garde", "Depends"))
        self.assertEqual(set(libraries), {"libpam-runtime", "libc6", "libpam0g"})

    def test_nothing_tells_where_it_was_built(self):
        for name in NAMES:
            with tempfile.TemporaryDirectory() as folder:
                run("dpkg-deb", "--raw-extract", deb(name), folder)
                for path in pathlib.Path(folder).rglob("*"):
                    if path.is_file():
                        content = path.read_bytes()
                        for trace in (str(ROOT).encode(), b".work.", b"debian/tmp", b"/build/"):
                            self.assertNotIn(trace, content if path.suffix != ".md" else b"", f"{name}: {path.relative_to(folder)}")

    def test_scripts_of_the_packages_are_plain_posix(self):
        for name in NAMES:
            with tempfile.TemporaryDirectory() as folder:
                run("dpkg-deb", "--control", deb(name), folder)
                for path in pathlib.Path(folder).iterdir():
                    if path.read_bytes().startswith(b"#!"):
                        with self.subTest(script=f"{name}.{path.name}"):
                            self.assertTrue(path.read_text().startswith("#!/bin/sh\nset -e\n") or "\nset -e\n" in path.read_text()[:900])
                            self.assertEqual(run("dash", "-n", path), "")
                            self.assertEqual(subprocess.run(["checkbashisms", path], capture_output=True, check=False).returncode, 0)

    def test_sockets_are_left_alone_at_an_upgrade(self):
        """No script restarts or stops a socket but the one before a removal."""
        with tempfile.TemporaryDirectory() as folder:
            run("dpkg-deb", "--control", deb("garde"), folder)
            for name in ("preinst", "postinst", "prerm"):
                path = pathlib.Path(folder) / name
                for block in re.split(r"^if ", path.read_text(), flags=re.M) if path.exists() else []:
                    if ".socket" in block and re.search(r"(deb-systemd-invoke|systemctl)\s+(stop|restart|\$_dh_action)", block):
                        self.assertIn('[ "$1" = remove ]', block)
            self.assertIn("deb-systemd-invoke restart garded.service", (pathlib.Path(folder) / "postinst").read_text())


class Judges(unittest.TestCase):
    def test_lintian_has_nothing_to_say(self):
        changes = list(BUILT.glob("*.changes"))
        self.assertEqual(len(changes), 1)
        told = subprocess.run(["lintian", "--allow-root", "--pedantic", "--display-info", "--tag-display-limit", "0", changes[0]],
                              capture_output=True, text=True, check=False)
        self.assertEqual((told.stdout, told.returncode), ("", 0), told.stderr)

    def test_the_compiler_was_given_every_flag_of_hardening(self):
        told = subprocess.run(["blhc", "--all", BUILT / "build.log"], capture_output=True, text=True, check=False)
        self.assertEqual(told.returncode, 0, told.stdout)


class Again(unittest.TestCase):
    def copy_elsewhere(self, folder):
        """The files that git knows of, and no git: as somebody has them who got an archive."""
        names = run("git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-coz", "--exclude-standard").split("\0")
        for name in names:
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)

    def somebody_else(self, folder):
        """[the words that make a command somebody else's]; as root only."""
        if os.getuid() != 0:
            return []
        nobody = pwd.getpwnam("nobody")
        run("chown", "-R", f"{nobody.pw_uid}:{nobody.pw_gid}", folder)
        return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]

    def test_the_same_files_make_the_same_packages_elsewhere(self):
        with tempfile.TemporaryDirectory(prefix="garde-again-") as folder:
            tree = pathlib.Path(folder) / "another checkout"
            self.copy_elsewhere(tree)
            words = self.somebody_else(folder)
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8",
                           "LANGUAGE": "fr", "DEB_BUILD_OPTIONS": "parallel=1", "USER": "somebody", "NO_FAKE_STAT": "1"}
            made = subprocess.run([*words, "taskset", "--cpu-list", "0", "faketime", "-f", LATER, "sh", "-c",
                                   "umask 077; exec scripts/package"], cwd=tree, env=environment, capture_output=True, text=True, check=False)
            self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
            first, second = sums(BUILT), sums(tree / "build" / "packages")
            self.assertEqual(len(first), 4)
            self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()
