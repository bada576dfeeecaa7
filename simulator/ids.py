"""Identifiers in the shapes LINE gives them."""

import itertools
import re
import secrets
import uuid

USER_ID = re.compile(r"U[0-9a-f]{32}")
ALIAS_ID = re.compile(r"[a-z0-9_-]{1,32}")
RETRY_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_counter = itertools.count(secrets.randbelow(10**9))


def user_id() -> str:
    return "U" + secrets.token_hex(16)


def message_id() -> str:
    """Eighteen digits, growing."""
    return f"5{next(_counter) % 10**17:017d}"


def request_id() -> str:
    return str(uuid.uuid4())


def rich_menu_id() -> str:
    return "richmenu-" + secrets.token_hex(16)


def token(size: int = 32) -> str:
    return secrets.token_urlsafe(size)


def ulid(at_ms: int) -> str:
    """A webhook event's id: 48 bits of time, 80 of chance, in Crockford's base 32."""
    number = at_ms << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
