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
