"""What lies on the desk, whether it can be published, and every state it was saved in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.settings import Settings
from models import DeskSave, MenuDraft, RulesDraft
from richmenus import checking, pictures, publications, rulebook, starting
from richmenus.editions import Edition, Source
from richmenus.problems import BadMenus, Problem, on_the_desk

ONLY = 1
"""The id of the rules' one row."""
RULES = ""
"""The key by which history knows the rules."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """What lies on the desk: rows, or what would be laid there at its first use."""

    menus: tuple[MenuDraft, ...]
    """Those that are not removed, by key."""
    rules: RulesDraft

    def menu(self, key: str) -> MenuDraft:
        """Raises NotFound."""
        for each in self.menus:
            if each.key == key:
                return each
        raise NotFound("staff_menus.no_such_menu", menu=key)

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(Source(each.key, each.definition, each.pictures) for each in self.menus)


def read(db: Session, settings: Settings) -> Desk:
    rules = db.get(RulesDraft, ONLY)
    if rules is None:
        return beginning(starting.edition(db, settings), LONG_AGO)
    rows = db.scalars(select(MenuDraft).where(~MenuDraft.removed).order_by(MenuDraft.key))
    return Desk(tuple(rows), rules)


def edition(db: Session, settings: Settings) -> Edition:
    """The desk as what could be published. Raises BadMenus, which names everything wrong."""
    found = read(db, settings)
    return edition_of(db, found.sources, found.rules.rules, settings)


def edition_of(
    db: Session, sources: Iterable[Source], rules: list[Any], settings: Settings
) -> Edition:
    """Any menus and rules whose pictures we keep. Raises BadMenus."""
    sources = tuple(sorted(sources, key=lambda each: each.key))
    hashes = {sha256 for each in sources for sha256 in each.pictures.values()}
    sizes = pictures.sizes(db, hashes)
    pages, problems = [], []
    for each in sources:
        look = partial(pictures.look, sizes, each.pictures)
        checked = checking.menu(each.key, each.definition, look, settings)
        pages += checked.pages
        problems += [on_the_desk(each.key, wrong) for wrong in checked.wrong]
    problems += wrong_rules(rules, [each.key for each in sources], settings)
    if problems:
        raise BadMenus(problems)
    return Edition(tuple(pages), tuple(rules), sources=sources)


def changed(db: Session, settings: Settings) -> frozenset[str]:
    """The keys of the menus that are another on the desk than in force; `RULES`: the rules.
    What was removed counts too. Raises BadMenus."""
    ours = edition(db, settings)
    now = publications.in_force(db)
    if now is None:
        return frozenset({page.key for page in ours.pages} | {RULES})
    pages = {(page.key, page.tab, page.content_hash) for page in ours.pages}
    theirs = {(page.key, page.tab, page.content_hash) for page in now.edition.pages}
    keys = {key for key, _, _ in pages ^ theirs}
    return frozenset(keys | ({RULES} if ours.rules != now.edition.rules else set()))


def published(db: Session, settings: Settings) -> tuple[tuple[Source, ...], list[Any]]:
    """Menus and rules in force. Raises NotFound."""
    now = publications.in_force(db)
    if now is None:
        raise NotFound("menus.nothing_published")
    return starting.sources_of(now.edition, settings), list(now.edition.rules)


def find(db: Session, key: str) -> MenuDraft | None:
    """A menu's row, also of one that was removed."""
    return db.get(MenuDraft, key)


def row(db: Session, key: str) -> MenuDraft:
    """The same. Raises NotFound."""
    found = find(db, key)
    if found is None:
        raise NotFound("staff_menus.no_such_menu", menu=key)
    return found


def rules_with(rules: Iterable[Any], key: str) -> list[int]:
    """The places, counted from 0, of the rules that give a menu."""
    return [n for n, rule in enumerate(rules) if rule.get("menu") == key]


def history(
    db: Session, key: str | None = None, *, limit: int = 50, offset: int = 0
) -> list[DeskSave]:
    """States of a menu, of the rules (`RULES`) or of everything, newest first."""
    newest = select(DeskSave).order_by(DeskSave.at.desc(), DeskSave.version.desc())
    if key is not None:
        newest = newest.where(DeskSave.key == key)
    return list(db.scalars(newest.limit(limit).offset(offset)))


def saves(db: Session, key: str | None = None) -> int:
    """How many states `history` has."""
    number = select(func.count()).select_from(DeskSave)
    return db.scalar(number if key is None else number.where(DeskSave.key == key)) or 0


def version(db: Session, key: str, number: int) -> DeskSave | None:
    """The state of a menu or of the rules that somebody saw."""
    this = select(DeskSave).where(DeskSave.key == key, DeskSave.version == number)
    return db.scalar(this)


def beginning(begun: Edition, now: datetime) -> Desk:
    """A desk as it is when nobody has saved anything yet."""
    made = {"version": 1, "changed_at": now, "changed_by": ""}
    menus = [
        MenuDraft(
            key=each.key,
            definition=each.definition,
            pictures=dict(each.pictures),
            removed=False,
            **made,
        )
        for each in begun.sources
    ]
    return Desk(tuple(menus), RulesDraft(id=ONLY, rules=list(begun.rules), **made))


def wrong_rules(rules: Any, keys: list[str], settings: Settings) -> list[Problem]:
    try:
        rulebook.rules(rules, keys, settings.zone)
    except rulebook.BadRules as e:
        return [on_the_desk(RULES, wrong) for wrong in e.problems]
    return []
