"""How the work stands that is owed: all done, or what waits, since when, and why.

One statement, which looks only at what is not done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from core.owed import Owed, State
from core.types import UtcTime
from models import (
    Deauthorization,
    Friend,
    InboxEvent,
    MenuAssignment,
    MenuMove,
    MenuTrial,
    Outgoing,
    Publication,
    PublishRun,
    Sms,
)

SILENT = timedelta(seconds=60)
"""Without a sign of life the worker counts as gone."""
IN_HAND = timedelta(seconds=15)
"""What fell due within this is being dealt with: nobody needs to worry."""


class Queue(StrEnum):
    EVENTS = "events"
    """What LINE has told us, and people wait for an answer to."""
    MESSAGES = "messages"
    CODES = "codes"
    MENUS = "menus"
    """People whose menu has to be looked at, or LINE to be told of."""
    PUBLISHING = "publishing"
    DEAUTHORIZING = "deauthorizing"


TABLES: Mapping[Queue, Sequence[type[Owed]]] = {
    Queue.EVENTS: (InboxEvent,),
    Queue.MESSAGES: (Outgoing,),
    Queue.CODES: (Sms,),
    Queue.MENUS: (MenuAssignment, MenuMove),
    Queue.PUBLISHING: (PublishRun, MenuTrial),
    Queue.DEAUTHORIZING: (Deauthorization,),
}


class Why(StrEnum):
    """What holds the work up, as far as it can be told from here."""

    NEVER = "never"
    """No worker has ever run."""
    SILENT = "silent"
    """The worker shows no sign of life."""
    QUOTA = "quota"
    TOKEN = "token"  # noqa: S105 - a word of ours
    """LINE does not know us any more."""
    LINE = "line"
    """LINE cannot be reached, or answers errors."""
    SENDER = "sender"
    """Whoever sends our short messages cannot be reached, or answers errors."""
    ERRORS = "errors"
    """Something of ours goes wrong each time."""
    MANY = "many"
    """Nothing is wrong: there is much to do."""


@dataclass(frozen=True)
class Standing:
    """Of one queue."""

    queue: Queue
    waiting: int = 0
    since: datetime | None = None
    """When the row fell due that waits longest; None when it does not say how long."""
    tried: int = 0
    """Those that did not go well before, also when they are to be tried again later."""
    next_try: datetime | None = None
    """Of those that are to be tried again later."""
    error: str = ""
    """What one of those ran into."""
    failed: int = 0
    failed_error: str = ""
    failed_at: datetime | None = None


@dataclass(frozen=True)
class Health:
    queues: Sequence[Standing]
    """Those in which something waits or has failed."""
    silent_for: timedelta | None
    """None: no worker has ever run."""
    now: datetime

    @property
    def worker_runs(self) -> bool:
        return self.silent_for is not None and self.silent_for <= SILENT

    @property
    def late(self) -> Sequence[Standing]:
        """What waits longer than it should; with a silent worker, whatever waits."""
        return [each for each in self.queues if self._is_late(each)]

    @property
    def at_it(self) -> int:
        """How much is being dealt with just now."""
        return sum(each.waiting for each in self.queues if not self._is_late(each))

    @property
    def failed(self) -> Sequence[Standing]:
        return [each for each in self.queues if each.failed]

    @property
    def all_done(self) -> bool:
        return self.worker_runs and not self.late and not self.at_it and not self.failed

    def _is_late(self, each: Standing) -> bool:
        if not self.worker_runs or each.tried:
            return bool(each.waiting or each.tried)
        return each.since is not None and self.now - each.since > IN_HAND

    def why(self, each: Standing) -> Why:
        if self.silent_for is None:
            return Why.NEVER
        if not self.worker_runs:
            return Why.SILENT
        return because(each.queue, each.error) if each.tried else Why.MANY


def because(queue: Queue, error: str) -> Why:
    """What went wrong; LINE's own words begin with its status."""
    if queue is Queue.EVENTS:
        return Why.ERRORS  # its rows fail by what we do with them
    if queue is Queue.CODES:
        return Why.SENDER
    if "monthly limit" in error or "quota" in error:
        return Why.QUOTA
    return Why.TOKEN if error.startswith(("401", "403")) else Why.LINE


def health(db: Session, now: datetime, silent_for: float | None) -> Health:
    """`silent_for`: seconds since the worker last showed life; None when it never did."""
    parts = [_asked(queue, table, now) for queue, tables in TABLES.items() for table in tables]
    found: dict[Queue, Standing] = {}
    for row in db.execute(union_all(*parts, _stale())):
        each = Standing(Queue(row[0]), *row[1:])
        found[each.queue] = _both(found[each.queue], each) if each.queue in found else each
    busy = [each for each in found.values() if each.waiting or each.tried or each.failed]
    beat = None if silent_for is None else timedelta(seconds=silent_for)
    return Health(busy, beat, now)


def _asked(queue: Queue, table: type[Owed], now: datetime) -> Select[*tuple[Any, ...]]:
    owed, put_aside = table.state == State.DUE, failed(table)
    due, tried = and_(owed, table.due_at <= now), and_(owed, table.error != "")
    timed = table is not MenuAssignment  # its due times only say who comes first
    return select(
        literal(queue.value).label("queue"),
        func.count().filter(due).label("waiting"),
        func.min(table.due_at).filter(due if timed else and_(due, put_aside)).label("since"),
        func.count().filter(tried).label("tried"),
        func.min(table.due_at).filter(tried, table.due_at > now).label("next_try"),
        func.coalesce(func.max(table.error).filter(tried), "").label("error"),
        func.count().filter(put_aside).label("failed"),
        func.coalesce(func.max(table.error).filter(put_aside), "").label("failed_error"),
        func.max(table.done_at).filter(put_aside).label("failed_at"),
    ).where(or_(due, tried, put_aside))


def failed(table: type[Owed]) -> ColumnElement[bool]:
    """Whether a row failed, and somebody should hear of it."""
    put_aside = table.state == State.FAILED
    if table is MenuMove:
        return false()  # the people are told one by one instead
    if table is PublishRun:
        since = exists().where(Publication.published_at > PublishRun.done_at)
        return put_aside & (PublishRun.stopped_by == "") & ~since
    return put_aside


def _stale() -> Select[*tuple[Any, ...]]:
    """People about whom something changed: their menu is owed a look."""
    nothing, never = literal(""), cast(null(), UtcTime)
    return select(
        literal(Queue.MENUS.value), func.count(), func.min(Friend.menu_stale_at),
        literal(0), never, nothing, literal(0), nothing, never,
    ).where(Friend.menu_stale_at.is_not(None))  # fmt: skip


def _both(one: Standing, other: Standing) -> Standing:
    times = [each for each in (one.since, other.since) if each]
    told = max(one, other, key=lambda each: each.failed)
    return Standing(
        one.queue,
        one.waiting + other.waiting,
        min(times) if times else None,
        one.tried + other.tried,
        one.next_try or other.next_try,
        one.error or other.error,
        one.failed + other.failed,
        told.failed_error,
        told.failed_at if told.failed else None,
    )
