"""Which friend is which member: at most one active tie for each, and none ever overwritten.

Whoever gets here has proven to be the member (`how` says by what). The tie, the thank-you, the
coupon and the notice to a friend who loses the member are rows of one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound
from core.settings import Settings
from members import notices
from members.friendship import mark_menu_stale
from models import Ended, Friend, How, Link, Member

SETTLES = timedelta(seconds=5)
"""Two people who link the same member within this time did it at the same instant: the first
has it. Without it the second would take it back at once, and both would have been thanked."""


@dataclass(frozen=True)
class Tied:
    """A friend's active link, and the member at its end."""

    link: Link
    member: Member


def active(db: Session, friend_id: UUID) -> Tied | None:
    found = db.execute(
        select(Link, Member)
        .join(Member, Member.id == Link.member_id)
        .where(Link.friend_id == friend_id, Link.ended_at.is_(None))
    ).one_or_none()
    return Tied(found[0], found[1]) if found else None


def of_member(db: Session, member_id: UUID) -> Link | None:
    """The active link of a member."""
    return _fresh(db, Link.member_id == member_id)


def link(
    db: Session, friend_id: UUID, member_id: UUID, how: How, now: datetime,
    *, settings: Settings, by: str = "friend",
) -> Link:  # fmt: skip
    """Tie a friend to the member they have proven to be. Raises Conflict when somebody else
    was first; linking what is linked already returns that link and says nothing again."""
    _hold_member(db, member_id)
    holder = of_member(db, member_id)
    friends = _lock_friends(db, {friend_id} | ({holder.friend_id} if holder else set()))
    member = _linkable(db, member_id)
    mine, theirs = _link_of_friend(db, friend_id), of_member(db, member_id)
    if mine is not None and mine.member_id == member_id:
        return mine
    if theirs is not None and (
        theirs.friend_id not in friends or now - theirs.started_at < SETTLES
    ):
        raise Conflict("members.linked_elsewhere_just_now")
    for old, why in ((mine, Ended.REPLACED), (theirs, Ended.MOVED)):
        if old is not None:
            _end(old, now, why, by)
    db.flush()
    made = _insert(
        db, Link(friend_id=friend_id, member_id=member_id, how=how, started_at=now, started_by=by)
    )
    mark_menu_stale(db, friends, now)
    if theirs is not None:
        notices.moved(db, friends[theirs.friend_id], theirs, now, settings)
    notices.thanks(db, friends[friend_id], made, member, now, settings)
    return made


def unlink(
    db: Session, friend_id: UUID, now: datetime,
    *, settings: Settings, why: Ended = Ended.UNLINKED, by: str = "friend",
) -> Link:  # fmt: skip
    """End a friend's link, and say so in the chat. Raises NotFound when there is none."""
    friend = _lock_friends(db, {friend_id})[friend_id]
    ended = _link_of_friend(db, friend_id)
    if ended is None:
        raise NotFound("members.not_linked")
    _part(db, friend, ended, now, why, by, settings)
    return ended


def unlink_member(
    db: Session, member_id: UUID, now: datetime, *, settings: Settings, why: Ended, by: str
) -> Link | None:
    """End the link that a member has, if any; nobody links them until this transaction ends."""
    _hold_member(db, member_id, alone=True)
    holder = of_member(db, member_id)
    if holder is None:
        return None
    friend = _lock_friends(db, {holder.friend_id})[holder.friend_id]
    ended = of_member(db, member_id)
    if ended is not None:  # the friend may have unlinked while we waited for them
        _part(db, friend, ended, now, why, by, settings)
    return ended


def _part(
    db: Session, friend: Friend, ended: Link, now: datetime, why: Ended, by: str, settings: Settings
) -> None:
    _end(ended, now, why, by)
    db.flush()
    mark_menu_stale(db, [friend.id], now)
    notices.unlinked(db, friend, ended, now, settings)


def _hold_member(db: Session, member_id: UUID, *, alone: bool = False) -> None:
    """Nobody changes or erases the member meanwhile, so that whoever does finds the link and marks
    the friend's menu stale; with `alone`, nobody links them either. Taken before any friend is, by
    whoever takes both."""
    row = select(Member.id).where(Member.id == member_id)
    db.execute(row.with_for_update(read=not alone))


def _lock_friends(db: Session, ids: set[UUID]) -> dict[UUID, Friend]:
    """Whoever changes a friend's links holds the friend, always in the same order, so that
    two of them wait for each other instead of dying of a deadlock."""
    rows = db.scalars(
        select(Friend).where(Friend.id.in_(ids)).order_by(Friend.id).with_for_update()
    )
    found = {friend.id: friend for friend in rows}
    if found.keys() != ids:
        raise NotFound("members.no_such_friend")
    return found


def _linkable(db: Session, member_id: UUID) -> Member:
    member = db.get(Member, member_id, populate_existing=True)
    if member is None:
        raise NotFound("members.no_such_member")
    if member.status != "active":
        raise Invalid("members.not_active")
    return member


def _link_of_friend(db: Session, friend_id: UUID) -> Link | None:
    return _fresh(db, Link.friend_id == friend_id)


def _fresh(db: Session, whose: ColumnElement[bool]) -> Link | None:
    statement = select(Link).where(whose, Link.ended_at.is_(None))
    return db.scalar(statement.execution_options(populate_existing=True))


def _end(old: Link, now: datetime, why: Ended, by: str) -> None:
    old.ended_at, old.ended_why, old.ended_by = now, why, by


def _insert(db: Session, new: Link) -> Link:
    try:
        with db.begin_nested():
            db.add(new)
    except IntegrityError:
        # The unique index has the last word: somebody linked between our look and our insert.
        raise Conflict("members.linked_elsewhere_just_now") from None
    return new
