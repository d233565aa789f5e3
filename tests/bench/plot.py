"""Plots as SVG: lines over a logarithmic axis, on a white ground so that they can be read on light and dark pages."""

import math

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 76, 20, 58, 56
INK, GRID = "#10222e", "#d5dfe6"
COLOURS = {"garde": "#0b6e4f", "google-authenticator": "#c2571a", "oath": "#5b4a9c",
           "pam_permit": "#6b7780"}
MARKS = {"garde": "circle", "google-authenticator": "square", "oath": "diamond", "pam_permit": "diamond"}


def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;")


class Axis:
    """A logarithmic scale laid over begin..end of the picture, from mark to mark."""

    def __init__(self, values, begin, end, marks):
        low, high = min(values), max(values)
        self.begin, self.end = begin, end
        first = max(i for i, mark in enumerate(marks) if mark <= low)
        last = min(i for i, mark in enumerate(marks) if mark >= high)
        self.marks = marks[first:max(last, first + 1) + 1]

    def at(self, value):
        low, high = math.log(self.marks[0]), math.log(self.marks[-1])
        return self.begin + (math.log(value) - low) / (high - low) * (self.end - self.begin)


TENS = [10 ** i for i in range(8)]
TWOS = [2 ** i for i in range(12)]
STEPS = [digit * 10 ** i for i in range(-2, 7) for digit in (1, 2, 5)]


def short(value):
    if value >= 1_000_000:
        return f"{value / 1_000_000:g} million"
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def mark(name, x, y):
    colour = COLOURS[name]
    if MARKS[name] == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    if MARKS[name] == "square":
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
    return f'<path d="M{x:.1f} {y - 5:.1f}l5 5-5 5-5-5z" fill="{colour}"/>'


def lines_of(series, x_axis, y_axis):
    for name, points in series.items():
        spots = [(x_axis.at(x), y_axis.at(y)) for x, y in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        yield f'<path d="M{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'
        yield from (mark(name, x, y) for x, y in spots)


def legend(series):
    x = LEFT
    for name in series:
        yield mark(name, x + 6, 40)
        yield f'<text x="{x + 16}" y="44">{escape(name)}</text>'
        x += 36 + 8 * len(name)


def grid(x_axis, y_axis, x_title, y_title):
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in y_axis.marks:
        y = y_axis.at(value)
        yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{GRID}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{short(value)}</text>'
    for value in x_axis.marks:
        x = x_axis.at(value)
        yield f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="{GRID}"/>'
        anchor = "end" if x > right - 20 else "middle"
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="{anchor}">{short(value)}</text>'
    yield f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x_title)}</text>'
    middle = (TOP + bottom) / 2
    yield (f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
           f"{escape(y_title)}</text>")


def picture(title, series, x_title, y_title, x_marks):
    """series: {name: [(x, y)]}."""
    x_axis = Axis([x for points in series.values() for x, _ in points], LEFT, WIDTH - RIGHT, x_marks)
    y_axis = Axis([y for points in series.values() for _, y in points], HEIGHT - BOTTOM, TOP, STEPS)
    inside = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', f'<g fill="{INK}">',
              f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold">{escape(title)}</text>', *legend(series),
              *grid(x_axis, y_axis, x_title, y_title), "</g>", *lines_of(series, x_axis, y_axis)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="13">\n<title>{escape(title)}</title>\n'
            + "\n".join(inside) + "\n</svg>\n")


def titled(title, *rest):
    return title, picture(title, *rest)


def by_users(results):
    measured = results["by_users"]
    series = {}
    for name, row in measured.items():
        program, _, users = name.partition("-")
        base = row.get("permit", measured["permit"]["median"])
        if users:
            series.setdefault(program, []).append((int(users), row["median"] - base))
        elif program == "ga":
            alone = row["median"] - base
    if "oath" in series:
        last = max(users for users, _ in series["garde"])
        series["google-authenticator"] = [(10, alone), (last, alone)]
    return titled("Time that a login takes more than with pam_permit", series, "users", "µs, median", TENS)


def by_number(results, part, title, y_title):
    names = {"permit": "pam_permit", "garde": "garde", "ga": "google-authenticator"}
    series = {}
    for count, cases in results["at_once"].items():
        for name, row in cases.items():
            series.setdefault(names[name], []).append((int(count), row[part]))
    return titled(title, series, "logins at once", y_title, TWOS)


def pictures(results):
    """{name: (title, SVG)}."""
    return {
        "users": by_users(results),
        "throughput": by_number(results, "per_s", "Logins a second, each in a fresh process", "logins a second"),
        "p99": by_number(results, "p99_ms", "The slowest of a hundred logins (p99)", "ms, p99"),
    }
