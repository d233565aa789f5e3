#!/usr/bin/python3
"""Sizes of docs/house_style.md: functions p90 under 45 lines and 70 at most, files under 500 lines."""

import math

import house

P90_UNDER = 45
AT_MOST = 70
FILE_UNDER = 500


def lengths(folders):
    return [(length, f"{path}:{line} {name}") for path in house.files(folders, ".c", ".h")
            for name, line, length in house.functions(house.read(path))]


def p90(numbers):
    ordered = sorted(numbers)
    return ordered[math.ceil(len(ordered) * 0.9) - 1] if ordered else 0


def too_long(measured):
    return [f"{where}: {length} lines" for length, where in measured if length > AT_MOST]


def long_files(paths_and_texts):
    return [f"{path}: {text.count(chr(10))} lines" for path, text in paths_and_texts
            if text.count("\n") >= FILE_UNDER]


def a_function(lines, table=0):
    rows = "".join("        {1},\n" for _ in range(table))
    middle = f"    static const int rows[][1] = {{\n{rows}    }};\n" if table else ""
    return "static int f(int a)\n{\n" + middle + "    a++;\n" * (lines - 3) + "}\n"


class Sizes(house.Rule):
    def test_no_function_is_longer_than_seventy_lines(self):
        self.holds(too_long(lengths(house.EVERYTHING)))

    def test_nine_of_ten_functions_are_under_forty_five_lines(self):
        for folders in (house.PRODUCT, ("tests",)):
            measured = lengths(folders)
            self.assertLess(p90([length for length, _ in measured]), P90_UNDER, folders)

    def test_files_are_under_five_hundred_lines(self):
        paths = house.files(house.EVERYTHING + ("scripts",), ".c", ".h", ".py", ".sh", "")
        self.holds(long_files((path, house.read(path)) for path in paths if path.suffix or path.parts[0] == "scripts"))

    def test_a_long_function_is_seen(self):
        self.assertEqual([length for _, _, length in house.functions(a_function(70))], [70])
        self.is_seen(too_long([(length, name) for name, _, length in house.functions(a_function(71))]))

    def test_a_table_inside_a_function_is_not_counted(self):
        (_, _, length), = house.functions(a_function(10, table=100))
        self.assertLess(length, 15)

    def test_the_reader_finds_each_function_by_name(self):
        text = ('struct a {\n    int b;\n};\nint plain(void)\n{\n    return "}"[0] == \'{\'; /* { */\n}\n'
                "static const struct a rows[] = {\n    {1},\n};\n#define M(x) \\\n    do { \\\n    } while (0)\n"
                "enum e { ONE };\nSTART_TEST(a_sentence)\n{\n}\nEND_TEST\n"
                "static struct a two(int b,\n                    int c)\n{\n    return rows[b + c];\n}\n")
        self.assertEqual([(name, length) for name, _, length in house.functions(text)],
                         [("plain", 4), ("a_sentence", 3), ("two", 5)])

    def test_a_long_file_is_seen(self):
        self.is_seen(long_files([("x.c", "\n" * 500)]))


if __name__ == "__main__":
    house.main()
