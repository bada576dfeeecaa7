"""Says in the chat what we owe to say: once, in order for each friend, and free where it can be.

What is due is taken here, and said and settled by `deliveries.saying`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from core import lanes, owed, review
from core.clock import Clock
from core.database import Database
from core.owed import State
from core.settings import Settings
from deliveries import rules
from deliveries.saying import Call, Saying, settle, tell
from line.gateway import Line
from members import friendship
from models import Friend, Outgoing

HANDFUL = 8
"""Rows taken at once, each of another friend, and called for at the same time."""


def work(database: Database, line: Line, clock: Clock) -> int:
    """Send everything that is due. How many rows were dealt with."""
    count, saying = 0, Saying(database, line, clock)
    while True:
        taken, calls = _take(database, clock())
        count += taken
        saying.start(calls)
        if taken == HANDFUL:
            saying.settle()
        elif not saying.finish() and not taken:  # whatever waited for its friend's turn has it now
            return count


def _in_turn() -> ColumnElement[bool]:
    """What is pushed waits for everything earlier that is owed to the friend, also for what is
    between two tries. An answer does not: its token dies in a minute."""
    pushes = Outgoing.reply_until.is_(None) | (Outgoing.reply_until <= owed.NOW)
    order = (Outgoing.created_at, Outgoing.place, Outgoing.id)
    return lanes.in_turn(Outgoing, Outgoing.friend_id, order, waits_for_all=pushes)


TAKING = lanes.queued(owed.taking(Outgoing, _in_turn()), Outgoing)
_FRIENDS = select(Friend).where(Friend.id.in_(bindparam("ids", expanding=True)))
PUT = (
    "id", "key", "friend_id", "messages", "reply_token", "reply_until", "if_late", "reply_tried_at",
    "due_at", "leased", "attempts", "created_at", "expires_at",
)  # fmt: skip
IN_THE_WAY = lanes.queued(
    select(Outgoing.friend_id).where(
        Outgoing.friend_id.in_(bindparam("friends", expanding=True)),
        Outgoing.state == State.DUE,
        or_(Outgoing.due_at <= owed.NOW, Outgoing.leased),
    ),
    Outgoing,
)


def _take(database: Database, now: datetime) -> tuple[int, Sequence[Call]]:
    """Rows that are due, of each friend the first: how many, and which of them are to be said.
    The others are settled here."""
    calls, settled = [], []
    with database.begin() as db:
        rows = owed.take(db, Outgoing, now, limit=HANDFUL, lease=rules.LEASE, by=TAKING)
        friends = _friends(db, rows)
        for row in rows:
            friend = friends[row.friend_id]
            owing = _owing(row, friend)
            match rules.way(owing, now):
                case rules.Answer() | rules.Push() as way:
                    _mark(row, way, now)
                    calls.append(Call(row, owing, way, friend.line_user_id))
                case decided:
                    settled.append((row, decided, settle(db, row, decided, now)))
    for row, decided, ours in settled:
        tell(row, decided, ours=ours)
    return len(rows), calls


def _friends(db: Session, rows: Sequence[Outgoing]) -> dict[UUID, Friend]:
    ids = {row.friend_id for row in rows}
    found = db.scalars(_FRIENDS, {"ids": list(ids)}) if ids else ()
    return {friend.id: friend for friend in found}


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


def put(
    db: Session, answers: Sequence[tuple[Outgoing, Friend]], now: datetime
) -> tuple[list[Call], int]:
    """Owe answers to what friends have just said, each of another friend; those that are owed
    already are passed over. What can leave at once is put down as taken by us: it is to be said as
    soon as this is committed, and returned. The others are due; how many that are."""
    if not answers:
        return [], 0
    asked = {"friends": [friend.id for _, friend in answers], "its_now": now}
    waiting = set(db.connection().scalars(IN_THE_WAY, asked))
    made = [_call(row, friend, now, turn=friend.id not in waiting) for row, friend in answers]
    # Always in the same order, so that two who put down many do not wait for each other.
    rows = sorted((row for row, _ in answers), key=lambda row: row.friend_id)
    new = owed.put_many(db, Outgoing, [{name: getattr(row, name) for name in PUT} for row in rows])
    calls = [call for call in made if call]
    if new < len(rows):
        calls = _ours(db, calls)
    return calls, new - len(calls)


def _call(row: Outgoing, friend: Friend, now: datetime, *, turn: bool) -> Call | None:
    """A row that was never tried, and may leave if it is its turn."""
    row.id, row.attempts, row.leased, row.due_at = uuid4(), 0, False, now
    row.reply_tried_at = None
    owing = replace(_owing(row, friend), attempts=1)
    match rules.way(owing, now):
        case rules.Answer() as way if turn:
            row.attempts, row.leased, row.due_at = 1, True, now + rules.LEASE
            _mark(row, way, now)
            return Call(row, owing, way, friend.line_user_id)
    return None


def _ours(db: Session, calls: Sequence[Call]) -> list[Call]:
    """Those whose key was not known before."""
    ids = [call.row.id for call in calls]
    put_down = set(db.scalars(select(Outgoing.id).where(Outgoing.id.in_(ids))))
    return [call for call in calls if call.row.id in put_down]


def forget(database: Database, now: datetime, settings: Settings) -> int:
    """Delete what was settled as long ago as events are kept; how much that was. A coupon's row is
    what keeps it from being given twice: it names nobody, and stays."""
    before = now - timedelta(days=settings.inbox_retention_days)
    others = Outgoing.key.not_like("coupon:%")
    return review.forget(database, Outgoing, Outgoing.due_at, before, others)
