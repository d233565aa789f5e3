"""A Debian tree for the machines of the tests: debootstrap, the programs that people log in through, garde's packages on top.

Both layers are kept in build/machine/ and made anew when their lists, or the packages, change. Root only.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
CACHE = SOURCE / "build" / "machine"
PACKAGES = SOURCE / "build" / "packages"
SUITE = "bookworm"
PASSWORD = "correct horse"
PEOPLE = {"alice": 20001, "bob": 20002, "carol": 20003, "dave": 20004}

# No service is started while packages are installed into a tree that is not running.
POLICY = "#!/bin/sh\nexit 101\n"


def packages_of(group):
    """The names that scripts/packages has for a group."""
    lines = (SOURCE / "scripts" / "packages").read_text().splitlines()
    return sorted({line.split()[1] for line in lines if line.split()[:1] == [group]})


def mirror():
    """Where this machine's own apt gets the suite from."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
                              f"Codename: {SUITE}", "Component: main"], check=True, capture_output=True, text=True)
    return targets.stdout.split()[0]


@contextlib.contextmanager
def locked():
    """One process at a time makes a layer; the others wait and find it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def logged(command, log, **more):
    done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {pathlib.Path(log.name).read_text()[-3000:]}")


def environment():
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def install(root, packages, log, *options):
    logged(["chroot", root, "apt-get", "install", "--yes", "--no-install-recommends", *options, *packages], log,
           env=environment())


@contextlib.contextmanager
def mounted(lower, upper, work, root):
    """An overlay at root, what is written goes to upper. lower: folders, the topmost first."""
    for folder in (upper, work, root):
        folder.mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={':'.join(map(str, lower))},upperdir={upper},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)], check=True)
    try:
        yield root
    finally:
        subprocess.run(["umount", str(root)], check=True)


def furnish(root, log):
    """apt as this machine has it, people, and nothing that waits for a network."""
    apt = root / "etc" / "apt"
    (apt / "sources.list").unlink(missing_ok=True)
    for source in pathlib.Path("/etc/apt/sources.list.d").glob("debian*"):
        shutil.copy(source, apt / "sources.list.d")
    if pathlib.Path("/etc/apt/sources.list").exists():
        shutil.copy("/etc/apt/sources.list", apt)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    (root / "usr" / "sbin" / "policy-rc.d").write_text(POLICY)
    (root / "usr" / "sbin" / "policy-rc.d").chmod(0o755)
    logged(["chroot", root, "apt-get", "update"], log, env=environment())
    install(root, packages_of("tree"), log)
    (root / "usr" / "sbin" / "policy-rc.d").unlink()
    (root / "etc" / "hostname").write_text("ward\n")
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost ward\n::1 localhost\n")
    for name, uid in PEOPLE.items():
        logged(["chroot", root, "useradd", "--create-home", "--uid", uid, "--shell", "/bin/bash", name], log)
        subprocess.run(["chroot", root, "chpasswd"], input=f"{name}:{PASSWORD}", text=True, check=True)
    # what people log in through is started by the test that wants it
    for service in ("ssh", "lightdm", "freeradius"):
        logged(["chroot", root, "systemctl", "disable", service], log)
    logged(["chroot", root, "systemctl", "set-default", "multi-user.target"], log)


def remove_others(pattern, kept):
    for old in CACHE.glob(pattern):
        if old != kept and not str(old).startswith(str(kept)):
            shutil.rmtree(old, ignore_errors=True)


def base():
    """The folder of the tree without garde."""
    wanted = packages_of("tree")
    text = "\n".join([SUITE, *wanted, pathlib.Path(__file__).read_text()])
    tree = CACHE / f"tree-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    with locked():
        if tree.exists():
            return tree
        remove_others("tree-*", tree)
        making = pathlib.Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
        with open(CACHE / "tree.log", "w+") as log:
            try:
                making.chmod(0o755)
                logged(["debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, making, mirror()], log)
                furnish(making, log)
                making.rename(tree)
            except BaseException:
                shutil.rmtree(making, ignore_errors=True)
                raise
    return tree


def fingerprint(debs):
    digest = hashlib.sha256()
    for deb in debs:
        digest.update(deb.name.encode() + deb.read_bytes())
    return digest.hexdigest()[:12]


def debs():
    """The packages that scripts/package has built."""
    found = sorted(deb for deb in PACKAGES.glob("*.deb") if "dbgsym" not in deb.name)
    if not found:
        raise AssertionError(f"no packages in {PACKAGES}: scripts/package makes them")
    return found


def with_garde():
    """The layers of the tree with garde's packages, the topmost first."""
    lower = base()
    found = debs()
    layer = CACHE / f"garde-{fingerprint(found)}-{lower.name[5:]}"
    with locked():
        if layer.exists():
            return [layer, lower]
        remove_others("garde-*", layer)
        making = pathlib.Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
        try:
            with open(CACHE / "garde.log", "w+") as log, \
                    mounted([lower], making / "upper", making / "work", making / "root") as root:
                for deb in found:
                    shutil.copy(deb, root / "tmp")
                install(root, [f"/tmp/{deb.name}" for deb in found], log)
                for deb in found:
                    (root / "tmp" / deb.name).unlink()
            (making / "upper").rename(layer)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return [layer, lower]
