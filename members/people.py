"""Who a handful of LINE users are, asked at once: which are friends, and which of those members."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models import Friend, Link, Member


@dataclass(frozen=True)
class Known:
    friend: Friend
    member: Member | None
    """Only while linked."""


def known(db: Session, line_user_ids: Collection[str]) -> dict[str, Known]:
    """Those of these users whom we have met, by LINE user id: one statement."""
    active = and_(Link.friend_id == Friend.id, Link.ended_at.is_(None))
    found = db.execute(
        select(Friend, Member)
        .outerjoin(Link, active)
        .outerjoin(Member, Member.id == Link.member_id)
        .where(Friend.line_user_id.in_(line_user_ids))
    )
    return {friend.line_user_id: Known(friend, member) for friend, member in found}
