"""A member's own fields: changing them by what people write, and showing them masked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound
from core.inserting import insert_new
from core.settings import Settings
from members import fields
from members.finding import by_number
from members.friendship import mark_members_menu_stale
from members.phone import masked
from models import Member, MemberTag

_HIDDEN = "•"
_MOST_HIDDEN = 6
"""Signs, however long the name is."""


def of_number(db: Session, number: str) -> Member:
    member = by_number(db, number)
    if member is None:
        raise NotFound("members.no_such_member")
    return member


def change(
    db: Session, number: str, wanted: Mapping[str, str], now: datetime, settings: Settings
) -> list[str]:
    """Set fields of a member, each as somebody would write it; `extra.<name>` is the brand's
    own. Returns the names of those that changed; a linked friend's menu follows."""
    member = _held(db, of_number(db, number))
    today = now.astimezone(settings.zone).date()
    read = fields.readers(settings.phone_region, today)
    values = {name: _read(read, name, typed) for name, typed in wanted.items()}
    changed = [name for name, value in values.items() if _set(db, member, name, value)]
    if changed:
        member.updated_at = now
        db.flush()
        mark_members_menu_stale(db, [member.id], now)
    return changed


def _held(db: Session, found: Member) -> Member:
    """As they are now, and nobody changes or erases them until this transaction ends."""
    row = select(Member).where(Member.id == found.id).with_for_update()
    member = db.scalar(row.execution_options(populate_existing=True))
    if member is None:
        raise NotFound("members.no_such_member")
    return member


def _read(read: Mapping[str, Any], name: str, typed: str) -> Any:
    if name.startswith("extra."):
        return typed
    if name not in read:
        raise Invalid("members.no_such_field", field=name, known=", ".join(sorted(read)))
    return read[name](typed)


def _set(db: Session, member: Member, name: str, value: Any) -> bool:
    if name.startswith("extra."):
        key = name.removeprefix("extra.")
        rest = {k: v for k, v in member.extra.items() if k != key}
        before, member.extra = member.extra, rest | ({key: value} if value else {})
        return member.extra != before
    if name == "number" and value != member.number and _taken(db, value):
        raise Conflict("members.number_taken", number=value)
    if name == "joined_on" and value is None:
        raise Invalid("members.date_invalid")
    before = getattr(member, name)
    setattr(member, name, value)
    return bool(before != value)


def _taken(db: Session, number: str) -> bool:
    return db.scalar(select(Member.id).where(Member.number == number)) is not None


def tags_of(db: Session, member_id: UUID) -> list[str]:
    mine = select(MemberTag.tag).where(MemberTag.member_id == member_id)
    return list(db.scalars(mine.order_by(MemberTag.tag)))


def retag(
    db: Session, member_id: UUID, now: datetime,
    *, add: Iterable[str] = (), remove: Iterable[str] = (),
) -> bool:  # fmt: skip
    """Give and take tags of a member; the menu follows. False when nothing changed."""
    wanted, unwanted = set(add), list(remove)
    # Nobody links them meanwhile, or the new friend's menu would not follow.
    db.execute(select(Member.id).where(Member.id == member_id).with_for_update(key_share=True))
    given = [insert_new(db, MemberTag, member_id=member_id, tag=t, created_at=now) for t in wanted]
    gone = db.scalars(
        delete(MemberTag)
        .where(MemberTag.member_id == member_id, MemberTag.tag.in_(unwanted))
        .returning(MemberTag.tag)
    ).all()
    changed = any(given) or bool(gone)
    if changed:
        mark_members_menu_stale(db, [member_id], now)
    return changed


def masked_name(name: str) -> str:
    """The first letter of each part, and of a part of one letter not even that: enough to know
    oneself by, and too little for whoever looks over a shoulder."""
    return " ".join(_masked(part) for part in name.split())


def _masked(part: str) -> str:
    shown = part[:1] if len(part) > 1 else ""
    return shown + _HIDDEN * min(len(part) - len(shown), _MOST_HIDDEN)


def masked_number(number: str) -> str:
    """The last four signs; of a short number two, and never more than half."""
    show = 4 if len(number) >= 8 else min(2, len(number) // 2)
    hidden = len(number) - show
    return _HIDDEN * hidden + number[hidden:]


def masked_email(email: str) -> str:
    name, at, host = email.partition("@")
    return _masked(name) + at + host


def shown(member: Member, *, full: bool = False) -> dict[str, str]:
    """Who somebody is, for a person to read: masked unless `full`."""
    plain = {"number": member.number, "name": member.name, "phone": member.phone or "",
             "email": member.email or ""}  # fmt: skip
    if full:
        return plain
    return {
        "number": masked_number(member.number),
        "name": masked_name(member.name),
        "phone": masked(member.phone) if member.phone else "",
        "email": masked_email(member.email) if member.email else "",
    }
