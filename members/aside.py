"""Work that was put aside, as trying it by itself again promised nothing: whose it is and why,
trying it once more, and leaving it be.

Each feature names the kinds of rows that are its own. Doing any of it twice does it once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, false, func, literal, null, select, true, update
from sqlalchemy.orm import Session

from core import review
from core.inserting import affected
from core.owed import Owed, State
from members.persons import Person
from members.persons import of_friends as people_of
from members.queues import failed
from models import Deauthorization, Friend, InboxEvent, Link, OneTimeCode, Sms


class Again(Protocol):
    """Make rows due again; how many there were."""

    def __call__(
        self, db: Session, table: type[Owed], now: datetime, *where: ColumnElement[bool]
    ) -> int: ...


@dataclass(frozen=True)
class Kind:
    """Rows of one table: how they are read, and which of them it is of use to try again."""

    table: type[Owed]
    what: Any
    """A word for what was to be done."""
    friend: Any = field(default_factory=null)
    """The id of the friend it is about."""
    hopeful: Callable[[datetime], ColumnElement[bool]] = lambda now: true()
    again: Again = review.replay
    left: Mapping[str, object] = field(default_factory=lambda: {"state": State.DONE})
    """What says of a row that nobody need look at it any more."""
    not_left: Mapping[str, object] = field(default_factory=lambda: {"state": State.FAILED})


def _code_lives(now: datetime) -> ColumnElement[bool]:
    lives = (OneTimeCode.expires_at > now) & OneTimeCode.used_at.is_(None)
    return exists().where(OneTimeCode.id == Sms.code_id, lives)


EVENTS = Kind(
    InboxEvent,
    InboxEvent.kind,
    select(Friend.id).where(Friend.line_user_id == InboxEvent.line_user_id).scalar_subquery(),
)
CODES = Kind(
    Sms,
    literal("code"),
    select(OneTimeCode.friend_id).where(OneTimeCode.id == Sms.code_id).scalar_subquery(),
    _code_lives,
)
DEAUTHORIZING = Kind(
    Deauthorization,
    literal("withdrawal"),
    select(Link.friend_id).where(Link.id == Deauthorization.link_id).scalar_subquery(),
    lambda now: false(),  # the token by which alone it could be done is forgotten
)


@dataclass(frozen=True)
class Aside:
    """One row."""

    id: UUID
    at: datetime | None
    """When it was put aside."""
    what: str
    who: Person | None
    error: str
    hopeful: bool


@dataclass(frozen=True)
class Leaf:
    rows: Sequence[Aside]
    total: int
    hopeful: int
    """How many of all it is of use to try again."""


def leaf(
    db: Session, kind: Kind, now: datetime, *, number: int, size: int, oldest_first: bool = False
) -> Leaf:
    """One page of them, the newest first unless asked otherwise."""
    row, hopeful = kind.table, kind.hopeful(now)
    put_aside = failed(row)
    total, some = db.execute(
        select(func.count(), func.coalesce(func.sum(case((hopeful, 1), else_=0)), 0))
        .select_from(row)
        .where(put_aside)
    ).one()
    order = row.done_at.asc() if oldest_first else row.done_at.desc()
    found = db.execute(
        select(row.id, row.done_at, kind.what, kind.friend, row.error, hopeful)
        .where(put_aside)
        .order_by(order, row.id)
        .limit(size)
        .offset((number - 1) * size)
    ).all()
    who = people_of(db, [friend for _, _, _, friend, _, _ in found if friend])
    rows = [
        Aside(key, at, what, who.get(friend), error, bool(may))
        for key, at, what, friend, error, may in found
    ]
    return Leaf(rows, total, int(some))


def again(db: Session, kind: Kind, now: datetime, only: UUID | None = None) -> int:
    """Try them once more, or only one: how many were of use to try."""
    return kind.again(
        db, kind.table, now, failed(kind.table), kind.hopeful(now), *_only(kind, only)
    )


def leave(db: Session, kind: Kind, now: datetime, only: UUID | None = None) -> int:
    """Nobody need look at them any more; how many that were. `now` is by what `put_back` finds
    them again."""
    return _set(db, kind, {**kind.left, "due_at": now}, failed(kind.table), *_only(kind, only))


def put_back(db: Session, kind: Kind, left_at: datetime) -> int:
    """What was left at a time is to be looked at again."""
    row = kind.table
    is_left = [getattr(row, name) == value for name, value in kind.left.items()]
    return _set(db, kind, kind.not_left, *is_left, row.due_at == left_at, row.done_at <= left_at)


def _only(kind: Kind, row_id: UUID | None) -> list[ColumnElement[bool]]:
    return [] if row_id is None else [kind.table.id == row_id]


def _set(db: Session, kind: Kind, values: Mapping[str, object], *where: ColumnElement[bool]) -> int:
    changed = update(kind.table).where(*where).values(**values)
    return affected(db.execute(changed.execution_options(synchronize_session=False)))
