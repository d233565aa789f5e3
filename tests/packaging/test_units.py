"""What the units of systemd, and the files beside them, say: read here, and by systemd's own tools in a folder that stands for a machine. What
comes of it is seen in system/machine/test_units.py."""

import collections
import json
import os
import pathlib
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
PACKAGING = SOURCE / "packaging"
UNITS = PACKAGING / "systemd"
SERVICE = "garded.service"
EXPOSURE = 6  # tenths, as systemd-analyze counts
# What systemd-analyze finds open, all of it on purpose: the log's thread lets others go first, sockets of this machine and its users are what it is for.
LEFT_OPEN = {"SystemCallFilter_resources", "RootDirectoryOrRootImage", "RestrictAddressFamilies_AF_UNIX", "PrivateUsers", "DeviceAllow"}
TARGETS = pathlib.Path("/usr/lib/systemd/system")


def macro(header, name):
    return re.search(rf"#define {name}\s+\"?([^\"\s]+)", (SOURCE / header).read_text())[1]


def read_unit(*paths):
    """{"Section.Key": [values]} of a unit and its drop-ins, one after the other; an empty value forgets those before."""
    found = collections.defaultdict(list)
    for path in paths:
        section = None
        for line in path.read_text().splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                key, value = line.split("=", 1)
                found[f"{section}.{key}"] = found[f"{section}.{key}"] + [value] if value else [value]
    return found


def one(unit, key):
    values = unit[key]
    if len(values) != 1:
        raise AssertionError(f"{key}: {values}")
    return values[0]


# socket of include/garde/wire.h: its mode in verifier/sockets.h
DOORS = {macro("include/garde/wire.h", "WIRE_VERIFY_SOCKET"): "0666",
         macro("include/garde/wire.h", "WIRE_TRUSTED_SOCKET"): "0600",
         macro("include/garde/wire.h", "WIRE_ADMIN_SOCKET"): "0600"}
DESCRIPTORS = sum(int(macro("verifier/census.h", f"CENSUS_{name}")) for name in ("PUBLIC_MAX", "TRUSTED_MAX", "ADMIN_MAX", "OWN_FILES"))
SOCKET_UNITS = {f"garded-{name.removesuffix('.sock')}.socket": name for name in DOORS}


class Sockets(unittest.TestCase):
    def units(self):
        self.assertEqual({path.name for path in UNITS.glob("*.socket")}, set(SOCKET_UNITS))
        return [(name, read_unit(UNITS / name)) for name in SOCKET_UNITS]

    def test_each_door_of_the_verifier_has_a_unit_with_its_path_and_mode(self):
        for name, unit in self.units():
            door = SOCKET_UNITS[name]
            self.assertEqual(one(unit, "Socket.ListenSequentialPacket"), f"/run/garde/{door}")
            self.assertEqual(one(unit, "Socket.SocketMode"), DOORS[door], name)
            self.assertEqual(one(unit, "Socket.Service"), SERVICE)
            self.assertEqual(one(unit, "Install.WantedBy"), "sockets.target")

    def test_the_queue_of_callers_is_as_long_as_where_garded_makes_the_sockets(self):
        for _, unit in self.units():
            self.assertEqual(one(unit, "Socket.Backlog"), macro("verifier/sockets.h", "SOCKETS_BACKLOG"))

    def test_no_number_of_crashes_closes_a_door(self):
        for _, unit in self.units():
            self.assertEqual(one(unit, "Socket.TriggerLimitIntervalSec"), "0")
        service = read_unit(UNITS / SERVICE)
        self.assertEqual(one(service, "Unit.StartLimitIntervalSec"), "0")
        self.assertEqual(one(service, "Service.Restart"), "always")
        self.assertEqual(one(service, "Service.RestartSec"), "200ms")

    def test_the_folder_is_roots_and_outlives_the_service(self):
        for _, unit in self.units():
            self.assertEqual(one(unit, "Socket.DirectoryMode"), "0755")
            self.assertNotIn("Socket.RemoveOnStop", unit)
            self.assertNotIn("Socket.SocketUser", unit)
        self.assertNotIn("Service.RuntimeDirectory", read_unit(UNITS / SERVICE))

    def test_all_three_come_along_whichever_of_them_is_knocked_at(self):
        service = read_unit(UNITS / SERVICE)
        for key in ("Unit.Requires", "Unit.After", "Service.Sockets"):
            self.assertEqual(set(one(service, key).split()), set(SOCKET_UNITS), key)


class Service(unittest.TestCase):
    def setUp(self):
        self.unit = read_unit(UNITS / SERVICE)

    def test_it_starts_at_boot_too_and_says_when_it_is_ready_and_whether_it_lives(self):
        self.assertEqual(one(self.unit, "Install.WantedBy"), "multi-user.target")
        self.assertEqual(one(self.unit, "Service.Type"), "notify")
        self.assertRegex(one(self.unit, "Service.WatchdogSec"), r"^\d+s$")

    def test_the_user_and_the_store_are_those_of_the_configuration(self):
        names = (SOURCE / "core" / "settings").glob("*.c")
        defaults = "\n".join(path.read_text() for path in names)
        user, folder = one(self.unit, "Service.User"), one(self.unit, "Service.StateDirectory")
        self.assertIn(f'.user = "{user}"', defaults)
        self.assertIn(f'.store = "/var/lib/{folder}/garde.db"', defaults)
        self.assertIn('.socket_folder = "/run/garde"', defaults)
        self.assertIn('.key_ring = "/etc/garde/master.key"', defaults)
        self.assertEqual(one(self.unit, "Service.StateDirectoryMode"), "0700")

    def test_the_key_ring_comes_from_the_credential_store_and_a_drop_in_says_the_plain_file(self):
        name = re.search(r'#define CREDENTIAL "([^"]+)"', (SOURCE / "verifier" / "installation.c").read_text())[1]
        self.assertEqual(one(self.unit, "Service.LoadCredentialEncrypted"), name)
        self.assertNotIn("Service.LoadCredential", self.unit)
        dropin = read_unit(UNITS / f"{SERVICE}.d" / "plain-key.conf")
        self.assertEqual(dict(dropin), {"Service.LoadCredential": [f"{name}:/etc/garde/master.key"]})

    def test_all_of_its_memory_can_be_locked_and_none_of_it_is_dumped(self):
        self.assertEqual(one(self.unit, "Service.LimitMEMLOCK"), "infinity")
        self.assertEqual(one(self.unit, "Service.LimitCORE"), "0")
        self.assertEqual(one(self.unit, "Service.UMask"), "0077")

    def test_it_is_the_last_to_go_when_memory_is_short_and_has_descriptors_for_all_doors(self):
        self.assertLess(int(one(self.unit, "Service.OOMScoreAdjust")), -500)
        self.assertGreaterEqual(int(one(self.unit, "Service.LimitNOFILE")), DESCRIPTORS)

    def test_a_stop_leaves_what_is_under_way_its_lookups_of_names(self):
        self.assertEqual(one(self.unit, "Service.KillMode"), "mixed")
        self.assertRegex(one(self.unit, "Service.TimeoutStopSec"), r"^\d+s$")

    def test_callers_keep_their_uids(self):
        self.assertNotIn("Service.PrivateUsers", self.unit)

    def test_a_reload_looks_at_the_configuration_first(self):
        self.assertEqual(self.unit["Service.ExecReload"],
                         ["/usr/sbin/garded check --settings", "/bin/kill -HUP $MAINPID"])


class Root(unittest.TestCase):
    """A folder that systemd's tools take for a machine."""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="garde-root-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.root.chmod(0o755)
        units = self.root / "usr" / "lib" / "systemd" / "system"
        shutil.copytree(UNITS, units)
        for target in TARGETS.glob("*.target"):
            shutil.copy(target, units)
        for program in ("usr/sbin/garded", "bin/kill"):
            path = self.root / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\n")
            path.chmod(0o755)
        for folder in ("sysusers.d", "tmpfiles.d"):
            shutil.copytree(PACKAGING / folder, self.root / "usr" / "lib" / folder)
        (self.root / "etc").mkdir()
        (self.root / "run").mkdir()

    def systemd(self, tool, *arguments):
        done = subprocess.run([f"systemd-{tool}", f"--root={self.root}", *arguments], capture_output=True, text=True,
                              env=os.environ | {"LC_ALL": "C"})
        return done.returncode, done.stdout + done.stderr

    def append(self, unit, text):
        with open(self.root / "usr" / "lib" / "systemd" / "system" / unit, "a") as file:
            file.write(text)

    def verify(self):
        return self.systemd("analyze", "verify", "--man=no", SERVICE, *SOCKET_UNITS)

    def test_systemd_finds_nothing_wrong_with_the_units(self):
        self.assertEqual(self.verify(), (0, ""))
        self.append(SERVICE, "[Service]\nProtectEverything=yes\n")
        self.assertIn("ProtectEverything", self.verify()[1], "nothing would be found")

    def exposure(self):
        return self.systemd("analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", SERVICE)

    def test_the_sandbox_leaves_an_exposure_of_six_tenths_at_most(self):
        code, page = self.exposure()
        self.assertEqual(code, 0, page)
        self.assertRegex(page, r"Overall exposure level for garded.service: 0\.[0-6] ")
        self.append(SERVICE, "[Service]\nPrivateNetwork=no\n")
        self.assertNotEqual(self.exposure()[0], 0, "any sandbox would do")

    def left_open(self):
        page = json.loads(self.systemd("analyze", "security", "--offline=true", "--json=short", SERVICE)[1])
        return {row["json_field"] for row in page if row.get("exposure")}

    def test_of_the_sandbox_nothing_is_left_open_but_what_must_be(self):
        self.assertEqual(self.left_open(), LEFT_OPEN)
        self.append(SERVICE, "[Service]\nMemoryDenyWriteExecute=no\n")
        self.assertEqual(self.left_open() - LEFT_OPEN, {"MemoryDenyWriteExecute"})

    def test_the_user_is_made_once_without_a_home_and_a_shell(self):
        for _ in range(2):
            self.assertEqual(self.systemd("sysusers", "garde.conf")[0], 0)
        lines = [line for line in (self.root / "etc" / "passwd").read_text().splitlines() if line.startswith("garde:")]
        self.assertEqual(len(lines), 1)
        name, _, uid, _, words, home, shell = lines[0].split(":")
        self.assertEqual((name, words, home), ("garde", "Verifier of one-time codes", "/"))
        self.assertLess(int(uid), 1000)
        self.assertTrue(shell.endswith("/nologin"), shell)
        self.assertRegex((self.root / "etc" / "shadow").read_text(), r"(?m)^garde:!")

    @unittest.skipUnless(os.getuid() == 0, "only root can give a folder to root")
    def test_the_folder_of_the_sockets_is_roots_and_cannot_be_written_by_others(self):
        (self.root / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        (self.root / "etc" / "group").write_text("root:x:0:\n")
        folder = self.root / "run" / "garde"
        folder.mkdir(mode=0o777)
        os.chown(folder, pwd.getpwnam("daemon").pw_uid, -1)
        code, said = self.systemd("tmpfiles", "--create", "garde.conf")
        self.assertEqual(code, 0, said)
        found = folder.stat()
        self.assertEqual((found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)), (0, 0, 0o755))


class Profile(unittest.TestCase):
    def test_the_profile_knows_the_places_that_the_units_and_the_program_use(self):
        text = (PACKAGING / "apparmor" / "usr.sbin.garded").read_text()
        for path in ("/var/lib/garde/garde.db*", "/etc/garde/garde.conf", "/etc/garde/master.key",
                     "@{run}/credentials/garded.service/master.key", *(f"@{{run}}/garde/{door}" for door in DOORS)):
            self.assertIn(path, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
