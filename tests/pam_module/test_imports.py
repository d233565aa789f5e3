"""What pam_garde.so may call of libpam and libc, seen in its table of imports (C5, C6, C10, C11)."""

import os
import pathlib
import subprocess
import unittest

MODULE = pathlib.Path(os.environ.get("GARDE_BUILD", "build/dev")).resolve() / "pam_module" / "pam_garde.so"

# Of libpam these and nothing else: no pam_get_authtok, which would ask by itself, no pam_prompt, no pam_putenv. The items that are set are PAM_AUTHTOK alone, the data
# that is kept the set-aside code alone.
OF_LIBPAM = {"pam_get_item", "pam_set_item", "pam_get_user", "pam_get_data", "pam_set_data", "pam_fail_delay", "pam_syslog"}

# Of libc whatever is harmless to a guest. These are not, each with its family.
NEVER = ("abort exit _exit quick_exit __assert_fail raise kill "
         "fork vfork clone posix_spawn system popen execve waitpid daemon "
         "signal sigaction sigprocmask pthread_sigmask alarm setitimer pthread_create "
         "setlocale umask chdir setuid seteuid setresuid setgroups "
         "mktime localtime localtime_r tzset strftime "
         "getenv secure_getenv setenv putenv unsetenv "
         "getpwnam getpwuid getpwnam_r getaddrinfo gethostbyname "
         "printf puts fopen open openat unlink "
         "openlog closelog dlopen select").split()


def imports(library):
    done = subprocess.run(["nm", "-D", "--undefined-only", library], capture_output=True, text=True, check=True)
    return {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}


class Imports(unittest.TestCase):
    def setUp(self):
        self.names = imports(MODULE)
        if any(name.startswith(("__asan_", "__ubsan_")) for name in self.names):
            self.skipTest("a sanitizer brings imports of its own")

    def test_of_libpam_the_module_calls_seven_functions(self):
        self.assertEqual({name for name in self.names if name.startswith("pam_")}, OF_LIBPAM)

    def test_of_libc_it_calls_nothing_that_changes_the_caller(self):
        plain = {name.removeprefix("__").removesuffix("_chk").removesuffix("64") for name in self.names} | self.names
        self.assertEqual(plain & set(NEVER), set())


class TheReaderSees(unittest.TestCase):
    def test_the_imports_of_another_module_are_seen_and_judged(self):
        other = next(pathlib.Path("/usr/lib").glob("*/security/pam_unix.so"), None)
        if other is None:
            self.skipTest("no pam_unix.so here")
        names = imports(other)
        self.assertIn("pam_get_authtok", names)
        self.assertIn("fork", names)


if __name__ == "__main__":
    unittest.main()
