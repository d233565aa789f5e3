"""Medians, percentiles, and running the programs that measure."""

import dataclasses
import math
import os
import statistics
import subprocess

from verifier import PROGRAMS


def percentile(values, share):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def summary(values):
    return {"n": len(values), "median": statistics.median(values), "p95": percentile(values, 0.95),
            "p99": percentile(values, 0.99)}


@dataclasses.dataclass
class Logins:
    us: list
    elapsed_s: float


def run(program, *arguments, lines=None, preload=None):
    environment = dict(os.environ) | ({"LD_PRELOAD": str(preload)} if preload else {})
    done = subprocess.run([PROGRAMS / program, *map(str, arguments)], env=environment, capture_output=True, text=True,
                          input=None if lines is None else "".join(" ".join(line) + "\n" for line in lines))
    if done.returncode != 0:
        raise AssertionError(f"{program} {arguments}: {done.returncode} {done.stderr}")
    return done.stdout


def log_in(logins, at_once=1, preload=None):
    """logins: (service, user, code). Every one of them must be let in. What was made for them is on disk before, so that
    nobody's flush carries it."""
    os.sync()
    *rows, last = run("bench_login", "--at-once", at_once, lines=logins, preload=preload).splitlines()
    refused = [(login, row) for login, row in zip(logins, rows) if row.split()[1] != "0"]
    if refused:
        raise AssertionError(f"{len(refused)} of {len(rows)} right codes were refused, the first: {refused[0]}")
    return Logins([int(row.split()[0]) / 1000 for row in rows], int(last.split()[1]) / 1e9)


def in_turn(cases, rounds):
    """Round robin: {name: summary of microseconds}. cases: {name: logins of that many rounds}."""
    names = list(cases)
    logins = [cases[name][i] for i in range(rounds) for name in names]
    took = log_in(logins).us
    return {name: summary(took[i::len(names)]) for i, name in enumerate(names)}
