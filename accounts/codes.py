"""Codes that people read out and type: how they are made, and read whatever way they were typed."""

import secrets

# Without letters and digits that are read for one another.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def tidy_code(typed: str) -> str:
    """As it is kept, from what somebody typed or was read aloud."""
    return "".join(letter for letter in typed.upper() if letter in CODE_LETTERS)
