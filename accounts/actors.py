"""Who does something, from where, and when: what every line of the audit log begins with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    account_id: UUID | None
    """None for whoever has no account: a stranger, or the terminal."""

    name: str
    address: str
    at: datetime


TERMINAL = ("musubi", "terminal")
"""Name and address of whoever runs `musubi`."""


def terminal(now: datetime) -> Actor:
    return Actor(None, *TERMINAL, now)


def stranger(address: str, now: datetime) -> Actor:
    return Actor(None, "", address, now)
