"""What is shown when: the days of a month with the rules of a period, and what changes next."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from richmenus.rulebook import MenuRule

MOST_CHANGES = 10


@dataclass(frozen=True)
class Shown:
    """One rule on one day."""

    rule: int
    """Counted from 0."""
    menu: str
    starts: datetime | None
    """When it begins on this day; None: it held when the day began."""
    ends: datetime | None
    """When it ends on this day; None: it holds when the day ends."""


@dataclass(frozen=True)
class Day:
    day: date
    in_month: bool
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Change:
    at: datetime
    rule: int
    menu: str
    begins: bool
    """False: it ends."""


def month(
    rules: Sequence[MenuRule], year: int, number: int, zone: ZoneInfo, *, first: int = 6
) -> list[list[Day]]:
    """Whole weeks, from Sundays on (`first` as in Python: 6). Of each day the rules with a period
    that hold on it, in their order."""
    weeks = Calendar(first).monthdatescalendar(year, number)
    return [
        [Day(day, day.month == number, tuple(_on(rules, day, zone))) for day in week]
        for week in weeks
    ]


def _on(rules: Sequence[MenuRule], day: date, zone: ZoneInfo) -> list[Shown]:
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    return [
        Shown(
            n,
            rule.menu,
            rule.starts if rule.starts and begins < rule.starts else None,
            rule.ends if rule.ends and rule.ends < ends else None,
        )
        for n, rule in enumerate(rules)
        if _has_period(rule)
        and (rule.starts is None or rule.starts < ends)
        and (rule.ends is None or begins < rule.ends)
    ]


def next_changes(rules: Sequence[MenuRule], now: datetime) -> list[Change]:
    """The rules that begin or end after now, the soonest first."""
    found = [
        Change(at, n, rule.menu, begins)
        for n, rule in enumerate(rules)
        for at, begins in ((rule.starts, True), (rule.ends, False))
        if at is not None and at > now
    ]
    return sorted(found, key=lambda change: (change.at, change.rule))[:MOST_CHANGES]


def _has_period(rule: MenuRule) -> bool:
    return rule.starts is not None or rule.ends is not None
