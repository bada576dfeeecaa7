"""All we hold of a member: handing it out, and erasing it.

A member's own are the records of the brand and of the friend they are in LINE: the friend who is
linked now, and former ones who are nobody else since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, NotFound
from core.inserting import affected
from core.owed import State
from core.settings import Settings
from members import linking, notices, throttle
from members.fields import plain
from members.profile import tags_of
from models import (
    Attempt,
    Base,
    Ended,
    Friend,
    FriendTag,
    InboxEvent,
    Link,
    Member,
    MemberTag,
    MenuAssignment,
    OneTimeCode,
    Outgoing,
)

LINKS = "members.kept_links"
OF_LINE = ("members.kept_friend", "members.kept_blank_events")
KEPT = (OF_LINE[0], LINKS, OF_LINE[1])
"""What stays, and why: texts to tell whoever erases."""


@dataclass(frozen=True)
class Erased:
    number: str
    gone: dict[str, int]
    """How many rows of what were deleted or emptied."""
    kept: tuple[str, ...] = KEPT


def _member(db: Session, member_id: UUID) -> Member:
    member = db.get(Member, member_id)
    if member is None:
        raise NotFound("members.no_such_member")
    return member


def _friends(db: Session, member_id: UUID) -> Sequence[Friend]:
    ever = select(Link.friend_id).where(Link.member_id == member_id)
    others = select(Link.friend_id).where(Link.member_id != member_id, Link.ended_at.is_(None))
    theirs = select(Friend).where(Friend.id.in_(ever), Friend.id.not_in(others))
    return db.scalars(theirs.order_by(Friend.created_at)).all()


def export(db: Session, member_id: UUID) -> dict[str, Any]:
    """Everything, as plain JSON values. Of a password it says only whether there is one."""
    member = _member(db, member_id)
    friends = _friends(db, member_id)
    own = _columns(member, leave=("password_hash",))
    return {
        "member": own | {"has_password": member.password_hash is not None},
        "tags": tags_of(db, member_id),
        "links": _rows(db, Link, Link.member_id == member_id),
        "codes": _rows(db, OneTimeCode, _codes(member, [friend.id for friend in friends])),
    } | _said_with(db, friends)


def export_friend(db: Session, friend_id: UUID) -> dict[str, Any]:
    """The same of a friend whom we do not know as a member."""
    friend = _unlinked(db, friend_id)
    return {
        "links": _rows(db, Link, Link.friend_id == friend_id, leave=("member_id",)),
        "codes": _rows(db, OneTimeCode, OneTimeCode.friend_id == friend_id),
    } | _said_with(db, [friend])


def _said_with(db: Session, friends: Sequence[Friend]) -> dict[str, Any]:
    ids = [friend.id for friend in friends]
    return {
        "friends": [
            _columns(friend)
            | {"tags": _tags_of_friend(db, friend.id), "menu": _menu(db, friend.id)}
            for friend in friends
        ],
        "said_to_them": _rows(db, Outgoing, Outgoing.friend_id.in_(ids), leave=("reply_token",)),
        "said_by_them": [
            {"at": _plain(event.occurred_at), "event": _read(event.raw)}
            for event in db.scalars(
                select(InboxEvent)
                .where(InboxEvent.line_user_id.in_([friend.line_user_id for friend in friends]))
                .order_by(InboxEvent.occurred_at)
            )
        ],
    }


def _read(raw: str) -> Any:
    """As LINE sent it; what is no JSON to everybody (half a character) as the text that it is."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw


def _unlinked(db: Session, friend_id: UUID) -> Friend:
    """Held, so that nobody links them meanwhile."""
    held = select(Friend).where(Friend.id == friend_id).with_for_update()
    friend = db.scalar(held)
    if friend is None:
        raise NotFound("members.no_such_friend")
    if linking.active(db, friend_id) is not None:
        raise Conflict("members.linked_elsewhere_just_now")
    return friend


def _rows(
    db: Session, table: type[Base], which: ColumnElement[bool], *, leave: Sequence[str] = ()
) -> list[dict[str, Any]]:
    return [_columns(row, leave=leave) for row in db.scalars(select(table).where(which))]


def _columns(row: Base, *, leave: Sequence[str] = ()) -> dict[str, Any]:
    names = [column.name for column in row.__table__.columns if column.name not in leave]
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _tags_of_friend(db: Session, friend_id: UUID) -> list[str]:
    mine = select(FriendTag.tag).where(FriendTag.friend_id == friend_id)
    return list(db.scalars(mine.order_by(FriendTag.tag)))


def _menu(db: Session, friend_id: UUID) -> dict[str, Any] | None:
    """Which rich menu fits them, and why; None: nobody has looked yet."""
    row = db.get(MenuAssignment, friend_id)
    return {"fits": row.wanted, "because": row.because} if row else None


def _codes(member: Member, friend_ids: Sequence[UUID]) -> ColumnElement[bool]:
    mine = OneTimeCode.friend_id.in_(friend_ids)
    return or_(mine, OneTimeCode.phone == member.phone) if member.phone else mine


def erase(
    db: Session, member_id: UUID, now: datetime, settings: Settings, *, by: str = "staff"
) -> Erased:
    """Delete a member and what is about them; a linked friend is told. What is kept, and why,
    the answer says."""
    ended = linking.unlink_member(db, member_id, now, settings=settings, why=Ended.ERASED, by=by)
    kept = [notices.key_of_end(ended)] if ended else []
    member = _member(db, member_id)
    friends = _friends(db, member_id)
    gone = _erase_chats(db, friends, said_last=kept, others=f"coupon:{member_id}")
    gone |= {
        "codes": _delete(db, OneTimeCode, _codes(member, [friend.id for friend in friends])),
        "attempts": _forget_attempts(db, member, [friend.id for friend in friends], settings),
        "tags": _delete(db, MemberTag, MemberTag.member_id == member_id),
        "members": _delete(db, Member, Member.id == member_id),
    }
    number = member.number
    db.flush()
    db.expire_all()
    return Erased(number, gone)


def erase_friend(db: Session, friend_id: UUID, settings: Settings) -> Erased:
    """The same of a friend whom we do not know as a member. They are not told."""
    friend = _unlinked(db, friend_id)
    gone = _erase_chats(db, [friend])
    gone |= {
        "codes": _delete(db, OneTimeCode, OneTimeCode.friend_id == friend_id),
        "attempts": _forget_attempts(db, None, [friend_id], settings),
    }
    db.flush()
    db.expire_all()
    return Erased("", gone)


def _erase_chats(
    db: Session, friends: Sequence[Friend], *, said_last: Sequence[str] = (), others: str = ""
) -> dict[str, int]:
    """`said_last`: keys of what is still to be said; `others`: a coupon that is nobody else's."""
    ids = [friend.id for friend in friends]
    # What keeps another member from a second coupon names nobody, and stays.
    coupons = Outgoing.key.like("coupon:%") & (Outgoing.key != others)
    said = Outgoing.friend_id.in_(ids) & Outgoing.key.not_in(said_last) & ~coupons
    for friend in friends:
        friend.display_name = ""
    return {
        "messages": _delete(db, Outgoing, said),
        "events": _blank_events(db, friends),
        "friend_tags": _delete(db, FriendTag, FriendTag.friend_id.in_(ids)),
    }


def _delete(db: Session, table: type[Base], which: ColumnElement[bool]) -> int:
    statement = delete(table).where(which).execution_options(synchronize_session=False)
    return affected(db.execute(statement))


_TRIED_BY_FRIENDS = ("code.friend", "choose.friend", "login.friend", "register.friend")
"""The kinds of tries that are counted by friend."""


def _forget_attempts(
    db: Session, member: Member | None, friend_ids: Sequence[UUID], settings: Settings
) -> int:
    names = [name for name in (member.number, member.email) if name] if member else []
    phones = [member.phone] if member and member.phone else []
    counted = [
        *(("login.name", plain(name).casefold()) for name in names),
        *((kind, phone) for phone in phones for kind in ("code.phone", "choose.phone")),
        *((kind, str(each)) for each in friend_ids for kind in _TRIED_BY_FRIENDS),
    ]
    subjects = [throttle.subject(settings, kind, value) for kind, value in counted]
    return _delete(db, Attempt, Attempt.subject.in_([each.digest for each in subjects]))


def _blank_events(db: Session, friends: Sequence[Friend]) -> int:
    """What they wrote goes; that an event came stays, so that LINE's repeats are known."""
    theirs = InboxEvent.line_user_id.in_([friend.line_user_id for friend in friends])
    statement = (
        update(InboxEvent)
        .where(theirs, InboxEvent.state != State.DUE)
        .values(raw="{}")
        .execution_options(synchronize_session=False)
    )
    return affected(db.execute(statement))
