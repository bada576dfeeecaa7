"""What LINE itself counted of the menus in force: asked when staff want it, and kept.

LINE says nothing of a menu on which fewer than 20 people tapped; it may be asked 60 times an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from core.inserting import insert_into
from line.gateway import Line, MenuTaps
from models import MenuInsight
from richmenus.taps import Tab

JAPAN = ZoneInfo("Asia/Tokyo")
"""LINE's days, wherever the brand is."""
MOST = 20
"""Menus in one go."""


@dataclass(frozen=True)
class Told:
    """What LINE said of one menu when it was last asked."""

    asked_at: datetime
    few: bool
    """Fewer than 20 people tapped, so there are no numbers."""
    since: str
    until: str
    shown: int | None
    shown_people: int | None
    by_bounds: Mapping[tuple[int, int, int, int], tuple[int | None, int | None]]
    """Taps and people, by x, y, width and height."""


def kept(db: Session, tabs: Sequence[Tab]) -> dict[UUID, Told]:
    """By revision; of those that LINE was never asked about, nothing."""
    menus = {tab.revision_id: tab.line_menu_id for tab in tabs}
    rows = db.scalars(select(MenuInsight).where(MenuInsight.revision_id.in_(menus)))
    return {
        row.revision_id: _told(row) for row in rows if row.line_menu_id == menus[row.revision_id]
    }


def ask(database: Database, line: Line, tabs: Sequence[Tab], days: int, now: datetime) -> None:
    """Ask LINE about each, and keep what it says. Raises LineError; what was said before that
    is kept."""
    until = now.astimezone(JAPAN).date()
    since = until - timedelta(days=days - 1)
    for tab in tabs[:MOST]:
        if tab.line_menu_id:
            found = line.menu_taps(tab.line_menu_id, since, until)
            with database.begin() as db:
                _keep(db, tab, found, now)


def _keep(db: Session, tab: Tab, found: MenuTaps | None, now: datetime) -> None:
    values = {"line_menu_id": tab.line_menu_id, "asked_at": now, "found": _plain(found)}
    new = insert_into(db, MenuInsight).values(revision_id=tab.revision_id, **values)
    db.execute(new.on_conflict_do_update(index_elements=["revision_id"], set_=values))


def _plain(found: MenuTaps | None) -> dict[str, Any]:
    if found is None:
        return {"few": True}
    return {
        "since": found.since,
        "until": found.until,
        "shown": [found.shown, found.shown_people],
        "areas": [[list(area.bounds), area.taps, area.people] for area in found.areas],
    }


def _told(row: MenuInsight) -> Told:
    found = row.found
    shown = found.get("shown") or (None, None)
    areas = {tuple(bounds): (taps, people) for bounds, taps, people in found.get("areas", ())}
    return Told(
        asked_at=row.asked_at,
        few=bool(found.get("few")),
        since=_day(found.get("since", "")),
        until=_day(found.get("until", "")),
        shown=shown[0],
        shown_people=shown[1],
        by_bounds=areas,
    )


def _day(written: str) -> str:
    """As people read it; empty when LINE did not say."""
    if not written:
        return ""
    return date(int(written[:4]), int(written[4:6]), int(written[6:])).isoformat()
