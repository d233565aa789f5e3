#!/usr/bin/python3
"""What of the packages is told in two places is told alike; nothing is built here."""

import re
import shutil
import tempfile
import unittest

import house

ADDRESS = re.compile(r'^"(Report-Msgid-Bugs-To|POT-Creation-Date):.*\n', re.M)


def changelog_version(text):
    return re.match(r"garde \(([^)]+)\)", text).group(1)


def cmake_version(text):
    return re.search(r"^project\(garde VERSION (\S+)", text, re.M).group(1)


def versions_that_differ(changelog, cmake):
    if changelog_version(changelog) != cmake_version(cmake):
        yield f"debian/changelog has {changelog_version(changelog)}, CMakeLists.txt {cmake_version(cmake)}"


def build_dependencies(control):
    field = re.search(r"^Build-Depends:(.*?)^\S", control + "\n.", re.M | re.S).group(1)
    return {re.split(r"[\s(]", word.strip())[0] for word in field.split(",")}


def unlisted(control, packages):
    """debhelper-compat is a name for debhelper."""
    listed = {line.split()[1] for line in packages.splitlines() if line.startswith("package ")}
    wanted = {name.replace("debhelper-compat", "debhelper") for name in build_dependencies(control)}
    for name in sorted(wanted - listed):
        yield f"debian/control wants {name}, which is not in the group `package` of scripts/packages"


def entries(catalogue):
    return ADDRESS.sub("", catalogue)


def uninstalled(names, lists):
    """Files of packaging/ that no list of debian/ installs, by their folder's place."""
    places = {"systemd": "lib", "sysusers.d": "usr/lib/sys*", "tmpfiles.d": "usr/lib/tmpfiles.d", "catalog": "usr/lib/sys*",
              "apparmor": "etc", "init": "etc", "pam-configs": "usr/share/pam-configs", "pam.d": "usr/share/garde/pam.d"}
    listed = {line.split()[0] for text in lists for line in text.splitlines() if line.strip()}
    for path in names:
        folder = path.parts[1]
        place = places.get(folder, f"usr/share/garde/{path.name}")
        if place not in listed:
            yield f"{path}: {place} is in no list of debian/"


class Packaging(house.Rule):
    def test_changelog_and_cmake_have_one_version(self):
        self.holds(versions_that_differ(house.read("debian/changelog"), house.read("CMakeLists.txt")))
        self.is_seen(versions_that_differ("garde (0.2.0) unstable", "project(garde VERSION 0.1.0 X)"))

    def test_what_the_build_needs_is_what_scripts_package_installs(self):
        control, packages = house.read("debian/control"), house.read("scripts/packages")
        self.assertGreater(len(build_dependencies(control)), 10)
        self.holds(unlisted(control, packages))
        self.is_seen(unlisted("Build-Depends: cmake (>= 3), libnew-dev\n\nPackage: x\n", "package  cmake  why"))

    def test_every_file_of_packaging_is_in_a_package(self):
        lists = [house.read(path) for path in house.tracked() if path.parts[0] == "debian" and path.suffix == ".install"]
        names = [path for path in house.tracked() if path.parts[0] == "packaging" and len(path.parts) > 2]
        self.assertTrue(names)
        self.holds(uninstalled(names, lists))
        self.is_seen(uninstalled([house.pathlib.Path("packaging/scripts/lost")], lists))

    @unittest.skipUnless(shutil.which("debconf-updatepo"), "po-debconf is not installed")
    def test_questions_and_their_catalogues_belong_together(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = house.pathlib.Path(folder) / "debian"
            shutil.copytree(house.ROOT / "debian", copy)
            run = house.run("debconf-updatepo", f"--podir={copy / 'po'}")
            self.assertEqual(run.returncode, 0, run.stderr)
            for name in ("templates.pot", "fr.po"):
                self.assertEqual(entries((copy / "po" / name).read_text()), entries(house.read(f"debian/po/{name}")),
                                 f"{name}: run debconf-updatepo, and set Report-Msgid-Bugs-To again")
        counts = house.run("msgfmt", "--statistics", "--check", "-o", "/dev/null", house.ROOT / "debian/po/fr.po", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        self.assertRegex(counts.stderr, r"^\d+ translated messages\.$")


if __name__ == "__main__":
    house.main()
