"""What is said in the chat when a link begins, moves or ends: rows that the outbox sends."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import owed
from core.settings import Settings
from line import messages
from line.messages import Message
from members import funnel
from members.friendship import reachable
from models import Ended, Entry, Friend, Link, Member, Outgoing
from texts import speak, text

WORTH_SAYING = timedelta(hours=24)
COUPON_WORTH_SAYING = timedelta(days=31)
"""Given once, ever, so it may wait even for next month's quota."""

_SHORTER = (40, 24, 12)
"""What a name and the brand are cut to, one after the other, until the words fit their bubble."""


def thanks(
    db: Session, friend: Friend, link: Link, member: Member, now: datetime, settings: Settings
) -> None:
    """The thank-you, which also says that unlinking is possible and where; and the coupon."""
    if not reachable(friend):
        return
    language = language_of(friend, settings)
    name = member.name or member.number
    words = _fitting("members.thanks", language, name=name, brand=settings.brand_name)
    page = funnel.link_from(f"{settings.liff_url}/me", Entry.REPLY)
    me = messages.open_url(text("members.open_me", language), page)
    _say(db, friend.id, f"thanks:{link.id}", [messages.buttons(words, [me])], now)
    if settings.welcome_coupon:
        _say(db, friend.id, f"coupon:{member.id}", _coupon(language, settings), now,
             COUPON_WORTH_SAYING)  # fmt: skip


def _coupon(language: str, settings: Settings) -> list[Message]:
    kind, colon, words = settings.welcome_coupon.partition(":")
    if kind == "text" and colon:
        return [messages.text(words)]
    introduction = text("members.coupon", language, brand=settings.brand_name)
    return [messages.text(introduction), messages.coupon(settings.welcome_coupon)]


def moved(db: Session, friend: Friend, ended: Link, now: datetime, settings: Settings) -> None:
    """To the friend who was this member until somebody else proved to be."""
    _about_end(db, friend, f"moved:{ended.id}", "members.moved", now, settings)


def unlinked(db: Session, friend: Friend, ended: Link, now: datetime, settings: Settings) -> None:
    words = "members.erased" if ended.ended_why is Ended.ERASED else "members.unlinked"
    _about_end(db, friend, key_of_end(ended), words, now, settings)


def key_of_end(ended: Link) -> str:
    """Of the message that says that a link has ended."""
    return f"unlinked:{ended.id}"


def _about_end(
    db: Session, friend: Friend, key: str, words: str, now: datetime, settings: Settings
) -> None:
    if not reachable(friend):
        return
    language = language_of(friend, settings)
    page = funnel.link_from(f"{settings.liff_url}/link", Entry.REPLY)
    again = messages.open_url(text("members.open_link", language), page)
    said = _fitting(words, language, brand=settings.brand_name)
    if _say(db, friend.id, key, [messages.buttons(said, [again])], now):
        funnel.note_offers(db, [(friend.id, Entry.REPLY)], now, settings)


def language_of(friend: Friend, settings: Settings) -> str:
    return speak(friend.language, settings.default_language)


def _fitting(key: str, language: str, **values: str) -> str:
    said = text(key, language, **values)
    for longest in _SHORTER:
        if len(said.encode("utf-16-le")) <= 2 * messages.BUTTONS_TEXT_LIMIT:
            break
        said = text(key, language, **{k: _short(v, longest) for k, v in values.items()})
    return said


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _say(
    db: Session, friend_id: UUID, key: str, what: list[Message], now: datetime,
    worth: timedelta = WORTH_SAYING,
) -> bool:  # fmt: skip
    """False when it was said before."""
    row = Outgoing(
        key=key, friend_id=friend_id, messages=what, due_at=now, created_at=now,
        expires_at=now + worth,
    )  # fmt: skip
    return owed.put(db, row)
