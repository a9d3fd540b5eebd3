"""Who is logged in, with every request; and checking a password, which costs as much as five saved answers: at most
one at a time in each process.
"""

import threading

from allauth.account.auth_backends import AuthenticationBackend

from accounts.composed import composed
from accounts.models import User

# A log-in that has waited this long is told to come again; somebody's answers come first.
WAIT_SECONDS = 10
# Who waits holds one of the process's few threads: with these taken, the rest stay for answers.
MOST_AT_ONCE = 3
# Whoever comes back for their turn (accounts/turns.py) may stand and wait so long: few do at once.
TURN_WAITS_SECONDS = 0.5
_queue = threading.Semaphore(MOST_AT_ONCE)
_hashing = threading.Semaphore(1)


class TooManyLogIns(Exception):
    """No password was checked: the queue is full, or did not move. The log-in waits on a page that asks again
    (accounts/turns.py); everything else that asks for a password is answered 503 (config/middleware.py)."""


@composed
def with_rights(pk):
    return User.objects.with_rights().filter(pk=pk)


class OneAtATimeBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """With what every page asks: is this a coach?"""
        return next((user for user in with_rights(user_id) if self.user_can_authenticate(user)), None)

    def authenticate(self, request, **credentials):
        """Raises TooManyLogIns when the queue is full, and after WAIT_SECONDS in it."""
        if not _queue.acquire(timeout=TURN_WAITS_SECONDS if getattr(request, "has_turn", False) else 0):
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
