"""Passwords as argon2id hashes, and holding one against a hash that may not be there.

Whoever is unknown is held against the hash of nobody, so that unknown and wrong cost the same work.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id as OWASP advises for servers that do other work too: 19 MiB for each log-in."""


def hash_password(password: str) -> str:
    return HASHER.hash(password)


@cache
def nobody() -> str:
    """What the password of somebody who is not there is held against."""
    return HASHER.hash("nobody has this password")


def verify(known: str, password: str, hasher: PasswordHasher = HASHER) -> bool:
    try:
        return hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
