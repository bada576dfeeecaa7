"""Friends and members, as tests of the chat want them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.database import Database
from models import Friend, How, Link, Member
from tests.bot.chat import ALICE


def friend(database: Database, now: datetime, user: str = ALICE, **more: Any) -> Friend:
    plain: dict[str, Any] = {"following": True, "friendship_at": now, "followed_at": now}
    made = Friend(line_user_id=user, created_at=now, **(plain | more))
    with database.begin() as db:
        db.add(made)
    return made


def member(database: Database, now: datetime, **more: Any) -> Member:
    plain: dict[str, Any] = {
        "number": "10000123",
        "name": "山田 花子",
        "rank": "gold",
        "points": 1234,
    }
    made = Member(joined_on=date(2024, 1, 1), created_at=now, updated_at=now, **(plain | more))
    with database.begin() as db:
        db.add(made)
    return made


def linked(database: Database, now: datetime, user: str = ALICE, **more: Any) -> Friend:
    """A friend who is a member; `more` is the member's."""
    one, other = friend(database, now, user), member(database, now, **more)
    with database.begin() as db:
        db.add(Link(friend_id=one.id, member_id=other.id, how=How.PHONE, started_at=now))
    return one


def found(database: Database, user: str = ALICE) -> Friend:
    with database.read() as db:
        return db.scalars(select(Friend).where(Friend.line_user_id == user)).one()


def friends(database: Database) -> list[UUID]:
    with database.read() as db:
        return list(db.scalars(select(Friend.id)))
