"""People who log in without a pause while something happens to their machine.

    with Crowd(machine, {"alice": phone, "bob": None}) as crowd:
        ...
    crowd.check(self)

Who has a phone types the password and a code of it, each code once, and must be let in; every fifth code is typed at two places
at the same moment, and must let in at one of them. Who has none types the password alone, and must be let in each time.
"""

import concurrent.futures
import threading

from machine import PASSWORD

TWICE_EVERY = 5


class Crowd:
    def __init__(self, machine, phones):
        self.machine, self.phones = machine, phones
        self.ended = threading.Event()
        self.accepted = {user: [] for user in phones}  # the codes
        self.offered = {}  # the last one, whatever became of it
        self.wrong = []
        self.pool = concurrent.futures.ThreadPoolExecutor()
        self.threads = [threading.Thread(target=self.live, args=(user,)) for user in phones]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.wait_for_more(1)
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.pool.shutdown()

    def wait_for_more(self, logins):
        """Until each of them has logged in so many times more."""
        wanted = {user: len(codes) + logins for user, codes in self.accepted.items()}
        while any(len(self.accepted[user]) < count for user, count in wanted.items()) and not self.wrong:
            self.ended.wait(0.05)

    def live(self, user):
        while not self.ended.is_set() and not self.wrong:
            try:
                self.log_in(user)
            except Exception as error:  # a thread that ends in silence would be a crowd that waits for ever
                self.tell(f"{user}: {error!r}")

    def log_in(self, user):
        code = self.phones[user].code() if self.phones[user] else ""
        self.offered[user] = code
        twice = code and len(self.accepted[user]) % TWICE_EVERY == 0
        hosts = ["192.0.2.1", "192.0.2.2"] if twice else ["192.0.2.1"]
        logins = list(self.pool.map(lambda host: self.machine.attempt(user, PASSWORD + code, rhost=host), hosts))
        let_in = sum(login.returncode == 0 for login in logins)
        if let_in > 0:
            self.accepted[user].append(code)
        if let_in != 1:
            self.tell(f"{user} got in {let_in} times with {code!r}: {[login.stdout for login in logins]}")

    def tell(self, what):
        """What happens after the end is nobody's concern: the machine may be gone."""
        if not self.ended.is_set():
            self.wrong.append(what)

    def check(self, test):
        test.assertEqual(self.wrong, [])
        test.assertTrue(all(self.accepted.values()), self.accepted)
