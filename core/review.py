"""What staff and time do with rows that are work: look at them, replay them, forget them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core.database import Database
from core.inserting import affected
from core.owed import Owed, State

FORGET_AT_ONCE = 500
"""Rows deleted in one transaction: small enough that nobody waits for it."""

Row = TypeVar("Row", bound=Owed)


def find(
    db: Session,
    table: type[Row],
    *where: ColumnElement[bool],
    newest: Any = None,
    limit: int | None = None,
) -> list[Row]:
    """Rows that fit; the newest first by the column `newest`, when it is given."""
    wanted = select(table).where(*where).limit(limit)
    return list(db.scalars(wanted if newest is None else wanted.order_by(newest.desc())))


def has_companion(column: Any, **values: object) -> ColumnElement[bool]:
    """Of a row: whether another of its table has the same in this column, and these values."""
    other: Any = aliased(column.class_)
    same = {column.key: column, **values}
    return exists().where(*(getattr(other, name) == value for name, value in same.items()))


def count(db: Session, table: type[Owed]) -> dict[State, int]:
    """How many rows there are in each state."""
    counted = db.execute(select(table.state, func.count()).group_by(table.state))
    return dict(counted.all())


def replay(db: Session, table: type[Owed], now: datetime, *where: ColumnElement[bool]) -> int:
    """Make rows due again, as if they had never been tried. How many there were."""
    # A row in somebody's hand is left to them.
    fresh = {"state": State.DUE, "due_at": now, "attempts": 0, "error": "", "done_at": None}
    again = update(table).where(~table.leased, *where).values(**fresh)
    return affected(db.execute(again.execution_options(synchronize_session=False)))


def forget(
    database: Database, table: type[Owed], at: Any, before: datetime, *where: ColumnElement[bool]
) -> int:
    """Delete settled rows older than a time, by the column `at`, some at a time. How many that
    were."""
    count = 0
    while True:
        with database.begin() as db:
            gone = forget_some(db, table, at, before, *where)
        count += gone
        if gone < FORGET_AT_ONCE:
            return count


def forget_some(
    db: Session,
    table: type[Owed],
    at: Any,
    before: datetime,
    *where: ColumnElement[bool],
    limit: int = FORGET_AT_ONCE,
) -> int:
    """The same in the caller's transaction; at most `limit` of them."""
    old: Sequence[Any] = db.scalars(
        select(table.id)
        # Both settled states by name: where the index begins with the state, it can be used.
        .where(at < before, table.state.in_((State.DONE, State.FAILED)), *where)
        .order_by(at)
        .limit(limit)
    ).all()
    if old:
        gone = delete(table).where(table.id.in_(old))
        db.execute(gone.execution_options(synchronize_session=False))
    return len(old)
