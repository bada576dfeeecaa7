"""How far people come on their way to being linked, by where they set out: counts, no names.

A step is one row of a random-looking mark in the transaction of what happened, so it waits for no
counter, and the same person's same step by the same entry counts once a day. The worker turns the
marks of past days into counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, union_all
from sqlalchemy.orm import Session

from core import at_once
from core.database import Database
from core.inserting import insert_into, insert_new
from core.keys import digest
from core.settings import Settings
from models import Entry, FunnelCount, FunnelMark, How, Link, Step

FROM = "from"
"""The parameter of a LIFF link that says where it stands."""
CHUNK = 1_000
"""Marks in one transaction."""
WAY = (Step.OFFERED, Step.OPENED, Step.PHONE, Step.PROVEN, Step.LINKED)
UNOFFERED = frozenset({Entry.MENU, Entry.TICKET, Entry.OTHER})
"""What stands there all the time, so that nobody can say whom it was offered to."""


def link_from(page: str, entry: str) -> str:
    """The address of one of our pages, which says where it was tapped."""
    return f"{page}?{FROM}={entry}"


def come_from(said: str) -> Entry:
    """The entry that a link named; anything may stand in a link."""
    word = said.partition(".")[0]
    return Entry(word) if word in tuple(Entry) else Entry.OTHER


def linked_by(how: How, *, by_phone: bool) -> Step:
    """The last step of somebody who linked; `by_phone`: their number was proven."""
    return Step.LINKED if by_phone or how is How.PHONE else Step.DIRECT


def note(
    db: Session, friend_id: UUID, step: Step, entry: Entry, now: datetime, settings: Settings
) -> None:
    """They came this far. Somebody who is linked opens the page for other reasons."""
    if step is Step.OPENED and _is_linked(db, friend_id):
        return
    insert_new(db, FunnelMark, **_mark(friend_id, step, entry, now, settings))


def _is_linked(db: Session, friend_id: UUID) -> bool:
    active = select(Link.id).where(Link.friend_id == friend_id, Link.ended_at.is_(None))
    return db.scalar(active.limit(1)) is not None


def note_offers(
    db: Session, offers: Iterable[tuple[UUID, Entry]], now: datetime, settings: Settings
) -> None:
    """These were offered linking, each by an entry."""
    marks = [_mark(friend, Step.OFFERED, entry, now, settings) for friend, entry in offers]
    # Always in the same order, so that two who note many do not wait for each other.
    at_once.insert(db, FunnelMark, sorted(marks, key=lambda each: str(each["mark"])))


def _mark(
    friend_id: UUID, step: Step, entry: Entry, now: datetime, settings: Settings
) -> dict[str, object]:
    day = now.astimezone(settings.zone).date()
    mark = digest(settings, "funnel", f"{day}:{entry}:{step}:{friend_id}")
    return {"mark": mark, "day": day, "entry": entry, "step": step}


def fold(database: Database, now: datetime, settings: Settings) -> int:
    """Turn the marks of past days into counts; how many marks that were."""
    today, folded = now.astimezone(settings.zone).date(), 0
    while some := _fold_some(database, today):
        folded += some
    return folded


def _fold_some(database: Database, today: date) -> int:
    with database.begin() as db:
        old = select(FunnelMark).where(FunnelMark.day < today).limit(CHUNK)
        marks = db.scalars(old.with_for_update(skip_locked=True)).all()
        for key, people in sorted(Counter((m.day, m.entry, m.step) for m in marks).items()):
            _add(db, *key, people)
        gone = delete(FunnelMark).where(FunnelMark.mark.in_([each.mark for each in marks]))
        db.execute(gone.execution_options(synchronize_session=False))
        return len(marks)


def _add(db: Session, day: date, entry: Entry, step: Step, people: int) -> None:
    row = insert_into(db, FunnelCount).values(day=day, entry=entry, step=step, people=people)
    key = [FunnelCount.day, FunnelCount.entry, FunnelCount.step]
    more = {"people": FunnelCount.people + row.excluded.people}
    db.execute(row.on_conflict_do_update(index_elements=key, set_=more))


@dataclass(frozen=True)
class Way:
    """How far those came who set out from one place; of all together when it names none."""

    entry: Entry | None
    reached: Mapping[Step, int]
    stopped: Mapping[Step, int]
    """How many came as far as a step, and no further."""

    @property
    def linked(self) -> int:
        return self.reached[Step.LINKED] + self.reached[Step.DIRECT]

    @property
    def offers(self) -> bool:
        """Whether it can be known to how many it was offered."""
        return self.entry not in UNOFFERED

    @property
    def stops_most(self) -> Step | None:
        """After which step most people are lost; None when nobody is."""
        most = max(self.stopped, key=lambda step: self.stopped[step])
        return most if self.stopped[most] else None


def _way(entry: Entry, reached: Mapping[Step, int]) -> Way:
    """Who was offered something yesterday may open it today, so that a step may have more people
    than the one before."""
    opened = reached[Step.OPENED]
    after = {
        Step.OFFERED: reached[Step.OFFERED] if entry in UNOFFERED else opened,
        Step.OPENED: reached[Step.PHONE] + reached[Step.DIRECT],
        Step.PHONE: reached[Step.PROVEN],
        Step.PROVEN: reached[Step.LINKED],
    }
    return Way(entry, reached, {step: max(0, reached[step] - after[step]) for step in after})


def ways(db: Session, first: date) -> list[Way]:
    """Everybody's way since a day (the brand's); then each entry's, those with the most first."""
    counted = union_all(
        select(FunnelCount.entry, FunnelCount.step, func.sum(FunnelCount.people).label("people"))
        .where(FunnelCount.day >= first)
        .group_by(FunnelCount.entry, FunnelCount.step),
        select(FunnelMark.entry, FunnelMark.step, func.count().label("people"))
        .where(FunnelMark.day >= first)
        .group_by(FunnelMark.entry, FunnelMark.step),
    ).subquery()
    total = func.sum(counted.c.people)
    columns = (counted.c.entry, counted.c.step)
    rows = db.execute(select(*columns, total).group_by(*columns)).all()
    found = {(entry, step): int(people) for entry, step, people in rows}
    each = [_way(entry, {step: found.get((entry, step), 0) for step in Step}) for entry in Entry]
    each.sort(key=lambda way: (-way.reached[Step.OPENED], -way.linked))
    whole = Way(None, _sum([way.reached for way in each]), _sum([way.stopped for way in each]))
    return [whole, *(way for way in each if any(way.reached.values()))]


def _sum(counted: Sequence[Mapping[Step, int]]) -> dict[Step, int]:
    return {step: sum(each.get(step, 0) for each in counted) for step in Step}


def by_how(db: Session, since: datetime) -> list[tuple[How, int]]:
    """By what people were linked since a time, the most first; those unlinked again among them."""
    rows = db.execute(
        select(Link.how, func.count()).where(Link.started_at >= since).group_by(Link.how)
    )
    return sorted(((how, people) for how, people in rows), key=lambda row: -row[1])


def first_day(now: datetime, settings: Settings, days: int) -> date:
    """The first of so many days, today being the last."""
    return now.astimezone(settings.zone).date() - timedelta(days=days - 1)
