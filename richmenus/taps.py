"""How often each area is tapped: counted by day where the tap reaches us, and read back.

A postback says what was tapped and not where, so it counts for the menu that the friend sees when
one of its areas sends just that. Links say where they stand (`richmenus/following.py`). Whose tap
it was is not kept.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.inserting import affected, insert_into
from models import MenuAssignment, MenuBook, MenuRevision, MenuTap, Publication
from richmenus import book as books
from richmenus import links, naming, publications
from richmenus.editions import Page
from richmenus.links import Place
from segments import Moment

KEPT = timedelta(days=3 * 365)
SLOTS = 8
"""Rows in which one number is kept, so that many taps at once wait less for each other."""
KINDS = ("postback", "datetimepicker", "richmenuswitch")
"""Actions whose taps LINE tells us of."""


def tapped(db: Session, friend_id: UUID, given: str, now: datetime, zone: ZoneInfo) -> bool:
    """Count a postback's tap. False when no area of the menu they see sends `given`."""
    row = MenuAssignment
    of_book = select(MenuBook.publication_id).where(MenuBook.id == books.ONLY).scalar_subquery()
    asked = select(row.shown, row.wanted, of_book).where(row.id == friend_id)
    shown, wanted, publication_id = db.execute(asked).one_or_none() or (None, "", None)
    if publication_id is None:
        return False
    place = _sends(db, shown or "", wanted, publication_id).get(given)
    if place is None:
        return False
    count(db, *place, Moment(now, zone).today)
    return True


def count(db: Session, revision_id: UUID, area: int, day: date) -> None:
    slot = secrets.randbelow(SLOTS)
    new = insert_into(db, MenuTap).values(
        revision_id=revision_id, area=area, day=day, slot=slot, taps=1
    )
    db.execute(
        new.on_conflict_do_update(
            index_elements=["revision_id", "day", "area", "slot"],
            set_={"taps": MenuTap.taps + 1},
        )
    )


def _sends(
    db: Session, shown: str, wanted: str, publication_id: UUID
) -> Mapping[str, tuple[UUID, int]]:
    """What the areas of the menu that somebody sees send: revision and area by postback data."""
    known = _KNOWN.get((shown, wanted, publication_id))
    if known is None:
        rows = _seen(db, shown, wanted, publication_id)
        known = _by_sent([(row.id, row.body) for row in rows])
        if len(_KNOWN) > 1_000:
            _KNOWN.clear()
        _KNOWN[shown, wanted, publication_id] = known
    return known


_KNOWN: dict[tuple[str, str, UUID], Mapping[str, tuple[UUID, int]]] = {}
"""Revisions never change, so what was found out once holds."""


def _seen(db: Session, shown: str, wanted: str, publication_id: UUID) -> Sequence[MenuRevision]:
    """The tab that LINE shows them; where it is not known or is LINE's default, any tab of the
    menu they should see."""
    if shown:
        found = db.scalars(select(MenuRevision).where(MenuRevision.line_menu_id == shown)).all()
        if found:
            return found
    pages = db.get_one(Publication, publication_id).pages
    ids = [UUID(each) for key, _, each in pages if key == wanted]
    rows = {row.id: row for row in db.scalars(select(MenuRevision).where(MenuRevision.id.in_(ids)))}
    return [rows[each] for each in ids]


def _by_sent(seen: Sequence[tuple[UUID, Mapping[str, Any]]]) -> dict[str, tuple[UUID, int]]:
    found: dict[str, tuple[UUID, int]] = {}
    for revision_id, body in seen:
        for n, area in enumerate(body["areas"]):
            if area["action"]["type"] in KINDS:
                found.setdefault(area["action"].get("data", ""), (revision_id, n))
    return found


# Reading


@dataclass(frozen=True)
class Area:
    x: int
    y: int
    width: int
    height: int
    action: Mapping[str, Any]
    """A link leads where it is meant to."""
    heard: bool
    """Whether we hear of taps on it."""
    taps: int


@dataclass(frozen=True)
class Tab:
    """One tab in force, with the taps on its areas."""

    key: str
    called: naming.Tab
    tab: str
    revision_id: UUID
    line_menu_id: str
    picture: str
    width: int
    height: int
    areas: tuple[Area, ...]

    @property
    def total(self) -> int:
        return sum(area.taps for area in self.areas)

    @property
    def most(self) -> int:
        return max((area.taps for area in self.areas), default=0)


def in_force(db: Session, days: int, now: datetime, zone: ZoneInfo) -> list[Tab]:
    """The tabs in force with the taps of so many days, today's included."""
    current = publications.in_force(db)
    if current is None:
        return []
    ids = {page: UUID(each) for page, (_, _, each) in zip(
        current.edition.pages, current.publication.pages, strict=True
    )}  # fmt: skip
    since = Moment(now, zone).today - timedelta(days=days - 1)
    row = MenuTap
    sums = select(row.revision_id, row.area, func.sum(row.taps)).group_by(row.revision_id, row.area)
    found = db.execute(sums.where(row.revision_id.in_(ids.values()), row.day >= since))
    taps = {(revision_id, area): number for revision_id, area, number in found}
    called = naming.tabs(current.edition)
    return [
        _tab(page, ids[page], current.ids[page], called[page.key, page.tab], taps)
        for page in current.edition.pages
    ]


def _tab(
    page: Page,
    revision_id: UUID,
    menu: str,
    called: naming.Tab,
    taps: Mapping[tuple[UUID, int], int],
) -> Tab:
    areas = tuple(
        Area(
            **each["bounds"],
            action=_plain(each["action"]),
            heard=_heard(each["action"], Place(page.key, page.tab, n)),
            taps=int(taps.get((revision_id, n), 0)),
        )
        for n, each in enumerate(page.body["areas"])
    )
    size = page.body["size"]
    return Tab(
        page.key, called, page.tab, revision_id, menu, page.picture,
        size["width"], size["height"], areas,
    )  # fmt: skip


def _heard(action: Mapping[str, Any], place: Place) -> bool:
    return action["type"] in KINDS or links.place_of(action.get("uri", "")) == place


def _plain(action: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**action, "uri": links.plain(action["uri"])} if "uri" in action else action


def forget(db: Session, now: datetime) -> int:
    """Delete numbers older than LINE's own would be; how many rows that was."""
    oldest = now.date() - KEPT
    return affected(db.execute(delete(MenuTap).where(MenuTap.day < oldest)))
