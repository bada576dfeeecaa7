"""The people of these tests: friends and members, as one line each."""

from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from models import Friend, Link, Member, Outgoing

_numbers = count(1)


def line_user(n: int) -> str:
    return f"U{n:032x}"


def a_friend(db: Session, now: datetime, **given: Any) -> Friend:
    plain = {"line_user_id": line_user(next(_numbers)), "following": True, "friendship_at": now}
    friend = Friend(id=uuid4(), created_at=now, **(plain | given))
    db.add(friend)
    db.flush()
    db.refresh(friend)
    return friend


def a_member(db: Session, now: datetime, **given: Any) -> Member:
    plain = {"number": f"T{next(_numbers)}", "name": "結城 さくら", "joined_on": date(2020, 4, 1)}
    member = Member(id=uuid4(), created_at=now, updated_at=now, **(plain | given))
    db.add(member)
    db.flush()
    db.refresh(member)
    return member


def a_pair(database: Database, now: datetime, **member: Any) -> tuple[UUID, UUID]:
    """A friend and a member who are nothing to each other yet; their ids."""
    with database.begin() as db:
        return a_friend(db, now).id, a_member(db, now, **member).id


def links_of(db: Session, friend_id: UUID) -> list[Link]:
    mine = select(Link).where(Link.friend_id == friend_id).order_by(Link.started_at)
    return list(db.scalars(mine.execution_options(populate_existing=True)))


def said_to(db: Session, friend_id: UUID) -> list[Outgoing]:
    mine = select(Outgoing).where(Outgoing.friend_id == friend_id)
    return list(db.scalars(mine.order_by(Outgoing.created_at, Outgoing.key)))
