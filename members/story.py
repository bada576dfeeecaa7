"""What we know of one person: every tie there was, their tags, and what was said lately.

What somebody wrote, and what we answered, is shown only for as long as it is kept, and never when
it was taken back or erased.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import literal as constant
from sqlalchemy import or_, select, union_all
from sqlalchemy.orm import Session

from core.owed import State
from core.settings import Settings
from members.persons import Person
from models import Friend, FriendTag, InboxEvent, Link, Member, MemberTag, Outgoing

SHOWN = 30
"""Bubbles at once."""
TIES = 50
"""Of one person; nobody has so many."""


@dataclass(frozen=True)
class Tie:
    link: Link
    member: Member | None
    """None: erased since."""
    friend: Friend


def ties(db: Session, person: Person) -> list[Tie]:
    """Every link that this person ever had on either side, the newest first."""
    of = []
    if person.member:
        of.append(Link.member_id == person.member.id)
    if person.friend:
        of.append(Link.friend_id == person.friend.id)
    rows = db.execute(
        select(Link, Member, Friend)
        .join(Friend, Friend.id == Link.friend_id)
        .outerjoin(Member, Member.id == Link.member_id)
        .where(or_(*of))
        .order_by(Link.started_at.desc(), Link.id)
        .limit(TIES)
    )
    return [Tie(link, member, friend) for link, member, friend in rows]


@dataclass(frozen=True)
class Tag:
    word: str
    of_member: bool
    """Else it is the friend's."""
    since: datetime


def tags(db: Session, person: Person) -> list[Tag]:
    """Their own as a member, and as a friend: by either a menu may be shown."""
    asked = []
    if person.member:
        mine = MemberTag.member_id == person.member.id
        asked.append(select(MemberTag.tag, constant(1), MemberTag.created_at).where(mine))
    if person.friend:
        mine = FriendTag.friend_id == person.friend.id
        asked.append(select(FriendTag.tag, constant(0), FriendTag.created_at).where(mine))
    found = [Tag(word, bool(of), since) for word, of, since in db.execute(union_all(*asked))]
    return sorted(found, key=lambda tag: (tag.word, tag.of_member))


@dataclass(frozen=True)
class Bubble:
    """One thing that was said, tapped or done."""

    at: datetime
    ours: bool
    kind: str
    """`text`, `sticker`, `image`, … or what was done: `follow`, `unfollow`, `postback`."""
    words: str = ""
    buttons: Sequence[str] = ()
    state: State | None = None
    """Of what we say: done, still owed, or failed."""
    note: str = ""
    """Why it was not said, or what there is to wonder about."""
    key: UUID | None = None


Moment = tuple[datetime, InboxEvent | Outgoing]


def said(
    db: Session, friend: Friend, now: datetime, settings: Settings, *,
    before: datetime | None = None, most: int = SHOWN,
) -> tuple[list[Bubble], datetime | None]:  # fmt: skip
    """The newest first, of one friend and the bot alone; and before when there is more."""
    since = now - timedelta(days=settings.inbox_retention_days)
    until = before or now + timedelta(days=1)
    theirs = (
        select(InboxEvent)
        .where(InboxEvent.line_user_id == friend.line_user_id, InboxEvent.received_at >= since)
        .where(InboxEvent.occurred_at < until)
        .order_by(InboxEvent.occurred_at.desc())
    )
    ours = (
        select(Outgoing)
        .where(Outgoing.friend_id == friend.id, Outgoing.created_at >= since)
        .where(Outgoing.created_at < until)
        .order_by(Outgoing.created_at.desc(), Outgoing.place.desc())
    )
    moments: list[Moment] = [(row.occurred_at, row) for row in db.scalars(theirs.limit(most + 1))]
    moments += [(row.created_at, row) for row in db.scalars(ours.limit(most + 1))]
    shown, earlier = _newest(moments, most)
    return [bubble for _, row in shown for bubble in _bubbles(row)], earlier


def _newest(moments: list[Moment], most: int) -> tuple[list[Moment], datetime | None]:
    """The newest of them, and before when the others are: what is of one instant is not torn
    apart, or a part of it would never be shown."""
    moments.sort(key=lambda each: each[0], reverse=True)
    if len(moments) <= most:
        return moments, None
    whole = [each for each in moments[:most] if each[0] > moments[most][0]]
    shown = whole or moments[:most]
    return shown, shown[-1][0]


def _bubbles(row: InboxEvent | Outgoing) -> Iterator[Bubble]:
    if isinstance(row, InboxEvent):
        yield from _heard(row)
        return
    for message in reversed(row.messages):
        words, buttons = _told(message)
        yield Bubble(
            row.done_at or row.created_at, True, _kind(message), words, buttons, row.state,
            row.error, row.id,
        )  # fmt: skip


EVENTS = ("follow", "unfollow", "postback", "message", "accountLink", "beacon")


def _heard(row: InboxEvent) -> Iterator[Bubble]:
    """Nothing, when it was taken back, erased, or not said to us alone."""
    event = _read(row.raw)
    if _part(event, "source").get("type") != "user" or row.kind not in EVENTS:
        return
    if row.kind == "postback":
        words = str(_part(event, "postback").get("data") or "")
        yield Bubble(row.occurred_at, False, "postback", words)
    elif row.kind == "message":
        message = _part(event, "message")
        if not message.get("unsent"):
            kind = _kind(message)
            words = str(message.get("text") or "") if kind == "text" else _about(message)
            yield Bubble(row.occurred_at, False, kind, words)
    else:
        yield Bubble(row.occurred_at, False, row.kind)


def _read(raw: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


KINDS = frozenset({
    "text", "sticker", "image", "video", "audio", "file", "location", "template", "flex",
    "imagemap", "coupon", "textV2",
})  # fmt: skip


def _kind(message: Mapping[str, Any]) -> str:
    kind = message.get("type")
    return kind if isinstance(kind, str) and kind in KINDS else "other"


def _about(message: Mapping[str, Any]) -> str:
    """A file's name, a place's title and address, a sticker's words."""
    words = message.get("keywords")
    parts = [
        message.get("fileName"), message.get("title"), message.get("address"),
        ", ".join(map(str, words[:3])) if isinstance(words, list) else None,
    ]  # fmt: skip
    return " ".join(str(part) for part in parts if part)


def _told(message: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What of a message of ours can be read, and what its buttons say."""
    template = _part(message, "template")
    words = template.get("text") or message.get("text") or message.get("altText") or ""
    return str(words), list(_labels(template or message.get("contents")))


def _labels(given: Any, depth: int = 0) -> Iterator[str]:
    """Labels of the actions in a template or a Flex message, however deep they stand."""
    if depth > 20:
        return
    if isinstance(given, dict):
        if isinstance(given.get("label"), str) and re.fullmatch(r"[a-z]+", str(given.get("type"))):
            yield given["label"]
        for part in given.values():
            yield from _labels(part, depth + 1)
    elif isinstance(given, list):
        for part in given:
            yield from _labels(part, depth + 1)
