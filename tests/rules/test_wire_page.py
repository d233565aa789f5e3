#!/usr/bin/python3
"""docs/wire_protocol.md says what wire.h says: type numbers, fields in their order, and numbers of enums."""

import re

import house

PAGE = "docs/wire_protocol.md"
HEADERS = ["wire", "factor", "account", "entry", "status"]
ENUMS = ["wire_skip_why", "wire_refuse_why", "wire_change_kind", "wire_result_code", "wire_scan",
         "language", "factor_kind",
         "factor_algorithm", "factor_state", "verdict", "event", "reason"]


def headers():
    return "\n".join(house.bare(house.read(f"include/garde/{name}.h")) for name in HEADERS)


def enums(text):
    """{enum: {NAME: number}}"""
    found = {}
    for name, body in re.findall(r"\benum (\w+) \{(.*?)\}", text, re.S):
        pairs = re.findall(r"\b([A-Z]\w+)(?:\s*=\s*(\d+))?", body)
        found[name] = {key: int(number) if number else None for key, number in pairs}
    return found


def fields(text):
    """{struct: [field]}; a struct inside is spelled out."""
    found = {}
    for name, body in re.findall(r"\bstruct (wire_(?!message)\w+) \{(.*?)\n\}", text, re.S):
        rows = []
        for declaration in filter(None, (part.strip() for part in body.split(";"))):
            inner = re.fullmatch(r"struct (wire_\w+)\s+(\w+)", declaration)
            field = re.search(r"(\w+)(?:\[\w+\])?$", declaration).group(1)
            rows += [f"{inner.group(2)}.{part}" for part in found[inner.group(1)]] if inner else [field]
        found[name] = rows
    return found


def page_messages(page):
    """{NAME: (number, [field])} from headings like `### 5 ANSWER` and the table below each."""
    found = {}
    for number, name, body in re.findall(r"^### (\d+) ([A-Z_]+)\n(.*?)(?=^##|\Z)", page, re.M | re.S):
        found[name] = (int(number), re.findall(r"^\| `([\w.]+)` \|", body, re.M))
    return found


def page_numbers(page):
    """{(enum, NAME): number} from tables below headings like `### enum reason`."""
    found = {}
    for enum, body in re.findall(r"^### enum (\w+)\n(.*?)(?=^##|\Z)", page, re.M | re.S):
        for number, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", body, re.M):
            found[enum, name] = int(number)
    return found


def differences(text, page):
    messages, structs, numbers = page_messages(page), fields(text), enums(text)
    for key, number in numbers["wire_type"].items():
        name = key.removeprefix("WIRE_")
        have = messages.pop(name, None)
        want = (number, structs.get("wire_" + name.lower(), []))
        if have != want:
            yield f"{name}: the header says {want}, the page {have}"
    for name in messages:
        yield f"{name} is on the page only"
    have = page_numbers(page)
    want = {(enum, name): number for enum in ENUMS for name, number in numbers[enum].items()}
    for key in sorted(set(have) | set(want)):
        if have.get(key) != want.get(key):
            yield f"{key}: the header says {want.get(key)}, the page {have.get(key)}"


class WirePage(house.Rule):
    def test_the_page_says_what_the_header_says(self):
        self.holds(differences(headers(), house.read(PAGE)))

    def test_each_kind_of_difference_is_seen(self):
        text, page = headers(), house.read(PAGE)
        for old, new in (("### 5 ANSWER", "### 7 ANSWER"), ("| `rhost` |", "| `host` |"),
                         ("| 2 | `REASON_REPLAYED` |", "| 3 | `REASON_REPLAYED` |"),
                         ("| `service` |", "| `service` |\n| `extra` |")):
            with self.subTest(old=old):
                self.assertIn(old, page)
                self.is_seen(differences(text, page.replace(old, new, 1)))


if __name__ == "__main__":
    house.main()
