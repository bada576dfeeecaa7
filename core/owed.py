"""Rows that are work: put one down, take a handful, say how each went.

Safe for any number of processes, and for killing any of them at any line. There is no "being
worked on" state to get stuck in: taking a row moves `due_at` one lease ahead, so the row of a
process that died falls due again by itself. A process that wakes after its lease settles
nothing, because `attempts` has moved on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    RowMapping,
    Select,
    Update,
    bindparam,
    exists,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import at_once
from core.types import UtcTime, words

LEASE = timedelta(minutes=2)
"""How long a process may hold what it took, unless it says otherwise. Longer than LINE may take to
answer."""

NOW = bindparam("its_now", type_=UtcTime())
"""The time of taking, in a statement that is written before it is known."""


class State(StrEnum):
    DUE = "due"
    DONE = "done"
    FAILED = "failed"


class Owed:
    """A table whose rows are work. Mix it in, and give the row a unique key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    """Also the key to give whoever we ask, so that asking twice happens once."""

    due_at: Mapped[datetime] = mapped_column(UtcTime)
    """When to try next. Taking a row moves this a lease ahead, so nobody else takes it."""

    leased: Mapped[bool] = mapped_column(default=False)
    """Taken and not settled: in somebody's hand until `due_at`, or dropped by one that died."""

    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[State] = mapped_column(words(State), default=State.DUE)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    error: Mapped[str] = mapped_column(default="")
    """What the last attempt said, for staff to read. Empty when all is well."""


Row = TypeVar("Row", bound=Owed)


def put(db: Session, row: Owed) -> bool:
    """Remember a piece of work. False if its unique key was already remembered."""
    row.id = row.id or uuid4()
    columns = inspect(type(row)).column_attrs.keys()
    given = {name: getattr(row, name) for name in columns if getattr(row, name) is not None}
    return put_many(db, type(row), [given]) == 1


def put_many(db: Session, table: type[Owed], rows: Sequence[dict[str, object]]) -> int:
    """Remember many at once; those whose unique key is known are passed over.

    All rows have the same keys. The number that was new.
    """
    return at_once.insert(db, table, rows) if rows else 0  # type: ignore[arg-type]  # mixed in


def taking(table: type[Owed], *where: ColumnElement[bool]) -> Update:
    """The statement for `take`: written once, since writing it takes longer than running it. In
    `where` the time is `NOW`."""
    due = (table.state == State.DUE) & (table.due_at <= NOW)
    oldest = (
        select(table.id)
        .where(due, *where)
        .order_by(table.due_at)
        .limit(bindparam("its_limit"))
        .with_for_update(skip_locked=True)  # SQLite has one writer, and ignores this
        .cte("oldest")
        .prefix_with("MATERIALIZED")  # or PostgreSQL may look again for each row, and take more
    )
    return (
        update(table)
        # By id alone: they are ours, and with more to go by SQLite would walk all that is due.
        .where(table.id.in_(select(oldest.c.id)))
        .values(due_at=bindparam("its_end"), leased=True, attempts=table.attempts + 1)
        .returning(table)
        .execution_options(populate_existing=True, synchronize_session=False)
    )


def take(
    db: Session,
    table: type[Row],
    now: datetime,
    *,
    limit: int = 1,
    lease: timedelta = LEASE,
    by: Update | None = None,
) -> list[Row]:
    """The oldest rows that are due, `limit` at most, unless another process takes them first; of
    those that `by` (see `taking`) leaves to choose from."""
    statement = taking(table) if by is None else by
    return list(db.scalars(statement, _taking(now, limit, lease)))


def take_copies(
    db: Session, table: type[Row], now: datetime, *, limit: int, lease: timedelta, by: Update
) -> list[Row]:
    """The same for rows that are read and settled, and not otherwise changed: they belong to no
    session, and come in half the time."""
    found = db.connection().execute(by, _taking(now, limit, lease))
    return [_copy(table, row) for row in found.mappings()]


def _copy(table: type[Row], values: RowMapping) -> Row:
    copy: Row = inspect(table).class_manager.new_instance()
    vars(copy).update(values)
    return copy


def _taking(now: datetime, limit: int, lease: timedelta) -> dict[str, object]:
    return {"its_now": now, "its_limit": limit, "its_end": now + lease}


def done(db: Session, row: Owed, now: datetime, note: str = "") -> bool:
    """It is settled; `note` says what staff may wonder about. False when the lease had ended and
    another process has it now."""
    return _settle(db, row, state=State.DONE, done_at=now, error=note[:1000])


def all_done(db: Session, rows: Sequence[tuple[Owed, str]], now: datetime) -> bool:
    """The same for several of one table, each with its note. False when any of them was another
    process's: then nothing of this may be committed."""
    alike: dict[tuple[int, str], list[UUID]] = {}
    for row, note in rows:
        alike.setdefault((row.attempts, note[:1000]), []).append(row.id)
    table, values = type(rows[0][0]), {"state": State.DONE, "done_at": now}
    return all(
        _change(db, table, ids, attempts, {**values, "error": note}) == len(ids)
        for (attempts, note), ids in alike.items()
    )


def again(db: Session, row: Owed, at: datetime, error: str, **changes: object) -> bool:
    """Try again at a time; `changes` are what the next try has to know. False as `done`."""
    return _settle(db, row, due_at=at, error=error[:1000], **changes)


def failed(db: Session, row: Owed, now: datetime, error: str) -> bool:
    """It will not be tried again, unless somebody replays it. False as `done`."""
    return _settle(db, row, state=State.FAILED, done_at=now, error=error[:1000])


def _settle(db: Session, row: Owed, **values: object) -> bool:
    return _change(db, type(row), [row.id], row.attempts, values) == 1


def _change(
    db: Session, table: type[Owed], ids: list[UUID], attempts: int, values: dict[str, object]
) -> int:
    """How many of them were still ours."""
    db.flush()
    one = len(ids) == 1
    mine = {"its_id": ids[0] if one else ids, "its_attempts": attempts}
    statement = _changing(table, frozenset(values), one)  # type: ignore[arg-type]  # it hashes
    return db.connection().execute(statement, mine | values).rowcount


@cache
def _changing(table: type[Owed], names: frozenset[str], one: bool) -> Update:
    """Made once, and Core's: settling is done for each row, and the ORM takes thrice as long."""
    plain = inspect(table).local_table
    its_id: BindParameter[Any] = bindparam("its_id", expanding=not one)
    return (
        update(plain)
        .where(
            plain.c.id == its_id if one else plain.c.id.in_(its_id),
            plain.c.attempts == bindparam("its_attempts"),
            plain.c.state == State.DUE,
        )
        .values(leased=False, **{name: bindparam(name) for name in sorted(names)})
    )


def waiting(db: Session, table: type[Owed], now: datetime) -> int:
    """How many rows are due and in nobody's hand."""
    return db.scalar(select(func.count()).where(table.state == State.DUE, table.due_at <= now)) or 0


def waiting_since(db: Session, table: type[Owed], now: datetime) -> datetime | None:
    """When the row that waits longest fell due; None when none waits."""
    return db.scalar(
        select(func.min(table.due_at)).where(table.state == State.DUE, table.due_at <= now)
    )


def failures(db: Session, table: type[Owed]) -> int:
    """How many rows have failed and are still kept."""
    return db.scalar(select(func.count()).where(table.state == State.FAILED)) or 0


def is_due(db: Session, table: type[Owed], now: datetime) -> bool:
    """Whether any row is due: one look at the index, however many wait for later."""
    return are_due(db, now, table)[0]


def are_due(db: Session, now: datetime, *tables: type[Owed]) -> Sequence[bool]:
    """The same of several tables, in one statement."""
    looking = _looking(tables)
    return tuple(db.connection().execute(looking, {"its_now": now}).one())


@cache
def _looking(tables: Sequence[type[Owed]]) -> Select[*tuple[bool, ...]]:
    plain = [inspect(table).local_table.c for table in tables]
    return select(*(exists().where(each.state == State.DUE, each.due_at <= NOW) for each in plain))
