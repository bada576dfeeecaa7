"""Whose menu must be computed: those about whom something changed, or everybody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select, text, update
from sqlalchemy.orm import Session

from core.database import Database
from core.settings import Settings
from models import Friend, MenuBook
from richmenus import book as books
from richmenus import wanting
from richmenus.book import Book
from richmenus.keeping import kept
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
    moment = Moment(now, settings.zone)
    if database.engine.dialect.name == "postgresql":
        return _by_one_scan(database, moment)
    changed, more = 0, True
    while more:
        some, more = _slice(database, moment)
        changed += some
    return changed


def _held(db: Session, moment: Moment) -> tuple[MenuBook, Book] | None:
    """What is in force, and nobody computes anything until the transaction ends; None when
    everybody's menu is computed from it already."""
    row = db.scalar(select(MenuBook).where(MenuBook.id == books.ONLY).with_for_update())
    book = books.load(db, moment.zone) if row else None
    if row is None or book is None:
        return None
    if row.marker != (marker := book.marker(moment)):
        row.marker, row.looked_until = marker, FIRST
    return (row, book) if row.looked_until is not None else None


def _slice(database: Database, moment: Moment) -> tuple[int, bool]:
    """A slice at a time, so that nobody else waits long for SQLite's one writer."""
    with database.begin() as db:
        if (held := _held(db, moment)) is None:
            return 0, False
        row, book = held
        after = Friend.id > row.looked_until
        last = db.scalar(
            select(Friend.id).where(after).order_by(Friend.id).offset(SLICE - 1).limit(1)
        )
        among = after if last is None else after & (Friend.id <= last)
        row.looked_until = last
        return wanting.compute(db, book, moment, among, due_at=moment.now), last is not None


def _by_one_scan(database: Database, moment: Moment) -> int:
    """One statement, which locks nobody, finds for whom something else must be noted; they are
    computed anew a slice at a time, so that nobody waits long for the locks.

    PostgreSQL would read whole tables for each slice of everybody. Of a friend who changes after
    the scan, that change itself says that they must be looked at.
    """
    with database.begin() as db:
        if (held := _held(db, moment)) is None:
            return 0
        marker = held[0].marker
    with database.begin() as db:
        book = books.load(db, moment.zone)
        if not db.scalar(_ALONE) or book is None or book.marker(moment) != marker:
            return 0  # another process is at it, or something else is in force now
        with kept(db, wanting.others(book, moment)) as slices:
            changed = 0
            for ids in slices:
                changed += _compute(database, moment, marker, ids)
    _all_computed(database, moment, marker)
    return changed


def _compute(database: Database, moment: Moment, marker: str, ids: Sequence[UUID]) -> int:
    with database.begin() as db:
        held = _held(db, moment)
        if held is None or held[0].marker != marker:
            return 0  # something else is in force now: everybody is looked at for that
        # Few are looked up; what PostgreSQL believes of their number would read whole tables.
        for way in ("enable_hashjoin", "enable_mergejoin"):
            db.execute(text(f"SET LOCAL {way} = off"))
        among = Friend.id == any_(literal(list(ids), ARRAY(Uuid)))
        return wanting.compute(db, held[1], moment, among, due_at=moment.now)


def _all_computed(database: Database, moment: Moment, marker: str) -> None:
    with database.begin() as db:
        held = _held(db, moment)
        if held is not None and held[0].marker == marker:
            held[0].looked_until = None


_ALONE = select(func.pg_try_advisory_xact_lock(func.hashtext("menu_book"), books.ONLY))
"""Whether no other process computes everybody's menu; then none does until the transaction ends,
or its process."""
