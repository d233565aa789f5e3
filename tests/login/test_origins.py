"""The throttle: per origin, and two budgets per user, so that strangers do not lock anyone out of the usual desk."""

import garde_site
from garde_site import SiteTest
from phone import Phone


class Origins(SiteTest):
    site_arguments = {"clock": 1_800_000_000}

    def fail(self, user, rhost, times, wait=2000):
        """That many failures that count, with the clock moved on past each delay."""
        for _ in range(times):
            self.site.login(user, "000001", rhost=rhost)
            self.site.set_clock(self.site.now + wait)

    def reason(self):
        return self.site.audit(event="login")[-1]["reason"]

    def test_an_attempt_inside_the_delay_is_refused_unspent(self):
        phone = self.site.enrol("daemon")
        for _ in range(3):
            self.site.login("daemon", "000001", rhost="192.0.2.1")
        code = phone.code(self.site.now, ahead=1)
        self.assertRefused(self.site.login("daemon", code, rhost="192.0.2.1"))
        self.assertEqual(self.reason(), "delayed")
        self.site.set_clock(self.site.now + 1)
        self.assertAccepted(self.site.login("daemon", code, rhost="192.0.2.1"))

    def test_ten_failures_lock_the_origin_for_a_while_and_no_other(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertAccepted(self.site.login("daemon", phone.at(1), rhost="192.0.2.50"))
        self.fail("daemon", "192.0.2.1", 10, wait=65)
        self.assertRefused(self.site.login("daemon", phone.at(2), rhost="192.0.2.1"))
        self.assertEqual(self.reason(), "locked")
        self.assertAccepted(self.site.login("daemon", phone.at(2), rhost="192.0.2.50"))
        self.site.set_clock(self.site.now + 15 * 60)
        self.assertAccepted(self.site.login("daemon", phone.at(3), rhost="192.0.2.1"))

    def test_strangers_at_full_budget_do_not_lock_the_user_out_of_the_usual_origin(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.assertAccepted(self.site.login("daemon", phone.at(1), rhost="192.0.2.50"))
        for n in range(10):
            self.fail("daemon", f"198.51.100.{n}", 8)
        reasons = [e["reason"] for e in self.site.audit(event="login")]
        self.assertEqual(reasons.count("wrong-code"), 60)
        self.assertEqual(reasons[-1], "budget")
        self.assertRefused(self.site.login("daemon", phone.at(2), rhost="203.0.113.1"))
        self.assertEqual(self.reason(), "budget")
        self.assertAccepted(self.site.login("daemon", phone.at(2), rhost="192.0.2.50"))

    def test_unlock_clears_every_counter(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.fail("daemon", "192.0.2.1", 10, wait=65)
        self.site.garde("unlock", "daemon")
        self.assertAccepted(self.site.login("daemon", phone.at(1), rhost="192.0.2.1"))

    def test_the_counters_survive_a_restart(self):
        phone = self.site.enrol("daemon", Phone(kind="hotp"))
        self.fail("daemon", "192.0.2.1", 10, wait=65)
        self.site.restart()
        self.assertRefused(self.site.login("daemon", phone.at(1), rhost="192.0.2.1"))
        self.assertEqual(self.reason(), "locked")

    def test_origins_are_grouped_by_network_and_by_who_calls(self):
        self.site.enrol("daemon")
        for more, origin in (({"rhost": "192.0.2.1"}, "ip:192.0.2.1"), ({"rhost": "::ffff:192.0.2.1"}, "ip:192.0.2.1"),
                             ({"rhost": "2001:db8:1:2:3:4:5:6"}, "ip:2001:db8:1:2::/64"),
                             ({"rhost": "Desk7.Example"}, "host:desk7.example"), ({"ruser": "alice"}, "ruser:alice"),
                             ({}, f"local:{garde_site.os.getuid()}"), ({"rhost": ""}, f"local:{garde_site.os.getuid()}")):
            with self.subTest(**more):
                self.site.login("daemon", "000001", **more)
                self.assertEqual(self.site.audit(event="login")[-1]["origin"], origin)


if __name__ == "__main__":
    garde_site.main()
