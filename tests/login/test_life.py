"""The life of a factor, by the real module: handed out on a sheet, in place of another, for some days, gone off, spoiled."""

import subprocess

import garde_site
import garde_wire
from garde_site import SiteTest
from phone import Phone

CLOCK = 1_800_000_000
DAY = 86_400
DAEMON = 1


class Life(SiteTest):
    site_arguments = {"clock": CLOCK}

    def setUp(self):
        super().setUp()
        self.site.service("test", "timeout=30")

    def ask(self, packet):
        with garde_wire.Caller(self.site.sockets / "admin.sock") as admin:
            return admin.result(packet)

    def hand_out(self, phone, **more):
        code, _, number, *_ = self.ask(garde_wire.enrol("daemon", DAEMON, phone, pending_for=14 * DAY, handed_out=True,
                                                        **more))
        self.assertEqual(code, garde_wire.OK)
        return number

    def code(self, phone, ahead=0):
        return phone.code(self.site.now, ahead)

    def log_in(self, phone, ahead=0):
        return self.site.login("daemon", self.code(phone, ahead))

    def pass_time(self, seconds):
        self.site.set_clock(self.site.now + seconds)

    def factor(self, number):
        return next(row for row in self.site.rows("show", "daemon")["factors"] if row["id"] == number)

    def test_a_factor_on_a_sheet_is_confirmed_by_the_first_login(self):
        phone = Phone()
        number = self.hand_out(phone)
        self.pass_time(3 * DAY)
        self.assertRefused(self.site.login("daemon", phone.wrong(self.site.now)))
        self.assertEqual(self.factor(number)["state"], "pending")
        self.assertAccepted(self.log_in(phone))
        self.assertEqual(self.factor(number)["state"], "active")
        self.assertEqual([e["event"] for e in self.site.audit(user="daemon")][-2:], ["confirmed", "login"])
        self.assertRefused(self.log_in(phone))
        self.site.restart()
        self.pass_time(30)
        self.assertAccepted(self.log_in(phone))

    def test_codes_that_the_help_desk_takes_do_not_lock_the_console(self):
        phone = Phone()
        self.hand_out(phone)
        self.assertAccepted(self.log_in(phone))
        for _ in range(12):
            self.pass_time(65)
            self.assertEqual(self.ask(garde_wire.resync("daemon", 0, "000000", "111111"))[0], garde_wire.WRONG_CODE)
        self.assertEqual(self.site.audit(event="resync-failed")[-1]["reason"], "locked")
        self.assertAccepted(self.log_in(phone))

    def test_a_factor_on_a_sheet_that_has_lapsed_opens_nothing(self):
        phone = Phone()
        self.hand_out(phone)
        self.pass_time(14 * DAY)
        self.assertRefused(self.log_in(phone))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "pending")

    def test_old_and_new_phone_overlap_until_the_new_one_has_logged_in(self):
        old, new = Phone(), Phone()
        replaced = self.hand_out(old)
        self.assertAccepted(self.log_in(old))
        self.hand_out(new, replaces=replaced)
        self.pass_time(DAY)
        self.assertAccepted(self.log_in(old))
        self.pass_time(DAY)
        self.assertAccepted(self.log_in(new))
        self.assertRefused(self.log_in(old))
        self.assertEqual(self.site.audit(event="revoked")[-1]["reason"], "replaced")
        self.pass_time(60)
        self.assertAccepted(self.log_in(new))

    def test_a_factor_counts_from_its_first_day_until_its_last_is_over(self):
        phone = Phone()
        self.hand_out(phone, not_before=CLOCK + DAY, not_after=CLOCK + 3 * DAY)
        self.pass_time(DAY - 30)
        self.assertRefused(self.log_in(phone))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "not-yet")
        self.pass_time(30)
        self.assertAccepted(self.log_in(phone))
        self.pass_time(2 * DAY - 30)
        self.assertAccepted(self.log_in(phone))
        self.pass_time(30)
        self.assertRefused(self.log_in(phone))
        self.assertEqual(self.site.audit(event="login")[-1]["reason"], "expired")

    def test_a_phone_that_is_four_minutes_slow_logs_in_after_a_resync(self):
        phone = Phone()
        number = self.hand_out(phone)
        self.assertAccepted(self.log_in(phone))
        self.pass_time(DAY)
        self.assertRefused(self.log_in(phone, -8))
        code, *_ = self.ask(garde_wire.resync("daemon", 0, self.code(phone, -8), self.code(phone, -8)))
        self.assertEqual(code, garde_wire.WRONG_CODE)
        answer = self.ask(garde_wire.resync("daemon", 0, self.code(phone, -9), self.code(phone, -8)))
        self.assertEqual(answer, (garde_wire.OK, 0, number, 0, -8))
        self.assertRefused(self.log_in(phone, -8))
        self.pass_time(30)
        self.assertAccepted(self.log_in(phone, -8))
        self.assertEqual([e["reason"] for e in self.site.audit(event="resync-failed")], ["wrong-code"])
        self.assertEqual(len(self.site.audit(event="resynced")), 1)

    def test_a_user_whose_rows_were_changed_is_cleared_and_enrolled_anew(self):
        phone, new = Phone(), Phone()
        self.hand_out(phone)
        self.assertAccepted(self.log_in(phone))
        self.assertEqual(self.ask(garde_wire.clear("daemon"))[0], garde_wire.SOUND)
        self.site.stop()
        self.site.sql("UPDATE factor SET mark = 0")
        self.site.garded("accept", "--yes", check=True)
        self.site.start()
        self.site.wait_for_log("scan-passed")
        self.pass_time(60)
        self.assertRefused(self.log_in(phone))
        self.assertEqual(self.site.garde("status", check=False).returncode, 4)
        self.assertEqual(self.ask(garde_wire.clear("daemon"))[0], garde_wire.OK)
        self.assertEqual(self.site.garde("status", check=False).returncode, 0)
        self.assertRefused(self.log_in(phone))
        self.site.stop()
        self.assertEqual(self.site.garded("check").returncode, 0)
        self.site.start()
        self.hand_out(new)
        self.assertAccepted(self.log_in(new))

    def test_the_first_code_of_a_sheet_is_accepted_once_by_8_processes_at_once(self):
        storm = subprocess.Popen(
            [garde_site.BUILD / "tests" / "support" / "pam_storm", "--confdir", self.site.pam, "--service", "test",
             "--own-hosts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            for _ in range(20):
                phone = Phone()
                number = self.hand_out(phone)
                storm.stdin.write(f"8 daemon {self.code(phone)}\n")
                storm.stdin.flush()
                self.assertEqual(storm.stdout.readline(), "go\n")
                self.assertEqual(storm.stdout.readline().split(), ["1", "7", "0"])
                self.assertEqual(self.factor(number)["state"], "active")
                self.assertEqual(len(self.site.audit(event="confirmed", factor=number)), 1)
                with garde_wire.Caller(self.site.sockets / "admin.sock") as admin:
                    admin.change(garde_wire.unlock("daemon"))
                    admin.change(garde_wire.revoke("daemon", number))
        finally:
            storm.stdin.close()
            storm.stdout.close()
            storm.wait(60)


if __name__ == "__main__":
    garde_site.main()
