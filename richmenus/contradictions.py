"""What staff would not want if they saw it: rules that decide for nobody, menus that nobody gets.

Only what is proven by the rules themselves, whoever the people are; how many it is at the moment
says richmenus.reach.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from richmenus.rulebook import MenuRule
from segments.implying import implies, never


class Odd(StrEnum):
    ENDED = "ended"
    NEVER = "never"
    """Its condition contradicts itself."""
    HIDDEN = "hidden"
    """Whoever it fits, an earlier rule fits as well, and for at least as long."""


@dataclass(frozen=True)
class Finding:
    rule: int
    """Counted from 0."""
    odd: Odd
    by: int | None = None
    """HIDDEN: the earlier rule."""


def among(rules: Sequence[MenuRule], now: datetime) -> list[Finding]:
    """At most one for each rule, in their order."""
    return list(_findings(rules, now))


def unused(rules: Sequence[MenuRule], menus: Collection[str], now: datetime) -> list[str]:
    """The menus that nobody gets by these rules, now or later."""
    idle = {finding.rule for finding in among(rules, now)}
    used = {rule.menu for n, rule in enumerate(rules) if n not in idle}
    return sorted(set(menus) - used)


def _findings(rules: Sequence[MenuRule], now: datetime) -> Iterator[Finding]:
    for n, rule in enumerate(rules):
        if rule.ends and rule.ends <= now:
            yield Finding(n, Odd.ENDED)
        elif never(rule.when):
            yield Finding(n, Odd.NEVER)
        elif (by := _hidden_by(rules[:n], rule, now)) is not None:
            yield Finding(n, Odd.HIDDEN, by)


def _hidden_by(earlier: Sequence[MenuRule], rule: MenuRule, now: datetime) -> int | None:
    return next(
        (
            n
            for n, other in enumerate(earlier)
            if _covers(other, rule, now) and implies(rule.when, other.when)
        ),
        None,
    )


def _covers(other: MenuRule, rule: MenuRule, now: datetime) -> bool:
    """From now on, the other holds whenever the rule does."""
    begins = max(rule.starts or now, now)
    from_then = other.starts is None or other.starts <= begins
    return from_then and (other.ends is None or (rule.ends is not None and rule.ends <= other.ends))
