"""A terminal that paints half blocks, for a QR reader: text with SGR colours becomes a grey picture (PGM)."""

import re

MODULE = 4  # pixels
HALVES = {"█": ("ink", "ink"), "▀": ("ink", "paper"), "▄": ("paper", "ink")}
PIECE = re.compile(r"\x1b\[([0-9;]*)m|(.)")


def shade(number):
    """A colour of the 256 outside a theme's sixteen; the themes' own would be anybody's guess."""
    cube = {16: 0, 231: 255}
    return cube[number]


def coloured(escape, colours, default):
    if escape in ("", "0"):
        return dict(default)
    found = re.fullmatch(r"38;5;(\d+);48;5;(\d+)", escape)
    return {"ink": shade(int(found[1])), "paper": shade(int(found[2]))} if found else colours


def painted(text, ink, paper):
    """Rows of grey values, on a terminal whose own colours are given."""
    default = {"ink": ink, "paper": paper}
    rows = []
    for line in text.splitlines():
        colours, halves = dict(default), ([], [])
        for escape, character in PIECE.findall(line):
            if not character:
                colours = coloured(escape, colours, default)
                continue
            for half, role in zip(halves, HALVES.get(character, ("paper", "paper"))):
                half.append(colours[role])
        rows += halves
    width = max(map(len, rows))
    return [row + [paper] * (width - len(row)) for row in rows]


def write_pgm(path, rows):
    body = b"".join(bytes(value for value in row for _ in range(MODULE)) * MODULE for row in rows)
    path.write_bytes(b"P5 %d %d 255\n" % (len(rows[0]) * MODULE, len(rows) * MODULE) + body)


def without_colours(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
