"""Says in the chat what we owe to say: once, in order for each friend, and free where it can be.

Row, call, row: what a call may lead to is written before it (the token was tried, the retry key is
in use), so that a process may die at any line and nothing is lost or said twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from core import lanes, owed, review
from core.clock import Clock
from core.database import Database
from core.settings import Settings
from core.together import together
from deliveries import rules
from line.gateway import Line, LineOutOfQuota, LineRefused, LineUnavailable
from members import friendship
from models import Friend, Outgoing

log = structlog.get_logger()

HANDFUL = 8
"""Rows taken at once, each of another friend, and called for at the same time."""
REFUSALS = {
    400: rules.Kind.BAD_REQUEST,
    401: rules.Kind.NOT_ALLOWED,
    403: rules.Kind.NOT_ALLOWED,
}


@dataclass(frozen=True)
class _Call:
    """One row that is on its way: as it was when it was taken, and how it goes."""

    row: Outgoing
    owing: rules.Owing
    way: rules.Answer | rules.Push
    to: str

    def by(self, line: Line) -> Callable[[], None]:
        if isinstance(self.way, rules.Answer):
            return partial(line.reply, self.row.reply_token or "", self.row.messages)
        return partial(line.push, self.to, self.row.messages, retry_key=self.row.id)

    def outcome(self, trouble: rules.Trouble | None, now: datetime) -> rules.Outcome:
        decide = rules.after_reply if isinstance(self.way, rules.Answer) else rules.after_push
        return decide(self.owing, trouble, now)


def work(database: Database, line: Line, clock: Clock, settings: Settings) -> int:
    """Send everything that is due. How many rows were dealt with."""
    count = 0
    while True:
        taken, calls = _take(database, clock())
        if not taken:
            return count
        count += taken
        for n, outcome in together({n: call.by(line) for n, call in enumerate(calls)}, HANDFUL):
            _note(database, calls[n], _trouble(outcome), clock())


def _trouble(outcome: Callable[[], None]) -> rules.Trouble | None:
    """What went wrong, in the words our rules know."""
    try:
        outcome()
    except LineUnavailable as e:
        return rules.Trouble(rules.Kind.UNAVAILABLE, str(e), timedelta(seconds=e.wait))
    except LineOutOfQuota as e:
        return rules.Trouble(rules.Kind.OUT_OF_QUOTA, str(e))
    except LineRefused as e:
        return rules.Trouble(REFUSALS.get(e.status, rules.Kind.REFUSED), str(e))
    return None


def _take(database: Database, now: datetime) -> tuple[int, Sequence[_Call]]:
    """Rows that are due, of each friend the first: how many, and which of them are to be sent.
    The others are settled here."""
    with database.begin() as db:
        lanes.queue_up(db, Outgoing)
        rows = owed.take(db, Outgoing, now, limit=HANDFUL, where=[_in_turn(now)])
        friends = _friends(db, rows)
        calls = []
        for row in rows:
            friend = friends[row.friend_id]
            owing = _owing(row, friend)
            match rules.way(owing, now):
                case rules.Answer() | rules.Push() as way:
                    _mark(row, way, now)
                    calls.append(_Call(row, owing, way, friend.line_user_id))
                case decided:
                    _settle(db, row, decided, now)
    return len(rows), calls


def _in_turn(now: datetime) -> ColumnElement[bool]:
    """What is pushed waits for everything earlier that is owed to the friend, also for what is
    between two tries. An answer does not: its token dies in a minute."""
    pushes = Outgoing.reply_until.is_(None) | (Outgoing.reply_until <= now)
    order = (Outgoing.created_at, Outgoing.place, Outgoing.id)
    return lanes.in_turn(Outgoing, Outgoing.friend_id, order, now, waits_for_all=pushes)


def _friends(db: Session, rows: Sequence[Outgoing]) -> dict[UUID, Friend]:
    ids = {row.friend_id for row in rows}
    return {friend.id: friend for friend in db.scalars(select(Friend).where(Friend.id.in_(ids)))}


def _owing(row: Outgoing, friend: Friend) -> rules.Owing:
    return rules.Owing(
        attempts=row.attempts,
        reply_until=row.reply_until if row.reply_token else None,
        if_late=row.if_late,
        reply_tried=row.reply_tried_at is not None,
        pushed_at=row.pushed_at,
        expires_at=row.expires_at,
        reachable=friendship.reachable(friend),
    )


def _mark(row: Outgoing, way: rules.Answer | rules.Push, now: datetime) -> None:
    """Committed before the call: from here on LINE may have said it."""
    if isinstance(way, rules.Answer):
        row.reply_tried_at = now
    elif row.pushed_at is None:
        row.pushed_at = now


def _note(database: Database, call: _Call, trouble: rules.Trouble | None, now: datetime) -> None:
    outcome = call.outcome(trouble, now)
    with database.begin() as db:
        _settle(db, call.row, outcome, now)


def _settle(db: Session, row: Outgoing, outcome: rules.Outcome, now: datetime) -> None:
    match outcome:
        case rules.Said():
            ours = owed.done(db, row, now)
        case rules.Drop(why):
            ours = owed.done(db, row, now, why)
        case rules.Fail(why):
            ours = owed.failed(db, row, now, why)
        case rules.PushInstead(why):
            ours = owed.again(db, row, now, why)
            _change(db, row, reply_token=None, reply_until=None, reply_tried_at=None)
        case rules.Again(at, why, key_is_new):
            ours = owed.again(db, row, at, why)
            if key_is_new:
                _change(db, row, pushed_at=None)
    _tell(row, outcome, ours=ours)


def _change(db: Session, row: Outgoing, **values: object) -> None:
    """What the next try has to know, unless another process has the row now."""
    db.execute(
        update(Outgoing)
        .where(Outgoing.id == row.id, Outgoing.attempts == row.attempts)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _tell(row: Outgoing, outcome: rules.Outcome, *, ours: bool) -> None:
    known = log.bind(outgoing=str(row.id), purpose=row.key.partition(":")[0], tries=row.attempts)
    match outcome:
        case _ if not ours:
            known.warning("message_lost_to_another_worker")
        case rules.Said():
            known.info("message_sent")
        case rules.Drop(why):
            known.info("message_dropped", why=why)
        case rules.Fail(why):
            known.error("message_failed", why=why)
        case rules.Again(at, why):
            known.warning("message_put_off", until=at.isoformat(), why=why)
        case rules.PushInstead(why):
            known.info("message_pushed_instead", why=why)


def forget(database: Database, now: datetime, settings: Settings) -> int:
    """Delete answers that are settled and as old as the events they answered. What is said once,
    ever (a coupon) stays remembered."""
    before, count = now - timedelta(days=settings.inbox_retention_days), 0
    answers = Outgoing.key.startswith("reply:")
    while True:
        with database.begin() as db:
            gone = review.forget(db, Outgoing, Outgoing.created_at, before, answers)
        count += gone
        if gone < review.FORGET_AT_ONCE:
            return count
