"""The account in five numbers: as it stands now, and as it stood at the end of each day before.

Of days on which nobody counted, what the rows still tell is filled in: every link's beginning and
end, and everybody's first follow. Who could be reached on such a day cannot be known any more, and
stays a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from core.database import Database
from core.inserting import insert_new
from core.settings import Settings
from members.friendship import IS_BLOCKED
from models import DailyFigures, Friend, Link

KEPT_UP = 30
"""Days before today that are looked after."""
STILL_THAT_DAY = timedelta(hours=1)
"""How long after midnight the day's end can still be seen."""


@dataclass(frozen=True)
class Figures:
    """None: not known."""

    day: date
    friends: int | None = None
    """Who has added the account, those who have blocked it since among them."""
    reachable: int | None = None
    linked: int | None = None
    linked_reachable: int | None = None

    @property
    def blocked(self) -> int | None:
        known = self.friends is not None and self.reachable is not None
        return self.friends - self.reachable if known else None  # type: ignore[operator]

    @property
    def link_rate(self) -> float | None:
        """Of those who can be reached, how many are linked: 0 to 1."""
        return _share(self.linked_reachable, self.reachable)

    @property
    def block_rate(self) -> float | None:
        """Of all who ever added the account, how many have blocked it: 0 to 1."""
        return _share(self.blocked, self.friends)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def now_of(db: Session, today: date) -> Figures:
    """As it stands."""
    followers = select(func.count()).where(Friend.following).scalar_subquery()
    blocked = select(func.count()).where(IS_BLOCKED).scalar_subquery()
    linked = select(func.count()).where(Link.ended_at.is_(None)).scalar_subquery()
    lost = (
        select(func.count())
        .select_from(Friend)
        .join(Link, and_(Link.friend_id == Friend.id, Link.ended_at.is_(None)))
        .where(~Friend.following)
        .scalar_subquery()
    )
    row = db.execute(select(followers, blocked, linked, lost)).one()
    return Figures(today, row[0] + row[1], row[0], row[2], row[2] - row[3])


def unheard(db: Session) -> int:
    """People we have met of whom LINE has told neither a follow nor a block: they added the account
    before we were here, or have only opened our page."""
    return db.scalar(select(func.count()).where(Friend.friendship_at.is_(None))) or 0


def line(db: Session, now: datetime, zone: ZoneInfo, days: int = KEPT_UP) -> list[Figures]:
    """The last days and today, a day each; of a day about which nothing is known, only that."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days)
    rows = db.scalars(select(DailyFigures).where(DailyFigures.day >= first))
    known = {row.day: _figures(row) for row in rows} | {today: now_of(db, today)}
    wanted = [first + timedelta(days=n) for n in range(days + 1)]
    return [known.get(day, Figures(day)) for day in wanted]


def _figures(row: DailyFigures) -> Figures:
    return Figures(row.day, row.friends, row.reachable, row.linked, row.linked_reachable)


def work(database: Database, now: datetime, settings: Settings) -> int:
    """Put down the days that have ended since the last time; how many those were."""
    zone = settings.zone
    with database.read() as db:
        missing = _missing(db, now, zone)
        if not missing:
            return 0
        counted = _as_they_ended(db, missing, now, zone)
    with database.begin() as db:
        new = [
            insert_new(
                db, DailyFigures, day=each.day, friends=each.friends, reachable=each.reachable,
                linked=each.linked, linked_reachable=each.linked_reachable, counted_at=now,
            )
            for each in counted
        ]  # fmt: skip
    return sum(new)


def _missing(db: Session, now: datetime, zone: ZoneInfo) -> Sequence[date]:
    """Days that have ended and that we were there for, without a row."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=n) for n in range(KEPT_UP, 0, -1)]
    have = set(db.scalars(select(DailyFigures.day).where(DailyFigures.day >= days[0])))
    missing = [day for day in days if day not in have]
    began = db.scalar(select(func.min(Friend.created_at))) if missing else None
    if began is None:
        return []
    return [day for day in missing if day >= began.astimezone(zone).date()]


def _as_they_ended(
    db: Session, days: Sequence[date], now: datetime, zone: ZoneInfo
) -> list[Figures]:
    ends = [datetime.combine(day + timedelta(days=1), time(), zone) for day in days]
    came = func.coalesce(Friend.followed_at, Friend.created_at)
    heard = Friend.friendship_at.is_not(None)
    friends = db.execute(select(*(func.count().filter(came < e) for e in ends)).where(heard)).one()
    tied = [
        and_(Link.started_at < e, or_(Link.ended_at.is_(None), Link.ended_at >= e)) for e in ends
    ]
    linked = db.execute(select(*(func.count().filter(each) for each in tied))).one()
    found = [Figures(day, friends[n], None, linked[n], None) for n, day in enumerate(days)]
    if now - ends[-1] < STILL_THAT_DAY:
        found[-1] = now_of(db, days[-1])
    return found
