"""Deals with what the webhook stored: once each, in order for each person, whatever dies meanwhile.

An event's effect, its answer (an `Outgoing` row) and its being settled are one commit. The answer
is put down as taken by us where it may leave at once, and is said without being taken again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot import first_look, offers, rules
from bot.answers import Answer, Asked, Reply, Silence
from bot.event import storable
from bot.events import all_events
from bot.first_look import Seen
from core import lanes, owed, review, session
from core.clock import Clock
from core.database import Database
from core.errors import MusubiError
from core.session import Session
from core.settings import Settings
from deliveries import outbox
from deliveries.saying import Call, Saying
from line.gateway import Line
from members import friendship
from models import Friend, IfLate, InboxEvent, Outgoing
from texts import speak

log = structlog.get_logger()

HANDFUL = 16
"""Events taken at once; each is of another person."""
ANSWERED = "message"
"""Events of this kind are answered, and hold nobody else up by what they change."""
WORTH_PUSHING = timedelta(hours=1)
"""After this an answer answers nothing any more."""

TROUBLE = (
    MusubiError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError,
    session.TROUBLE,
)  # fmt: skip
"""What odd content, or a conflict, may raise. The event is tried again; its neighbours go on."""

Ring = Callable[[str], object]
Looked = tuple[InboxEvent, Asked]
Answered = tuple[Asked, Reply, Friend]


class _Lost(Exception):
    """Our lease ended and somebody else has the event: nothing of ours may be committed."""


def work(
    database: Database, line: Line, clock: Clock, settings: Settings, *, ring: Ring | None = None
) -> int:
    """Deal with every event that is due, and say at once what can be said at once; how many events
    that were. `ring` is told of what is left to others."""
    count, saying, ring = 0, Saying(database, line, clock), ring or (lambda kind: None)
    while taken := _take(database, clock()):
        looked = first_look.at(
            line, _without_the_spent(database, taken, clock()), clock(), settings
        )
        calls, left = _deal_with_all(database, looked, clock)
        saying.start(calls)
        if left:
            ring("outgoing")
        if any(row.kind != ANSWERED for row, _ in looked):
            ring("menus")
        count += len(taken.events)
        if len(taken.events) == HANDFUL:
            saying.settle()
            continue
        saying.finish()
        if not _is_more_due(database, clock(), ring):
            break
    if saying.finish():
        _is_more_due(database, clock(), ring)
    return count


def _is_more_due(database: Database, now: datetime, ring: Ring) -> bool:
    """Whether there are more events. Messages that waited until we had said something are rung
    for."""
    with database.read(alone=True) as db:
        messages, events = owed.are_due(db, now, Outgoing, InboxEvent)
    if messages:
        ring("outgoing")
    return events


_FIRST = lanes.in_turn(InboxEvent, InboxEvent.line_user_id, (InboxEvent.occurred_at, InboxEvent.id))
TAKING = lanes.queued(
    owed.taking(InboxEvent, (InboxEvent.line_user_id == "") | _FIRST), InboxEvent, forgettable=True
)


def _take(database: Database, now: datetime) -> Seen | None:
    """The oldest that are due, of each person only the first by LINE's time."""
    with database.begin(alone=True) as db:
        rows = owed.take_copies(db, InboxEvent, now, limit=HANDFUL, lease=rules.LEASE, by=TAKING)
        return first_look.know(db, rows) if rows else None


def _without_the_spent(database: Database, taken: Seen, now: datetime) -> Seen:
    """An event whose handling kills the worker, time and again, is put aside."""
    spent = [row for row, _ in taken.events if rules.is_spent(row.attempts)]
    for row in spent:
        with database.begin() as db:
            owed.failed(
                db, row, now, row.error or "taken again and again, and never brought to an end"
            )
        log.error("event_gave_up", inbox_event=str(row.id), kind=row.kind, attempts=row.attempts)
    return replace(taken, events=[each for each in taken.events if each[0] not in spent])


def _deal_with_all(
    database: Database, looked: Sequence[Looked], clock: Clock
) -> tuple[list[Call], int]:
    """The answers that we have in hand now, and how many others are due."""
    plain = [each for each in looked if _is_plain(*each)]
    done = _all_at_once(database, plain, clock) if len(plain) > 1 else None
    calls, left = done or ([], 0)
    # Whatever was taken often and kills us, perhaps, comes after its neighbours.
    for row, asked in sorted(looked, key=lambda each: each[0].attempts):
        if done is None or not _is_plain(row, asked):
            more, others = _deal_with(database, row, asked, clock)
            calls, left = calls + more, left + others
    return calls, left


def _is_plain(row: InboxEvent, asked: Asked) -> bool:
    """Such an event may share a commit with others. One that was tried before may be odd."""
    known = asked.person.friend is not None and asked.profile is None
    return row.kind == ANSWERED and row.attempts == 1 and known and not asked.unsent


def _all_at_once(
    database: Database, looked: Sequence[Looked], clock: Clock
) -> tuple[list[Call], int] | None:
    """In one commit. None, and nothing is done, when one of them makes trouble: whose it is shows
    when each is dealt with alone."""
    try:
        with database.begin() as db:
            applied = [(row, *_apply(db, asked)) for row, asked in looked]
            _settle(db, [(row, note) for row, note, _ in applied], clock())
            said = _owe(db, [answer for *_, answer in applied if answer], clock())
    except (_Lost, *TROUBLE):
        return None
    for row, note, _ in applied:
        _tell(row, note)
    return said


def _deal_with(
    database: Database, row: InboxEvent, asked: Asked, clock: Clock
) -> tuple[list[Call], int]:
    try:
        with database.begin() as db:
            note, answer = _apply(db, asked)
            _settle(db, [(row, note)], clock())
            said = _owe(db, [answer] if answer else [], clock())
    except _Lost:
        log.warning("event_lost_to_another_worker", inbox_event=str(row.id))
    except TROUBLE as e:
        _try_again(database, row, e, clock())
    else:
        _tell(row, note)
        return said
    return [], 0


def _owe(db: Session, answers: Sequence[Answered], now: datetime) -> tuple[list[Call], int]:
    offers.count(db, [(asked, answer) for asked, answer, _ in answers])
    rows = [(_outgoing(asked, answer, friend), friend) for asked, answer, friend in answers]
    return outbox.put(db, rows, now)


def _settle(db: Session, rows: Sequence[tuple[InboxEvent, str]], now: datetime) -> None:
    if not owed.all_done(db, rows, now):
        raise _Lost


def _tell(row: InboxEvent, note: str) -> None:
    log.info("event_dealt_with", inbox_event=str(row.id), kind=row.kind, note=note)


def _try_again(database: Database, row: InboxEvent, trouble: Exception, now: datetime) -> None:
    said = storable(f"{type(trouble).__name__}: {trouble}")
    at = rules.next_try(row.attempts, now)
    with database.begin() as db:
        if at:
            owed.again(db, row, at, said)
        else:
            owed.failed(db, row, now, said)
    log.warning(
        "event_failed" if at is None else "event_put_off",
        inbox_event=str(row.id), kind=row.kind, attempts=row.attempts, error=type(trouble).__name__,
    )  # fmt: skip


def _apply(db: Session, asked: Asked) -> tuple[str, Answered | None]:
    """The event's effect. Returns what there is to note, and the answer that we owe to whom."""
    asked = _met(db, asked)
    answer = _answer(db, asked)
    if isinstance(answer, Silence):
        return answer.why, None
    friend = asked.person.friend
    if friend is None or not (asked.event.reply_token or answer.if_late is IfLate.PUSH):
        return "there is no way to answer", None
    return "", (asked, answer, friend)


def _met(db: Session, asked: Asked) -> Asked:
    """Whoever speaks to us one to one is a friend from now on, in the language LINE says."""
    friend, profile = asked.person.friend, asked.profile
    if not asked.event.in_private or (friend and not profile):
        return asked
    friend = friendship.friend_for(
        db, asked.event.user, asked.now,
        language=speak(profile.language, "") if profile else "",
        name=storable(profile.name) if profile else "",
    )  # fmt: skip
    return asked.by(friend)


def _answer(db: Session, asked: Asked) -> Answer:
    event, known = asked.event, all_events().get(asked.event.type)
    if known is None:
        return Silence("nothing is done about events of this type")
    if event.standby and not known.in_standby:
        return Silence("another module has the conversation")
    if not event.in_private and not known.in_groups:
        return Silence("not one to one with a person")
    answer = known.apply(db, asked)
    return Silence("another module has the conversation") if event.standby else answer


def _outgoing(asked: Asked, answer: Reply, friend: Friend) -> Outgoing:
    event = asked.event
    late = event.received_at + WORTH_PUSHING if answer.if_late is IfLate.PUSH else event.reply_until
    return Outgoing(
        key=f"reply:{event.id}",
        friend_id=friend.id,
        messages=list(answer.messages),
        reply_token=event.reply_token,
        reply_until=event.reply_until if event.reply_token else None,
        if_late=answer.if_late,
        created_at=asked.now,
        expires_at=late,
    )


def forget(database: Database, now: datetime, settings: Settings) -> int:
    """Delete what was settled and kept long enough. How much that was."""
    before = now - timedelta(days=settings.inbox_retention_days)
    return review.forget(database, InboxEvent, InboxEvent.received_at, before)
