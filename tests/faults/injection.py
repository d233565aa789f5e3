"""Faults by strace: the n-th call of one name, in one thread or program, is met by SIGKILL or fails with an error.

A kill comes when the call begins: the kernel then leaves the call out. So "after a call" is "before the next call of the same
thread", while the other threads go on.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import garde_site

ALL = os.environ.get("GARDE_FAULTS") == "all"

# What each call can fail with (its man page, section ERRORS), of these seven.
ERRORS = {
    "accept4": ("EMFILE", "ENOMEM", "EINTR", "EAGAIN"),
    "access": ("EIO", "ENOMEM", "EROFS"),
    "bind": ("ENOMEM", "EROFS"),
    "brk": ("ENOMEM",),
    "chmod": ("EIO", "ENOMEM", "EROFS"),
    "clone3": ("ENOMEM", "EAGAIN"),
    "connect": ("EAGAIN", "EINTR"),
    "epoll_create1": ("EMFILE", "ENOMEM"),
    "epoll_ctl": ("ENOMEM", "ENOSPC"),
    "epoll_wait": ("EINTR",),
    "eventfd2": ("EMFILE", "ENOMEM"),
    "fallocate": ("ENOSPC", "EIO", "EINTR"),
    "fcntl": ("EAGAIN", "EINTR"),
    "fdatasync": ("EIO", "ENOSPC", "EROFS", "EINTR"),
    "fstatfs": ("EIO", "ENOMEM", "EINTR"),
    "fsync": ("EIO", "ENOSPC", "EROFS", "EINTR"),
    "ftruncate": ("EIO", "EROFS", "EINTR"),
    "futex": ("EINTR", "EAGAIN"),
    "getrandom": ("EINTR", "EAGAIN"),
    "getsockopt": ("ENOMEM",),
    "lstat": ("ENOMEM",),
    "madvise": ("ENOMEM", "EIO", "EAGAIN"),
    "mkdir": ("ENOSPC", "ENOMEM", "EROFS"),
    "mlock": ("ENOMEM", "EAGAIN"),
    "mlock2": ("ENOMEM", "EAGAIN"),
    "mlockall": ("ENOMEM", "EAGAIN"),
    "mmap": ("ENOMEM", "EAGAIN"),
    "mprotect": ("ENOMEM",),
    "mremap": ("ENOMEM", "EAGAIN"),
    "munmap": ("ENOMEM",),
    "newfstatat": ("ENOMEM",),
    "open": ("EMFILE", "ENOMEM", "ENOSPC", "EROFS", "EINTR", "EIO"),
    "openat": ("EMFILE", "ENOMEM", "ENOSPC", "EROFS", "EINTR", "EIO"),
    "pipe2": ("EMFILE",),
    "pread64": ("EIO", "EINTR"),
    "pwrite64": ("ENOSPC", "EIO", "EINTR"),
    "read": ("EIO", "EINTR", "EAGAIN"),
    "readlink": ("EIO", "ENOMEM"),
    "recvmsg": ("ENOMEM", "EINTR", "EAGAIN"),
    "sendmsg": ("ENOMEM", "EINTR", "EAGAIN"),
    "sendto": ("ENOMEM", "EINTR", "EAGAIN"),
    "signalfd4": ("EMFILE", "ENOMEM"),
    "socket": ("EMFILE", "ENOMEM"),
    "stat": ("ENOMEM",),
    "statfs": ("EIO", "ENOMEM", "EINTR"),
    "timerfd_create": ("EMFILE", "ENOMEM"),
    "unlink": ("EIO", "ENOMEM", "EROFS"),
    "write": ("ENOSPC", "EIO", "EINTR", "EAGAIN"),
    "writev": ("ENOSPC", "EIO", "EINTR", "EAGAIN"),
}
# None of the seven can come from these, or (close) a failure would not mean what it says: the descriptor is gone all the same.
WITHOUT = {"arch_prctl", "capget", "capset", "close", "dup", "epoll_pwait", "execve", "exit", "exit_group", "getcwd", "getdents64",
           "getegid", "geteuid", "getgid", "getpeername", "getpid", "getppid", "getresgid", "getresuid", "getsockname",
           "gettid", "getuid", "ioctl", "kill", "listen", "lseek", "poll", "prctl", "prlimit64", "restart_syscall",
           "rmdir", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield",
           "sendmmsg", "set_robust_list", "set_tid_address", "setgid", "setgroups", "setresgid", "setresuid",
           "setsockopt", "setuid", "shutdown", "sysinfo", "umask", "uname", "wait4"}


WRITES = ("pwrite64", "fdatasync", "fsync", "ftruncate", "fallocate")


class Call(NamedTuple):
    """The nth call of this name in this thread of the program (in order of their making; 0: the first)."""
    thread: int
    name: str
    nth: int
    text: str

    def __str__(self):
        return f"thread {self.thread} {self.name}#{self.nth}"


def enter():
    """Returns where faults can be put into programs, or ends this one. A verifier lets nobody look into it; an ordinary
    user may in a user namespace of their own, where their programs keep that right."""
    if subprocess.run(["strace", "-V"], capture_output=True).returncode != 0:
        sys.exit("strace is missing: see scripts/packages")
    if "__asan_init" in subprocess.run(["nm", "-D", garde_site.GARDED], capture_output=True, text=True).stdout:
        print("SKIPPED: a sanitizer makes calls of its own")
        sys.exit(77)
    if os.getuid() == 0 or os.environ.get("GARDE_FAULTS_ENTERED"):
        return
    inside = ["unshare", "--user", "--map-current-user", "--keep-caps"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
        print("SKIPPED: needs root, or user namespaces: it traces the verifier")
        sys.exit(77)
    os.execvpe("unshare", [*inside, sys.executable, "-B", *sys.argv], os.environ | {"GARDE_FAULTS_ENTERED": "yes"})


def threads(pid):
    return sorted(map(int, os.listdir(f"/proc/{pid}/task")))


def wait_until_still(pid, seconds=10):
    """No thread has run for a moment, or all of them have ended."""
    def state():
        rows = []
        for thread in threads(pid):
            text = pathlib.Path(f"/proc/{pid}/task/{thread}/status").read_text()
            rows.append((thread, *re.findall(r"^(?:State|\w*voluntary_ctxt_switches):\s+(\S+)", text, re.M)))
        return rows

    deadline = time.monotonic() + seconds
    before = None
    while time.monotonic() < deadline:
        try:
            now = state()
        except FileNotFoundError:
            return
        if now == before and all(row[1] in ("S", "Z") for row in now):
            return
        before = now
        time.sleep(0.006)
    raise AssertionError(f"still running: {before}")


class Attached:
    """strace on a running program: all of it, or one thread."""

    def __init__(self, where, *options):
        self.output = tempfile.NamedTemporaryFile(mode="r", prefix="garde-strace-")
        self.process = subprocess.Popen(["strace", "-o", self.output.name, *options, "-p", str(where)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        line = self.process.stderr.readline()
        if "attached" not in line:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"strace could not attach: {line}")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)

    def text(self):
        return pathlib.Path(self.output.name).read_text()


def calls_of(lines, order):
    """lines: "TID name(arguments ...". Each with its number among those of its name and thread."""
    counts, calls = {}, []
    for line in lines:
        found = re.match(r"(\d+) +(\w+)(\(.*)", line)
        if found is None or int(found[1]) not in order:
            continue
        key = order.index(int(found[1])), found[2]
        counts[key] = counts.get(key, 0) + 1
        calls.append(Call(*key, counts[key], found[2] + found[3]))
    return calls


def record(pid, action):
    """The calls of each thread while `action` goes on, in order."""
    order = threads(pid)
    with Attached(pid, "-f") as trace:
        action()
        wait_until_still(pid)
    return calls_of(trace.text().splitlines(), order)


def failing(call, error):
    """What makes a call fail so. The kernel's brk gives no errors: where there is no memory it answers with the end as it was, below
    the one that was asked for. (The C library takes a negative number for a high address, and goes on into nothing.)"""
    return "retval=0" if call.name == "brk" else f"error={error}"


def inject(pid, call, what, action):
    """Runs `action` while `call` meets its fault; (what `action` gave, the call's line or None if it never came)."""
    thread = threads(pid)[call.thread]
    options = "-e", f"trace={call.name}", "-e", f"inject={call.name}:{what}:when={call.nth}"
    with Attached(thread, *options) as trace:
        result = action()
    return result, hit(trace.text(), what)


def record_program(run):
    """The calls of a program with one thread: run(options of strace)."""
    with tempfile.NamedTemporaryFile(mode="r", prefix="garde-strace-") as output:
        run("-o", output.name)
        return calls_of([f"0 {line}" for line in output.read().splitlines()], [0])


def inject_program(call, what, run):
    with tempfile.NamedTemporaryFile(mode="r", prefix="garde-strace-") as output:
        result = run("-o", output.name, "-e", f"trace={call.name}", "-e", f"inject={call.name}:{what}:when={call.nth}")
        return result, hit(output.read(), what)


def hit(text, what):
    if what.startswith("signal"):
        found = re.search(r"^.*\+\+\+ killed by SIGKILL", text, re.M)
    else:
        found = re.search(r"^.*\(INJECTED\)", text, re.M)
    return found and found[0]


def some(calls, most=3):
    """Of each name in each thread the first, one in the middle and the last; all, where all are asked for. The last comes last: where
    threads take other turns there are fewer calls, and it is never made."""
    if ALL:
        return list(calls)
    groups = {}
    for call in calls:
        groups.setdefault((call.thread, call.name), []).append(call)
    chosen = set()
    for group in groups.values():
        chosen |= {group[place] for place in (0, len(group) // 2, len(group) - 1)[:most]}
    return [call for call in calls if call in chosen]


def errors_of(name, text):
    """Only a waiting futex call can be interrupted, or be too late; an event counter that is full wakes all the same."""
    if name == "futex" and "FUTEX_WAIT" not in text:
        return ()
    if name == "write" and re.search(r'"\\1(\\0){7}", 8\)', text):
        return ("EINTR",)
    return ERRORS.get(name, ())


def failures(calls, each=False):
    """(call, error) for each error that the call can give; where not all are asked for, one for each but the writes."""
    for number, call in enumerate(calls):
        if call.name not in ERRORS and call.name not in WITHOUT:
            raise AssertionError(f"tests/faults/injection.py does not know which errors {call.name} can give")
        errors = errors_of(call.name, call.text)
        if not (ALL or each or call.name in WRITES):
            errors = errors[number % len(errors):][:1] if errors else ()
        for error in errors:
            yield call, error
