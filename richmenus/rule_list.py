"""The rules on the desk as staff see them: each in words, with its picture and its people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.settings import Settings
from models import MenuDraft
from richmenus import calendar, contradictions, desk, gallery, publications, reach, rulebook
from richmenus.calendar import Change
from richmenus.contradictions import Finding
from richmenus.desk import Desk
from richmenus.reach import Reach
from richmenus.rulebook import MenuRule
from segments import Moment


@dataclass(frozen=True)
class MenuName:
    """What stands for a menu in a list."""

    key: str
    name: str
    picture: str
    """sha256 of its first tab's."""


@dataclass(frozen=True)
class RuleRow:
    n: int
    """Counted from 0."""
    menu: MenuName
    because: str
    words: str
    starts: str
    """As it was written; empty: from ever."""
    ends: str
    in_force: bool
    fits: int
    decides: int
    odd: Finding | None
    last: bool


@dataclass(frozen=True)
class RuleList:
    rows: Sequence[RuleRow]
    menus: Mapping[str, MenuName]
    reach: Reach
    unused: Sequence[MenuName]
    next_changes: Sequence[Change]
    version: int
    changed_at: datetime
    changed_by: str
    published: bool
    """These rules are in force just so."""


def menus_of(lying: Desk) -> dict[str, MenuName]:
    return {menu.key: _named(menu) for menu in lying.menus}


def _named(menu: MenuDraft) -> MenuName:
    first = gallery.shown(menu)[0]
    return MenuName(menu.key, str(menu.definition.get("name", menu.key)), first.picture)


def rules_of(lying: Desk, settings: Settings) -> tuple[MenuRule, ...]:
    """Raises rulebook.BadRules; of an empty desk, none."""
    keys = [menu.key for menu in lying.menus]
    given = lying.rules.rules
    return rulebook.rules(given, keys, settings.zone) if given else ()


def look(
    db: Session, settings: Settings, now: datetime, language: str, *, exact: bool = False
) -> RuleList | None:
    """None while there are no rules."""
    lying = desk.read(db, settings)
    rules = rules_of(lying, settings)
    if not rules:
        return None
    in_force = publications.in_force(db)
    found = reach.of(db, rules, Moment(now, settings.zone), exact=exact)
    menus = menus_of(lying)
    return RuleList(
        rows=list(_rows(lying, rules, found, now, language)),
        menus=menus,
        reach=found,
        unused=[menus[key] for key in contradictions.unused(rules, menus, now)],
        next_changes=calendar.next_changes(rules, now),
        version=lying.rules.version,
        changed_at=lying.rules.changed_at,
        changed_by=lying.rules.changed_by,
        published=in_force is not None and list(in_force.edition.rules) == lying.rules.rules,
    )


def _rows(
    lying: Desk, rules: Sequence[MenuRule], found: Reach, now: datetime, language: str
) -> Iterator[RuleRow]:
    menus = menus_of(lying)
    odd = {each.rule: each for each in contradictions.among(rules, now)}
    for n, (rule, given) in enumerate(zip(rules, lying.rules.rules, strict=True)):
        yield RuleRow(
            n=n,
            menu=menus[rule.menu],
            because=rule.because,
            words=rule.when.words(language),
            starts=str(given.get("from") or ""),
            ends=str(given.get("until") or ""),
            in_force=rule.in_force(now),
            fits=found.rules[n].fits,
            decides=found.rules[n].decides,
            odd=odd.get(n),
            last=n == len(rules) - 1,
        )


def reached(
    db: Session, settings: Settings, given: list[Any], now: datetime
) -> tuple[Reach, tuple[MenuRule, ...]]:
    """Whom rules would reach if the desk had them. Raises rulebook.BadRules."""
    keys = [menu.key for menu in desk.read(db, settings).menus]
    rules = rulebook.rules(given, keys, settings.zone)
    return reach.of(db, rules, Moment(now, settings.zone)), rules
