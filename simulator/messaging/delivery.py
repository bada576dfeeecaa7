"""Delivering: who is reached, what it costs, and a send that is taken once per retry key."""

from collections.abc import Iterable
from dataclasses import dataclass

from simulator import ids
from simulator.errors import LineError
from simulator.state import Accepted, Json, Person, Via
from simulator.world import World

DAY = 24 * 3600 * 1000
NO_QUOTA = "You have reached your monthly limit."


@dataclass(frozen=True)
class Send:
    """A send that has passed every check."""

    via: Via
    to: list[Person]
    messages: list[Json]
    units: list[str]
    counted: bool = True


def reachable(world: World, person: Person) -> bool:
    """A friend, or somebody who wrote within the last seven days and has not blocked."""
    if person.friend or person.blocked:
        return person.friend
    return person.last_said_at is not None and world.clock.now_ms() - person.last_said_at < 7 * DAY


def earlier(world: World, key: str | None) -> None:
    """Refuse what was already taken under this key within the last 24 hours."""
    accepted = world.state.retry_keys.get(key or "")
    if key is None or accepted is None or world.clock.now_ms() - accepted.at >= DAY:
        return
    error = LineError(
        409,
        "The retry key is already accepted",
        headers={"x-line-accepted-request-id": accepted.request_id},
    )
    if accepted.sent_messages is not None:
        error.more["sentMessages"] = accepted.sent_messages
    raise error


def deliver(world: World, send: Send) -> list[Json]:
    """Put the messages into the chats; the sent messages as LINE lists them for one recipient."""
    people = [person for person in send.to if reachable(world, person)]
    if send.counted:
        _spend(world, len(people))
    sent = _write(world, people, send) or [_unseen(message) for message in send.messages]
    _count(world, send, len(people))
    return sent


def _spend(world: World, people: int) -> None:
    quota = world.state.quota
    if quota.limit is not None and quota.used + people > quota.limit:
        raise LineError(429, NO_QUOTA)
    quota.used += people


def _write(world: World, people: Iterable[Person], send: Send) -> list[Json]:
    sent: list[Json] = []
    for person in people:
        sent = []
        for message in send.messages:
            entry = world.write_chat(person, "account", message, send.via)
            sent.append(_listed(entry.id, message))
    return sent


def _unseen(message: Json) -> Json:
    """LINE numbers messages that reach nobody, too."""
    return _listed(ids.message_id(), message)


def _listed(message_id: str, message: Json) -> Json:
    quotable = message["type"] in ("text", "textV2", "sticker", "image", "video", "template")
    return {"id": message_id} | ({"quoteToken": ids.token(32)} if quotable else {})


def _count(world: World, send: Send, people: int) -> None:
    day = world.clock.day_in_japan()
    days = world.state.delivered.setdefault(send.via, {})
    days[day] = days.get(day, 0) + people
    used = world.state.units.setdefault(day[:6], [])
    used.extend(unit for unit in send.units if unit not in used and len(used) < 1000)


def remember(world: World, key: str | None, request_id: str, sent: list[Json] | None) -> None:
    if key is not None:
        world.state.retry_keys[key] = Accepted(world.clock.now_ms(), request_id, sent)
