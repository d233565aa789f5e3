#!/usr/bin/python3
"""Measures garde beside the peers: scripts/bench starts this as root.

  bench.py [--quick | --tiny] [--no-peers] [--only FIGURE ...] [--write]

Works in a mount namespace of its own, with a private /dev/log that is read and dropped.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

import enclosure
import figures
import peers
import report
from verifier import PROGRAMS, Verifier

PLACE = pathlib.Path("/run/bench")  # build/bench of the tree: a disk, and a path that every user may walk


@dataclasses.dataclass
class Plan:
    name: str = "full"
    users: tuple = (10, 1000, 100_000, 1_000_000)
    main_users: int = 100_000
    rounds: int = 400
    oath_users: tuple = (10, 1000, 10_000, 100_000)
    oath_rounds: int = 40
    numbers: tuple = (1, 2, 4, 8, 16, 32, 64)
    blocks: int = 5
    block: int = 640
    load_runs: int = 5
    load_logins: int = 40_000
    batch_s: int = 3
    activations: int = 15
    memory_runs: int = 5


PLANS = {
    "full": Plan(),
    "quick": Plan("quick", users=(10, 100_000), rounds=150, oath_users=(10, 1000), oath_rounds=20, numbers=(1, 64),
                  blocks=3, block=320, load_runs=3, load_logins=20_000, batch_s=2, activations=5, memory_runs=3),
    "tiny": Plan("tiny", users=(10, 1000), main_users=1000, rounds=3, oath_users=(10,), oath_rounds=2, numbers=(1, 4),
                 blocks=1, block=8, load_runs=1, load_logins=40, batch_s=1, activations=1, memory_runs=1),
}


def measure(plan, folder, peers, only):
    verifiers = {users: Verifier(folder, users) for users in plan.users}
    for users, verifier in verifiers.items():
        verifier.prepare(keep=users >= 100_000)
    measured = figures.Measured(plan, folder, verifiers, peers)
    largest = verifiers[max(verifiers)]
    work = {
        "one_login": measured.one_login,
        "by_users": measured.by_users,
        "at_once": lambda: measured.at_once(plan.numbers),
        "slow_flush": lambda: measured.at_once(plan.numbers[-1:], figures.SLOW_FLUSH),
        "load": lambda: measured.load(measured.main),
        "activation": lambda: measured.activation(measured.main),
        "callers_memory": measured.callers_memory,
        "largest": lambda: {"users": largest.users} | measured.load(largest),
    }
    results = {"plan": plan.name, "peers": peers, "users": plan.main_users}
    for name, do in work.items():
        if only and name not in only:
            continue
        began = time.monotonic()
        print(f"measuring {name} ...", end=" ", flush=True)
        results[name] = do()
        print(f"{time.monotonic() - began:.0f} s", flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--quick", action="store_const", dest="plan", const="quick", default="full")
    kind.add_argument("--tiny", action="store_const", dest="plan", const="tiny")
    parser.add_argument("--no-peers", action="store_true", help="garde and pam_permit only")
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--write", action="store_true", help="table and plots into docs/")
    arguments = parser.parse_args()
    enclosure.enter(foreign_programs=True)

    folder = pathlib.Path(os.environ["GARDE_BUILD"]).resolve().parent / "bench"
    if arguments.plan == "tiny":  # a test: beside nothing that is kept
        folder /= "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    PLACE.mkdir()
    enclosure.mount("--bind", folder, PLACE)
    peers.write_fallback()
    sink = subprocess.Popen([PROGRAMS / "bench_sink", "/dev/log"])
    try:
        results = measure(PLANS[arguments.plan], PLACE, not arguments.no_peers, arguments.only)
    finally:
        sink.terminate()
        sink.wait()
    (folder / f"results-{arguments.plan}.json").write_text(json.dumps(results, indent=1) + "\n")
    print(report.text(results))
    if arguments.write:
        report.write(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
