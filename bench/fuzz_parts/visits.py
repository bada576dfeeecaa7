"""The app, and people in every state of a visit: in LINE, on members' pages, of the staff."""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from flask import Flask, got_request_exception
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, UUIDConverter
from werkzeug.test import TestResponse

from app import Parts, create_app
from bench.fuzz_parts import staff
from core.database import Database
from core.passwords import hash_password
from core.settings import Settings
from line.fake import FakeLine
from line.fake_login import FakeLogin
from members.digits import digits
from models import Friend, Member, OneTimeCode, Role
from web import assets

PASSWORD = "correct horse"  # noqa: S105 - nobody's


@dataclass
class Visit:
    """Somebody who has come so far: their browser, and the token of their last page."""

    client: FlaskClient
    token: str = ""
    html: str = ""
    map: staff.Map | None = None
    """Of the staff site, for whoever is signed in there."""
    role: Role = Role.VIEWER

    def get(self, path: str) -> "Visit":
        return self._read(self.client.get(path, follow_redirects=True))

    def post(self, path: str, **fields: str) -> "Visit":
        self.get(path)
        sent = {name.replace("_", "-"): value for name, value in fields.items()}
        return self._read(
            self.client.post(path, data=sent | {"csrf_token": self.token}, follow_redirects=True)
        )

    def _read(self, response: TestResponse) -> "Visit":
        found = re.search(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"', response.text)
        self.token = found[1] if found else self.token
        return self


@dataclass
class Site:
    """The app with people in every state that a visit has."""

    settings: Settings
    database: Database
    rng: random.Random
    login: FakeLogin = field(default_factory=FakeLogin)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    raised: list[BaseException] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = Parts(
            self.database, self.login, lambda *_: None, lambda: 0.0, lambda: self.now, FakeLine()
        )
        self.app: Flask = create_app(self.settings, parts)
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        got_request_exception.connect(self._raised, self.app)
        self._brand()
        self.paths = list(_paths(self.app))

    def _raised(self, _app: Flask, exception: BaseException, **_: object) -> None:
        self.raised.append(exception)

    def _brand(self) -> None:
        secret = hash_password(PASSWORD)
        with self.database.begin() as db:
            for n in range(1, 5):
                db.add(
                    Member(
                        id=uuid4(),
                        number=f"M{n}",
                        phone="+819012345678" if n < 3 else None,
                        name="山田 花子",
                        birthday=datetime(1990, 4, n, tzinfo=UTC).date(),
                        email=f"m{n}@example.com",
                        joined_on=self.now.date(),
                        extra={},
                        password_hash=secret,
                        created_at=self.now,
                        updated_at=self.now,
                    )
                )

    def begin_anew(self) -> None:
        """Half a day later: no counter is full, and somebody is in each state."""
        self.now += timedelta(hours=25)
        self.visits = [
            Visit(self.app.test_client()), self._opened(), self._signed_in(), self._asked("0"),
            self._proven("090-1234-5678"), self._proven(f"080-{self.rng.randrange(10**8):08}"),
            self._logged_in("M3"), self._logged_in("M3"), self._logged_in("M4"),
        ]  # fmt: skip
        staff.hire(self.database, self.now)
        known: staff.Map | None = None
        for role in reversed(Role):  # who may most finds most; the others ask for it all the same
            visit = Visit(self.app.test_client(), role=role)
            visit.client.environ_base["REMOTE_ADDR"] = self.address()
            staff.sign_in(visit.client, role)
            visit.map = known = known or staff.walk(visit.client)
            self.visits.append(visit.get("/staff/me"))
        # As often as all who are in LINE: most of the addresses are theirs.
        self.visits += [self.visits[-len(Role)]] * 5

    def address(self) -> str:
        """Of nobody who has asked too often."""
        return f"10.{self.rng.randrange(256)}.{self.rng.randrange(256)}.1"

    def sign_in_again(self, visit: Visit) -> None:
        """They were signed out by what they did."""
        staff.hire(self.database, self.now)
        staff.sign_in(visit.client, visit.role)
        visit.get("/staff/me")

    def _opened(self) -> Visit:
        return Visit(self.app.test_client()).get("/liff/link")

    def _signed_in(self, user: str = "") -> Visit:
        visit = self._opened()
        token = self.login.token_for(user or f"U{self.rng.getrandbits(128):032x}")
        visit.client.post(
            "/liff/session", json={"id_token": token}, headers={"X-CSRFToken": visit.token}
        )
        return visit.get("/liff/log-in")

    def _asked(self, phone: str, user: str = "") -> Visit:
        phone = phone if len(phone) > 1 else f"070-{self.rng.randrange(10**8):08}"
        return self._signed_in(user).post("/liff/phone", phone=phone)

    def _proven(self, phone: str) -> Visit:
        user = f"U{self.rng.getrandbits(128):032x}"
        visit = self._asked(phone, user)
        with self.database.read() as db:
            code = db.scalar(
                select(OneTimeCode)
                .join(Friend, Friend.id == OneTimeCode.friend_id)
                .where(Friend.line_user_id == user)
            )
        return (
            visit.post("/liff/phone/code", code=digits(code.id, self.settings)) if code else visit
        )

    def _logged_in(self, name: str) -> Visit:
        """The first is linked; the second stands before the question whether to move the link."""
        return self._signed_in().post("/liff/log-in", name=name, password=PASSWORD)


def _paths(app: Flask) -> list[str]:
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "asset":
            found += [f"/assets/{a.mark}/{a.name}" for a in assets.of(app).by_name.values()]
            continue
        built = rule.build({name: _fill(blank) for name, blank in rule._converters.items()})
        assert built is not None
        found.append(built[1])
    return found


def _fill(blank: BaseConverter) -> str | int | UUID:
    """Something that a blank of an address takes."""
    match blank:
        case AnyConverter():
            return min(blank.items)
        case UUIDConverter():
            return UUID(int=0)
        case IntegerConverter():
            return 1
        case _:
            return "me"
