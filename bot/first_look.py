"""Before a handful of events is dealt with: who speaks, and the calls to LINE that must not be made
while a transaction is open (a new friend's language; the sign that we are at it)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog

from bot import replies, rules
from bot.answers import Asked, Person
from bot.event import Event
from core import review
from core.database import Database
from core.settings import Settings
from core.together import together
from line.gateway import Line, LineError, Profile
from members import people
from models import InboxEvent

log = structlog.get_logger()

LOADING_SECONDS = 10
QUEUE = 8
"""So many at once are a queue: a sign to each would cost as many calls as the answers, and LINE
takes few of them, so that all would wait longer for being told to wait."""
ANSWERED = ("message", "postback")
MEETS = ("follow", *ANSWERED)


def at(
    database: Database, line: Line, rows: Sequence[InboxEvent], now: datetime, settings: Settings
) -> list[tuple[InboxEvent, Asked]]:
    """Each event with what an answer to it may depend on, in LINE's order."""
    events = [Event.of(row) for row in sorted(rows, key=lambda row: (row.occurred_at, row.id))]
    persons, unsent = _know(database, events)
    profiles = _ask_line(line, events, persons, now)
    rows_by_event = {row.webhook_event_id: row for row in rows}
    nobody = Person()
    return [
        (
            rows_by_event[event.id],
            Asked(
                event=event,
                person=persons.get(event.user, nobody),
                settings=settings,
                now=now,
                profile=profiles.get(event.user),
                unsent=event.message_id in unsent,
            ),
        )
        for event in events
    ]


def _know(
    database: Database, events: Collection[Event]
) -> tuple[Mapping[str, Person], Collection[str | None]]:
    """Who they are, and which of their messages have been taken back already."""
    users = {event.user for event in events if event.user}
    messages = {event.message_id for event in events if event.message_id}
    taken_back = (InboxEvent.kind == "unsend", InboxEvent.message_id.in_(messages))
    with database.read() as db:
        found = people.known(db, users) if users else {}
        unsends = review.find(db, InboxEvent, *taken_back) if messages else []
    return (
        {user: Person(each.friend, each.member) for user, each in found.items()},
        {unsend.message_id for unsend in unsends},
    )


def _ask_line(
    line: Line, events: Collection[Event], persons: Mapping[str, Person], now: datetime
) -> Mapping[str, Profile]:
    """The profiles of those we do not know, and a sign to those who wait. A call that fails harms
    nothing: the friend is greeted in the brand's language."""
    calls: dict[tuple[str, str], Callable[[], Profile | None]] = {}
    for event in events:
        if not event.in_private or event.standby:
            continue
        if event.type in MEETS and _is_new(persons.get(event.user), event):
            calls["profile", event.user] = partial(line.profile, event.user)
        if event.type in ANSWERED and _waits_long(event, now, queue=len(events) >= QUEUE):
            calls["loading", event.user] = partial(_show_loading, line, event.user)
    profiles = {}
    for (what, user), outcome in together(calls):
        try:
            profile = outcome()
        except LineError as e:
            log.warning("first_look_failed", what=what, error=type(e).__name__)
            continue
        if profile:
            profiles[user] = profile
    return profiles


def _is_new(person: Person | None, event: Event) -> bool:
    if person is None or person.friend is None:
        return True
    return event.type == "follow" and not person.friend.language


def _show_loading(line: Line, user: str) -> None:
    line.show_loading(user, LOADING_SECONDS)


def _waits_long(event: Event, now: datetime, *, queue: bool) -> bool:
    slow = bool(event.text) and replies.find(event.text).slow
    if now >= event.reply_until or (queue and not slow):
        return False
    return rules.shows_loading(event.received_at, now, slow=slow)
