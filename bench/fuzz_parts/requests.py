"""Requests to every address: by any method, in any state of a visit, with any fields and bytes."""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from flask import Flask, got_request_exception
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, UUIDConverter
from werkzeug.test import TestResponse

from app import Parts, create_app
from bench.fuzz_parts.events import ODD, WORDS, bent
from bench.fuzz_parts.watch import Watch
from core.database import Database
from core.settings import Settings
from line.fake_login import FakeLogin
from members.digits import digits
from members.passwords import hash_password
from models import Friend, Member, OneTimeCode
from web import assets

PASSWORD = "correct horse"  # noqa: S105 - nobody's
FRESH = 400
"""Requests after which everybody begins anew."""
METHODS = (
    ("GET",) * 6 + ("POST",) * 10 + ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "É")
)
NAMES = (
    "phone", "code", "name", "password", "number", "birthday-year", "birthday-month",
    "birthday-day", "kana", "email", "consent", "access_token", "id_token", "place", "language",
    "inside", "ticket", "liff.state", "lang", "csrf_token", "next", "", "birthday", "a" * 300,
    "__proto__", "éa\0",
)  # fmt: skip
VALUES = (
    *WORDS, "090-1234-5678", "０９０１２３４５６７８", "+819012345678", "+1" * 200, "000000",
    "１２３４５６", "M1", "m1@example.com", PASSWORD, "1990", "2533", "4", "1",
    "99999999999999999999", "-1", "0", "y", "link", "me", "ヤマダ ハナコ", "a@b", "a" * 70_000,
    "id-token-0.claims.signature", "²", "٣", "Ⅳ", "1e9", "NaN",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json",
    "application/json; charset=utf-16", "text/plain",
    "application/x-www-form-urlencoded; charset=utf-7", "multipart/form-data", "", "é",
    'a/b; c="', "application/octet-stream",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Host", "Referer", "Origin", "X-CSRFToken",
    "Range", "If-None-Match", "If-Modified-Since", "Authorization", "X-Forwarded-For",
    "x-line-signature", "Content-Encoding", "Expect", "Cookie", "User-Agent", "Content-Length",
)  # fmt: skip


@dataclass
class Visit:
    """Somebody who has come so far: their browser, and the token of their last page."""

    client: FlaskClient
    token: str = ""
    html: str = ""

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
        parts = Parts(self.database, self.login, lambda *_: None, lambda: 0.0, lambda: self.now)
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


def fuzz(
    count: int, seed: str, settings: Settings, database: Database
) -> tuple[Watch, Counter[int]]:
    """This many requests; how often each status was answered."""
    watch, rng = Watch(), random.Random()
    site, answered = Site(settings, database, rng), Counter[int]()
    for n in range(count):
        name = f"{seed}:{n}"
        if n % FRESH == 0:
            rng.seed(name)
            site.begin_anew()
        rng.seed(name)
        site.now += timedelta(seconds=1)
        asked = _request(site, rng)
        what = f"{asked['method']} {asked['path'][:80]!r} (request {name})"
        with watch.one(what):
            answer = asked.pop("visit").client.open(**asked)
            answered[answer.status_code] += 1
            answer.close()
            if answer.status_code >= 500:
                watch.note(f"answered {answer.status_code}: {_why(site)}", what)
        site.raised.clear()
    return watch, answered


def _why(site: Site) -> str:
    inner = Watch()
    for each in site.raised:
        with inner.one(""):
            raise each
    return next(iter(inner.broken), "no exception")


def _request(site: Site, rng: random.Random) -> dict[str, Any]:
    visit = rng.choice(site.visits)
    path = _path(site, rng)
    kind, body = _body(visit, rng)
    headers = {
        rng.choice(HEADERS): _latin(rng.choice(VALUES)) for _ in range(rng.choice((0, 0, 1, 3)))
    }
    if rng.random() < 0.7:
        headers["X-CSRFToken"] = visit.token
    headers.pop("Content-Length", None) if rng.random() < 0.8 else None
    asked: dict[str, Any] = {
        "visit": visit, "path": path, "method": rng.choice(METHODS), "headers": headers,
        "environ_overrides": {"REMOTE_ADDR": f"10.{rng.randrange(256)}.{rng.randrange(256)}.1"},
    }  # fmt: skip
    if asked["method"] not in ("GET", "HEAD") or rng.random() < 0.1:
        asked |= {"data": body, "content_type": kind}
    if rng.random() < 0.3:
        asked["query_string"] = "&".join(
            f"{quote(rng.choice(NAMES))}={quote(_plain(rng))}" for _ in range(rng.randrange(1, 4))
        )
    return asked


def _path(site: Site, rng: random.Random) -> str:
    path = rng.choice(site.paths)
    if rng.random() < 0.85:
        return path
    odd = rng.choice(
        ("/", "//", "/..", "%00", "%ff", "/%2e%2e", ".svg", "/é", "\u3000", ";x", "/" * 50)
    )
    at = rng.randrange(len(path) + 1)
    return "/" + (path[:at] + odd + path[at:]).lstrip("/")


def _plain(rng: random.Random) -> str:
    return rng.choice(VALUES).encode("utf-8", "replace").decode()[:2000]


def _latin(words: str) -> str:
    """What can stand in a header at all: a server lets no line break and no NUL through."""
    said = words.encode("utf-8", "replace").decode("latin-1")
    return re.sub(r"[\r\n\0]", "", said)[:8000]


def _body(visit: Visit, rng: random.Random) -> tuple[str, bytes]:
    fields = [(rng.choice(NAMES), rng.choice(VALUES)) for _ in range(rng.randrange(8))]
    if rng.random() < 0.8:
        fields.append(("csrf_token", visit.token))
    kind = rng.choice(TYPES) if rng.random() < 0.5 else TYPES[0]
    if "json" in kind:
        said: Any = dict(fields) | {rng.choice(NAMES): rng.choice(ODD)}
        raw = json.dumps(said if rng.random() < 0.8 else rng.choice(ODD)).encode()
    elif kind.startswith("multipart"):
        raw = b"".join(_part(name, value) for name, value in fields) + b"--x--\r\n"
    else:
        raw = "&".join(f"{quote(n)}={_quoted(v)}" for n, v in fields).encode()
    return kind, bent(raw, rng) if rng.random() < 0.15 else raw


def _quoted(words: str) -> str:
    return quote(words, errors="replace")


def _part(name: str, value: str) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n".encode("utf-8", "replace")
