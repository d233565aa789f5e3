"""Users that only the programs of one test know: nss_wrapper puts a passwd file of the test in front of the C library's."""

import os
import pathlib

WRAPPER = next(pathlib.Path("/usr/lib").glob("*/libnss_wrapper.so"), None)


def known(folder, names, first_uid=100000):
    """Writes the file; returns the environment in which they are users."""
    passwd, group = folder / "passwd", folder / "group"
    passwd.write_text("".join(f"{name}:x:{first_uid + i}:100:{name}:/nonexistent:/bin/sh\n"
                              for i, name in enumerate(names)))
    group.write_text("users:x:100:\n")
    for file in (passwd, group):
        file.chmod(0o644)
    return {"LD_PRELOAD": str(WRAPPER), "NSS_WRAPPER_PASSWD": str(passwd), "NSS_WRAPPER_GROUP": str(group),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
