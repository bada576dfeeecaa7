"""Who sees which menu: read from the top, the first rule that fits wins, the last fits all."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Generic, TypeVar

Asked = TypeVar("Asked")

LINE_TAKES = timedelta(seconds=30)
"""By then LINE has done a bulk link that it answered with 202: "normally within a few seconds"."""
NEVER = -1
"""The epoch of what was noted before LINE was ever asked about a friend."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)


@dataclass(frozen=True)
class Rule(Generic[Asked]):
    menu: str
    because: str
    when: Asked
    """The condition; of the last rule, one that fits everyone."""
    starts: datetime | None = None
    ends: datetime | None = None
    """The first moment in which it no longer holds."""

    def in_force(self, now: datetime) -> bool:
        started = self.starts is None or self.starts <= now
        return started and (self.ends is None or now < self.ends)


def first_fit(
    rules: Sequence[Rule[Asked]], fits: Callable[[Rule[Asked]], bool], now: datetime
) -> int:
    """The place of the rule that decides."""
    return next(n for n, rule in enumerate(rules) if rule.in_force(now) and fits(rule))


class Call(Enum):
    """What LINE has to be told about one friend."""

    NOTHING = "nothing"
    LINK = "link"
    UNLINK = "unlink"


@dataclass(frozen=True)
class Shows:
    """What LINE shows a friend, as far as we know."""

    reachable: bool
    """False: they have blocked the account, and LINE shows them no menu."""
    menu: str | None
    """LINE's id of their own menu; empty: none, LINE shows its default; None: we do not know."""


@dataclass(frozen=True)
class Noted:
    """What was noted of a friend's own menu, when, and how often LINE had forgotten it by then."""

    menu: str | None
    epoch: int
    """`NEVER`: LINE was never asked about them."""
    sure_at: datetime | None
    """From when on LINE surely showed it."""


def still_shown(noted: Noted, *, epoch: int, friendship_at: datetime | None) -> str | None:
    """What LINE shows by what was noted, when it has forgotten menus `epoch` times, the last time
    before `friendship_at` (LINE's time). wanting.still_shown says the same in SQL."""
    if noted.epoch == NEVER:  # whoever LINE has told us nothing of may have another system's menu
        return "" if epoch else None
    if epoch <= noted.epoch:
        return noted.menu
    if noted.menu == "":
        return ""
    if noted.menu is None:
        return None
    # LINE may have forgotten first, and done afterwards what it was told: the event came late, or
    # LINE took its time.
    after = noted.sure_at is not None and friendship_at and noted.sure_at >= friendship_at
    return None if after else ""


def needed(shows: Shows, *, accepted: Collection[str], is_default: bool) -> Call:
    """`accepted`: the ids that are the wanted menu, in any of its tabs. `is_default`: LINE shows
    the wanted menu to everybody who has none of their own."""
    if not shows.reachable or (shows.menu and shows.menu in accepted):
        return Call.NOTHING
    if not is_default:
        return Call.LINK
    return Call.NOTHING if shows.menu == "" else Call.UNLINK


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    doubled: int = 2 ** min(max(failures - 1, 0), 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
