"""Counting what must not happen too often, by keyed digests: countable, never readable."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from core.addresses import household
from core.errors import TooMany
from core.keys import digest
from core.settings import Settings
from members.rules import DAY, NO_WAIT, Window, wait_for_windows
from models import Attempt

_MOST = 400
"""More than any window allows."""


@dataclass(frozen=True)
class Subject:
    """What is counted: a kind, and the digest of a number, a name, an address."""

    kind: str
    digest: str


def subject(settings: Settings, kind: str, value: str) -> Subject:
    return Subject(kind, digest(settings, f"attempt {kind}", value))


def address(settings: Settings, kind: str, typed: str) -> Subject:
    """A whole household is counted as one."""
    return subject(settings, kind, household(typed))


def hold(db: Session, subjects: Iterable[Subject]) -> None:
    """Until this transaction ends, nobody else counts these: a look and a note belong together.

    SQLite has one writer anyway.
    """
    if db.get_bind().dialect.name != "postgresql":
        return
    locks = {int(f"0x{each.digest[:15]}", 16) for each in subjects}
    for lock in sorted(locks):
        db.execute(select(func.pg_advisory_xact_lock(lock)))


def times(db: Session, what: Subject, now: datetime, within: timedelta = DAY) -> list[datetime]:
    """When it happened lately, newest first."""
    mine = select(Attempt.at).where(
        Attempt.kind == what.kind, Attempt.subject == what.digest, Attempt.at > now - within
    )
    return list(db.scalars(mine.order_by(Attempt.at.desc()).limit(_MOST)))


def note(db: Session, subjects: Iterable[Subject], now: datetime) -> list[UUID]:
    """Count one more of each; by what is returned it can be taken back."""
    rows: list[dict[str, Any]] = [
        {"id": uuid4(), "kind": each.kind, "subject": each.digest, "at": now} for each in subjects
    ]
    db.execute(insert(Attempt), rows)
    return [row["id"] for row in rows]


def spend(
    db: Session, limits: Mapping[Subject, Sequence[Window]], now: datetime,
    in_seconds: str, in_minutes: str,
) -> None:  # fmt: skip
    """Count one more of each, if the windows of all allow it. Raises TooMany, as `refuse` says."""
    hold(db, limits)
    waits = [wait_for_windows(times(db, each, now), limits[each], now) for each in limits]
    if max(waits) > NO_WAIT:
        raise refuse(max(waits), in_seconds, in_minutes)
    note(db, limits, now)


def take_back(db: Session, noted: Sequence[UUID]) -> None:
    db.execute(delete(Attempt).where(Attempt.id.in_(noted)))


def forget(db: Session, subjects: Iterable[Subject]) -> None:
    for each in subjects:
        db.execute(delete(Attempt).where(Attempt.kind == each.kind, Attempt.subject == each.digest))


def refuse(wait: timedelta, in_seconds: str, in_minutes: str) -> TooMany:
    """The error that says how long: one text for up to two minutes, another for longer."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    key = in_seconds if seconds <= 120 else in_minutes
    return TooMany(key, seconds=seconds, minutes=math.ceil(seconds / 60))
