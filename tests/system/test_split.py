"""Password and code in one field, round the real pam_unix of this machine: as root and, like a screen locker, as the user."""

import grp
import os
import shutil

import enclosure
import garde_site
from enclosure import PASSWORD, PEOPLE
from garde_site import PAM_AUTH_ERR
from test_unprivileged import LockerTest

PROMPT = "Password, then code (6 digits): "


class Split(LockerTest):
    """Codes of a counter, so that nobody waits for a clock."""

    def setUp(self):
        super().setUp()
        os.chown("/etc/shadow", 0, grp.getgrnam("shadow").gr_gid)  # the enclosure's: unix_chkpwd reads it for a user
        os.chmod("/etc/shadow", 0o640)
        line = f"auth [success={{}} ignore=ignore default=die] {self.house.module} {{}}"
        self.house.service("both", line="\n".join((line.format("ignore", "split"), "@include common-auth",
                                                   line.format("ok", "verify"))))
        shutil.copy("/etc/pam.d/common-auth", self.house.pam / "common-auth")

    def login(self, typed, user_id=None):
        more = {} if user_id is None else {"user_id": user_id}
        return self.house.login("alice", typed, service="both", more=("--delays",), **more)

    def test_password_and_code_let_in_and_each_wrong_one_looks_the_same(self):
        for user_id in (None, PEOPLE["alice"]):
            code = self.phone.code()
            wrong = [self.login(f"{PASSWORD}s{code}", user_id), self.login(f"{PASSWORD}{self.phone.wrong()}", user_id),
                     self.login(PASSWORD, user_id)]
            for login in wrong:
                self.assertEqual((login.number, login.prompts, login.messages), (PAM_AUTH_ERR, [PROMPT], []))
                self.assertGreaterEqual(login.delay_us, 1_000_000)
            login = self.login(f"{PASSWORD}{code}", user_id)  # not spent by any of them
            self.assertTrue(login.accepted, f"{login}\n{self.house.log_text()[-2000:]}")
            self.assertFalse(self.login(f"{PASSWORD}{code}", user_id).accepted)
            self.house.garde("unlock", "alice")

    def test_the_log_has_neither_password_nor_code(self):
        code = self.phone.code()
        self.assertTrue(self.login(f"{PASSWORD} {code}").accepted)
        self.assertFalse(self.login(f"{PASSWORD} {code}").accepted)
        self.assertFalse(self.login(f"{PASSWORD}, {code}").accepted)
        self.house.log_reader.wait_for("authentication failure")  # pam_unix, of the last one
        for secret in (code, PASSWORD):
            self.assertNotIn(secret, self.house.log_text())


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
