#!/usr/bin/python3
"""`garde doctor` on a machine that systemd has booted: what its folders say of the units and of the key ring."""

import pathlib
import shutil
import socket as socket_module

import enclosure
import garde_site
from broken_house import DANGER, NOTE, OUT, WARNING, DoctorTest

BOOTED = pathlib.Path("/run/systemd/system")
ETC, LIB, STORE = map(pathlib.Path, ("/etc/systemd", "/usr/lib/systemd", "/etc/credstore.encrypted"))
SOCKETS = [f"garded-{name}.socket" for name in ("trusted", "verify", "admin")]
PLAIN_KEY = "garded.service.d/plain-key.conf"
OF_UNITS = {"unit-missing", "unit-masked", "sockets-not-enabled", "service-not-enabled", "key-ring-plain"}


class Service(DoctorTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for path in (ETC, LIB, STORE):
            path.mkdir(exist_ok=True)
            enclosure.mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", path)
            cls.addClassCleanup(enclosure.unmount, path)

    def setUp(self):
        """As `systemctl enable` leaves it."""
        self.wants = {"garded.service": ETC / "system/multi-user.target.wants/garded.service"}
        for name in ["garded.service", *SOCKETS, PLAIN_KEY]:
            (LIB / "system" / name).parent.mkdir(parents=True, exist_ok=True)
            (LIB / "system" / name).write_text("[Unit]\n")
        for name in SOCKETS:
            self.wants[name] = ETC / "system/sockets.target.wants" / name
        for name, want in self.wants.items():
            want.parent.mkdir(parents=True, exist_ok=True)
            want.symlink_to(LIB / "system" / name)
        BOOTED.mkdir(parents=True)

    def tearDown(self):
        super().tearDown()
        for path in (ETC / "system", LIB / "system", BOOTED):
            shutil.rmtree(path, ignore_errors=True)
        for path in STORE.iterdir():
            path.unlink()

    def of_units(self):
        code, found = self.look()
        return code, {name: finding for name, finding in found.items() if name in OF_UNITS}

    def test_units_that_boot_starts_are_nothing_to_speak_of(self):
        self.assertEqual(self.of_units()[1], {})
        self.assertWell()

    def test_nothing_is_said_of_units_where_systemd_does_not_run(self):
        shutil.rmtree(LIB / "system")
        shutil.rmtree(ETC / "system")
        BOOTED.rmdir()
        self.assertEqual(self.of_units()[1], {})

    def test_sockets_that_no_boot_starts_are_told_with_the_command(self):
        for name in SOCKETS[1:]:
            self.wants[name].unlink()
        code, found = self.of_units()
        self.assertEqual(set(found), {"sockets-not-enabled"})
        finding = found["sockets-not-enabled"]
        self.assertEqual((finding["level"], finding["effect"]), (WARNING, OUT))
        self.assertEqual(finding["mend"], f"systemctl enable --now {SOCKETS[1]} {SOCKETS[2]}")
        self.wants["garded.service"].unlink()
        code, found = self.of_units()
        self.assertEqual((code, found["sockets-not-enabled"]["level"]), (1, DANGER))

    def test_a_service_that_no_boot_starts_is_a_note_while_its_sockets_are_there(self):
        self.wants["garded.service"].unlink()
        _, found = self.of_units()
        self.assertEqual({name: finding["level"] for name, finding in found.items()}, {"service-not-enabled": NOTE})

    def test_a_masked_unit_is_a_danger(self):
        for name in ("garded.service", SOCKETS[0]):
            with self.subTest(name=name):
                mask = ETC / "system" / name
                mask.symlink_to("/dev/null")
                code, found = self.of_units()
                mask.unlink()
                self.assertEqual((code, found["unit-masked"]["place"]), (1, name))
                self.assertIn(f"systemctl unmask {name}", found["unit-masked"]["mend"])
        self.assertEqual(self.of_units()[1], {})

    def test_a_machine_without_the_units_is_told(self):
        shutil.rmtree(LIB / "system")
        shutil.rmtree(ETC / "system")
        _, found = self.of_units()
        self.assertEqual({name: finding["effect"] for name, finding in found.items()}, {"unit-missing": OUT})

    def test_a_socket_that_is_not_there_is_started_by_its_unit(self):
        socket = self.house.sockets / "verify.sock"
        away = socket.with_name("away")
        socket.rename(away)
        _, found = self.look()
        away.rename(socket)
        self.assertIn("systemctl start garded-trusted.socket", found["socket-missing"]["mend"])

    def test_a_socket_that_nobody_listens_at_is_a_danger(self):
        socket = self.house.sockets / "verify.sock"
        away = socket.with_name("away")
        socket.rename(away)
        dead = socket_module.socket(socket_module.AF_UNIX, socket_module.SOCK_SEQPACKET)
        dead.bind(str(socket))
        socket.chmod(0o666)
        code, found = self.look()
        dead.close()
        away.rename(socket)
        self.assertEqual((code, found["verifier-silent"]["effect"]), (1, OUT))
        self.assertIn("verify.sock", found["verifier-silent"]["what"])

    def test_a_key_ring_in_plain_beside_the_encrypted_one_is_told(self):
        credential = STORE / "master.key"
        credential.write_text("x")
        mask = ETC / "system" / PLAIN_KEY
        _, found = self.of_units()
        self.assertEqual(found["key-ring-plain"]["level"], WARNING)
        self.assertIn(f"ln -s /dev/null {mask}", found["key-ring-plain"]["mend"])
        self.assertIn(str(self.house.key_ring), found["key-ring-plain"]["what"])
        mask.parent.mkdir()
        mask.symlink_to("/dev/null")
        self.assertTrue(self.of_units()[1]["key-ring-plain"]["mend"].startswith("keep a copy"))
        away = self.house.key_ring.with_name("away")
        self.house.key_ring.rename(away)
        found = self.of_units()[1]
        away.rename(self.house.key_ring)
        self.assertEqual(found, {})


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
