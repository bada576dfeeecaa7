"""Everybody sees the menu that fits them: the worker's part, and what tab switches tell us.

Safe for any number of processes at once. What a friend should see is computed by statements over
many people; what LINE shows is remembered, so unchanged people cost no call.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, false, func, null, select, true, update
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.owed import State
from core.settings import Settings
from line.gateway import Line
from members import friendship
from models import Friend, MenuAssignment, MenuBook, MenuMove, MenuRevision
from richmenus import book as books
from richmenus import looking, moving, telling, trying
from segments import Moment

ROUNDS = 20
"""Handfuls in one go; then other work may have a turn."""


def work(database: Database, line: Line, clock: Clock, settings: Settings) -> int:
    """Do all that is due now; the number of people and operations dealt with."""
    total = 0
    for _ in range(ROUNDS):
        if not anything_due(database, clock(), settings):
            break
        did = looking.at_changed(database, settings, clock())
        did += looking.at_everybody(database, settings, clock())
        did += telling.tell(database, line, settings, clock)
        did += moving.work(database, line, clock)
        if not did:
            break
        total += did
    if total:
        moving.delete_unshown(database, line, clock)
    return total


def anything_due(database: Database, now: datetime, settings: Settings) -> bool:
    """A look that waits for nobody and keeps nobody waiting."""
    with database.read() as db:
        book = books.load(db, settings.zone)
        row = db.get(MenuBook, books.ONLY)
        if book is None or row is None:
            return False
        if row.looked_until or row.marker != book.marker(Moment(now, settings.zone)):
            return True
        stale = select(Friend.id).where(Friend.menu_stale_at.is_not(None)).limit(1)
        return (
            db.scalar(stale) is not None
            or owed.is_due(db, MenuAssignment, now)
            or owed.is_due(db, MenuMove, now)
        )


def switched(db: Session, friend_id: UUID, alias: str, at: datetime, now: datetime) -> None:
    """The friend went to another tab `at` a time (LINE's), and LINE made it their own menu. It
    stays while the menu is the one they should see; otherwise, or if we do not know the tab, they
    are looked at anew. The tabs of a draft that staff try are no news."""
    if trying.is_ours(alias):
        return
    since = db.scalar(select(Friend.friendship_at).where(Friend.id == friend_id))
    if since and at < since:
        return  # when they blocked after it, LINE forgot it
    key, menu = books.tab(db, alias) or ("", None)
    if noted := _note(db, friend_id, key, menu, at, now):
        wanted, shown = noted
        if wanted != key or shown is None:
            friendship.mark_menu_stale(db, [friend_id], now)
        return
    # Whether the tap or what LINE is being told came last, nobody knows: whoever has them in
    # hand, even when their lease has ended, settles nothing, and LINE is told anew.
    row = MenuAssignment
    mine = update(row).where(row.id == friend_id, row.leased, row.wanted != key)
    again = mine.values(attempts=row.attempts + 1)
    db.execute(again.execution_options(synchronize_session=False))


def _note(
    db: Session, friend_id: UUID, key: str, menu: str | None, at: datetime, now: datetime
) -> tuple[str, str | None] | None:
    """The key of the menu they should see, and what LINE shows; None when LINE is being told of
    another menu, or will be."""
    row = MenuAssignment
    same_menu = select(MenuRevision.line_menu_id).where(
        MenuRevision.key == key, MenuRevision.line_menu_id.is_not(None)
    )
    told_again = (row.state == State.DUE) & (func.coalesce(row.sure_at, now) > now)
    told_since = func.coalesce(row.sure_at >= at, false())
    unsure = told_since & func.coalesce(row.shown.not_in(same_menu), true())
    epoch = select(Friend.menu_epoch).where(Friend.id == friend_id).scalar_subquery()
    noted = db.execute(
        update(row)
        .where(row.id == friend_id, ~row.leased, ~told_again)
        .values(
            shown=case((unsure, null()), else_=menu),
            sure_at=case((told_since, row.sure_at), else_=at),
            epoch=epoch,
        )
        .returning(row.wanted, row.shown)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return (noted.wanted, noted.shown) if noted else None
