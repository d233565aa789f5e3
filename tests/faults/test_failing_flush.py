"""A flush that fails: it is not known what is on disk, so nobody is told of a success, garded ends, and the next start recovers."""

import garde_site
import injection
from scene import RUNNING, USER, SceneTest


class Flush(SceneTest):
    def flushes(self):
        """Of a login; the first of them is the commit's."""
        self.site.put_back()
        self.site.begin()
        code = self.site.codes()[1]
        calls = injection.record(self.site.process.pid, lambda: self.assertTrue(self.site.login(USER, code).accepted))
        return [call for call in calls if call.name in ("fdatasync", "fsync")]

    def test_after_a_failed_flush_of_a_login_garded_ends_and_the_next_start_recovers(self):
        site = self.site
        first = self.flushes()[0]
        for error in ("EIO", "ENOSPC"):
            with self.subTest(error=error):
                site.put_back()
                site.begin()
                _, code, following = site.codes()
                login, line = injection.inject(site.process.pid, first, f"error={error}",
                                               lambda: site.login(USER, code))
                self.assertIsNotNone(line, "the flush did not come")
                self.assertNobodyLetIn(login)
                self.assertEqual(site.ended_with(10), RUNNING, site.log_text())
                self.assertIn("ending so that the next start recovers", site.log_text())
                site.process = None
                site.log_file.write_bytes(b"")
                site.start()
                site.wait_for_log("scan-passed: ")
                self.check_login(login, code, following)


if __name__ == "__main__":
    injection.enter()
    garde_site.main()
