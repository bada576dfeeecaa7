"""The whole app in-process before a LINE of its own: the tokens are real, and so is the checking."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app import Parts, create_app
from core.database import Database
from core.passwords import hash_password
from core.settings import Settings
from line.login import SdkLogin
from models import Member
from simulator.running import Simulator
from tests.conftest import NOON, SettableClock, pointed_at
from tests.liff.conftest import World
from tests.liff.visitor import Visitor

PASSWORD = "correct horse"
PASSWORD_HASH = hash_password(PASSWORD)


class Tokens:
    """What LINE gives to somebody's phone."""

    def __init__(self, played: Simulator, clock: SettableClock) -> None:
        self._played, self._clock = played, clock

    def token_for(self, user: str, **wrong: Any) -> str:
        ahead = int((self._clock() - datetime.now(UTC)).total_seconds())
        return self._played.id_token(user, **({"iat_offset": ahead} | wrong))


class Town(World):
    """Members of the brand, and what the attacked app has written down."""

    def person(self, number: str, phone: str, **more: Any) -> Member:
        plain: dict[str, Any] = {
            "id": uuid4(), "number": number, "phone": phone, "name": "山田 花子",
            "birthday": date(1990, 4, 1), "email": f"{number.lower()}@example.com",
            "joined_on": date(2024, 1, 1), "extra": {}, "created_at": NOON, "updated_at": NOON,
            "password_hash": PASSWORD_HASH,
        }  # fmt: skip
        member = Member(**(plain | more))
        with self.database.begin() as db:
            db.add(member)
        return member


@pytest.fixture(scope="session")
def played() -> Iterator[Simulator]:
    """LINE, whose clock and people are these tests' alone."""
    with Simulator() as running:
        yield running


@pytest.fixture
def clock() -> SettableClock:
    """It begins with the true time, by which LINE signs."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def settings(played: Simulator, make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(**pointed_at(played), metrics_token="figures")


@pytest.fixture
def real_login(settings: Settings) -> Iterator[SdkLogin]:
    login = SdkLogin(settings)
    yield login
    login.close()


@pytest.fixture
def tokens(played: Simulator, clock: SettableClock) -> Tokens:
    return Tokens(played, clock)


@pytest.fixture
def make_app(real_login: SdkLogin, clock: SettableClock) -> Callable[..., Flask]:
    """The app as the processes make it, but for its clock and what carries its bells."""

    def make(settings: Settings, database: Database) -> Flask:
        parts = Parts(database, real_login, lambda *_: None, lambda: 0.0, clock)
        return create_app(settings, parts)

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask], settings: Settings, database: Database) -> Flask:
    return make_app(settings, database)


@pytest.fixture
def town(database: Database, settings: Settings) -> Town:
    return Town(database, settings)


@pytest.fixture
def someone(app: Flask, tokens: Tokens, played: Simulator) -> Callable[..., Visitor]:
    """Somebody with a LINE account and a browser of their own."""

    def make(name: str = "花子", user: str = "", on: Flask | None = None) -> Visitor:
        return Visitor(on or app, tokens, user or played.add_person(name))

    return make


@pytest.fixture
def victim(someone: Callable[..., Visitor]) -> Visitor:
    return someone("被害 花子")


@pytest.fixture
def attacker(someone: Callable[..., Visitor]) -> Visitor:
    return someone("攻撃 太郎")
