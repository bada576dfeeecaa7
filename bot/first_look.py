"""Before a handful of events is dealt with: who speaks, and the calls to LINE that must not be made
while a transaction is open (a new friend's language; the sign that we are at it)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from bot import replies, rules
from bot.answers import Asked, Person
from bot.event import Event
from core import review
from core.session import Session
from core.settings import Settings
from core.together import together
from line.gateway import Line, LineError, Profile
from members import recognising
from models import InboxEvent

log = structlog.get_logger()

LOADING_SECONDS = 10
QUEUE = 8
"""So many at once are a queue: a sign to each would cost as many calls as the answers, and LINE
takes few of them, so that all would wait longer for being told to wait."""
ANSWERED = ("message", "postback")
MEETS = ("follow", *ANSWERED)

_UNSENT = review.has_companion(InboxEvent.message_id, kind="unsend").label("unsent")
_ABOUT = recognising.asking(InboxEvent.id, InboxEvent.line_user_id, _UNSENT)


@dataclass(frozen=True)
class Seen:
    """What we know of some events ourselves."""

    events: Sequence[tuple[InboxEvent, Event]]
    """In LINE's order."""
    persons: Mapping[str, Person]
    unsent: Collection[str]
    """Messages that have been taken back already."""


def know(db: Session, rows: Sequence[InboxEvent]) -> Seen:
    events = [
        (row, Event.of(row)) for row in sorted(rows, key=lambda row: (row.occurred_at, row.id))
    ]
    found = recognising.known(db, _ABOUT, [row.id for row in rows])
    persons = {row.line_user_id: Person(found[row.id].Friend, found[row.id].Member) for row in rows}
    unsent = {row.message_id for row in rows if row.message_id and found[row.id].unsent}
    return Seen(events, persons, unsent)


def at(line: Line, seen: Seen, now: datetime, settings: Settings) -> list[tuple[InboxEvent, Asked]]:
    """Each event with what an answer to it may depend on, in LINE's order."""
    profiles = _ask_line(line, [event for _, event in seen.events], seen.persons, now)
    nobody = Person()
    return [
        (
            row,
            Asked(
                event=event,
                person=seen.persons.get(event.user, nobody),
                settings=settings,
                now=now,
                profile=profiles.get(event.user),
                unsent=event.message_id in seen.unsent,
            ),
        )
        for row, event in seen.events
    ]


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
