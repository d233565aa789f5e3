"""Where the log goes: the journal with its fields where there is a journal, else syslog authpriv."""

import re
import unittest

import enclosure
import garde_site
from enclosure import House, LogReader
from phone import Phone


def fields(datagram):
    """The journal's native protocol: FIELD=value lines, or FIELD, length and bytes."""
    found = {}
    while datagram:
        line, _, datagram = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(datagram[:8], "little")
            value, datagram = datagram[8:8 + size], datagram[8 + size + 1:]
        found[name.decode()] = value.decode(errors="replace")
    return found


class EveryEvent(unittest.TestCase):
    """One entry, one line: whatever was decided or changed."""

    # People search their journals for these: they stay as they are.
    IDS = {
        "store-made": "408e654ff590437ebcfbf82fc7c8d7f8",
        "login": "cd507d321f3d4185a8ab954ade3c31b3",
        "skip": "f427f72b4e4c47a2b66c7823bcf4d187",
        "denied": "a9f4b8e02e604fea98feda33e0544068",
        "unknown": "46fe17bc27794bec8e32c09738e096f7",
        "enrolled": "afa1cebe3bf1466398b8fe8416b9d117",
        "confirmed": "c04e0b3817e141718afa24bee6596617",
        "confirm-failed": "3a7f2fa71f2c4d6d929eb7a44be1cbcb",
        "suspended": "02684f6068c546eab71088980e66fd93",
        "resumed": "68f2e1d5d3764f42b3a6c0431422dae3",
        "revoked": "2400ff1aa00d4c69b756105028d1fd72",
        "unlocked": "20cd1c19378944c59b58b95bcdc0162e",
        "verified": "2a336116bb784534aa45c0aaf53bd9a5",
    }

    def make_every_event(self):
        """A house in which each event has happened; the entries of its audit."""
        self.house = house = House(sections="[service open]\nun_enrolled = allow\n")
        self.addCleanup(house.close)
        house.up()
        house.service("open")
        house.service("public", socket="verify.sock")
        phone = Phone(kind="hotp")
        house.enrol("alice", phone, confirm=False)
        house.garde("confirm", "alice", input=phone.wrong() + "\n", check=False)
        house.garde("confirm", "alice", input=phone.at(0) + "\n")
        self.assertTrue(house.login("alice", phone.at(1), rhost="192.0.2.7").accepted)
        self.assertFalse(house.login("alice", phone.at(1), rhost="192.0.2.7").accepted)
        house.login("bob", "000001", service="open")
        house.login("nobody-of-that-name", "000001", rhost="192.0.2.8")
        house.login("alice", phone.at(2), service="public")  # root is not alice
        house.garde("verify", "alice", input=phone.at(2) + "\n")
        for command in ("suspend", "resume", "unlock"):
            house.garde(command, "alice")
        house.garde("revoke", "alice", "--last", "--yes")
        house.restart()  # the end writes what was counted
        entries = {entry["seq"]: entry for entry in house.audit()}
        self.assertEqual({entry["event"] for entry in entries.values()}, set(self.IDS))
        house.stop()  # the end of the verifier is the end of its log
        return entries

    def test_the_journal_has_each_entry_once_and_each_event_has_an_id_of_its_own(self):
        journal = LogReader("/run/systemd/journal/socket")
        self.addCleanup(journal.close)
        entries = self.make_every_event()
        journal.wait_for(rf"GARDE_SEQ={max(entries)}\n")
        rows = [row for row in map(fields, journal.lines) if "GARDE_SEQ" in row]
        self.assertEqual(sorted(int(row["GARDE_SEQ"]) for row in rows), sorted(entries))
        for row in rows:
            entry = entries[int(row["GARDE_SEQ"])]
            with self.subTest(**entry):
                self.assertEqual((row["GARDE_EVENT"], row["GARDE_VERDICT"], row.get("GARDE_REASON", "none"),
                                  row.get("GARDE_USER", ""), row.get("GARDE_SERVICE", ""), row.get("GARDE_ORIGIN", ""),
                                  row.get("GARDE_ACTOR", ""), int(row["GARDE_COUNT"])),
                                 tuple(entry[key] for key in ("event", "verdict", "reason", "user", "service", "origin",
                                                              "actor", "count")))
                self.assertIn(f"seq={entry['seq']} tag={row['GARDE_TAG'][:16]}", row["MESSAGE"])
                self.assertEqual(row["SYSLOG_IDENTIFIER"], "garded")
        self.assertEqual({(row["GARDE_EVENT"], row["MESSAGE_ID"]) for row in rows}, set(self.IDS.items()))
        self.assertEqual(len(set(self.IDS.values())), len(self.IDS))

    def test_syslog_has_each_entry_once_under_authpriv_where_there_is_no_journal(self):
        entries = self.make_every_event()
        self.house.log_reader.wait_for(rf"seq={max(entries)} tag=")
        lines = [line for line in self.house.log_reader.text().splitlines() if " tag=" in line and "garded" in line]
        self.assertEqual(sorted(int(re.search(r" seq=(\d+) ", line)[1]) for line in lines), sorted(entries))
        for line in lines:
            entry = entries[int(re.search(r" seq=(\d+) ", line)[1])]
            with self.subTest(line=line):
                self.assertEqual(int(re.match(r"<(\d+)>", line)[1]) >> 3, 10, "not authpriv")
                self.assertRegex(line, rf": {entry['event']} ")
                for key in ("user", "service", "origin"):
                    self.assertEqual(re.findall(rf" {key}=(\S+)", line), [entry[key]] if entry[key] else [])
                if entry["reason"] != "none":
                    self.assertIn(f" reason={entry['reason']} ", line)


class Log(unittest.TestCase):
    def test_the_journal_gets_structured_fields_with_sequence_and_tag(self):
        journal = LogReader("/run/systemd/journal/socket")
        self.addCleanup(journal.close)
        house = House()
        self.addCleanup(house.close)
        house.up()
        phone = house.enrol("alice", Phone(kind="hotp"))
        self.assertTrue(house.login("alice", phone.at(1), rhost="192.0.2.7").accepted)
        house.login("alice", phone.at(1), rhost="192.0.2.7")
        entries = {str(e["seq"]): e for e in house.audit()}
        journal.wait_for("GARDE_REASON=replayed")
        rows = [fields(d) for d in journal.lines]
        rows = [r for r in rows if "GARDE_SEQ" in r]
        for row in rows:
            entry = entries[row["GARDE_SEQ"]]
            self.assertEqual((row["GARDE_EVENT"], row["GARDE_VERDICT"], row.get("GARDE_REASON", "none"),
                              row.get("GARDE_ORIGIN", ""), row.get("GARDE_USER", "")),
                             (entry["event"], entry["verdict"], entry["reason"], entry["origin"], entry["user"]))
            self.assertRegex(row["GARDE_TAG"], r"^[0-9a-f]{64}$")
            self.assertRegex(row["MESSAGE_ID"], r"^[0-9a-f]{32}$")
            self.assertEqual(row["SYSLOG_FACILITY"], "10")
        verdicts = {(r["GARDE_EVENT"], r["GARDE_VERDICT"], r.get("GARDE_REASON", "none")) for r in rows}
        self.assertLessEqual({("login", "accepted", "none"), ("login", "refused", "replayed")}, verdicts)
        text = journal.text() + house.log_text()
        for secret in (phone.at(1), phone.base32(), phone.key.hex()):
            self.assertNotIn(secret, text)

    def doubt_the_clock(self):
        """A verifier that noticed something that is no entry: three phones that agree on another hour."""
        house = House()
        self.addCleanup(house.close)
        house.up()
        for user in ("alice", "bob", "carol"):
            phone = house.enrol(user, Phone())
            self.assertTrue(house.login(user, phone.code(ahead=1)).accepted)
            self.assertFalse(house.login(user, phone.code(ahead=120)).accepted)
        return house

    def test_a_notice_is_in_the_journal_with_its_fields(self):
        journal = LogReader("/run/systemd/journal/socket")
        self.addCleanup(journal.close)
        self.doubt_the_clock()
        journal.wait_for("GARDE_NOTICE=clock-off")
        row, = [row for row in map(fields, journal.lines) if row.get("GARDE_NOTICE", "scan-passed") != "scan-passed"]
        self.assertIn("clock seems to be off", row["MESSAGE"])
        self.assertEqual({key: row[key] for key in ("MESSAGE_ID", "PRIORITY", "SYSLOG_FACILITY", "SYSLOG_IDENTIFIER",
                                                    "GARDE_USERS")},
                         {"MESSAGE_ID": "fc5fff7756c0484e9413916f843465e7", "PRIORITY": "2", "SYSLOG_FACILITY": "10",
                          "SYSLOG_IDENTIFIER": "garded", "GARDE_USERS": "3"})
        self.assertLessEqual(abs(int(row["GARDE_OFFSET_S"]) - 3600), 90)  # it was judged a little later

    def test_a_notice_is_in_syslog_where_there_is_no_journal(self):
        found = self.doubt_the_clock().log_reader.wait_for(r"<(\d+)>[^\n]*clock-off: [^\n]* users=3")
        self.assertEqual(int(found[1]), 10 << 3 | 2)

    def test_a_user_name_cannot_forge_a_line(self):
        house = House()
        self.addCleanup(house.close)
        house.up()
        house.service("open")
        house.write_conf(sections="[service open]\nun_enrolled = allow\n")
        house.restart()
        house.login("x\nMay 1 garded: login user=alice verdict=accepted", "000001", service="open",
                    rhost="host\nGARDE_VERDICT=accepted")
        house.restart()
        self.assertEqual([line for line in house.log_reader.text().splitlines()
                          if "verdict=accepted" in line and "login" in line], [])


if __name__ == "__main__":
    enclosure.enter()
    garde_site.main()
