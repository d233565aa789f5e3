"""A machine with garde and what tests of its doors ask of it: what the audit says, a verifier that is gone, logs that tell nothing."""

import contextlib
import json

from machine import PASSWORD, SOCKETS, UNITS, MachineTest


class WardTest(MachineTest):
    def logins(self, user):
        """What the audit has of this user's logins: service, origin, reason."""
        entries = json.loads(self.machine.garde("audit", "--user", user, "--event", "login", "--json").stdout)
        return [(entry["service"], entry["origin"], entry["reason"]) for entry in entries]

    @contextlib.contextmanager
    def no_verifier(self):
        """Neither garded nor its sockets; then the sockets alone. Nobody may log in while they are being stopped: systemd would
        start garded for them, and stop nothing."""
        self.machine.run("systemctl", "stop", *UNITS)
        try:
            yield
        finally:
            self.machine.run("systemctl", "start", *SOCKETS)

    def assert_logs_tell_nothing(self):
        for log in (self.machine.journal(), self.machine.run("grep", "-r", "horse", "/var/log", check=False).stdout):
            self.assertNotIn(PASSWORD, log)
            self.assertNotIn("wrong horse", log)
