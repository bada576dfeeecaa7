"""Reads what LINE sends, whatever it is: no event can break its neighbours, or a table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

import orjson

from models import InboxEvent

LONGEST_ID = 64
LONGEST_USER_ID = 33
LONGEST_TYPE = 32
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)
"""LINE is younger. An earlier time is a mistake."""
AHEAD = timedelta(hours=1)
"""A clock may be off by this much; a later time is a mistake."""
REDELIVERED_LIFE = timedelta(minutes=20)
"""LINE: a reply token is good for nothing 20 minutes after its event, however late it came."""
REPLY_LIFE = timedelta(seconds=50)
"""LINE says one minute from the webhook; ten seconds are left for the way."""

TYPES = frozenset({
    "message", "messageEdited", "unsend", "follow", "unfollow", "join", "leave", "memberJoined",
    "memberLeft", "postback", "videoPlayComplete", "beacon", "accountLink", "membership",
    "delivery", "module", "activated", "deactivated", "botSuspended", "botResumed",
})  # fmt: skip
"""What LINE is known to send; it may send more any day."""


class NotJson(ValueError):
    """The body cannot be read at all."""


def loads(raw: bytes | str) -> Any:
    """JSON as lenient as LINE's changes may ask for: also lone surrogates and huge numbers."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise NotJson(type(e).__name__) from e


def dumps(item: Any) -> str:
    """JSON that any text column holds: what is odd in a string is written as an escape."""
    try:
        return orjson.dumps(item).decode()
    except TypeError:
        return json.dumps(item, separators=(",", ":"))


def storable(words: Any) -> str:
    """A string that every database and LINE accept; empty when it is no string."""
    if not isinstance(words, str):
        return ""
    return words.replace("\0", "").encode("utf-8", "replace").decode()


KEPT = (
    "webhook_event_id", "kind", "line_user_id", "message_id", "occurred_at", "received_at",
    "raw", "due_at",
)  # fmt: skip
"""What an inbox row is given."""


def to_keep(item: Any, now: datetime) -> dict[str, object] | None:
    """The inbox row for one member of `events`; None when it is no event at all."""
    try:
        return _row(item, now) if isinstance(item, dict) else None
    except RecursionError:  # nested as deep as nothing that LINE means
        return None


def age(row: Mapping[str, Any]) -> timedelta:
    """How long it had happened when it arrived; less than nothing when clocks differ."""
    took: timedelta = row["received_at"] - row["occurred_at"]
    return took


def _row(item: dict[str, Any], now: datetime) -> dict[str, object]:
    return {
        "webhook_event_id": _event_id(item),
        "kind": storable(item.get("type"))[:LONGEST_TYPE],
        "line_user_id": _short(_part(item, "source").get("userId"), LONGEST_USER_ID),
        "message_id": _message_id(item),
        "occurred_at": _when(item.get("timestamp"), now),
        "received_at": now,
        "raw": dumps(item),
        "due_at": now,
    }


def _event_id(item: dict[str, Any]) -> str:
    """LINE's own; or, where it is missing or odd, one that the same event would get again."""
    if given := _short(item.get("webhookEventId"), LONGEST_ID):
        return given
    same = item.get("webhookEventId") or {k: item[k] for k in item if k != "deliveryContext"}
    return "odd-" + sha256(dumps(same).encode()).hexdigest()[: LONGEST_ID - 4]


def _message_id(item: dict[str, Any]) -> str | None:
    """The message that came with the event, or that an `unsend` takes back."""
    found = _part(item, "message").get("id") or _part(item, "unsend").get("messageId")
    return _short(found, LONGEST_ID) or None


def _short(words: Any, longest: int) -> str:
    """The string if it can stand in a column of that length; else empty."""
    return words if words == storable(words) and len(words) <= longest else ""


def _when(milliseconds: Any, now: datetime) -> datetime:
    """LINE's time; ours, when LINE's cannot be true."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return now
    try:
        when = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return when if BEGINNING <= when <= now + AHEAD else now


def _part(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = item.get(name)
    return part if isinstance(part, dict) else {}


@dataclass(frozen=True)
class Event:
    """One event as the worker sees it. Every field may be missing from what LINE sent."""

    id: str
    type: str
    user: str
    occurred_at: datetime
    received_at: datetime
    body: dict[str, Any]
    message_id: str | None = None

    @classmethod
    def of(cls, row: InboxEvent) -> "Event":
        try:
            body = loads(row.raw)
        except NotJson:
            body = None
        return cls(
            id=row.webhook_event_id,
            type=row.kind,
            user=row.line_user_id,
            occurred_at=row.occurred_at,
            received_at=row.received_at,
            body=body if isinstance(body, dict) else {},
            message_id=row.message_id,
        )

    def part(self, name: str) -> dict[str, Any]:
        """An object inside the event; empty when there is none."""
        return _part(self.body, name)

    @property
    def in_private(self) -> bool:
        """One to one with a person: not in a group, and not about nobody."""
        return bool(self.user) and self.part("source").get("type") == "user"

    @property
    def standby(self) -> bool:
        """Another module has the conversation: we may listen, and must not speak."""
        return self.body.get("mode") == "standby"

    @cached_property
    def reply_token(self) -> str | None:
        return _short(self.body.get("replyToken"), LONGEST_ID) or None

    @property
    def reply_until(self) -> datetime:
        """Until when the reply token is worth trying."""
        return min(self.received_at + REPLY_LIFE, self.occurred_at + REDELIVERED_LIFE)

    @property
    def text(self) -> str:
        """What was said; empty when it was no text."""
        message = self.part("message")
        return storable(message.get("text")) if message.get("type") == "text" else ""
