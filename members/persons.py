"""A person as staff see them: a member, a friend, or both at once when they are linked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    UnaryExpression,
    and_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql import operators

from core.errors import NotFound
from members.friendship import IS_BLOCKED, reachable
from models import Friend, Link, Member

ACTIVE = Link.ended_at.is_(None)
LAST = "\U0010ffff"
"""Sorts behind every letter."""

Text = InstrumentedAttribute[str]


class Kind(StrEnum):
    MEMBER = "member"
    FRIEND = "friend"
    """Whom we do not know as a member."""


@dataclass(frozen=True)
class Person:
    kind: Kind
    id: UUID
    """The member's where there is one, else the friend's."""
    met_at: datetime
    member: Member | None
    friend: Friend | None
    link: Link | None
    """The active one; there is one when both of the others are there."""

    @property
    def linked(self) -> bool:
        return self.link is not None

    @property
    def blocked(self) -> bool:
        return self.friend is not None and not reachable(self.friend)

    @property
    def name(self) -> str:
        """What to call them, in full; may be empty."""
        member = self.member.name or self.member.number if self.member else ""
        return member or (self.friend.display_name if self.friend else "")


class Who(StrEnum):
    ALL = "all"
    LINKED = "linked"
    UNLINKED = "unlinked"
    """Members whom we do not know on LINE, and friends whom we do not know as members."""
    BLOCKED = "blocked"


# One look at an index for each person that is passed on the way through an ordered list. As a plain
# join PostgreSQL would rather begin by joining everybody.


def of_member(who: Who) -> ColumnElement[bool]:
    """Whether a member is among these."""
    link = aliased(Link)
    active = select(link.id).where(link.member_id == Member.id, link.ended_at.is_(None))
    if who is Who.BLOCKED:
        friend = aliased(Friend)
        gone = ~friend.following & friend.friendship_at.is_not(None)
        active = active.join(friend, friend.id == link.friend_id).where(gone)
    return _among(who, active.correlate(Member).scalar_subquery())


def of_friend(who: Who) -> ColumnElement[bool]:
    """Whether a friend is among these."""
    if who is Who.BLOCKED:
        return IS_BLOCKED
    link = aliased(Link)
    active = select(link.id).where(link.friend_id == Friend.id, link.ended_at.is_(None))
    return _among(who, active.correlate(Friend).scalar_subquery())


def joined(who: Who) -> ColumnElement[bool]:
    """The same of what `members` and `friends` have joined: for a search, which passes by many whom
    it does not want, and for which PostgreSQL does better to join them at once."""
    match who:
        case Who.LINKED:
            return Link.id.is_not(None)
        case Who.UNLINKED:
            return Link.id.is_(None)
        case Who.BLOCKED:
            return IS_BLOCKED
        case _:
            return true()


def _among(who: Who, found: ScalarSelect[UUID]) -> ColumnElement[bool]:
    if who is Who.ALL:
        return true()
    return found.is_(None) if who is Who.UNLINKED else found.is_not(None)


Rows = Select[Member, Friend, Link]


def members() -> Rows:
    """Every member, with the friend they are linked with."""
    return (
        select(Member, Friend, Link)
        .outerjoin(Link, and_(Link.member_id == Member.id, ACTIVE))
        .outerjoin(Friend, Friend.id == Link.friend_id)
    )


def friends() -> Rows:
    """Every friend, with the member they are linked with."""
    return (
        select(Member, Friend, Link)
        .select_from(Friend)
        .outerjoin(Link, and_(Link.friend_id == Friend.id, ACTIVE))
        .outerjoin(Member, Member.id == Link.member_id)
    )


def linked() -> Rows:
    """Everybody who is both, beginning at the links, of which there may be few."""
    return (
        select(Member, Friend, Link)
        .select_from(Link)
        .join(Member, Member.id == Link.member_id)
        .join(Friend, Friend.id == Link.friend_id)
        .where(ACTIVE)
    )


def person(row: Row[Member, Friend, Link]) -> Person:
    member: Member | None = row[0]
    friend: Friend | None = row[1]
    kind = Kind.MEMBER if member else Kind.FRIEND
    whole = member or row[1]
    return Person(kind, whole.id, whole.created_at, member, friend, row[2])


def get(db: Session, kind: Kind, person_id: UUID) -> Person:
    """Raises NotFound."""
    statement = members() if kind is Kind.MEMBER else friends()
    of = Member.id if kind is Kind.MEMBER else Friend.id
    row = db.execute(statement.where(of == person_id)).one_or_none()
    if row is None:
        raise NotFound("members.no_such_member")
    return person(row)


def of_friends(db: Session, ids: Collection[UUID]) -> dict[UUID, Person]:
    """Who these friends are, by their ids."""
    if not ids:
        return {}
    rows = db.execute(friends().where(Friend.id.in_(ids)))
    return {row[1].id: person(row) for row in rows}


# Both databases compare text sign by sign where an index is to find how something begins.


def at_least(db: Session, column: Text, value: str) -> ColumnElement[bool]:
    return column.op("~>=~", is_comparison=True)(value) if _other(db) else column >= value


def at_most(db: Session, column: Text, value: str) -> ColumnElement[bool]:
    return column.op("~<=~", is_comparison=True)(value) if _other(db) else column <= value


def before(db: Session, column: Text, value: str) -> ColumnElement[bool]:
    return column.op("~<~", is_comparison=True)(value) if _other(db) else column < value


def in_order(db: Session, column: Text, *, backwards: bool = False) -> ColumnElement[Any]:
    if not _other(db):
        return column.desc() if backwards else column.asc()
    using: operators.custom_op[str] = operators.custom_op("USING ~>~" if backwards else "USING ~<~")
    return UnaryExpression(column.__clause_element__(), modifier=using)


def begins(db: Session, column: Text, head: str) -> ColumnElement[bool]:
    return at_least(db, column, head) & before(db, column, head + LAST)


def any_begins(db: Session, column: Text, heads: set[str]) -> ColumnElement[bool]:
    return or_(*(begins(db, column, head) for head in sorted(heads)))


def _other(db: Session) -> bool:
    return db.get_bind().dialect.name == "postgresql"
