"""One visit: who is signed in, and how far they have come. Kept in the signed cookie alone.

It ends 30 minutes after the last page and two hours after the signing in, whichever is first. What
is counted against a person is never counted here, because an old cookie can be shown again.
"""

import secrets
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from flask import session
from pydantic import BaseModel, ConfigDict, ValidationError

from models import Entry, How
from web.language import LINE_APP

IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=2)

TICKET_MAX = 300
"""Signs, twice what a ticket has: what is cut off was none, and a cookie holds little."""

DEVICE = "device"
"""The browser's own mark: only the browser that brought an ID token first may bring it again."""


class Part(BaseModel):
    """Something the visit remembers until a time."""

    model_config = ConfigDict(frozen=True)
    until: datetime


class Signed(Part):
    """Somebody proved who they are in LINE."""

    friend_id: UUID
    since: datetime


class Opened(Part):
    """The page is open and waits for an ID token."""

    intent_id: UUID


class Asked(Part):
    """A code is on its way to this number."""

    code_id: UUID
    phone: str
    expires_at: datetime


class Proven(Part):
    """The code came back: the number is theirs."""

    phone: str


class Chosen(Part):
    """They proved to be this member, and are asked whether to move the link."""

    member_id: UUID
    how: How


class Came(Part):
    """The link that was tapped stands there."""

    entry: Entry


class Tapped(Part):
    """A link of a rich menu was tapped a moment ago."""

    said: str


class Carried(Part):
    """A ticket of the brand's site was opened. It is judged anew whenever it is looked at."""

    ticket: str


AnyPart = TypeVar("AnyPart", bound=Part)


def keep(part: Part) -> None:
    session.permanent = True
    session[type(part).__name__] = part.model_dump(mode="json")


def kept(kind: type[AnyPart], now: datetime) -> AnyPart | None:
    """None when there is none, or its time is over."""
    if kind.__name__ not in session:
        return None
    try:
        part = kind.model_validate(session[kind.__name__])
    except ValidationError:  # a cookie of an older release
        return None
    return part if now < part.until else None


def drop(*kinds: type[Part]) -> None:
    for kind in kinds:
        session.pop(kind.__name__, None)


def signed_in(now: datetime) -> UUID | None:
    """Who it is. Looking counts as a sign of life."""
    signed = kept(Signed, now)
    if signed is None:
        return None
    keep(signed.model_copy(update={"until": min(now + IDLE, signed.since + WHOLE)}))
    return signed.friend_id


def sign_in(friend_id: UUID, now: datetime) -> None:
    """Begin anew: of what was in the session before, only what says nothing of a person stays."""
    device()
    nobodys = (DEVICE, LINE_APP, Came.__name__)
    stays = {key: session[key] for key in nobodys if key in session}
    session.clear()
    session.update(stays)
    keep(Signed(friend_id=friend_id, since=now, until=now + IDLE))


def sign_out() -> None:
    drop(Signed, Asked, Proven, Chosen, Carried)


def carry(ticket: str, now: datetime) -> None:
    """Keep the ticket that was opened last, so that the address need not hold it."""
    keep(Carried(ticket=ticket[:TICKET_MAX], until=now + IDLE))


def come(entry: Entry, now: datetime) -> None:
    """Remember where the link stood that was tapped last."""
    keep(Came(entry=entry, until=now + WHOLE))


def entry(now: datetime) -> Entry:
    came = kept(Came, now)
    return came.entry if came else Entry.OTHER


def device() -> str:
    """This browser's mark, made when first asked for."""
    if DEVICE not in session:
        session.permanent = True
        session[DEVICE] = secrets.token_urlsafe(24)
    return str(session[DEVICE])
