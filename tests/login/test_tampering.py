"""A database admin without the key edits the store: the login fails as tampered, and nobody else notices."""

import garde_site
from garde_site import Site, SiteTest
from phone import Phone


class Tampering(SiteTest):
    def setUp(self):
        super().setUp()
        self.victim = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertAccepted(self.site.login("daemon", self.victim.at(1)))
        self.other = self.site.enrol("bin", Phone(kind="hotp"))
        self.counter = 1
        self.site.stop()
        self.clean = self.site.store.read_bytes()

    def put_back(self):
        for extra in self.site.store.parent.glob(self.site.store.name + "-*"):
            extra.unlink()
        self.site.store.write_bytes(self.clean)

    def columns(self, table):
        return [(name, kind) for _, name, kind, *_ in self.site.sql(f"PRAGMA table_info({table})")]

    def after(self, *statements):
        """What the victim's right code gets after these edits; the other user must not be touched."""
        self.put_back()
        self.site.sql(*statements)
        self.site.log_file.write_text("")
        self.site.start()
        try:
            login = self.site.login("daemon", self.victim.at(2))
            entries = self.site.audit(event="login")
            self.counter += 1
            self.assertAccepted(self.site.login("bin", self.other.at(self.counter)))
        finally:
            self.site.stop()
            self.counter = 1
        return login, entries[-1]["reason"] if entries else None

    def changed(self, kind):
        """A different value of the same type that a person might write."""
        if kind == "INTEGER":
            return "{0} + 1000"
        if kind == "TEXT":
            return "CASE WHEN {0} = '' THEN 'x' ELSE substr({0}, 1, length({0}) - 1) || 'Z' END"
        return "CASE WHEN length({0}) > 0 THEN CAST(substr({0}, 1, length({0}) - 1) || x'00' AS BLOB) ELSE x'00' END"

    def edit_each_column(self, table, where):
        edited = 0
        for name, kind in self.columns(table):
            with self.subTest(table=table, column=name):
                value = self.changed(kind).format(name)
                login, reason = self.after(f"UPDATE {table} SET {name} = {value} WHERE {where}")
                self.assertEqual(login.number, garde_site.PAM_AUTH_ERR)
                self.assertEqual(reason, "tampered")
                self.site.wait_for_log(r"user=daemon .*reason=tampered")
                edited += 1
        return edited

    def test_each_column_of_a_factor_changed_fails_as_tampered(self):
        self.assertGreaterEqual(self.edit_each_column("factor", "user = 'daemon'"), 20)

    def test_each_column_of_an_account_changed_fails_as_tampered(self):
        self.assertGreaterEqual(self.edit_each_column("account", "user = 'daemon'"), 6)

    def test_each_column_of_an_origin_changed_but_its_name_fails_as_tampered(self):
        # A renamed or deleted origin row is found by the head over all rows: see test_head.py.
        names = [name for name, _ in self.columns("origin")]
        for name in names:
            if name in ("user", "name"):
                continue
            with self.subTest(column=name):
                kind = dict(self.columns("origin"))[name]
                login, reason = self.after(
                    f"UPDATE origin SET {name} = {self.changed(kind).format(name)} WHERE user = 'daemon'")
                self.assertEqual((login.number, reason), (garde_site.PAM_AUTH_ERR, "tampered"))

    def test_swapped_secrets_fail_as_tampered_for_both(self):
        self.put_back()
        self.site.start()
        third = self.site.enrol("games", Phone(kind="hotp"))
        self.site.stop()
        self.site.sql("CREATE TEMP TABLE held AS SELECT user, sealed FROM factor WHERE user != 'games'",
                      "UPDATE factor SET sealed = (SELECT sealed FROM held WHERE held.user != factor.user)"
                      " WHERE user != 'games'")
        self.site.start()
        for user, code in (("daemon", self.victim.at(2)), ("daemon", self.other.at(2)), ("bin", self.victim.at(2)),
                           ("bin", self.other.at(2))):
            self.assertRefused(self.site.login(user, code))
            self.site.wait_for_log(rf"user={user} .*reason=tampered")
        self.assertEqual([e["reason"] for e in self.site.audit(event="login")[-4:]], ["tampered"] * 4)
        self.assertAccepted(self.site.login("games", third.at(1)))

    def test_a_deleted_factor_is_tampered_and_never_un_enrolled(self):
        self.site.write_conf(policy="un_enrolled = allow")
        login, reason = self.after("DELETE FROM factor WHERE user = 'daemon'")
        self.assertEqual((login.number, reason), (garde_site.PAM_AUTH_ERR, "tampered"))

    def test_a_deleted_account_is_tampered_and_never_un_enrolled(self):
        self.site.write_conf(policy="un_enrolled = allow")
        login, reason = self.after("DELETE FROM account WHERE user = 'daemon'")
        self.assertEqual((login.number, reason), (garde_site.PAM_AUTH_ERR, "tampered"))

    def test_a_factor_copied_to_another_user_is_tampered(self):
        columns = [name for name, _ in self.columns("factor") if name not in ("id", "user", "fingerprint")]
        login, reason = self.after(
            f"UPDATE factor SET ({', '.join(columns)}) = (SELECT {', '.join(columns)} FROM factor WHERE user = 'bin')"
            " WHERE user = 'daemon'")
        self.assertEqual((login.number, reason), (garde_site.PAM_AUTH_ERR, "tampered"))

    def test_garded_check_finds_the_edit(self):
        self.put_back()
        self.assertEqual(self.site.garded("check").returncode, 0)
        self.site.sql("UPDATE factor SET mark = 0 WHERE user = 'daemon'")
        done = self.site.garded("check")
        self.assertEqual(done.returncode, 5)
        self.assertRegex(done.stderr, r"changed by someone without the key: .*daemon")


class AuditChain(SiteTest):
    def setUp(self):
        super().setUp()
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        for counter in range(1, 6):
            self.assertAccepted(self.site.login("daemon", phone.at(counter)))
        self.count = len(self.site.audit())
        self.site.stop()

    def verify(self, *statements, log=None):
        if statements:
            self.site.sql(*statements)
        self.site.start()
        if log:
            self.site.wait_for_log(log)
        done = self.site.garde("audit", "--verify", check=False)
        self.site.stop()
        return done

    def test_a_whole_chain_verifies(self):
        done = self.verify()
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(str(self.count), done.stdout)

    def test_the_first_broken_entry_is_named(self):
        done = self.verify("UPDATE entry SET origin = 'ip:192.0.2.1' WHERE seq IN (4, 5)")
        self.assertEqual(done.returncode, 4, done)
        self.assertRegex(done.stdout + done.stderr, r"\b4\b")

    def test_a_deleted_entry_is_named(self):
        done = self.verify("DELETE FROM entry WHERE seq = 3")
        self.assertEqual(done.returncode, 4, done)
        self.assertRegex(done.stdout + done.stderr, r"\b3\b")

    def test_a_cut_tail_is_named(self):
        # The scan records behind the cut what it found, so that the first entry that is missing is one that does not hold.
        done = self.verify(f"DELETE FROM entry WHERE seq > {self.count - 2}", log=r"rows-broken .*seq=")
        self.assertEqual(done.returncode, 4, done)
        self.assertRegex(done.stdout + done.stderr, rf"\b{self.count - 1}\b")

    def test_a_cut_tail_with_the_head_put_back_is_named(self):
        done = self.verify(f"DELETE FROM entry WHERE seq > {self.count - 2}",
                           f"UPDATE head SET count = {self.count - 2}")
        self.assertEqual(done.returncode, 4, done)


if __name__ == "__main__":
    garde_site.main()
