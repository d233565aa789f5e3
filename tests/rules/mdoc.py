"""A small reader of mdoc: as much as it takes to compare a man page with its translation."""

import collections
import hashlib
import re

# What is the same in every language, with its words. Other macros are compared without.
NAMED = {"Fl", "Cm", "Xr", "Pa", "Ev", "Dv", "Ql", "Fn", "Cd"}
OTHERS = {"Ar", "Op", "Pq", "Em", "Li", "Sx", "Dq", "Ns", "No", "Ta", "Nm", "Nd", "Po", "Pc"}
DELIMITERS = set(".,:;()?!|")


def words_of(line):
    return re.findall(r'"[^"]*"|\S+', line)


def named(line):
    """[(macro, word)] of one macro line, for macros whose words are the same in every language."""
    found, macro = [], None
    for word in words_of(line.lstrip(".")):
        if word in NAMED or word in OTHERS:
            macro = word
            found += [("Ar", "")] if word == "Ar" else []
        elif macro in NAMED and word not in DELIMITERS and not word.startswith("\\~"):
            found.append((macro, word))
    return found


def macros(line):
    """The macros of a line, in order."""
    return [word for word in words_of(line.lstrip(".")) if word in NAMED | (OTHERS - {"Ns", "No"})]


class Page:
    """What a page is made of: `outline`, a list of steps, and for each step what is named until the next one and its `sources`."""

    def __init__(self, source, sections):
        self.outline, self.names, self.lines, self.sources, self.texts = [], [], [], [], []
        self.begin(("begin",), 0)
        display = None
        for number, line in enumerate(source.splitlines(), 1):
            if display is not None:
                display.append(line)
                if line.startswith(".Ed"):
                    self.begin(("display", tuple(display)), number)
                    display = None
            elif line.startswith(".Bd"):
                display = [line]
            elif line.startswith((".Sh ", ".Ss ")):
                title = line[4:]
                self.begin((line[1:3], sections.get(title, title)), number)
            elif line.startswith((".Pp", ".El", ".Dl")):
                self.begin((line,), number)
            elif line.startswith(".Bl"):
                self.begin((re.sub(r' (-width \S+|"[^"]*")', "", line),), number)
            elif line.startswith(".It"):
                self.begin(("It", tuple(macros(line)), tuple(named(line[4:]))), number)
            elif line.startswith("."):
                self.names[-1].update(named(line))
                if re.match(r"\.(Pq|Nd|Em) ", line) and line.split()[1] not in NAMED | OTHERS:
                    self.texts.append((number, re.sub(r" [.,:;]$", "", line[4:])))
            elif line:
                self.texts.append((number, line))
            self.sources[-1].append(line)

    def begin(self, step, number):
        self.outline.append(step)
        self.names.append(collections.Counter())
        self.lines.append(number)
        self.sources.append([])

    def prints(self):
        """[(line, fingerprint)] of what each step holds."""
        return [(line, hashlib.sha256("\n".join(source).encode()).hexdigest()[:12]) for line, source in zip(self.lines, self.sources)]
