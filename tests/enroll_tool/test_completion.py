#!/usr/bin/python3
"""Completion in the real bash and the real zsh, on terminals: what stands in the line after a tab, as the arguments that a command then gets."""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import threading
import time
import unittest

import fake_admin as fake
from fake_admin import ToolTest

COMPLETIONS = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2])) / "completions"
TAB = "\t"
LABELS = {1: 'phone of "bob"', 2: "it's $HOME", 3: "$(touch x)", 4: "`touch x`", 5: "; touch x", 6: "café", 7: "a:b=c",
          8: "bang!bang", 9: "tilde ~ * {a,b} \\"}
HOSTILE = {11: "\x1b[2Jesc", 12: "two\nlines", 13: "--last", 14: "tab\there", 15: "twice", 16: "twice"}

RC = {"bash": f"""PS1='READY> '; PS2='MORE> '; HISTFILE=
garde() {{ printf '<<%s>>' "$@"; printf '<<END>>\\n'; }}
bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'
bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'
source {COMPLETIONS}/garde.bash
""", "zsh": f"""PS1='READY> '; PS2='MORE> '; unsetopt promptcr promptsp beep listbeep
fpath=({COMPLETIONS} ${{(M)fpath:#*/Completion(|/Base|/Unix|/Zsh)}}); autoload -Uz compinit; compinit -u -D
garde() {{ printf '<<%s>>' "$@"; printf '<<END>>\\n'; }}
bindkey '^I' complete-word
"""}
START = {"bash": ["bash", "--noprofile", "--rcfile", "rc", "-i"], "zsh": ["zsh", "-d", "-i"]}


def factors(_=None):
    rows = [fake.factor(number, "alice", label=label) for number, label in (LABELS | HOSTILE).items()]
    return rows + [fake.factor(99, "alice", label="gone", state=fake.REVOKED), fake.result()]


def users(_=None):
    names = ("alice", "albert", "bob", "dom\\carol", "dave smith", "eve:1", "$(touch x)", "\x1b[2J", "-x", "zoé")
    return [fake.factor(number, name) for number, name in enumerate(names, 1)] + \
        [fake.factor(50, "gone", state=fake.REVOKED), fake.result()]


class CompletionTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.answers({fake.LIST: users, fake.SHOW: factors})
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        (self.bin / "garde").write_text(f'#!/bin/sh\nexec "{fake.FRENCH}" --config "{self.conf}" "$@"\n')
        (self.bin / "garde").chmod(0o755)

    def complete(self, *words, **more):
        done = self.garde("complete", "--", *words, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def values(self, *words):
        return [line.split("\t")[0] for line in self.complete(*words)]


class Candidates(CompletionTest):
    def test_commands_come_with_their_summary_in_the_language_of_the_person(self):
        self.assertIn("list\tlist all factors", self.complete(""))
        done = self.french("complete", "--", "li")
        self.assertEqual(done.stdout, "list\tlister tous les facteurs\n")

    def test_every_command_and_option_of_the_help_is_offered(self):
        shown = re.findall(r"^  ([a-z]+)  ", self.garde("--help").stdout, re.M)
        self.assertGreaterEqual(len(shown), 12)
        self.assertEqual(self.values(""), shown)
        for command in set(shown) - {"help"}:
            options = re.findall(r"^  (--[a-z-]+)", self.garde(command, "--help").stdout, re.M)
            self.assertEqual(sorted(set(options) - set(self.values(command, "--"))), [], command)
            self.assertIn("--config", self.values(command, "--"))

    def test_options_already_given_and_behind_two_dashes_are_not_offered(self):
        self.assertNotIn("--no-qr", self.values("enroll", "--no-qr", "--no"))
        self.assertEqual(self.values("enroll", "--", "--no"), [])

    def test_values_of_options_come_from_the_table(self):
        self.assertEqual(self.values("enroll", "--type", ""), ["totp", "hotp"])
        self.assertEqual(self.values("enroll", "--type=h"), ["--type=hotp"])
        self.assertEqual(self.values("enroll", "alice", "--digits", ""), ["6", "7", "8"])
        self.assertEqual(self.values("enroll", "--label", ""), [])
        for words in (("enroll", "--png", ""), ("enroll", "--svg=x"), ("--config", ""), ("list", "--config", "")):
            self.assertEqual(self.complete(*words), ["\tfile"], words)

    def test_users_are_those_with_live_factors_and_none_that_could_do_harm(self):
        self.assertEqual(self.values("show", ""),
                         ["alice", "albert", "bob", "dom\\carol", "dave smith", "eve:1", "$(touch x)", "zoé"])
        self.assertEqual(self.values("audit", "--user", "al"), ["alice", "albert"])
        self.assertEqual(self.values("audit", "--user=al"), ["--user=alice", "--user=albert"])
        self.assertIn("root", self.values("enroll", "r"))

    def test_factors_are_those_of_the_user_in_the_line(self):
        found = self.complete("revoke", "alice", "")
        self.assertIn('phone of "bob"\t1, TOTP, active', found)
        self.assertIn('1\tphone of "bob"', found)
        self.assertEqual([line.split("\t")[0] for line in found if not line[0].isdigit()], list(LABELS.values()))
        self.assertFalse([line for line in found if "\x1b" in line or line.startswith("--") or line.startswith("99")])
        self.assertIn("\\x1b[2Jesc", "".join(found), "as the description of a number it is escaped")
        self.assertEqual(self.values("revoke", "alice", "ph"), ['phone of "bob"'])

    def test_help_is_for_a_command_and_nothing_is_behind_what_is_no_command(self):
        self.assertEqual(self.values("help", "li"), ["list"])
        self.assertEqual(self.values("help", "list", ""), [])
        self.assertEqual(self.values("nonsense", ""), [])
        offered = self.values("list", "")
        self.assertEqual({"--json", "--config", "--help"} - set(offered), set())
        self.assertEqual([value for value in offered if not value.startswith("--")], [])

    def test_nothing_is_said_where_the_verifier_cannot_be_asked(self):
        (self.folder / "admin.sock").unlink()
        self.assertEqual(self.complete("show", ""), [])
        self.conf.unlink()
        self.assertEqual(self.complete("revoke", "alice", ""), [])
        self.assertIn("list", self.values(""))

    def test_a_verifier_that_says_nothing_is_not_waited_for(self):
        over = threading.Event()
        self.addCleanup(over.set)
        self.fake.script[fake.LIST] = lambda _: over.wait(60) and []
        done = self.garde("complete", "--", "show", "")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (-signal.SIGALRM, "", ""))

    def test_of_more_users_than_anybody_reads_none_is_offered(self):
        self.fake.script[fake.LIST] = [fake.factor(n, f"user{n}") for n in range(1, 2002)] + [fake.result()]
        self.assertEqual(self.values("show", ""), [])
        self.assertEqual(self.values("show", "user1999"), ["user1999"])

    def test_a_list_that_breaks_off_offers_nobody(self):
        self.fake.script[fake.LIST] = [fake.factor(1, "alice")]
        self.assertEqual(self.values("show", ""), [])

    def test_wrong_usage_is_silent_too(self):
        for words in ([], ["x"], ["bash"], ["bash", "garde "]):
            done = self.garde("complete", *words)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", ""), words)


class Shell:
    """A shell on a terminal; a line is typed only once the prompt is there."""

    def __init__(self, test, name):
        self.seen = b""
        home = test.folder / "home"
        home.mkdir(exist_ok=True)
        for rc in ("rc", ".zshrc"):
            (home / rc).write_text(RC[name])
        environment = test.environment(PATH=f"{test.bin}:{os.environ['PATH']}", HOME=str(home), ZDOTDIR=str(home),
                                       TERM="dumb", INPUTRC="/dev/null", LANGUAGE="fr")
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(home)
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            os.execvpe(START[name][0], START[name], environment)
        self.home = home
        test.addCleanup(self.close)
        self.read_until(b"READY> ")

    def close(self):
        os.close(self.fd)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)

    def read_until(self, *marks):
        deadline = time.monotonic() + 60
        while not any(mark in self.seen for mark in marks) and time.monotonic() < deadline:
            if select.select([self.fd], [], [], 1)[0]:
                try:
                    self.seen += os.read(self.fd, 65536)
                except OSError:
                    break
        ends = [self.seen.index(mark) + len(mark) for mark in marks if mark in self.seen]
        assert ends, self.seen
        found, self.seen = self.seen[:min(ends)], self.seen[min(ends):]
        return found.decode(errors="replace")

    def arguments(self, typed):
        """Types this and a line end: the arguments that the command gets. Two line ends, in case the first only accepts something."""
        os.write(self.fd, typed.encode() + b"\n")
        shown = self.read_until(b"<<END>>", b"MORE> ")
        assert "MORE> " not in shown, shown
        self.read_until(b"READY> ")
        return re.findall(r"<<(.*?)>>", shown)[:-1]

    def shows(self, typed, last):
        """Types this: what is listed, up to this word of the list. The shell is of no use afterwards."""
        os.write(self.fd, typed.encode())
        return self.read_until(last.encode())


class InAShell:
    """What must hold in each."""

    def setUp(self):
        super().setUp()
        if shutil.which(self.shell) is None:
            self.skipTest(f"{self.shell} is not installed")
        self.at = Shell(self, self.shell)

    def completes(self, typed, *arguments):
        self.assertEqual(self.at.arguments(typed), list(arguments), typed)
        self.assertEqual(list(self.at.home.glob("x")), [], "something of the store was run")

    def test_commands_and_options_are_completed(self):
        self.completes(f"garde stat{TAB}", "status")
        self.completes(f"garde enr{TAB}--no-q{TAB}", "enroll", "--no-qr")
        self.completes(f"garde --conf{TAB}x li{TAB}", "--config", "x", "list")

    def test_values_are_completed_behind_a_blank_and_behind_an_equals_sign(self):
        self.completes(f"garde enroll --type h{TAB}", "enroll", "--type", "hotp")
        self.completes(f"garde enroll --type=h{TAB}", "enroll", "--type=hotp")
        self.completes(f"garde enroll --algorithm=sha5{TAB}x", "enroll", "--algorithm=sha512", "x")

    def test_users_are_completed_whatever_they_are_called(self):
        self.completes(f"garde show bo{TAB}", "show", "bob")
        self.completes(f"garde show do{TAB}", "show", "dom\\carol")
        self.completes(f"garde show da{TAB}", "show", "dave smith")
        self.completes(f"garde show ev{TAB}", "show", "eve:1")
        self.completes(f"garde show eve:{TAB}", "show", "eve:1")
        self.completes(f"garde show zo{TAB}", "show", "zoé")
        self.completes(f"garde show '$({TAB}", "show", "$(touch x)")

    def test_labels_are_completed_and_nothing_of_them_is_run(self):
        for label in LABELS.values():
            for quote in ("", "'", '"'):
                begin = {"": re.sub(r"([^a-zé])", r"\\\1", label[:2]), "'": label[:2].replace("'", "'\\''"),
                         '"': re.sub(r'(["$`\\])', r"\\\1", label[:2])}[quote]
                if quote == "'" and "'" in label[:2]:
                    continue  # its first quote is closed
                with self.subTest(label=label, quote=quote):
                    self.completes(f"garde revoke alice {quote}{begin}{TAB}", "revoke", "alice", label)

    def test_a_name_begun_with_an_escaped_blank_is_completed(self):
        self.completes(f"garde revoke alice phone\\ o{TAB}", "revoke", "alice", LABELS[1])

    def test_several_are_listed_and_none_of_them_steers_the_terminal(self):
        shown = self.at.shows(f"garde show al{TAB}", "albert")
        self.assertRegex(shown, "(?s)alice.*albert")
        self.assertNotIn("bob", shown)
        shown = Shell(self, self.shell).shows(f"garde revoke alice {TAB}", "16")
        self.assertIn("café", shown)
        self.assertNotIn("\x1b[2J", shown)
        self.assertEqual(list(self.at.home.glob("x")), [])

    def test_files_are_completed_where_a_file_is_wanted(self):
        (self.at.home / "picture of alice.png").touch()
        self.completes(f"garde enroll --png pict{TAB}", "enroll", "--png", "picture of alice.png")
        self.completes(f"garde enroll --png=pict{TAB}", "enroll", "--png=picture of alice.png")

    def test_names_of_files_are_not_taken_for_users(self):
        (self.at.home / "bo").mkdir()
        (self.at.home / "qqqq").touch()
        self.completes(f"garde show bo{TAB}", "show", "bob")
        self.completes(f"garde show qq{TAB}", "show", "qq")


class InBash(InAShell, CompletionTest):
    shell = "bash"


class InZsh(InAShell, CompletionTest):
    shell = "zsh"


if __name__ == "__main__":
    unittest.main()
