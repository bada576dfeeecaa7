"""Rows of one person are dealt with one at a time, in their order, by any number of workers."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from core.owed import NOW, Owed, State

_LOCK = select(func.pg_advisory_xact_lock(func.hashtext(bindparam("name", type_=String()))))


def queue_up(db: Session, table: type[Owed]) -> None:
    """Wait until no other transaction is taking from this table; held until ours ends.

    Without it two workers of one PostgreSQL, asking at the same instant, would each take a row of
    the same person, neither seeing the other's. Taking is short, so the queue is. SQLite has one
    writer anyway.
    """
    if db.get_bind().dialect.name == "postgresql":
        name = str(table.__tablename__)  # type: ignore[attr-defined]
        db.connection().execute(_LOCK, {"name": name})


def in_turn(
    table: type[Owed],
    lane: Any,
    order: tuple[Any, ...],
    *,
    waits_for_all: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """For `owed.taking`: nothing else of the row's lane is in somebody's hand, and nothing earlier
    is due.

    A row that waits for its next try holds nobody up, but those that `waits_for_all` is true of.
    """
    other: Any = aliased(table)
    earlier = _before(order, other)
    waits = false() if waits_for_all is None else and_(waits_for_all, earlier)
    # A CASE, so that both databases look the lane up, and do not walk through all that is due.
    stands_in_the_way = case((other.due_at <= NOW, earlier), else_=or_(other.leased, waits))
    return ~(
        exists()
        .where(
            getattr(other, lane.key) == lane,
            other.state == State.DUE,
            other.id != table.id,
            stands_in_the_way,
        )
        .correlate(table)
    )


def _before(order: tuple[Any, ...], other: Any) -> ColumnElement[bool]:
    """Whether `other` is earlier, column by column."""
    mine = order[0]
    theirs = getattr(other, mine.key)
    if len(order) == 1:
        return and_(theirs < mine)
    return or_(theirs < mine, and_(theirs == mine, _before(order[1:], other)))
