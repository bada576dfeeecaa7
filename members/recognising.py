"""Recognising the people of a handful of rows at once: which are friends, and which of those
members."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from models import Friend, Link, Member

Asking = Select[*tuple[Any, ...]]


def asking(row_id: Any, line_user_id: Any, *more: Any) -> Asking:
    """The statement for `known`, written once, about rows of the table of these two columns; `more`
    is what else is to be known of each row."""
    return (
        select(row_id, Friend, Member, *more)
        .outerjoin(Friend, Friend.line_user_id == line_user_id)
        .outerjoin(Link, and_(Link.friend_id == Friend.id, Link.ended_at.is_(None)))
        .outerjoin(Member, Member.id == Link.member_id)
        .where(row_id.in_(bindparam("ids", expanding=True)))
    )


def known(db: Session, asking: Asking, ids: Collection[UUID]) -> Mapping[UUID, Row[Any]]:
    """Each row with its `Friend`, unless we have not met, and its `Member`, if they are linked."""
    return {found.id: found for found in db.execute(asking, {"ids": list(ids)})}
