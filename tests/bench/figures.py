"""The figures of docs/performance.md, one function each. All that is compared is measured in turn, in one run."""

import contextlib
import os
import shutil
import signal
import statistics
import subprocess

import garde_site
import stats
from peers import GoogleAuthenticator, Oath, Permit
from verifier import PROGRAMS

SLOW_FLUSH = PROGRAMS / "libbench_slow_flush.so"


@contextlib.contextmanager
def running(*verifiers, preload=None):
    try:
        for verifier in verifiers:
            verifier.start(preload)
        yield
    finally:
        for verifier in verifiers:
            verifier.stop()


def garde_logins(verifier, count):
    return [(verifier.service, user, code) for user, code in verifier.totp(count)]


def added(results):
    """What each case adds to pam_permit, in microseconds."""
    return {name: row["median"] - results["permit"]["median"] for name, row in results.items()}


class Measured:
    """plan: see bench.py. folder: where peers' files may lie. verifiers: {number of users: Verifier}."""

    def __init__(self, plan, folder, verifiers, peers):
        self.plan, self.folder, self.verifiers, self.peers = plan, folder, verifiers, peers
        self.sizes = sorted(verifiers)
        self.main = verifiers[plan.main_users]
        self.permit = Permit()

    def one_login(self):
        """Fresh processes, one after the other: pam_permit, garde, the peers."""
        rounds = self.plan.rounds
        with running(self.main):
            cases = {"permit": self.permit.logins(rounds), "garde": garde_logins(self.main, rounds)}
            if self.peers:
                cases["ga"] = GoogleAuthenticator(self.folder, True).logins(rounds)
                cases["ga-plain"] = GoogleAuthenticator(self.folder, False).logins(rounds)
                cases["oath-10"] = Oath(self.folder, 10).logins(rounds)
            return stats.in_turn(cases, rounds)

    def by_users(self):
        """The same by the number of users there are; HOTP, so that ten users are enough."""
        rounds = self.plan.rounds
        with running(*self.verifiers.values()):
            cases = {"permit": self.permit.logins(rounds)}
            cases |= {f"garde-{n}": [(v.service, *login) for login in v.hotp(rounds)] for n, v in self.verifiers.items()}
            results = stats.in_turn(cases, rounds)
        if self.peers:
            few = self.plan.oath_rounds
            cases = {"permit": self.permit.logins(few)}
            cases |= {f"oath-{n}": Oath(self.folder, n).logins(few) for n in self.plan.oath_users}
            cases["ga"] = GoogleAuthenticator(self.folder, True).logins(few)
            slow = stats.in_turn(cases, few)
            results |= {name: row | {"permit": slow["permit"]["median"]} for name, row in slow.items() if name != "permit"}
        return results

    def at_once(self, numbers, preload=None):
        """{number: {case: {per_s, median, p99 (ms)}}}; blocks of the cases in turn. pam_permit is the ceiling: what fork, libpam and exit
        leave room for on this machine."""
        results = {}
        with running(self.main, preload=preload):
            for number in numbers:
                count = self.plan.block if number > 1 else max(1, self.plan.block // 4)
                blocks = {name: [] for name in ("permit", "garde", "ga") if name != "ga" or self.peers}
                for _ in range(self.plan.blocks):
                    for name, done in blocks.items():
                        done.append(stats.log_in(self.crowd_of(name, count), number, preload))
                results[number] = {name: self.crowd(done) for name, done in blocks.items()}
        return results

    def crowd_of(self, name, count):
        if name == "permit":
            return self.permit.logins(count)
        if name == "garde":
            return garde_logins(self.main, count)
        return GoogleAuthenticator(self.folder, True).logins(count)

    @staticmethod
    def crowd(blocks):
        """Throughput of the middle block; latency over all blocks."""
        us = [one for block in blocks for one in block.us]
        return {"per_s": statistics.median(len(block.us) / block.elapsed_s for block in blocks),
                "p50_ms": stats.percentile(us, 0.5) / 1000, "p99_ms": stats.percentile(us, 0.99) / 1000}

    def load(self, verifier, connections=64):
        """garded alone under the load program; the store's own limit between the runs."""
        rows, limits = [], []
        with running(verifier):
            for _ in range(self.plan.load_runs):
                logins = verifier.totp(min(self.plan.load_logins, verifier.users // 2))
                before = verifier.cpu_s()
                count, accepted, elapsed, p50, p99 = map(int, stats.run(
                    "bench_load", verifier.sockets / "trusted.sock", connections, lines=logins).split())
                if accepted != count:
                    raise AssertionError(f"{count - accepted} of {count} right codes were refused")
                rows.append({"per_s": count / elapsed * 1e9, "p50_ms": p50 / 1e6, "p99_ms": p99 / 1e6,
                             "garded_cpu_us": (verifier.cpu_s() - before) / count * 1e6})
                verifier.wait_until_still()
                limits.append(self.store_limit(verifier))
            memory = verifier.memory_kib()
        rows.sort(key=lambda row: row["per_s"])
        return rows[len(rows) // 2] | {"runs": [round(row["per_s"]) for row in rows], "memory_kib": memory,
                                       "store_per_s": statistics.median(limits)}

    def store_limit(self, verifier):
        """On a copy, made while nothing is written: rows change whose tags then do not hold."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o700)
        found = verifier.store.stat()
        os.chown(copy, found.st_uid, found.st_gid)
        for path in verifier.store.parent.iterdir():
            shutil.copy(path, copy / path.name)
            os.chmod(copy / path.name, 0o600)
            os.chown(copy / path.name, found.st_uid, found.st_gid)
        os.sync()
        attempts, ns = map(int, stats.run("bench_batch", copy / verifier.store.name, self.plan.batch_s).split())
        shutil.rmtree(copy)
        return attempts / ns * 1e9

    def activation(self, verifier):
        """From the connection on a socket that nobody serves yet to the verdict: {"ms": [...]}."""
        times = []
        for _ in range(self.plan.activations):
            shutil.rmtree(verifier.sockets, ignore_errors=True)
            verifier.sockets.mkdir()
            started = subprocess.Popen([PROGRAMS / "bench_activate", verifier.sockets, garde_site.GARDED, "--config",
                                        verifier.conf], stdout=subprocess.PIPE, text=True)
            try:
                if started.stdout.readline() != "listening\n":
                    raise AssertionError("no sockets")
                count, accepted, _, took, _ = map(int, stats.run("bench_load", verifier.sockets / "trusted.sock", 1,
                                                                 lines=verifier.totp(1)).split())
                if accepted != count:
                    raise AssertionError("the first login was refused")
                times.append(took / 1e6)
            finally:
                started.send_signal(signal.SIGTERM)
                started.wait(60)
        shutil.rmtree(verifier.sockets, ignore_errors=True)
        return stats.summary(times)

    def callers_memory(self):
        """KiB of anonymous memory that a login adds to its process."""
        results = {}
        with running(self.main):
            cases = {"permit": self.permit.logins, "garde": lambda n: garde_logins(self.main, n)}
            if self.peers:
                cases["ga"] = GoogleAuthenticator(self.folder, True).logins
            for name, make in cases.items():
                grown = []
                for login in make(self.plan.memory_runs):
                    result, before, prompt, after = map(int, stats.run("bench_memory", *login).split())
                    if result != 0:
                        raise AssertionError(f"refused: {login}")
                    grown.append(max(prompt, after) - before)
                results[name] = statistics.median(grown)
        return results
