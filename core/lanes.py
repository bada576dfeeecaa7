"""Rows of one person are dealt with one at a time, in their order, by any number of workers."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, and_, case, exists, false, or_
from sqlalchemy.orm import aliased

from core.database import AHEAD
from core.owed import NOW, Owed, State

Asking = TypeVar("Asking", bound=Executable)


def queued(asking: Asking, table: type[Owed], *, forgettable: bool = False) -> Asking:
    """The same statement, which waits until no other transaction is taking from this table; they
    wait for the end of ours.

    `forgettable`: what its transaction changes may be forgotten if PostgreSQL itself dies in the
    next moment, so its commit waits for no disk. Such is taking, and nothing but taking: what is
    known as taken by nobody is due. What is committed later makes it last.

    Without it two workers of one PostgreSQL, asking at the same instant, would each take a row of
    the same person, neither seeing the other's. Taking is short, so the queue is. The statement
    sees what was committed until its turn came, as the lock is a statement of its own. SQLite has
    one writer anyway.
    """
    name = table.__tablename__  # type: ignore[attr-defined]
    lock = f"SELECT pg_advisory_xact_lock(hashtext('{name}'))"
    if forgettable:
        lock += ", set_config('synchronous_commit', 'off', true)"
    return asking.execution_options(**{AHEAD: lock})


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
