"""Which members a proven phone number, or a name typed at log-in, may mean."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid
from members.fields import plain
from models import Member


def by_phone(db: Session, phone: str) -> list[Member]:
    """The active members with this number (E.164); families share one."""
    these = select(Member).where(Member.phone == phone, Member.status == "active")
    return list(db.scalars(these.order_by(Member.joined_on, Member.number)))


def by_number(db: Session, number: str) -> Member | None:
    """Whatever their status. Letters count in either case, when that is not ambiguous."""
    typed = plain(number)
    exact = db.scalar(select(Member).where(Member.number == typed))
    if exact is not None or typed == typed.upper():
        return exact
    return db.scalar(select(Member).where(Member.number == typed.upper()))


def by_login(db: Session, name: str) -> Member | None:
    """The one member who logs in by this number or e-mail address: active, with a password."""
    typed = plain(name)
    if "@" not in typed:
        found = by_number(db, typed)
        return found if found and found.status == "active" and found.password_hash else None
    these = select(Member).where(
        Member.email == typed.lower(), Member.status == "active", Member.password_hash.is_not(None)
    )
    several = db.scalars(these.limit(2)).all()
    return several[0] if len(several) == 1 else None


def email_is_taken(db: Session, email: str) -> bool:
    """Whether an active member with a password has this address (lower case)."""
    these = select(func.count()).where(
        Member.email == email, Member.status == "active", Member.password_hash.is_not(None)
    )
    return bool(db.scalar(these))


def one_of(
    members: Sequence[Member], *, birthday: date | None = None, number: str | None = None
) -> Member:
    """The one of these whom a birthday or a member number fits; when there is only one to
    begin with, neither is needed. Raises Invalid when none fits or more is to be told."""
    fitting = list(members)
    if birthday is not None:
        fitting = [member for member in fitting if member.birthday == birthday]
    if number:
        wanted = plain(number).upper()
        fitting = [member for member in fitting if member.number.upper() == wanted]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise Invalid("members.none_fits")
    raise Invalid("members.which" if birthday is None else "members.which_number")
