"""The people of the chat: met, followed, blocked, tagged; and whose menu must be looked at again.

LINE's time decides, not the order of arrival: an event older than what we know changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from core.inserting import affected, insert_new
from models import Friend, FriendTag, Link

CHUNK = 500
"""Ids in one statement."""


def friend_for(
    db: Session, line_user_id: str, now: datetime, *, language: str = "", name: str = ""
) -> Friend:
    """The friend of a LINE user id, made if we never met; what is new about them is noted."""
    friend = db.scalar(_of(line_user_id))
    if friend is None:
        insert_new(
            db, Friend, id=uuid4(), line_user_id=line_user_id, created_at=now,
            language=language, display_name=name,
        )  # fmt: skip
        friend = db.scalars(_of(line_user_id)).one()
    if language and friend.language != language:
        friend.language = language
    if name and friend.display_name != name:
        friend.display_name = name
    return friend


def met(db: Session, friend_id: UUID) -> bool:
    """Whether we know this friend: a cookie may outlive a database."""
    return db.get(Friend, friend_id) is not None


def called(db: Session, friend_id: UUID) -> str | None:
    """Their name on LINE, empty when LINE has not told it. None when we do not know them."""
    return db.scalar(select(Friend.display_name).where(Friend.id == friend_id))


def speaks(db: Session, friend_id: UUID, language: str) -> None:
    """They read our pages in this language, so the chat speaks it too."""
    friend = db.get_one(Friend, friend_id)
    if friend.language != language:
        friend.language = language


def _of(line_user_id: str) -> Select[Friend]:
    return select(Friend).where(Friend.line_user_id == line_user_id)


def followed(db: Session, line_user_id: str, at: datetime, now: datetime) -> tuple[Friend, bool]:
    """They follow since `at` (LINE's time). False when that is no news any more."""
    friend = friend_for(db, line_user_id, now)
    news = _turn(
        db, friend, at, following=True, followed_at=func.coalesce(Friend.followed_at, at),
        menu_stale_at=now,
    )  # fmt: skip
    return friend, news


def unfollowed(db: Session, line_user_id: str, at: datetime, now: datetime) -> Friend:
    """They have blocked us since `at` (LINE's time), unless we know something newer."""
    friend = friend_for(db, line_user_id, now)
    _turn(db, friend, at, following=False)
    return friend


def _turn(db: Session, friend: Friend, at: datetime, **changes: object) -> bool:
    """LINE forgets a friend's own menu when they block, so what we know of it is void too."""
    db.flush()
    result = db.execute(
        update(Friend)
        .where(
            Friend.id == friend.id,
            Friend.friendship_at.is_(None) | (Friend.friendship_at < at),
        )
        .values(friendship_at=at, menu_epoch=Friend.menu_epoch + 1, **changes)
        .execution_options(synchronize_session=False)
    )
    db.refresh(friend)
    return affected(result) == 1


def reachable(friend: Friend) -> bool:
    """Whether to say something in the chat, and to give them a menu. Of people who followed before
    we were here, and of people who only opened the page, LINE has told us nothing: they are given
    the benefit."""
    return friend.following or friend.friendship_at is None


IS_REACHABLE = or_(Friend.following, Friend.friendship_at.is_(None))
"""The same in SQL."""
IS_BLOCKED = ~Friend.following & Friend.friendship_at.is_not(None)
"""All others; said just as the index ix_friend_blocked says it."""


def mark_menu_stale(db: Session, friend_ids: Iterable[UUID], now: datetime) -> None:
    """Something that decides these friends' rich menu has changed."""
    ids = list(friend_ids)
    for start in range(0, len(ids), CHUNK):
        _mark(db, Friend.id.in_(ids[start : start + CHUNK]), now)


def mark_members_menu_stale(db: Session, member_ids: Iterable[UUID], now: datetime) -> None:
    """The same, for the friends who are these members."""
    ids = list(member_ids)
    for start in range(0, len(ids), CHUNK):
        linked = select(Link.friend_id).where(
            Link.ended_at.is_(None), Link.member_id.in_(ids[start : start + CHUNK])
        )
        _mark(db, Friend.id.in_(linked), now)


def _mark(db: Session, which: ColumnElement[bool], now: datetime) -> None:
    # Always in the same order, so that two who mark many friends do not wait for each other.
    locked = select(Friend.id).where(which).order_by(Friend.id).with_for_update()
    db.execute(
        update(Friend)
        .where(Friend.id.in_(locked))
        .values(menu_stale_at=now)
        .execution_options(synchronize_session="fetch")
    )


def menus_stale(db: Session) -> tuple[int, datetime | None]:
    """Of how many the menu must be looked at again, and since when at the longest."""
    row = db.execute(
        select(func.count(), func.min(Friend.menu_stale_at)).where(
            Friend.menu_stale_at.is_not(None)
        )
    ).one()
    return row[0], row[1]


def tag(db: Session, friend_id: UUID, word: str, now: datetime) -> bool:
    """Give a friend a tag. False when they had it."""
    new = insert_new(db, FriendTag, friend_id=friend_id, tag=word, created_at=now)
    if new:
        mark_menu_stale(db, [friend_id], now)
    return new


def untag(db: Session, friend_id: UUID, word: str, now: datetime) -> bool:
    """Take a tag from a friend. False when they did not have it."""
    gone = affected(
        db.execute(delete(FriendTag).where(FriendTag.friend_id == friend_id, FriendTag.tag == word))
    )
    if gone:
        mark_menu_stale(db, [friend_id], now)
    return bool(gone)


def seen_on_both_channels(db: Session) -> tuple[int, int]:
    """How many have signed in on our page, and how many of those have followed in the chat."""
    signed_in = Friend.signed_in_at.is_not(None)
    both = signed_in & Friend.followed_at.is_not(None)
    row = db.execute(select(func.count().filter(signed_in), func.count().filter(both))).one()
    return row[0], row[1]
