"""The surface in an app of its own, members to be, and people who visit."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import Database
from core.passwords import hash_password
from core.settings import Settings
from liff import pages
from line.fake import FakeLogin
from members.digits import digits
from models import Friend, Link, Member, OneTimeCode
from tests.conftest import NOON, SettableClock
from tests.liff.visitor import ANN, Visitor
from web import wiring

PASSWORD = "correct horse"
PASSWORD_HASH = hash_password(PASSWORD)


class World:
    """Looking at what the pages did."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings

    def member(self, number: str = "M1001", **given: Any) -> Member:
        plain: dict[str, Any] = {
            "phone": "+819012345678", "name": "山田 花子", "birthday": date(1990, 4, 1),
            "email": f"{number.lower()}@example.com", "joined_on": date(2024, 1, 1), "extra": {},
            "created_at": NOON, "updated_at": NOON, "password_hash": PASSWORD_HASH,
        }  # fmt: skip
        member = Member(id=uuid4(), number=number, **(plain | given))
        with self.database.begin() as db:
            db.add(member)
        return member

    def all(self, table: type[Any]) -> list[Any]:
        with self.database.read() as db:
            return list(db.scalars(select(table)))

    def links(self) -> list[tuple[str, str, str]]:
        """Active ones: LINE user id, member number, how."""
        with self.database.read() as db:
            rows = db.execute(
                select(Friend.line_user_id, Member.number, Link.how)
                .join(Link, Link.friend_id == Friend.id)
                .join(Member, Member.id == Link.member_id)
                .where(Link.ended_at.is_(None))
            )
            return sorted((user, number, str(how)) for user, number, how in rows)

    def code(self, user: str = ANN) -> str:
        """The digits in the newest short message to this person."""
        return digits(self.newest_code(user).id, self.settings)

    def newest_code(self, user: str = ANN) -> OneTimeCode:
        with self.database.read() as db:
            found = db.scalars(
                select(OneTimeCode)
                .join(Friend, Friend.id == OneTimeCode.friend_id)
                .where(Friend.line_user_id == user)
                .order_by(OneTimeCode.sent_at.desc())
            ).first()
            assert found is not None, "no code was sent"
            return found

    def friend_id(self, user: str = ANN) -> UUID:
        with self.database.read() as db:
            return db.scalars(select(Friend.id).where(Friend.line_user_id == user)).one()


@pytest.fixture
def world(database: Database, settings: Settings) -> World:
    return World(database, settings)


@pytest.fixture
def bells() -> list[str]:
    return []


@pytest.fixture
def make_app_on(
    login: FakeLogin, clock: SettableClock, bells: list[str]
) -> Callable[[Settings, Database], Flask]:
    def make(settings: Settings, database: Database) -> Flask:
        app = Flask("pages", static_folder=None)
        wiring.install(app, settings)
        app.register_blueprint(pages.blueprint(settings, database, login, bells.append, clock))
        return app

    return make


@pytest.fixture
def make_app(
    make_app_on: Callable[[Settings, Database], Flask], database: Database
) -> Callable[[Settings], Flask]:
    return lambda settings: make_app_on(settings, database)


@pytest.fixture
def app(make_app: Callable[[Settings], Flask], settings: Settings) -> Flask:
    return make_app(settings)


@pytest.fixture
def ann(app: Flask, login: FakeLogin) -> Visitor:
    return Visitor(app, login)


@pytest.fixture
def make_visitor(app: Flask, login: FakeLogin) -> Callable[..., Visitor]:
    """Another browser on the same site."""
    return lambda user=ANN, **more: Visitor(app, login, user, **more)
