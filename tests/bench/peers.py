"""The peers, set up so that each right code is taken: a fresh user, or the next counter, for each login."""

import base64
import os
import pathlib
import secrets
import shutil
import time

from phone import Phone

PERIOD_S = 30


def write_service(name, *words):
    pathlib.Path("/etc/pam.d", name).write_text("auth required " + " ".join(map(str, words)) + "\n")


def write_fallback():
    """libpam reads the service `other` and loads its modules at each login, whatever the service. Debian's loads pam_unix, pam_cap and
    pam_systemd with ten libraries: several times as much as all that is to be compared."""
    pathlib.Path("/etc/pam.d/other").write_text("".join(f"{kind} required pam_deny.so\n" for kind in
                                                        ("auth", "account", "password", "session")))


class Permit:
    """What libpam itself costs."""

    def __init__(self):
        self.service = "bench-permit"
        write_service(self.service, "pam_permit.so")

    def logins(self, count):
        return [(self.service, "u0000000", "000000")] * count


class GoogleAuthenticator:
    """One file for each user, in a folder of the user's own. `safe`: no code is taken twice, as the peer's manual advises; without
    it nothing is written at a login."""

    def __init__(self, folder, safe):
        self.folder, self.safe = folder / ("ga-safe" if safe else "ga-plain"), safe
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.service, self.made = self.folder.name.replace("ga", "bench-ga"), 0
        write_service(self.service, "pam_google_authenticator.so", f"secret={self.folder}/${{USER}}/.google_authenticator",
                      "user=root")

    def one(self):
        user, key = f"g{self.made:07d}", secrets.token_bytes(20)
        self.made += 1
        home = self.folder / user
        home.mkdir()
        path = home / ".google_authenticator"
        path.write_text(base64.b32encode(key).decode() + "\n" + ('" DISALLOW_REUSE\n' if self.safe else "")
                        + '" WINDOW_SIZE 3\n" TOTP_AUTH\n')
        os.chmod(path, 0o400)
        return self.service, user, Phone(key).at(int(time.time()) // PERIOD_S)

    def logins(self, count):
        return [self.one() for _ in range(count)]


class Oath:
    """One file for all users, which is written anew at each login. HOTP, so that few users can log in often."""

    def __init__(self, folder, users):
        self.path, self.users, self.next = folder / f"oath-{users}", users, 0
        self.service = f"bench-oath-{users}"
        self.keys = [secrets.token_bytes(20) for _ in range(users)]
        self.path.write_text("".join(f"HOTP\to{i:07d}\t-\t{key.hex()}\n" for i, key in enumerate(self.keys)))
        os.chmod(self.path, 0o600)
        write_service(self.service, "pam_oath.so", f"usersfile={self.path}", "window=5", "digits=6")

    def one(self):
        turn, person = divmod(self.next, self.users)
        person = person * 7919 % self.users
        self.next += 1
        return self.service, f"o{person:07d}", Phone(self.keys[person]).at(turn)

    def logins(self, count):
        return [self.one() for _ in range(count)]
