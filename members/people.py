"""Who a handful of LINE users are, asked at once: which are friends, and which of those members."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from models import Friend, Link, Member


@dataclass(frozen=True)
class Known:
    friend: Friend
    member: Member | None
    """Only while linked."""


# Written once: it is asked for every event.
_KNOWN = (
    select(Friend, Member)
    .outerjoin(Link, and_(Link.friend_id == Friend.id, Link.ended_at.is_(None)))
    .outerjoin(Member, Member.id == Link.member_id)
    .where(Friend.line_user_id.in_(bindparam("users", expanding=True)))
)


def known(db: Session, line_user_ids: Collection[str]) -> dict[str, Known]:
    """Those of these users whom we have met, by LINE user id: one statement."""
    found = db.execute(_KNOWN, {"users": list(line_user_ids)})
    return {friend.line_user_id: Known(friend, member) for friend, member in found}
