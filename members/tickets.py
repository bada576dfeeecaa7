"""Links that begin on the brand's own site: a ticket says which member somebody was logged in as.

Whoever holds a ticket could have been sent it, so opening one links nobody: the page shows both
identities, and linking is a second, deliberate step. A ticket is signed and sealed (it tells
nothing to whoever sees the URL), good for ten minutes and for one link.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.inserting import insert_new
from core.keys import derive
from core.settings import Settings
from members import linking
from models import Friend, How, Link, Member, UsedToken

LIFE = timedelta(minutes=10)
_ID, _NONCE = 16, 16
"""Bytes of what a ticket holds: whose it is, and what makes it unlike every other."""


@dataclass(frozen=True)
class _Ticket:
    member_id: UUID
    digest: str
    """Of what is inside: the same ticket may be written in several ways."""


@dataclass(frozen=True)
class Offer:
    """Both identities, and which links would end by tying them."""

    friend: Friend
    member: Member
    already: bool
    """They are tied to each other."""

    replaces: Member | None
    """The friend is tied to this one instead."""

    moves: bool
    """The member is tied to another friend."""

    about: str
    """Stands for all of this: with another ticket, person or link it is another."""


def issue(member_id: UUID, now: datetime, settings: Settings) -> str:
    """For the brand's site, of a member who is logged in there. Safe in a URL."""
    inside = member_id.bytes + token_bytes(_NONCE)
    return _box(settings).encrypt_at_time(inside, int(now.timestamp())).decode()


def opened(db: Session, ticket: str, now: datetime, settings: Settings) -> Member:
    """The member to show before somebody confirms. Links nobody and spends nothing."""
    read = _read(ticket, now, settings)
    member = db.get(Member, read.member_id)
    if member is None or member.status != "active":
        raise Invalid("members.ticket_dead")
    if db.get(UsedToken, read.digest):
        raise Invalid("members.ticket_used")
    return member


def look(db: Session, friend_id: UUID, ticket: str, now: datetime, settings: Settings) -> Offer:
    """What to show a friend before they confirm. Raises Invalid when the ticket is good for
    nothing, which it is not for whom it has linked already."""
    mine = linking.active(db, friend_id)
    already = mine is not None and mine.member.id == _read(ticket, now, settings).member_id
    member = mine.member if mine and already else opened(db, ticket, now, settings)
    theirs = linking.of_member(db, member.id)
    ends = [mine.link.id if mine else "", theirs.id if theirs else ""]
    words = " ".join(map(str, (ticket, friend_id, *ends)))
    return Offer(
        friend=db.get_one(Friend, friend_id),
        member=member,
        already=already,
        replaces=mine.member if mine and not already else None,
        moves=theirs is not None and not already,
        about=hashlib.sha256(words.encode()).hexdigest(),
    )


def redeem(db: Session, friend_id: UUID, ticket: str, now: datetime, settings: Settings) -> Link:
    """The link, once the friend has confirmed. Raises Invalid, or Conflict as linking does;
    then the ticket is not spent."""
    read = _read(ticket, now, settings)
    kept_until = now + 2 * LIFE
    if not insert_new(
        db, UsedToken, digest=read.digest, device=str(friend_id), expires_at=kept_until
    ):
        raise Invalid("members.ticket_used")
    return linking.link(db, friend_id, read.member_id, How.TICKET, now, settings=settings)


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive(settings, "ticket")))


def _read(ticket: str, now: datetime, settings: Settings) -> _Ticket:
    try:
        inside = _box(settings).decrypt_at_time(
            ticket.encode(), int(LIFE.total_seconds()), int(now.timestamp())
        )
    except InvalidToken:
        raise Invalid("members.ticket_dead") from None
    digest = hashlib.sha256(b"ticket" + inside).hexdigest()
    return _Ticket(UUID(bytes=inside[:_ID]), digest)
