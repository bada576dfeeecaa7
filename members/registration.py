"""Becoming a member on our own page."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, Invalid, NotAllowed
from core.inserting import insert_new
from core.settings import Settings
from members import fields, throttle
from members.finding import by_phone, email_is_taken
from members.rules import Window
from models import Member

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Nothing that is read as something else: no 0 and O, 1, I and L, U and V."""
_LENGTH = 8

TRIES = (Window(10, timedelta(hours=1)), Window(20, timedelta(days=1)))
"""A refusal tells a little about others, and a success makes a member: both are few."""


@dataclass(frozen=True)
class Registration:
    """What the form said. `phone` is the number proven by a code (E.164), or None."""

    name: str
    kana: str = ""
    birthday: date | None = None
    email: str = ""
    phone: str | None = None
    consented: bool = False
    language: str = ""


def note_try(database: Database, friend_id: UUID, now: datetime, settings: Settings) -> None:
    """Count one more try, committed before anything is looked at. Raises TooMany."""
    who = throttle.subject(settings, "register.friend", str(friend_id))
    with database.begin() as db:
        throttle.spend(
            db, {who: TRIES}, now, "members.choose_wait_seconds", "members.choose_wait_minutes"
        )


def register(db: Session, form: Registration, now: datetime, settings: Settings) -> Member:
    """The new member. Raises Invalid with what to change, NotAllowed when nobody may register."""
    if not settings.register_open:
        raise NotAllowed("members.register_closed")
    if (settings.terms_url or settings.privacy_url) and not form.consented:
        raise Invalid("members.consent_missing")
    today = now.astimezone(settings.zone).date()
    member = _member(form, today, now)
    # Sent twice at once, the second looks when the first is written.
    throttle.hold(db, [throttle.subject(settings, "register.email", member.email or "")])
    _refuse_double(db, member)
    for _ in range(5):
        member.number = new_number()
        if _insert(db, member):
            return db.get_one(Member, member.id)
    raise Conflict("members.try_again")


def _member(form: Registration, today: date, now: datetime) -> Member:
    name = fields.name(form.name)
    if not name:
        raise Invalid("members.name_missing")
    return Member(
        id=uuid4(), phone=form.phone, email=fields.email(form.email), name=name,
        kana=fields.kana(form.kana), birthday=fields.sane_birthday(form.birthday, today),
        joined_on=today, language=form.language, extra={}, created_at=now, updated_at=now,
        consented_at=now if form.consented else None,
    )  # fmt: skip


def _refuse_double(db: Session, new: Member) -> None:
    """Somebody who is a member already logs in or proves their number instead.

    Two reasons give one answer: an address that logs a member in, and a member of the same
    proven number and birthday. So the answer does not say that an address is known.
    """
    same = new.phone is not None and any(
        member.birthday == new.birthday for member in by_phone(db, new.phone) if new.birthday
    )
    if same or (new.email and email_is_taken(db, new.email)):
        raise Invalid("members.register_refused")


def new_number() -> str:
    """M and eight letters or digits that cannot be misread: 656 thousand million of them."""
    return "M" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def _insert(db: Session, member: Member) -> bool:
    columns = Member.__table__.columns.keys()
    values = {name: getattr(member, name) for name in columns}
    return insert_new(db, Member, **{k: v for k, v in values.items() if v is not None})
