from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with the least memory that OWASP advises (Password Storage Cheat Sheet): 21 ms of a core and 19 MB.

    As hard on a guesser's graphics cards as the 226 ms of Django's PBKDF2, and a class room is in ten times as fast.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
