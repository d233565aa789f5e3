"""A Debian tree for the machines of the tests: debootstrap, the programs that people log in through, garde's packages on top.

    debian_tree.py tree       makes the tree
    debian_tree.py garde      the same, and the layer with garde's packages (build/packages)

Both are kept in build/machine/ and made anew when their lists, or the packages, change. What is there under its final name is
whole: it was made under another one, flushed, then renamed. Root only.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(os.environ.get("GARDE_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
CACHE = SOURCE / "build" / "machine"
PACKAGES = SOURCE / "build" / "packages"
SUITE = "bookworm"
PASSWORD = "correct horse"
PEOPLE = {"alice": 20001, "bob": 20002, "carol": 20003, "dave": 20004}

ROOM = 3 << 30  # what both layers and some machines take, and as much again for apt
# A mirror that is slow, or away for a moment, is no reason to fail.
PATIENT = ["-o", "Acquire::Retries=5", "-o", "Acquire::http::Timeout=60", "-o", "Acquire::https::Timeout=60"]

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


def enclosed():
    """Goes on in mount and process namespaces of our own. This process becomes unshare and the program its child, which dies with it, and
    as first process of its namespace takes all others along: whoever kills the test, nothing runs and nothing is mounted."""
    if os.environ.get("GARDE_MACHINES") == str(os.getpid()):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run/systemd/nspawn"], check=True)
        return
    pathlib.Path("/run/systemd/nspawn").mkdir(parents=True, exist_ok=True)
    os.environ["GARDE_MACHINES"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
                          sys.executable, "-B", *sys.argv])


def hold(folder, how=fcntl.LOCK_SH):
    """Marks the folder as in use, as long as this process lives or until the descriptor is closed. None: not while others do."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        return descriptor
    except BlockingIOError:
        os.close(descriptor)
        return None


@contextlib.contextmanager
def unused(folder):
    """Whether nobody uses the folder, who is kept out meanwhile."""
    try:
        descriptor = hold(folder, fcntl.LOCK_EX)
    except FileNotFoundError:
        descriptor = None
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def remove_unused(pattern):
    """What a run before left half made, or what has been replaced."""
    for folder in CACHE.glob(pattern):
        with unused(folder) as ours:
            if ours:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def locked():
    """One process at a time makes a layer; the others wait and find it. What a killed one left half made is removed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_unused("making-*")
        yield


@contextlib.contextmanager
def making(layer):
    """A folder to make the layer in; what is in `made` of it at the end becomes the layer."""
    free = shutil.disk_usage(CACHE).free
    if free < ROOM:
        raise AssertionError(f"{CACHE}: {free >> 20} MiB are free, a machine of the tests wants {ROOM >> 20}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
    try:
        (folder / "made").mkdir()
        (folder / "made").chmod(0o755)
        yield folder
        subprocess.run(["sync", "--file-system", folder / "made"], check=True)
        (folder / "made").rename(layer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def logged(command, log, tries=1, **more):
    for left in reversed(range(tries)):
        done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        if done.returncode == 0:
            return
        time.sleep(10 if left else 0)
    raise AssertionError(f"{command[0]} ended with {done.returncode}: {pathlib.Path(log.name).read_text()[-3000:]}")


def environment():
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def install(root, packages, log, *options):
    logged(["chroot", root, "apt-get", "install", "--yes", "--no-install-recommends", *PATIENT, *options, *packages], log,
           tries=3, env=environment())


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
    # a machine of a test does not outlive a power cut
    (root / "etc" / "dpkg" / "dpkg.cfg.d" / "tests").write_text("force-unsafe-io\n")
    logged(["chroot", root, "apt-get", "update", *PATIENT], log, tries=3, env=environment())
    install(root, packages_of("tree"), log)
    logged(["chroot", root, "apt-get", "clean"], log)
    (root / "var" / "lib" / "man-db" / "auto-update").unlink()  # its index takes longer than all else of an install
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


def base():
    """The folder of the tree without garde."""
    wanted = packages_of("tree")
    text = "\n".join([SUITE, *wanted, pathlib.Path(__file__).read_text()])
    tree = CACHE / f"tree-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    with locked():
        if not tree.exists():
            remove_unused("garde-*")
            remove_unused("tree-*")
            with making(tree) as folder, open(CACHE / "tree.log", "w+") as log:
                debootstrap(folder / "made", log)
        hold(tree)
    return tree


def debootstrap(root, log):
    for left in (2, 1, 0):
        try:
            logged(["debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, root, mirror()], log)
            break
        except AssertionError:
            if not left:
                raise
            shutil.rmtree(root)
    furnish(root, log)


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
        if not layer.exists():
            remove_unused("garde-*")
            with making(layer) as folder, open(CACHE / "garde.log", "w+") as log, \
                    mounted([lower], folder / "made", folder / "work", folder / "root") as root:
                for deb in found:
                    shutil.copy(deb, root / "tmp")
                install(root, [f"/tmp/{deb.name}" for deb in found], log)
                for deb in found:
                    (root / "tmp" / deb.name).unlink()
        hold(layer)
    return [layer, lower]


if __name__ == "__main__":
    import machine
    machine.needed()
    print({"tree": base, "garde": with_garde}[sys.argv[1]]())
