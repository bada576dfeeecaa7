"""Counting the tries at one name and from one address, by keyed digests in the table of attempts.

A try is counted before it is judged, so that a hundred guesses at once are a hundred tries.
members.retention forgets them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from accounts import rules
from core.addresses import household
from core.errors import TooMany
from core.keys import digest
from core.settings import Settings
from models import Attempt

_MOST = 500
"""More than any rule looks at."""


@dataclass(frozen=True)
class Tries:
    """What one try counts for."""

    name: str
    address: str


def tries(settings: Settings, kind: str, name: str, address: str) -> Tries:
    """`kind`: what is tried, such as `password`; `name`: at whom."""
    return Tries(
        subject(settings, f"staff-{kind}", name),
        subject(settings, "staff-address", household(address)),
    )


def subject(settings: Settings, kind: str, value: str) -> str:
    """What stands for a value in the table."""
    return digest(settings, f"attempt {kind}", value)


def count(db: Session, what: Tries, now: datetime) -> list[UUID]:
    """One more try; by what is returned it can be taken back. Raises TooMany."""
    hold(db, (what.name, what.address))
    from_there = times(db, "staff-address", what.address, now)
    wait = max(
        rules.wait_for_failures(times(db, "staff-name", what.name, now), now),
        rules.wait_until_fewer(from_there, now, rules.PER_ADDRESS),
    )
    if wait > rules.NO_WAIT:
        raise refusal(wait, "staff.wait_seconds", "staff.wait_minutes")
    return note(db, (("staff-name", what.name), ("staff-address", what.address)), now)


def take_back(db: Session, what: Tries, noted: Sequence[UUID]) -> None:
    """It was the right one: it does not count, nor does what went before at this name."""
    db.execute(delete(Attempt).where(Attempt.id.in_(noted)))
    forget(db, what)


def forget(db: Session, what: Tries) -> bool:
    """Whether there was anything to forget."""
    gone = db.execute(
        delete(Attempt)
        .where(Attempt.kind == "staff-name", Attempt.subject == what.name)
        .returning(Attempt.id)
    )
    return bool(gone.all())


def note(db: Session, tried: Iterable[tuple[str, str]], now: datetime) -> list[UUID]:
    """`tried`: kinds and subjects."""
    rows = [{"id": uuid4(), "kind": kind, "subject": of, "at": now} for kind, of in tried]
    db.execute(insert(Attempt), rows)
    return [row["id"] for row in rows if isinstance(row["id"], UUID)]


def hold(db: Session, subjects: Iterable[str]) -> None:
    """A look and a note belong together. SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        for lock in sorted(int(f"0x{each[:15]}", 16) for each in subjects):
            db.execute(select(func.pg_advisory_xact_lock(lock)))


def times(db: Session, kind: str, subject: str, now: datetime) -> list[datetime]:
    mine = select(Attempt.at).where(
        Attempt.kind == kind, Attempt.subject == subject, Attempt.at > now - rules.MEMORY
    )
    return list(db.scalars(mine.order_by(Attempt.at.desc()).limit(_MOST)))


def refusal(wait: timedelta, in_seconds: str, in_minutes: str) -> TooMany:
    """One text for up to two minutes, another for longer."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    key = in_seconds if seconds <= 120 else in_minutes
    return TooMany(key, seconds=seconds, minutes=math.ceil(seconds / 60))
