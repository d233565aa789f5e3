#!/usr/bin/python3
"""Who may include whom (docs/architecture.md), and one home for each foreign library."""

import pathlib
import re

import house

GROUND = {"status", "secret", "factor", "account", "entry", "head", "number", "problem", "speech"}
TOOLS = {"crypto", "wire"}
COMPONENTS = {"otp", "policy", "vault", "store", "audit", "settings"}
ALL = GROUND | TOOLS | COMPONENTS

PROGRAMS = {
    "pam_module": (GROUND | {"wire"}) - {"speech"}, # its few texts are compiled in
    "enroll_tool": GROUND | {"wire", "crypto", "otp", "settings"},
    # The event loop's side: no keys, no store. Names of entries for the log, and whether a rule is in force, are pure.
    "verifier": GROUND | {"wire", "settings", "audit", "policy"},
    "verifier/desk": ALL,
}
# What opens crypto, vault and store before garded serves, and hands them over to the desk.
OPENERS = {"verifier/installation.c", "verifier/installation.h", "verifier/command_init.c", "verifier/command_check.c",
           "verifier/command_serve.c"}

# foreign header: (the only places that may include it, how many files at most)
FOREIGN = {
    r"security/.*": (r"pam_module/|tests/", None),
    r"openssl/.*": (r"core/crypto/|tests/support/failing/crypto\.c$", None),
    r"sqlite3\.h": (r"(tests/)?core/store/|tests/fuzz/forge\.c$|tests/support/failing/sqlite\.c$", None),
    r"libpq.*": (r"core/store/", 1),
    r"qrencode\.h": (r"enroll_tool/qr\.c$", 1),
    r"png\.h": (r"enroll_tool/", 1),
    r"ini\.h": (r"core/settings/", 1),
    r"systemd/.*": (r"verifier/[^/]*$|tests/support/failing/systemd\.c$", None),
    r"jansson\.h": (r"enroll_tool/", 1),
    r"libintl\.h": (r"include/garde/speech\.h$", 1),
    r"libxml/.*": (r"enroll_tool/formats/pskc_(tree|write)\.c$", 2),
    r"pskc/.*": (r"enroll_tool/formats/pskc\.c$", 1),
    r"protobuf-c/.*": (r"enroll_tool/formats/migration\.c$", 1),
    r"csv\.h": (r"enroll_tool/", 1),
    r"check\.h": (r"tests/", None),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")', re.M)


def allowed(path):
    """The names of include/garde/ that a file may include; None: any."""
    place = str(path)
    if place.startswith("tests/"):
        return None
    if place.startswith("include/garde/") or place.startswith("core/"):
        name = path.stem if place.startswith("include/") else path.parts[1]
        if name in GROUND or name == "ground":
            return GROUND
        return GROUND | {name} | ({"crypto"} if name in COMPONENTS else set())
    if place in OPENERS:
        return PROGRAMS["verifier"] | {"crypto", "vault", "store"}
    folder = "verifier/desk" if place.startswith("verifier/desk/") else path.parts[0]
    return PROGRAMS[folder]


def broken_includes(path, text):
    may = allowed(path)
    for match in INCLUDE.finditer(text):
        system, own = match.groups()
        if own is not None:
            if own.endswith(".c"):
                yield f"{path}: includes the source {own}"
            yield from broken_own(path, own)
        elif system.startswith("garde/"):
            name = system[len("garde/"):-len(".h")]
            if name not in ALL:
                yield f"{path}: garde/{name}.h has no layer in this test"
            elif may is not None and name not in may:
                yield f"{path}: may not include garde/{name}.h"


def broken_own(path, own):
    """An include in quotes stays in its program or component; tests may look at what they test."""
    if path.parts[0] == "tests":
        return
    target = pathlib.Path(*path.parent.parts)
    for part in pathlib.PurePath(own).parts:
        target = target.parent if part == ".." else target / part
    home = path.parts[:2] if path.parts[0] == "core" else path.parts[:1]
    if target.parts[:len(home)] != home:
        yield f"{path}: reaches out of its folder with {own}"


def broken_foreign(sources):
    """sources: {path: text}."""
    for header, (place, at_most) in FOREIGN.items():
        users = [path for path, text in sources.items()
                 for match in INCLUDE.finditer(text) if re.fullmatch(header, match.group(1) or "")]
        for path in users:
            if not re.match(place, str(path)):
                yield f"{path}: {header} has its home in {place}"
        if at_most is not None and len(set(users)) > at_most:
            yield f"{header} is included by {sorted(map(str, set(users)))}, one home is enough"


def all_sources():
    return {path: house.read(path) for path in house.files(house.EVERYTHING, ".c", ".h")}


class Includes(house.Rule):
    def test_every_file_includes_only_what_its_layer_may(self):
        self.holds(line for path, text in all_sources().items() for line in broken_includes(path, text))

    def test_each_foreign_library_has_one_home(self):
        self.holds(broken_foreign(all_sources()))

    def test_every_header_of_ours_has_a_layer(self):
        self.holds(name for name in (path.stem for path in house.files(["include"], ".h")) if name not in ALL)

    def test_a_component_that_includes_a_sibling_is_seen(self):
        for place, header in (("core/otp/totp.c", "policy"), ("include/garde/store.h", "vault"),
                              ("core/wire/x.c", "crypto"), ("core/ground/x.c", "wire"), ("pam_module/x.c", "crypto"),
                              ("enroll_tool/x.c", "store"), ("verifier/session.c", "vault")):
            with self.subTest(place=place):
                self.is_seen(broken_includes(pathlib.Path(place), f"#include <garde/{header}.h>\n"))

    def test_reaching_out_of_a_folder_is_seen(self):
        self.is_seen(broken_includes(pathlib.Path("core/otp/x.c"), '#include "../vault/inside.h"\n'))
        self.is_seen(broken_includes(pathlib.Path("pam_module/x.c"), '#include "../verifier/job.h"\n'))
        self.is_seen(broken_includes(pathlib.Path("tests/core/otp/x.c"), '#include "../../../core/otp/hotp.c"\n'))

    def test_a_foreign_library_away_from_home_is_seen(self):
        self.is_seen(broken_foreign({pathlib.Path("core/otp/x.c"): "#include <openssl/evp.h>\n"}))
        self.is_seen(broken_foreign({pathlib.Path(f"enroll_tool/{n}.c"): "#include <jansson.h>\n" for n in "ab"}))


if __name__ == "__main__":
    house.main()
