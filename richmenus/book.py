"""What is in force: the publication, its rules, and LINE's ids of its menus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.owed import State
from models import MenuBook, MenuMove, MenuRevision, Publication
from richmenus import rulebook
from richmenus.editions import alias, digest
from richmenus.rulebook import MenuRule
from richmenus.rules import Call, Shows, needed
from segments import Moment

ONLY = 1
"""The id of the one row of the book."""


InForce = Sequence[tuple[int, MenuRule]]
"""Rules that hold now, each with its place among all."""


@dataclass(frozen=True)
class Book:
    publication_id: UUID
    number: int
    rules: tuple[MenuRule, ...]
    targets: Mapping[str, str]
    """LINE's id of each menu's first tab. A menu that LINE lacks is not among them."""
    accepted: Mapping[str, frozenset[str]]
    """All ids that are a menu: its tabs, and old revisions that a batch operation is moving."""

    @property
    def default(self) -> str:
        """The key of the menu that LINE shows to everybody without a menu of their own."""
        return self.rules[-1].menu

    def in_force(self, now: datetime) -> InForce:
        return [(n, rule) for n, rule in enumerate(self.rules) if rule.in_force(now)]

    def call(self, wanted: str, shows: Shows) -> Call:
        """What LINE has to be told so that somebody sees the menu they should."""
        if wanted not in self.targets:
            return Call.NOTHING  # until `apply` has brought it back to LINE
        accepted = self.accepted[wanted]
        return needed(shows, accepted=accepted, is_default=wanted == self.default)

    def marker(self, moment: Moment) -> str:
        """Changes with everything but the people that decides who should see what."""
        accepted = {key: sorted(ids) for key, ids in self.accepted.items()}
        in_force = [n for n, _ in self.in_force(moment.now)]
        said = [str(self.publication_id), dict(self.targets), accepted, in_force]
        return digest([*said, moment.today.isoformat()])


def load(db: Session, zone: ZoneInfo, *, hold: bool = False) -> Book | None:
    """None before the first publication. `hold`: nobody changes what is in force, nor computes
    everybody's menu, while this transaction is open (on SQLite: no writer ever does)."""
    row = select(MenuBook).where(MenuBook.id == ONLY)
    book = db.scalar(row.with_for_update(read=True) if hold else row)
    publication = _publication(db, book)
    if publication is None:
        return None
    return _book(publication, _pages(db, publication), _moving(db), zone)


def tab(db: Session, alias_id: str) -> tuple[str, str] | None:
    """The key and LINE's id of the tab that an alias leads to now."""
    publication = _publication(db, db.get(MenuBook, ONLY))
    if publication is None:
        return None
    pages = _pages(db, publication)
    return next(((k, menu) for k, t, menu in pages if menu and alias(k, t) == alias_id), None)


def _publication(db: Session, book: MenuBook | None) -> Publication | None:
    return db.get(Publication, book.publication_id) if book and book.publication_id else None


def _pages(db: Session, publication: Publication) -> list[tuple[str, str, str]]:
    """Key, tab and LINE's id of each; the id is empty where LINE has none."""
    ids = [UUID(each) for _, _, each in publication.pages]
    rows = db.execute(
        select(MenuRevision.id, MenuRevision.line_menu_id).where(MenuRevision.id.in_(ids))
    )
    at_line = {key: menu or "" for key, menu in rows}
    return [(key, tab, at_line.get(UUID(each), "")) for key, tab, each in publication.pages]


def _moving(db: Session) -> list[tuple[str, str]]:
    """Old menu and new, of every batch operation that is under way."""
    open_moves = db.scalars(select(MenuMove.moves).where(MenuMove.state == State.DUE))
    return [(source, target) for moves in open_moves for source, target in moves]


def _book(
    publication: Publication,
    pages: list[tuple[str, str, str]],
    moving: Sequence[tuple[str, str]],
    zone: ZoneInfo,
) -> Book:
    keys = list(dict.fromkeys(key for key, _, _ in pages))
    firsts = {key: next(menu for k, _, menu in pages if k == key) for key in keys}
    own = {key: {menu for k, _, menu in pages if k == key and menu} for key in keys}
    return Book(
        publication_id=publication.id,
        number=publication.number,
        rules=rulebook.rules(publication.rules, keys, zone),
        targets={key: menu for key, menu in firsts.items() if menu},
        accepted={
            key: frozenset(ids | {old for old, new in moving if new in ids})
            for key, ids in own.items()
        },
    )
