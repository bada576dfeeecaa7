"""The menus as staff know them: picture, who sees it and how many, how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.settings import Settings
from models import MenuDraft
from richmenus import desk, overview, publications, publish_runs, rulebook
from richmenus.problems import BadMenus
from richmenus.rulebook import MenuRule


@dataclass(frozen=True)
class Shown:
    """One tab's picture."""

    tab: str
    picture: str
    """Its sha256."""
    width: int
    height: int


@dataclass(frozen=True)
class Seers:
    """One rule that gives the menu."""

    number: int
    because: str
    words: str
    in_force: bool
    starts: str
    """As staff wrote it; empty: from ever."""
    ends: str


@dataclass(frozen=True)
class Card:
    key: str
    name: str
    version: int
    changed_at: datetime
    changed_by: str
    tabs: Sequence[Shown]
    seers: Sequence[Seers]
    people: int
    """Who should see it now, by what is in force."""
    published: bool
    changed: bool
    """Another than what is in force."""
    is_default: bool
    scheduled_for: datetime | None
    """When what lies here comes into force, if staff have asked for that."""


@dataclass(frozen=True)
class Gallery:
    cards: Sequence[Card]
    gone: Sequence[str] = field(default=())
    """Keys in force that are no longer on the desk."""


def gallery(db: Session, settings: Settings, now: datetime, language: str) -> Gallery:
    lying = desk.read(db, settings)
    in_force = publications.in_force(db)
    try:
        changed = desk.changed(db, settings)
    except BadMenus:
        changed = frozenset({menu.key for menu in lying.menus} | {desk.RULES})
    known = {page.key for page in in_force.edition.pages} if in_force else set()
    people, rules, coming = overview.wanted(db), _rules(lying, settings), _coming(db)
    cards = [
        Card(
            key=menu.key,
            name=menu.definition["name"],
            version=menu.version,
            changed_at=menu.changed_at,
            changed_by=menu.changed_by,
            tabs=shown(menu),
            seers=_seers(rules, lying.rules.rules, menu.key, now, language),
            people=people.get(menu.key, 0),
            published=menu.key in known,
            changed=menu.key in changed,
            is_default=bool(rules) and rules[-1].menu == menu.key,
            scheduled_for=_due(menu, coming) if menu.key in changed else None,
        )
        for menu in lying.menus
    ]
    cards.sort(key=lambda card: min((each.number for each in card.seers), default=999))
    return Gallery(cards, sorted(known - {menu.key for menu in lying.menus}))


Kept = Mapping[str, Any]


def _coming(db: Session) -> Sequence[tuple[datetime, Mapping[str, Kept]]]:
    """When something is to be published, and its menus by key; the next one first."""
    return [
        (run.scheduled_for, {each["key"]: each for each in run.menus})
        for run in publish_runs.scheduled(db)
        if run.scheduled_for
    ]


def _due(menu: MenuDraft, coming: Sequence[tuple[datetime, Mapping[str, Kept]]]) -> datetime | None:
    """When it comes into force just as it lies there."""
    return next((at for at, kept in coming if _is(menu, kept.get(menu.key))), None)


def _is(menu: MenuDraft, kept: Kept | None) -> bool:
    state = (menu.definition, menu.pictures)
    return kept is not None and (kept["definition"], kept["pictures"]) == state


def shown(menu: MenuDraft) -> list[Shown]:
    return [
        Shown(
            tab.get("tab", "main"),
            menu.pictures[tab["image"]],
            tab["size"]["width"],
            tab["size"]["height"],
        )
        for tab in tabs(menu.definition)
    ]


def tabs(definition: Any) -> list[Any]:
    """A definition's tabs, also when it has just one and does not call it so."""
    if "tabs" in definition:
        return list(definition["tabs"])
    return [{key: value for key, value in definition.items() if key != "name"}]


def _rules(lying: desk.Desk, settings: Settings) -> tuple[MenuRule, ...]:
    try:
        keys = [menu.key for menu in lying.menus]
        return rulebook.rules(lying.rules.rules, keys, settings.zone)
    except rulebook.BadRules:
        return ()


def _seers(
    rules: Sequence[MenuRule], given: Sequence[Kept], key: str, now: datetime, language: str
) -> list[Seers]:
    """`given`: the rules as they were written."""
    return [
        Seers(
            n,
            rule.because,
            rule.when.words(language),
            rule.in_force(now),
            str(given[n - 1].get("from") or ""),
            str(given[n - 1].get("until") or ""),
        )
        for n, rule in enumerate(rules, 1)
        if rule.menu == key
    ]
