"""Requests to every address: by any method, in any state of a visit, with any fields and bytes."""

import json
import random
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bench.fuzz_parts import staff
from bench.fuzz_parts.events import ODD, WORDS, bent
from bench.fuzz_parts.visits import PASSWORD, Site, Visit
from bench.fuzz_parts.watch import Watch
from core.database import Database
from core.settings import Settings

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
        asked, gone = _request(site, rng), False
        what = f"{asked['method']} {asked['path'][:80]!r} (request {name})"
        visit = asked.pop("visit")
        with watch.one(what):
            answer = visit.client.open(**asked)
            answered[answer.status_code] += 1
            answer.close()
            answer.request.environ["wsgi.input"].close()  # it may be a file, of a large body
            if answer.status_code >= 500:
                watch.note(f"answered {answer.status_code}: {_why(site)}", what)
            gone = answer.headers.get("Location", "").startswith("/staff/sign-in")
        site.raised.clear()
        if visit.map and gone:
            site.sign_in_again(visit)
    return watch, answered


def _why(site: Site) -> str:
    inner = Watch()
    for each in site.raised:
        with inner.one(""):
            raise each
    return next(iter(inner.broken), "no exception")


def _request(site: Site, rng: random.Random) -> dict[str, Any]:
    visit = rng.choice(site.visits)
    if visit.map and rng.random() < 0.8:
        of_theirs = _of_staff(visit, visit.map, rng)
        return of_theirs | {"environ_overrides": {"REMOTE_ADDR": site.address()}}
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
        "environ_overrides": {"REMOTE_ADDR": site.address()},
    }  # fmt: skip
    if asked["method"] not in ("GET", "HEAD") or rng.random() < 0.1:
        asked |= {"data": body, "content_type": kind}
    if rng.random() < 0.3:
        asked["query_string"] = "&".join(
            f"{quote(rng.choice(NAMES))}={quote(_plain(rng))}" for _ in range(rng.randrange(1, 4))
        )
    return asked


def _of_staff(visit: Visit, known: staff.Map, rng: random.Random) -> dict[str, Any]:
    """A page that there is, asked for with anything; or a form of theirs, with a thing amiss."""
    if rng.random() < 0.4:
        path, _, query = rng.choice(known.paths).partition("?")
        names = staff.QUERY if rng.random() < 0.7 else NAMES
        odd = rng.choice((*staff.VALUES, *VALUES)).encode("utf-8", "replace").decode()[:6000]
        query = "&".join(filter(None, (query, f"{quote(rng.choice(names))}={quote(odd)}")))
        return {"visit": visit, "path": path, "method": "GET", "query_string": query}
    form = rng.choice(known.forms)
    sent: dict[str, Any] = {}
    for name, value in staff.fields_of(form, rng):
        sent.setdefault(name, []).append(value.encode("utf-8", "replace").decode())
    if rng.random() < 0.9:
        sent["csrf_token"] = visit.token
    if rng.random() < 0.5:
        sent |= staff.files_of(form, rng)
    return {"visit": visit, "path": form.path, "method": "POST", "data": sent}


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
