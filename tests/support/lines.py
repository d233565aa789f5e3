"""The lines of PAM that are shipped, in the enclosure: Debian's pam-auth-update makes common-auth, libpam finds the built
module by its bare name, and what each login got, said and left in PAM_AUTHTOK is kept. Root only, inside the enclosure.
"""

import grp
import itertools
import os
import pathlib
import re
import shutil
import subprocess

import enclosure
import garde_site

PACKAGING = pathlib.Path(os.environ.get("GARDE_SOURCE", ".")).resolve() / "packaging"
MODULES = next(pathlib.Path("/lib").glob("*/security/pam_unix.so")).parent
PAM = pathlib.Path("/etc/pam.d")
PROFILES = ("garde-split", "garde-verify")


class Attempt(garde_site.Login):
    """What pam_try saw of a login, and what the modules behind it found as the password (None: nobody came so far)."""

    def __init__(self, process, behind):
        super().__init__(process)
        self.results = re.findall(r"^result \d+ (\S+)", self.output, re.M)
        self.delays_ms = [int(delay) // 1000 for delay in re.findall(r"^delay (\d+)", self.output, re.M)]
        self.behind = behind

    @property
    def shown(self):
        """All that the person can tell refusals by, but for the time."""
        return self.results, self.prompts, self.messages


class House(enclosure.House):
    def __init__(self, **more):
        super().__init__(**more)
        self.covered = []
        self.lay_over(MODULES, garde_site.MODULE)
        self.lay_over(pathlib.Path("/usr/share/pam-configs"), *(PACKAGING / "pam-configs").iterdir())
        self.lay_over(pathlib.Path("/var/lib/pam"))
        self.lay_over(pathlib.Path("/var/cache/debconf"))
        # unix_chkpwd, through which pam_unix looks for callers that are not root, has the group shadow and no more.
        os.chown("/etc/shadow", 0, grp.getgrnam("shadow").gr_gid)
        os.chmod("/etc/shadow", 0o640)
        self.behind = self.folder / "behind"
        self.behind.mkdir()
        self.behind.chmod(0o777)
        self.script = self.folder / "keep_password"
        self.script.write_text(f"#!/bin/sh\nexec cat >\"{self.behind}/$PAM_RHOST\"\n")
        self.script.chmod(0o755)
        self.numbers = itertools.count(1)

    def lay_over(self, folder, *more):
        """A copy of the folder, with these files, in its place."""
        copy = self.folder / "over" / folder.name
        shutil.copytree(folder, copy, symlinks=True)
        for file in more:
            shutil.copy(file, copy)
            (copy / file.name).chmod(0o755 if file.suffix == ".so" else 0o644)
        enclosure.mount("--bind", copy, folder)
        self.covered.append(folder)

    def close(self):
        while self.covered:
            enclosure.unmount(self.covered.pop())
        super().close()

    def pam_auth_update(self, *arguments):
        done = subprocess.run(["pam-auth-update", *arguments], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode != 0 or "not updating" in done.stderr:
            raise AssertionError(f"pam-auth-update {arguments}: {done}")
        return common_auth()

    def lay(self, service, *lines, account="account required pam_permit.so"):
        """A service with these lines and, behind them, a module that keeps the password it finds."""
        (PAM / service).write_text("\n".join([*lines, f"auth optional pam_exec.so expose_authtok quiet {self.script}",
                                              account]) + "\n")

    def attempt(self, service, user, *answers, call="authenticate,setcred", uid=None, more=()):
        """A login from a place of its own, so that nobody's failures delay anybody."""
        place = f"place-{next(self.numbers)}"
        command = [garde_site.PAM_TRY, "--confdir", PAM, "--service", service, "--user", user, "--rhost", place,
                   "--delays", "--call", call, *more, "--", *answers]
        if uid is not None:
            command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        kept = self.behind / place
        # pam_exec hands on PAM_AUTHTOK with the zero byte at its end.
        return Attempt(done, kept.read_bytes().rstrip(b"\0").decode() if kept.exists() else None)


def common_auth():
    return (PAM / "common-auth").read_text()


def common_account():
    return (PAM / "common-account").read_text()


def lines_of(text):
    """Without comments, each with single blanks."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def set_password(user, password):
    hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password + "\n", check=True, capture_output=True,
                            text=True).stdout.strip()
    shadow = pathlib.Path("/etc/shadow")
    text = re.sub(rf"^{user}:[^:]*:", lambda _: f"{user}:{hashed}:", shadow.read_text(), flags=re.M)
    shadow.write_text(text)


def set_day_of_password(user, day):
    """When it was changed last, in days since 1970. 0: a new one must be chosen at the next login."""
    shadow = pathlib.Path("/etc/shadow")
    shadow.write_text(re.sub(rf"^({user}:[^:]*):[^:]*:", rf"\g<1>:{day}:", shadow.read_text(), flags=re.M))
