"""Whose menu must be computed: those about whom something changed, or everybody."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from core.database import Database
from core.settings import Settings
from models import Friend, MenuBook
from richmenus import book as books
from richmenus import wanting
from segments import Moment

MOST = 1_000
"""Changed people in one transaction."""
SLICE = 5_000
"""People in one transaction when it is everybody."""
HEAD_START = timedelta(days=1)
"""One person's change goes before everybody's, which may be a million."""
FIRST = UUID(int=0)


def at_changed(database: Database, settings: Settings, now: datetime) -> int:
    """Compute the menus of those about whom something changed; how many that was."""
    with database.begin() as db:
        book = books.load(db, settings.zone, hold=True)
        if book is None:
            return 0
        # Who changes somebody just now waits for us, or is passed over and looked at afterwards.
        stale = (
            select(Friend.id)
            .where(Friend.menu_stale_at.is_not(None))
            .order_by(Friend.menu_stale_at)
            .limit(MOST)
        )
        ids = list(db.scalars(stale.with_for_update(skip_locked=True, key_share=True)))
        if not ids:
            return 0
        moment = Moment(now, settings.zone)
        wanting.compute(db, book, moment, Friend.id.in_(ids), due_at=now - HEAD_START)
        looked = update(Friend).where(Friend.id.in_(ids)).values(menu_stale_at=None)
        db.execute(looked.execution_options(synchronize_session=False))
        return len(ids)


def at_everybody(database: Database, settings: Settings, now: datetime) -> int:
    """Compute everybody's menu once for each change of rules, menus or date; for how many it
    changed. A process that dies half-way leaves the rest to the next."""
    changed, more = 0, True
    while more:
        some, more = _slice(database, settings, Moment(now, settings.zone))
        changed += some
    return changed


def _slice(database: Database, settings: Settings, moment: Moment) -> tuple[int, bool]:
    """A slice at a time, so that nobody else waits long for the locks."""
    with database.begin() as db:
        row = db.scalar(select(MenuBook).where(MenuBook.id == books.ONLY).with_for_update())
        book = books.load(db, settings.zone) if row else None
        if row is None or book is None:
            return 0, False
        if row.marker != (marker := book.marker(moment)):
            row.marker, row.looked_until = marker, FIRST
        if row.looked_until is None:
            return 0, False
        after = Friend.id > row.looked_until
        last = db.scalar(
            select(Friend.id).where(after).order_by(Friend.id).offset(SLICE - 1).limit(1)
        )
        among = after if last is None else after & (Friend.id <= last)
        row.looked_until = last
        return wanting.compute(db, book, moment, among, due_at=moment.now), last is not None
