"""Time, made to pass faster: leases of the dead end, and what waits for its next try is due.

A lease lasts up to two minutes, and the longest wait an hour; a proof waits for neither. Only
`due_at` and `sure_at` are moved, and only to what they would come to be: nothing is settled here.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot import rules as events
from core.database import Database
from core.owed import LEASE, Owed, State
from deliveries import rules as messages
from models import (
    Deauthorization,
    Friend,
    InboxEvent,
    MenuAssignment,
    MenuBook,
    MenuMove,
    Outgoing,
    Sms,
)
from richmenus.rules import LINE_TAKES

TABLES: tuple[type[Owed], ...] = (
    InboxEvent, Outgoing, Sms, Deauthorization, MenuAssignment, MenuMove,
)  # fmt: skip
LINE_TOOK = timedelta(seconds=2)
"""By then the simulator has done a bulk link, which may take LINE half a minute."""
SHORTER: dict[type[Owed], timedelta] = {InboxEvent: events.LEASE, Outgoing: messages.LEASE}


def end_leases(database: Database, older_than: timedelta) -> bool:
    """What was taken longer ago than this falls due. False when the database cannot be had."""
    now = datetime.now(UTC)
    try:
        with database.begin() as db:
            for table in TABLES:
                lease = SHORTER.get(table, LEASE)
                dropped = (table.state == State.DUE, table.leased, table.due_at > now)
                _due(db, table, now, *dropped, table.due_at < now + lease - older_than)
    except SQLAlchemyError:
        return False
    return True


def end_waits(database: Database) -> None:
    """What waits for its next try is tried now, and a publisher that died is waited for no more."""
    now = datetime.now(UTC)
    with database.begin() as db:
        done = (
            update(MenuAssignment)
            .where(MenuAssignment.sure_at > now)
            .where(MenuAssignment.sure_at < now + LINE_TAKES - LINE_TOOK)
            .values(sure_at=now)
        )
        db.execute(done.execution_options(synchronize_session=False))
        for table in TABLES:
            waits = (table.state == State.DUE, ~table.leased, table.due_at > now)
            sure = [func.coalesce(table.sure_at, now) <= now] if table is MenuAssignment else []
            _due(db, table, now, *waits, *sure)


def free_the_menus(database: Database) -> None:
    """Whoever was publishing has died; the right to publish is free a minute later."""
    with database.begin() as db:
        db.execute(update(MenuBook).values(publishing_until=None))


def _due(db, table, now, *where) -> None:  # type: ignore[no-untyped-def]
    moved = update(table).where(*where).values(due_at=now)
    db.execute(moved.execution_options(synchronize_session=False))


def left(database: Database) -> dict[str, int]:
    """How much is still owed, by what it is. Empty: all is quiet."""
    with database.read() as db:
        owed = {
            str(table.__tablename__): db.scalar(  # type: ignore[attr-defined]
                select(func.count()).where(table.state == State.DUE)
            )
            for table in TABLES
        }
        stale = select(func.count()).where(Friend.menu_stale_at.is_not(None))
        owed["friend.menu_stale_at"] = db.scalar(stale)
    return {name: count for name, count in owed.items() if count}
