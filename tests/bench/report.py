"""Tables of what was measured, for the terminal and for docs/performance.md, and whether each figure is met."""

import datetime
import os
import pathlib
import platform
import subprocess

import plot
from verifier import SOURCE

PAGE = SOURCE / "docs" / "performance.md"
IMAGES = SOURCE / "docs" / "images"
BEGIN, END = "<!-- measured: begin (scripts/bench writes what follows) -->", "<!-- measured: end -->"
NAMES = {"permit": "pam_permit", "garde": "garde", "ga": "google-authenticator", "oath-10": "oath, 10 users",
         "ga-plain": "google-authenticator, one code many times"}


def added(results):
    """What each case adds to pam_permit, in microseconds: cases that were measured in another round bring its baseline along."""
    return {name: row["median"] - row.get("permit", results["permit"]["median"]) for name, row in results.items()}


def at_most(value, limit):
    return value, value <= limit


def at_least(value, limit):
    return value, value >= limit


def number(value, digits=2):
    return f"{value:,.{digits}f}"


class Figures:
    """Rows of (figure, must be, measured, whether it is met)."""

    def __init__(self, results):
        self.results, self.rows = results, []
        for part in ("one_login", "by_users", "at_once", "slow_flush", "load", "activation", "callers_memory", "largest"):
            if part in results:
                getattr(self, part)(results[part])

    def add(self, figure, must_be, judged, text):
        self.rows.append((figure, must_be, text, "met" if judged[1] else "**missed**"))

    def one_login(self, measured):
        if "ga" in measured:
            more = added(measured)
            ratio = more["garde"] / more["ga"]
            self.add("time added to a login over `pam_permit`, garde / google-authenticator", "0.80 or less; aim 0.65",
                     at_most(ratio, 0.80), number(ratio))

    def by_users(self, measured):
        more = added(measured)
        sizes = sorted(int(name.split("-")[1]) for name in measured if name.startswith("garde-"))
        ratio = more[f"garde-{sizes[-1]}"] / more[f"garde-{sizes[0]}"]
        self.add(f"the same, garde with {sizes[-1]:,} users / garde with {sizes[0]}", "1.1 or less", at_most(ratio, 1.1),
                 number(ratio))

    def crowd(self, measured, what):
        most = max(measured, key=int)
        row = measured[most]
        if "ga" not in row:
            return None, row, most
        ratio = row["garde"]["per_s"] / row["ga"]["per_s"]
        self.add(what.format(most), "2.2 or more", at_least(ratio, 2.2),
                 f"{number(ratio)} ({row['garde']['per_s']:,.0f} / {row['ga']['per_s']:,.0f})")
        return ratio, row, most

    def at_once(self, measured):
        ratio, row, most = self.crowd(measured, "logins per second, {} at once, garde / google-authenticator")
        if ratio is not None:
            part = row["garde"]["p99_ms"] / row["ga"]["p99_ms"]
            self.add(f"p99 of a login, {most} at once, garde / google-authenticator", "0.33 or less", at_most(part, 1 / 3),
                     f"{number(part)} ({row['garde']['p99_ms']:.1f} / {row['ga']['p99_ms']:.1f} ms)")
        self.rows.append((f"garde as a share of `pam_permit` alone, {most} at once: what forking and libpam leave room for",
                          "(told)", f"{row['garde']['per_s'] / row['permit']['per_s']:.0%} of {row['permit']['per_s']:,.0f}", ""))

    def slow_flush(self, measured):
        self.crowd(measured, "logins per second, {} at once, each flush 2 ms slower")

    def load(self, measured):
        self.add(f"durable verdicts per second of `garded` alone, {self.results['users']:,} users, 64 connections",
                 "10,000 or more", at_least(measured["per_s"], 10_000), f"{measured['per_s']:,.0f}")
        self.rows.append(("the same as a share of the store's own limit, batches of 64", "(told)",
                          f"{measured['per_s'] / measured['store_per_s']:.0%} of {measured['store_per_s']:,.0f}", ""))

    def activation(self, measured):
        self.add(f"first connection on an activated socket to first verdict, {self.results['users']:,} users",
                 "30 ms or less", at_most(measured["median"], 30), f"{measured['median']:.1f} ms")

    def callers_memory(self, measured):
        kib = measured["garde"] - measured["permit"]
        self.add("anonymous memory added to the calling process", "80 KiB or less", at_most(kib, 80), f"{kib:.0f} KiB")

    def largest(self, measured):
        mib = measured["memory_kib"]["VmRSS"] / 1024
        self.add(f"resident memory of `garded` with {measured['users']:,} users", "40 MiB or less", at_most(mib, 40),
                 f"{mib:.1f} MiB")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def of_logins(measured, names):
    more = added(measured)
    return table(["µs", "median", "p95", "p99", "median over `pam_permit`"],
                 [[names.get(name, name), *(number(row[part], 0) for part in ("median", "p95", "p99")),
                   number(more[name], 0)] for name, row in measured.items()])


def of_users(measured):
    names = {name: "{} with {:,} users".format(name.split("-")[0], int(name.split("-")[1])) for name in measured
             if "-" in name}
    return of_logins(measured, NAMES | names)


def of_crowds(measured):
    rows = []
    for count, cases in measured.items():
        for name, row in cases.items():
            rows.append([count, NAMES[name], number(row["per_s"], 0), number(row["p50_ms"], 1), number(row["p99_ms"], 1)])
    return table(["at once", "", "logins/s", "median ms", "p99 ms"], rows)


def of_load(results):
    rows = []
    for users, part in ((results["users"], "load"), (results.get("largest", {}).get("users"), "largest")):
        if part in results:
            row, memory = results[part], results[part]["memory_kib"]
            rows.append([f"{users:,}", number(row["per_s"], 0), ", ".join(f"{one:,}" for one in row["runs"]),
                         number(row["store_per_s"], 0), number(row["p50_ms"], 1), number(row["p99_ms"], 1),
                         number(row["garded_cpu_us"], 0), number(memory["VmRSS"] / 1024, 1),
                         number(memory["RssAnon"] / 1024, 1)])
    return table(["users", "verdicts/s", "runs", "store's limit/s", "median ms", "p99 ms", "processor µs of garded a login",
                  "VmRSS MiB", "RssAnon MiB"], rows)


def of_caller(measured):
    return table(["KiB", "anonymous memory added"], [[NAMES[name], number(kib, 0)] for name, kib in measured.items()])


PARTS = (
    ("one_login", "One login in a fresh process, cases in turn", lambda r: of_logins(r["one_login"], NAMES)),
    ("by_users", "By the number of users (counter codes)", lambda r: of_users(r["by_users"])),
    ("at_once", "Several at once", lambda r: of_crowds(r["at_once"])),
    ("slow_flush", "Several at once, each flush 2 ms slower", lambda r: of_crowds(r["slow_flush"])),
    ("load", "garded alone, 64 connections kept busy by one program", of_load),
    ("callers_memory", "Memory of the caller", lambda r: of_caller(r["callers_memory"])),
)


def command_line(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def machine():
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    packages = command_line("dpkg-query", "-W", "-f", "${Package} ${Version}, ",
                            "libpam-google-authenticator",
                            "libpam-oath", "libpam0g", "libsqlite3-0", "libssl3").rstrip(", ")
    disk = command_line("stat", "--file-system", "--format=%T", SOURCE / "build")
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return (f"Measured on {today}: {os.cpu_count()} x {models[0] if models else platform.machine()}, Linux "
            f"{platform.release()}, {disk}; {packages}.")


def text(results):
    parts = [table(["figure", "must be", "measured", ""], Figures(results).rows), machine()]
    for name, title, show in PARTS:
        if name in results:
            parts.append(f"### {title}\n\n{show(results)}")
    return "\n\n".join(parts) + "\n"


def write(results):
    """Into the page between the marks, and the plots beside it."""
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    body = text(results)
    for name, (title, picture) in plot.pictures(results).items():
        (IMAGES / f"performance-{name}.svg").write_text(picture, encoding="utf-8")
        body += f"\n![{title}](images/performance-{name}.svg)\n"
    PAGE.write_text(f"{head}{BEGIN}\n\n{body}\n{END}{tail}", encoding="utf-8")
