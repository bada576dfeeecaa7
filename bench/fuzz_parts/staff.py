"""The staff site as somebody finds it who follows every link: addresses, and what forms hold.

Whoever is signed in there sends mostly what the forms would send, with one thing of it odd.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from accounts import team
from accounts.actors import terminal
from core.database import Database
from core.passwords import hash_password
from models import Role, StaffAccount

PASSWORD = "correct horse battery"  # noqa: S105 - nobody's
PAGES = 150
"""How many pages a walk looks at."""
ONE_OF_A_KIND = 3
"""How many addresses are kept that differ only in whom or what they are about."""
QUERY = (
    "page", "sort", "lang", "next", "q", "tag", "who", "as", "until", "since", "act", "id", "thing",
    "after", "before", "month", "days", "tab", "count", "line", "_external", "_scheme", "_anchor",
    "_method", "endpoint", "key", "kind", "number", "values", "state", "code",
)  # fmt: skip
VALUES = (
    "9" * 5_000, "9" * 30, "-1", "0", str(2**31), str(2**63), "1.5", "²", "0001-01", "9999-12",
    "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-12:00", "24:00",
    "2026-02-30", "member-", "friend-00000000-0000-0000-0000-000000000000", "order@",
    "up@" + "9" * 99,
    "remove@0", "take:0:" + "0" * 64, "drop_area:0:0", "add_tab", "copy:member", "admin", "now",
    "javascript:alert(1)", "//evil.example", "/staff/\\evil", "{}", "[]", "null", "U" + "0" * 32,
    "admin@example.com", "０", "a\u202eb", "\x7f", "--", "%", "_", "'; --", "=1+1", "tabs-0-tab",
)  # fmt: skip


PICTURES = (
    ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"), ("GIF", "P"), ("WEBP", "RGB"),
    ("BMP", "RGB"), ("TIFF", "L"),
)  # fmt: skip
"""Of each kind, and how their colours are kept."""


@dataclass(frozen=True)
class Form:
    path: str
    fields: tuple[tuple[str, str], ...]


@dataclass
class Map:
    """What was found on the way through."""

    paths: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


def hire(database: Database, now: datetime) -> None:
    """One of each role, whatever was done to them before."""
    secret = hash_password(PASSWORD)
    with database.begin() as db:
        for role in Role:
            email = f"{role.value}@example.com"
            account = db.scalar(select(StaffAccount).where(StaffAccount.email == email))
            account = account or team.add(
                db, terminal(now), email, role.value, role, language="ja", password=PASSWORD
            )
            account.role, account.password_hash, account.deactivated_at = role, secret, None
            account.totp_secret = None


def sign_in(client: FlaskClient, role: Role) -> None:
    found = Page(client.get("/staff/sign-in").text)
    if not found.forms:  # they are signed in
        return
    given = {"email": f"{role.value}@example.com", "password": PASSWORD}
    answer = client.post("/staff/sign-in", data=dict(found.forms[0].fields) | given)
    assert answer.status_code == 303, answer.text


def walk(client: FlaskClient) -> Map:
    """By every link from the first page on."""
    found, kinds, waiting = Map(), dict[str, int](), ["/staff/me", "/staff/today"]
    seen = set(waiting)
    while waiting and len(found.paths) < PAGES:
        path = waiting.pop(0)
        answer = client.get(path, follow_redirects=True)
        answer.close()
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        found.paths.append(path)
        page = Page(answer.text, path)
        known = {form.path for form in found.forms}
        found.forms += [form for form in page.forms if form.path not in known]
        for link in page.links:
            kind = _kind(link)
            if link in seen or kinds.get(kind, 0) >= ONE_OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            seen.add(link)
            waiting.append(link)
    return found


def _kind(link: str) -> str:
    """The address without what it is about."""
    parts = urlsplit(link)
    words = ["*" if any(c.isdigit() for c in word) else word for word in parts.path.split("/")]
    return "/".join(words) + "?" + ",".join(sorted(name for name, _ in parse_qsl(parts.query)))


class Page(HTMLParser):
    """Links and forms of a page."""

    def __init__(self, html: str, at: str = "/staff") -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._at, self._form, self._fields = at, "", list[tuple[str, str]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and said.get("href"):
            self._link(said["href"])
        elif tag == "form":
            self._end()
            self._form = urljoin(self._at, said.get("action") or self._at)
            if said.get("method", "get").lower() != "post":
                self._form = ""
        elif tag in ("input", "button", "textarea", "select") and said.get("name"):
            self._fields.append((said["name"], said.get("value", "")))
        elif tag == "option" and self._fields and "selected" in said:
            self._fields[-1] = (self._fields[-1][0], said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._end()

    def _end(self) -> None:
        if self._form:
            self.forms.append(Form(self._form, tuple(self._fields)))
        self._form, self._fields = "", []

    def _link(self, href: str) -> None:
        link = urljoin(self._at, href).partition("#")[0]
        if link.startswith("/staff"):
            self.links.append(link)


def fields_of(form: Form, rng: random.Random) -> list[tuple[str, str]]:
    """What a browser would send, but for a thing or two; of buttons with one name, only one."""
    buttons = [each for each in form.fields if each[0] == "do"]
    sent = [each for each in form.fields if each[0] != "do"]
    if buttons:
        sent.append(rng.choice(buttons))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        if not sent:
            break
        at = rng.randrange(len(sent))
        name, _value = sent[at]
        what = rng.randrange(8)
        if what == 0:
            del sent[at]
        elif what == 1:
            sent.append(sent[at])
        elif name != "csrf_token":
            sent[at] = (name, rng.choice(VALUES))
    return sent


def files_of(form: Form, rng: random.Random) -> dict[str, Any]:
    """A file for each field that takes one: a picture, half of one, or none."""
    names = [name for name, _ in form.fields if name.endswith("-file")]
    return {
        name: (BytesIO(_picture(rng)), rng.choice(("a.png", "../../a", "é\0.exe")))
        for name in names
    }


def _picture(rng: random.Random) -> bytes:
    kept = BytesIO()
    size = rng.choice(((800, 540), (1, 1), (1200, 405), (800, 4_000)))
    kind, mode = rng.choice(PICTURES)
    Image.new(mode, size).save(kept, kind)
    raw = bytearray(kept.getvalue())
    for _ in range(rng.choice((0, 0, 1, 3, 20))):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw[: rng.choice((len(raw), len(raw), len(raw) // 2, 20))])
