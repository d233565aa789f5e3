"""RFC 4226 appendix D and RFC 6238 appendix B through the real module, verifier and tool."""

import garde_site
from garde_site import Site
from phone import Phone

KEYS = {"sha1": b"12345678901234567890", "sha256": b"12345678901234567890123456789012",
        "sha512": b"1234567890123456789012345678901234567890123456789012345678901234"}

# RFC 6238 appendix B, the codes as printed there.
TOTP = {
    59: ("94287082", "46119246", "90693936"),
    1111111109: ("07081804", "68084774", "25091201"),
    1111111111: ("14050471", "67062674", "99943326"),
    1234567890: ("89005924", "91819424", "93441116"),
    2000000000: ("69279037", "90698825", "38618901"),
    20000000000: ("65353130", "77737706", "47863826"),
}
# RFC 4226 appendix D.
HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


class RfcEndToEnd(garde_site.unittest.TestCase):
    def test_totp_codes_of_rfc_6238_are_accepted_at_its_times(self):
        site = Site(clock=0)
        self.addCleanup(site.close)
        site.up()
        users = dict(zip(("sha1", "sha256", "sha512"), ("daemon", "bin", "games")))
        site.set_clock(0)
        for algorithm, user in users.items():
            phone = Phone(KEYS[algorithm], algorithm=algorithm, digits=8)
            # Confirmed with the code of step 0, long before the first time of the RFC's table but one.
            site.enrol(user, phone)
        for seconds, codes in TOTP.items():
            site.set_clock(seconds)
            for (algorithm, user), code in zip(users.items(), codes):
                with self.subTest(time=seconds, algorithm=algorithm):
                    login = site.login(user, code)
                    self.assertTrue(login.accepted, f"{login} {site.log_text()[-1500:]}")
                    again = site.login(user, code)
                    self.assertEqual(again.number, garde_site.PAM_AUTH_ERR)
                    site.garde("unlock", user)

    def test_hotp_codes_of_rfc_4226_are_accepted_in_their_order(self):
        site = Site()
        self.addCleanup(site.close)
        site.up()
        site.garde("enroll", "daemon", "--uri-stdin", "--no-qr",
                   input=Phone(KEYS["sha1"], kind="hotp").uri("daemon") + "\n" + HOTP[0] + "\n")
        for code in HOTP[1:]:
            with self.subTest(code=code):
                self.assertTrue(site.login("daemon", code).accepted)
        self.assertFalse(site.login("daemon", HOTP[9]).accepted)


if __name__ == "__main__":
    garde_site.main()
