"""A link in a menu was followed: where it leads, and one more tap for its area.

The number is all that is kept. Links of menus that are no longer in force go on leading where they
led, and count for the menu they stood in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.database import Database
from core.session import TROUBLE
from core.settings import Settings
from models import MenuBook, MenuRevision, Publication
from richmenus import book as books
from richmenus import links, taps
from richmenus.links import Place
from segments import Moment

log = structlog.get_logger()


def target(database: Database, token: str, settings: Settings) -> str | None:
    """Where a tracked link leads: what staff wrote there, or None. The database is asked only of
    what another key signed, ours before the last change: then it must stand in a menu."""
    link = links.read(token)
    if link is None:
        return None
    if links.is_signed(link, settings):
        return link.target
    with database.read() as db:
        return link.target if _revision(db, link.place, token) else None


def count(
    database: Database, place: Place, now: datetime, settings: Settings, *, token: str = ""
) -> bool:
    """`token`: of a tracked link; without one it led to a LIFF page. False when no menu that LINE
    has or had has such a link there, or when the counter cannot be had: nobody shall wait for it
    or hear of it."""
    try:
        with database.begin() as db:
            revision_id = _revision(db, place, token)
            if revision_id is None:
                return False
            taps.count(db, revision_id, place.area, Moment(now, settings.zone).today)
    except TROUBLE as e:
        log.warning("tap_not_counted", error=type(e).__name__)
        return False
    return True


_KNOWN: dict[tuple[UUID | None, Place, str], UUID] = {}
"""Revisions never change, so what was found out once holds until something else is in force."""


def _revision(db: Session, place: Place, token: str) -> UUID | None:
    current = db.scalar(select(MenuBook.publication_id).where(MenuBook.id == books.ONLY))
    asked = (current, place, token)
    if asked not in _KNOWN:
        found = _found(db, current, place, token)
        if found is None:
            return None
        if len(_KNOWN) > 1_000:
            _KNOWN.clear()
        _KNOWN[asked] = found
    return _KNOWN[asked]


def _found(db: Session, current: UUID | None, place: Place, token: str) -> UUID | None:
    """The one in force, if the link stands there; else the newest that it stood in."""
    row = MenuRevision
    at_line = or_(row.created_at.is_not(None), row.line_menu_id.is_not(None))
    asked = select(row.id, row.body).where(row.key == place.key, row.tab == place.tab, at_line)
    newest = db.execute(asked.order_by(row.created_at.desc(), row.id))
    ids = [each.id for each in newest if _stands(each.body, place, token)]
    pages = db.get_one(Publication, current).pages if current else []
    now = {UUID(each) for _, _, each in pages}
    return next((each for each in ids if each in now), ids[0] if ids else None)


def _stands(body: Mapping[str, Any], place: Place, token: str) -> bool:
    """Whether the area is such a link."""
    if place.area >= len(body["areas"]):
        return False
    uri = str(body["areas"][place.area]["action"].get("uri", ""))
    if not token:
        return links.mark_in(uri) == place
    link = links.of(uri)
    return link is not None and link.token == token
