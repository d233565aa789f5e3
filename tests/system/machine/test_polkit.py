"""pkexec, whose text agent asks on the terminal; and its helper in the sandbox that polkit 127 puts it into."""

import unittest

import doors
import machine
from doors import PASSWORD, Door

# An agent of the shell's own: the one that pkexec brings cannot be answered by a helper that runs for somebody else than root.
# Standard error is the helper's, whose words there come before the agent's or behind them.
AGENT = "exec 3< <(exec pkttyagent --process $$ --notify-fd 1 2>/dev/null); read -r -u 3"
PKEXEC = Door(line=f"{AGENT}; pkexec id -un", user="{name}", inside=r"[\nm]root\r\n",
              refused=r"Error executing command as another user: Not authorized\r\n\r\n[^\n]*\r\n", service="polkit-1",
              origin="ruser:{name}", actor="uid=0")

# polkit 127's polkit-agent-helper@.service, each setting that it has, as systemd 252 spells them: all the same.
SANDBOX = """[Service]
Type=oneshot
ExecStart=/usr/lib/polkit-1/served
SuccessExitStatus=2
StandardInput=socket
StandardOutput=socket
DeviceAllow=/dev/null rw
DevicePolicy=strict
LimitMEMLOCK=0
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateNetwork=yes
PrivateTmp=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectKernelTunables=yes
ProtectSystem=strict
ProtectClock=yes
ProtectHostname=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
"""
SOCKET = "[Socket]\nAccept=yes\nListenStream=/run/polkit/agent-helper.socket\n"

# In 127 the agent connects to that socket; here a program in the helper's place does, which the agent of 122 starts ...
KNOCKS = """#!/usr/bin/python3
import os, select, socket, sys
helper = socket.socket(socket.AF_UNIX)
helper.connect("/run/polkit/agent-helper.socket")
helper.sendall(sys.argv[1].encode() + b"\\n")
ways = {0: helper.fileno(), helper.fileno(): 1}
while helper.fileno() in ways:
    for fd in select.select(list(ways), [], [])[0]:
        data = os.read(fd, 4096)
        os.write(ways[fd], data) if data else ways.pop(fd)
"""
# ... and what 127's helper does first is done before Debian's: the name, and who is there. polkitd takes the answer from 122's helper only
# in the name of the agent's user.
SERVED = """#!/usr/bin/python3
import os, socket, struct
name = b""
while not name.endswith(b"\\n"):
    name += os.read(0, 1)
uid = struct.unpack("iII", socket.socket(fileno=os.dup(0)).getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
os.setresuid(uid, 0, 0)
os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
os.execv("/usr/lib/polkit-1/helper", ["polkit-agent-helper-1", name.decode().strip()])
"""

ADMINS = 'polkit.addAdminRule(function(action, subject) { return ["unix-user:" + subject.user]; });\n'


def furnish(ward):
    """Everybody is an admin who knows their own password."""
    ward.write("/etc/polkit-1/rules.d/10-everybody.rules", ADMINS)


class Pkexec(doors.OneField):
    door = PKEXEC
    furnish = staticmethod(furnish)


class PkexecWithAQuestion(doors.OwnQuestion):
    door = PKEXEC
    furnish = staticmethod(furnish)


class PkexecWithTheHelperInTheSandbox(doors.OneField):
    door = PKEXEC

    @staticmethod
    def furnish(ward):
        furnish(ward)
        folder = "/usr/lib/polkit-1/"
        ward.run("mv", folder + "polkit-agent-helper-1", folder + "helper")
        ward.run("chmod", "u-s", folder + "helper")
        ward.write(folder + "polkit-agent-helper-1", KNOCKS, 0o755)
        ward.write(folder + "served", SERVED, 0o755)
        ward.write("/etc/systemd/system/polkit-agent-helper@.service", SANDBOX)
        ward.write("/etc/systemd/system/polkit-agent-helper.socket", SOCKET)
        ward.run("systemctl", "daemon-reload")
        ward.run("systemctl", "start", "polkit-agent-helper.socket")

    def test_the_helper_that_asks_is_really_in_the_sandbox(self):
        alice = self.person()
        seat = self.seat(PKEXEC.line, alice)
        seat.expect(r"code \(6 digits\): ")
        helper = self.machine.run("pgrep", "--exact", "helper").stdout.strip()
        status, limits, mounts = (self.machine.run("cat", f"/proc/{helper}/{name}").stdout for name in ("status", "limits", "mountinfo"))
        self.assertRegex(status, r"NoNewPrivs:\t1\nSeccomp:\t2\n")
        self.assertRegex(limits, r"Max locked memory +0 +0 ")
        self.assertRegex(mounts, r" / / ro,")
        self.assertEqual(len(set(self.machine.run("readlink", "/proc/1/ns/net", f"/proc/{helper}/ns/net").stdout.split())), 2)
        seat.type_hidden(PASSWORD + alice.phone.code())
        seat.expect(PKEXEC.inside)


if __name__ == "__main__":
    machine.needed()
    unittest.main()
