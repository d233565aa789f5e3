"""A start on something that is not in order: a clear error with file and line, an exit code, nothing changed."""

import hashlib
import os
import resource
import shutil
import sqlite3
import struct
import unittest

import garde_site
from garde_site import Site

CONFIGURATION, KEY_RING, STORE = 3, 4, 5
NOBODYS = 0xffffffff  # an entry of an access list that names nobody


def picture(folder):
    """Everything in a folder: names, modes, owners, contents."""
    rows = []
    for path in sorted(folder.rglob("*")):
        facts = path.lstat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
        rows.append((str(path), oct(facts.st_mode), facts.st_uid, facts.st_gid, digest))
    return rows


class BadStart(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.init()

    def assertFails(self, code, *words, command=()):
        before = picture(self.site.folder)
        for commands in ([command] if command else [("check",), ()]):
            done = self.site.garded(*commands)
            self.assertEqual(done.returncode, code, f"{commands}: {done}")
            for word in words:
                self.assertIn(str(word), done.stderr)
            self.assertEqual(picture(self.site.folder), before, "something was changed")

    def conf_line(self, line, where="[policy]"):
        text = self.site.conf.read_text()
        self.site.conf.write_text(text.replace(where, f"{where}\n{line}", 1))
        return self.site.conf.read_text().splitlines().index(line) + 1

    def test_an_installation_in_order_is_said_to_be(self):
        done = self.site.garded("check")
        self.assertEqual(done.returncode, 0, done)

    def test_configuration_unknown_key(self):
        line = self.conf_line("windows = 1")
        self.assertFails(CONFIGURATION, self.site.conf, line, "windows")

    def test_configuration_unknown_section(self):
        self.site.conf.write_text(self.site.conf.read_text() + "[polcy]\nwindow = 1\n")
        self.assertFails(CONFIGURATION, self.site.conf, "polcy")

    def test_configuration_repeated_key(self):
        self.conf_line("window = 1")
        text = self.site.conf.read_text().replace("window = 1", "window = 1\nwindow = 0")
        self.site.conf.write_text(text)
        self.assertFails(CONFIGURATION, self.site.conf, text.splitlines().index("window = 0") + 1, "window")

    def test_configuration_number_with_a_rest(self):
        line = self.conf_line("window = 5x")
        self.assertFails(CONFIGURATION, self.site.conf, line, "window")

    def test_configuration_empty_value(self):
        line = self.conf_line("lock_for =")
        self.assertFails(CONFIGURATION, self.site.conf, line, "lock_for")

    def test_configuration_is_a_directory(self):
        self.site.conf.unlink()
        self.site.conf.mkdir()
        self.assertFails(CONFIGURATION, self.site.conf)

    def test_configuration_is_missing(self):
        self.site.conf.unlink()
        self.assertFails(CONFIGURATION, self.site.conf, "make it (an empty file")

    def test_configuration_writable_by_others(self):
        self.site.conf.chmod(0o666)
        self.assertFails(CONFIGURATION, self.site.conf, "chmod")

    def test_configuration_writable_by_its_group(self):
        self.site.conf.chmod(0o664)
        self.assertFails(CONFIGURATION, self.site.conf, "chmod")

    @garde_site.needs_root
    def test_configuration_of_another_owner(self):
        os.chown(self.site.conf, 1, -1)
        self.assertFails(CONFIGURATION, self.site.conf, "chown")

    @garde_site.needs_root
    def test_configuration_with_a_user_that_is_not_there(self):
        text = self.site.conf.read_text()
        self.site.conf.write_text(text.replace("user = root", "user = no-such-user"))
        self.assertFails(CONFIGURATION, self.site.conf, "no-such-user", "useradd --system")

    def with_credential(self):
        """The key ring where systemd puts it, and nowhere else."""
        folder = self.site.folder / "credentials"
        folder.mkdir(mode=0o700)
        credential = folder / "master.key"
        self.site.key_ring.rename(credential)
        os.environ["CREDENTIALS_DIRECTORY"] = str(folder)
        self.addCleanup(os.environ.pop, "CREDENTIALS_DIRECTORY")
        return credential

    def test_key_ring_as_a_credential(self):
        self.with_credential()
        done = self.site.garded("check")
        self.assertEqual(done.returncode, 0, done)

    def test_key_ring_as_a_credential_readable_by_others(self):
        credential = self.with_credential()
        credential.chmod(0o444)
        self.assertFails(KEY_RING, credential, "chmod")

    @garde_site.needs_root
    def test_key_ring_as_a_credential_of_another_owner(self):
        credential = self.with_credential()
        os.chown(credential, 1, -1)
        self.assertFails(KEY_RING, credential, "chown")

    def with_credential_of_root(self):
        """As systemd gives it where the file system has access lists: root's, and an entry for the service's user."""
        self.site.close()
        self.site = Site(run_as="daemon")
        self.addCleanup(self.site.close)
        self.assertEqual(self.site.garded("init", user=1, group=1).returncode, 0)
        credential = self.with_credential()
        os.chown(credential, 0, 0)
        credential.parent.chmod(0o755)
        entries = [(0x01, 4, NOBODYS), (0x02, 4, 1), (0x04, 0, NOBODYS), (0x10, 4, NOBODYS), (0x20, 0, NOBODYS)]
        try:
            os.setxattr(credential, "system.posix_acl_access",
                        struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries))
        except OSError as error:
            self.skipTest(f"no access lists here: {error}")
        self.assertEqual(credential.stat().st_mode & 0o777, 0o440)
        return credential

    @garde_site.needs_root
    def test_key_ring_as_a_credential_of_root_with_an_entry_for_the_user(self):
        self.with_credential_of_root()
        done = self.site.garded("check", user=1, group=1)
        self.assertEqual(done.returncode, 0, done)

    @garde_site.needs_root
    def test_key_ring_as_a_credential_of_root_that_a_group_or_everybody_reads(self):
        credential = self.with_credential_of_root()
        os.removexattr(credential, "system.posix_acl_access")
        for mode, group, ours in ((0o440, 1, 1), (0o404, 0, 1), (0o460, 0, 0)):
            os.chown(credential, 0, group)
            credential.chmod(mode)
            done = self.site.garded("check", user=1, group=ours, extra_groups=[])
            self.assertEqual(done.returncode, KEY_RING, f"{mode:o}: {done}")
            self.assertIn("chmod", done.stderr)

    def test_key_ring_of_the_configuration_where_there_is_no_such_credential(self):
        credential = self.with_credential()
        credential.rename(self.site.key_ring)
        self.assertEqual(self.site.garded("check").returncode, 0)

    def test_key_ring_is_missing(self):
        self.site.key_ring.unlink()
        self.assertFails(KEY_RING, self.site.key_ring)

    def test_key_ring_readable_by_others(self):
        self.site.key_ring.chmod(0o444)
        self.assertFails(KEY_RING, self.site.key_ring, "chmod")

    @garde_site.needs_root
    def test_key_ring_of_another_owner(self):
        os.chown(self.site.key_ring, 1, -1)
        self.assertFails(KEY_RING, self.site.key_ring, "chown")

    def test_key_ring_is_a_link(self):
        real = self.site.key_ring.with_name("real")
        self.site.key_ring.rename(real)
        self.site.key_ring.symlink_to(real)
        self.assertFails(KEY_RING, self.site.key_ring)

    def test_key_ring_with_a_broken_line(self):
        lines = self.site.key_ring.read_text().splitlines()
        for broken in ("key 2 " + "0" * 63, "key 0 " + "0" * 64, "key 1 " + "0" * 64, "key 2x " + "0" * 64, "kee",
                       "key 2 " + "G" * 64, "key 2 " + "0" * 65, ""):
            with self.subTest(broken=broken[:10]):
                self.site.key_ring.chmod(0o600)
                self.site.key_ring.write_text("\n".join([*lines, broken]) + "\n")
                self.site.key_ring.chmod(0o400)
                self.assertFails(KEY_RING, self.site.key_ring, 3)

    def test_key_ring_that_is_empty(self):
        self.site.key_ring.chmod(0o600)
        self.site.key_ring.write_text("")
        self.assertFails(KEY_RING, self.site.key_ring)

    def test_a_foreign_key_ring(self):
        other = Site()
        self.addCleanup(other.close)
        other.init()
        self.site.key_ring.chmod(0o600)
        self.site.key_ring.write_bytes(other.key_ring.read_bytes())
        self.site.key_ring.chmod(0o400)
        self.assertFails(STORE, self.site.store)

    def test_a_foreign_store(self):
        other = Site()
        self.addCleanup(other.close)
        other.init()
        for path in self.site.store.parent.iterdir():
            path.unlink()
        for path in other.store.parent.iterdir():
            shutil.copy(path, self.site.store.parent)
        self.assertFails(STORE, self.site.store)

    def test_a_database_of_something_else(self):
        self.site.store.unlink()
        with sqlite3.connect(self.site.store) as base:
            base.execute("CREATE TABLE t (x)")
        base.close()
        self.site.store.chmod(0o600)
        self.assertFails(STORE, self.site.store)

    def test_a_store_that_is_no_database(self):
        self.site.store.write_bytes(b"hello " * 4000)
        self.assertFails(STORE, self.site.store)

    def test_a_store_that_is_missing(self):
        self.site.store.unlink()
        self.assertFails(STORE, self.site.store)

    def test_a_store_readable_by_others(self):
        self.site.store.chmod(0o644)
        self.assertFails(STORE, self.site.store, "chmod")

    def test_a_store_folder_readable_by_others(self):
        self.site.store.parent.chmod(0o755)
        self.assertFails(STORE, self.site.store.parent, "chmod")

    @garde_site.needs_root
    def test_a_store_of_another_owner(self):
        os.chown(self.site.store, 1, -1)
        self.assertFails(STORE, self.site.store, "chown")

    @garde_site.needs_root
    def test_a_store_that_was_copied_back_as_root(self):
        self.site = Site(run_as="daemon")
        self.addCleanup(self.site.close)
        self.site.init()
        os.chown(self.site.store.parent, 0, -1)
        self.assertFails(STORE, self.site.store.parent, "chown", command=("check",))

    def test_init_does_not_touch_what_is_there(self):
        for gone in (None, self.site.key_ring, self.site.store):
            with self.subTest(gone=gone):
                if gone:
                    kept = gone.read_bytes()
                    gone.unlink()
                before = picture(self.site.folder)
                done = self.site.garded("init")
                self.assertIn(done.returncode, (KEY_RING, STORE), done)
                self.assertEqual(picture(self.site.folder), before)
                if gone:
                    gone.write_bytes(kept)
                    gone.chmod(0o400 if gone == self.site.key_ring else 0o600)
        self.assertEqual(self.site.garded("check").returncode, 0)

    def test_an_init_that_is_killed_half_way_takes_away_what_it_made(self):
        for folder in ("keys", "store"):
            shutil.rmtree(self.site.folder / folder)
        before = picture(self.site.folder)
        limit = 20000  # the key ring fits, the store does not: its maker is killed by the kernel
        done = self.site.garded("init", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("was killed", done.stderr)
        self.assertEqual(picture(self.site.folder), before)
        self.site.init()

    def test_an_init_that_was_interrupted_tells_the_way_out(self):
        done = self.site.garded("init")
        self.assertEqual(done.returncode, KEY_RING)
        self.assertIn("move both away", done.stderr)

    def test_a_second_verifier_does_not_disturb_the_first(self):
        self.site.start()
        phone = self.site.enrol("daemon")
        done = self.site.garded()
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(self.site.login("daemon", phone.code(ahead=1)).accepted)

    def test_check_beside_a_running_verifier_says_what_it_did_not_look_at_and_who_is_left_out(self):
        self.site.write_conf(sections="[peer nobody-of-that-name]\nservice = vpn\n")
        self.site.restart()
        done = self.site.garded("check")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("not examined, the verifier is running", done.stdout)
        self.assertNotIn("garde.db: good", done.stdout)
        self.assertIn("peer `nobody-of-that-name`", done.stderr)

    def test_settings_alone_are_checked_without_a_look_at_keys_or_store(self):
        self.site.key_ring.unlink()
        self.site.store.unlink()
        done = self.site.garded("check", "--settings")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, f"configuration {self.site.conf}: good\n", ""))
        self.site.conf.write_text("[policy]\nwindow = 5x\n")
        done = self.site.garded("check", "--settings")
        self.assertEqual((done.returncode, done.stdout), (CONFIGURATION, ""))
        self.assertIn(f"{self.site.conf}:2", done.stderr)

    def test_help_and_version_are_told_on_standard_output(self):
        done = garde_site.subprocess.run([str(garde_site.GARDED), "--help"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout[:6], done.stderr), (0, "usage:", ""))
        done = garde_site.subprocess.run([str(garde_site.GARDED), "--version"], capture_output=True, text=True)
        self.assertRegex(done.stdout, r"^garded \d+\.\d+\.\d+\n$")

    def test_wrong_usage_is_told_apart(self):
        for arguments in (["serve-all"], ["init", "extra"], ["--nonsense"], ["--settings"], ["init", "--settings"],
                          ["accept", "--settings"], ["check", "--settings", "--yes"]):
            done = garde_site.subprocess.run([str(garde_site.GARDED), *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done)


if __name__ == "__main__":
    garde_site.main()
