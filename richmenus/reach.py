"""How many people each rule decides for, and who would get another menu: one statement.

Counted exactly while that takes no time; of more people a share is looked at and scaled up, which
is said. Either way it is what holds at a moment.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session

from members.friendship import IS_REACHABLE
from models import Friend, MenuAssignment
from richmenus import wanting
from richmenus.rulebook import MenuRule
from segments import Moment, people
from segments.implying import lines

BUDGET = 1_500_000
"""People times lines of conditions that are looked at: about a second."""
LEAST = 20_000
"""People who are looked at, however long the rules are."""
PROBE = 64
"""To know how many there are, one in so many is counted."""
WHOLE = 2**128


@dataclass(frozen=True)
class RuleReach:
    fits: int
    """Whom its condition fits, whatever the rules before it say."""
    decides: int
    """Whose menu it decides now; 0 out of its period."""


@dataclass(frozen=True)
class Reach:
    """Of people who have not blocked the account."""

    rules: tuple[RuleReach, ...]
    everybody: int
    changes: Mapping[tuple[str, str], int]
    """Who would get another menu: from which, to which. Empty: they have had none yet."""
    stays: Mapping[str, int]
    """Who would keep the menu they have, by its key."""
    share: float
    """Of people who were looked at; 1.0: everybody."""
    at: datetime

    @property
    def exact(self) -> bool:
        return self.share >= 1

    @property
    def changed(self) -> int:
        return sum(number for (old, _), number in self.changes.items() if old)

    def sees_anew(self, other_pictures: Sequence[str]) -> int:
        """Who would see something else than now, when these menus look different too."""
        return self.changed + sum(self.stays.get(key, 0) for key in other_pictures)


def of(db: Session, rules: Sequence[MenuRule], moment: Moment, *, exact: bool = False) -> Reach:
    share = 1.0 if exact else _share(db, sum(lines(rule.when) for rule in rules))
    in_force = [(n, rule) for n, rule in enumerate(rules) if rule.in_force(moment.now)]
    rows = db.execute(_counted(rules, in_force, moment, _within(share))).all()
    return _reach(rows, rules, moment, share)


def _share(db: Session, lines_of_all: int) -> float:
    """Ids are random: those below a bound are as good as drawn by lot, and lie together."""
    probed = select(func.count()).where(Friend.id < UUID(int=WHOLE // PROBE))
    about = (db.scalar(probed) or 0) * PROBE
    most = max(LEAST, BUDGET // max(1, lines_of_all))
    return 1.0 if about <= most else most / about


def _within(share: float) -> ColumnElement[bool]:
    return true() if share >= 1 else Friend.id < UUID(int=int(WHOLE * share))


def _counted(
    rules: Sequence[MenuRule],
    in_force: Sequence[tuple[int, MenuRule]],
    moment: Moment,
    among: ColumnElement[bool],
) -> Any:
    """By rule and by the menu that people have now: how many, and how many each rule fits."""
    row = MenuAssignment.__table__.c
    fits = {f"fits{n}": case((rule.when.sql(moment), 1), else_=0) for n, rule in enumerate(rules)}
    each = (
        people(
            wanting.rule(in_force, moment).label("rule"),
            func.coalesce(row.wanted, "").label("had"),
            *(fit.label(name) for name, fit in fits.items()),
        )
        .outerjoin(MenuAssignment.__table__, row.id == Friend.id)
        .where(IS_REACHABLE, among)
        .subquery("each")
    )
    sums = [func.sum(each.c[name]) for name in fits]
    by = (each.c.rule, each.c.had)
    return select(*by, func.count(), *sums).group_by(*by)


def _reach(rows: Sequence[Any], rules: Sequence[MenuRule], moment: Moment, share: float) -> Reach:
    decides: Counter[int] = Counter()
    fits: Counter[int] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    stays: Counter[str] = Counter()
    for rule, had, number, *fitting_each in rows:
        decides[rule] += number
        fits.update(dict(enumerate(map(int, fitting_each))))
        menu = rules[rule].menu
        if had == menu:
            stays[menu] += number
        else:
            changes[had, menu] += number
    return Reach(
        rules=tuple(
            RuleReach(_scaled(fits[n], share), _scaled(decides[n], share))
            for n in range(len(rules))
        ),
        everybody=_scaled(sum(decides.values()), share),
        changes={pair: _scaled(number, share) for pair, number in changes.items()},
        stays={menu: _scaled(number, share) for menu, number in stays.items()},
        share=share,
        at=moment.now,
    )


def _scaled(number: int, share: float) -> int:
    """Of a share, to two figures: more would look as if it were counted."""
    if share >= 1:
        return number
    whole = round(number / share)
    unit: int = 10 ** max(0, len(str(whole)) - 2)
    return round(whole / unit) * unit
