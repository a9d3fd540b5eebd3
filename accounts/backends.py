"""Checking a password costs as much as five saved answers: at most one at a time in each process."""

import threading

from allauth.account.auth_backends import AuthenticationBackend

# A log-in that has waited this long is told to come again; somebody's answers come first.
WAIT_SECONDS = 10
# Who waits holds one of the process's few threads: with these taken, the rest stay for answers.
MOST_AT_ONCE = 3
_queue = threading.Semaphore(MOST_AT_ONCE)
_hashing = threading.Semaphore(1)


class TooManyLogIns(Exception):
    """No password was checked: the queue is full, or did not move. The log-in waits on a page that asks again
    (accounts/turns.py); everything else that asks for a password is answered 503 (config/middleware.py)."""


class OneAtATimeBackend(AuthenticationBackend):
    def authenticate(self, request, **credentials):
        """Raises TooManyLogIns when the queue is full, and after WAIT_SECONDS in it."""
        if not _queue.acquire(blocking=False):
            raise TooManyLogIns
        try:
            if not _hashing.acquire(timeout=WAIT_SECONDS):
                raise TooManyLogIns
            try:
                return super().authenticate(request, **credentials)
            finally:
                _hashing.release()
        finally:
            _queue.release()
