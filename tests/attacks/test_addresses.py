"""What an address, a header or a cookie says leads nobody away, and is written down nowhere."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from core.database import Database
from core.settings import Settings
from line.login import SdkLogin
from tests.attacks.conftest import Town
from tests.attacks.walking import addresses
from tests.conftest import on_one_database
from tests.liff.visitor import Visitor
from texts import text

EVIL = (
    "//evil.example", "https://evil.example", "/\\evil.example", "/%2F/evil.example",
    "javascript:alert(1)//evil.example", "/link%0d%0aX-Evil:%20evil.example", "@evil.example",
    "/me?next=//evil.example", "\tevil.example", "data:text/html,evil.example",
)  # fmt: skip
NAMES = (
    "liff.state",
    "next",
    "url",
    "return_to",
    "redirect",
    "redirect_uri",
    "place",
    "go",
    "back",
)
HOSTS = (
    "evil.example", "localhost.evil.example", "evil.example:443", "localhost@evil.example",
    "localhost/evil.example", "evil.example#", "[::1", "a b", "", "é", "x" * 300, "localhost:99999",
    "evil.example,localhost", "evil.example\\localhost",
)  # fmt: skip


TO_SIGN_IN = re.compile(r"/staff/sign-in(\?next=/staff([/?].*)?)?")
"""With the address that was asked for, to come back to: tests/staff/test_access.py says whither."""


def is_clean(response: Any, *, evil: str = "evil") -> None:
    where = response.headers.get("Location", "")
    back = TO_SIGN_IN.fullmatch(where)
    assert not where or back or (where.startswith("/liff") and "//" not in where), where
    for name, value in response.headers:
        assert "\n" not in value
        assert "\r" not in value
        assert evil not in name.lower()
        assert evil not in value or (back and name == "Location"), f"{name}: {value}"
    # A page of the staff site leads to itself in another language, with what was asked for.
    text_ = re.sub(r'href="(?:/staff[/?]|\?)[^"]*"', "", response.text)
    assert evil not in text_ or back


@on_one_database
@pytest.mark.parametrize("signed_in", [False, True])
def test_no_address_leads_off_our_pages(app: Flask, victim: Visitor, *, signed_in: bool) -> None:
    if signed_in:
        victim.sign_in()
    for address in addresses(app):
        if address.method != "GET" or address.endpoint == "asset":
            continue
        for evil in EVIL:
            query = "&".join(f"{name}={evil}" for name in NAMES)
            response = victim._client.get(f"{address.path}?{query}")
            is_clean(response, evil="evil.example")
            if address.endpoint == "liff.front" and signed_in:
                victim.sign_in()


@on_one_database
@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "//evil.example/liff/link", "/liff//link", "//liff/link", "/liff///me",
        "/liff/link/", "/liff/%2e%2e//evil.example", "/liff/\\evil.example", "/liff/..//evil.example",
        "/%0d%0aX-Evil: evil", "/liff/%0d%0aX-Evil:%20evil", "/liff/qr/%2e%2e%2fme.svg",
        "/assets/x/%2e%2e/%2e%2e/app.py", "/assets/../app.py", "/assets//etc/passwd",
        "/liff/qr//evil.example.svg", "/liff;evil", "/.git/config", "/.env", "/static/x",
    ],
)  # fmt: skip
def test_odd_paths_lead_nowhere(app: Flask, path: str) -> None:
    for host in ("localhost", "evil.example"):
        response = app.test_client().get(path, base_url=f"http://{host}")
        is_clean(response)
        assert response.status_code in (200, 400, 404), (path, response.status_code)
        assert b"def create_app" not in response.data


@on_one_database
@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_never_repeated(app: Flask, host: str) -> None:
    for address in addresses(app):
        if address.method == "POST":
            continue
        response = app.test_client().open(
            address.path, method=address.method, environ_overrides={"HTTP_HOST": host}
        )
        assert response.status_code < 500 or address.path == "/readyz", (address, host)
        is_clean(response)
    too_long = app.test_client().post(
        "/liff/phone", data=b"x" * 70_000, environ_overrides={"HTTP_HOST": host}
    )
    assert too_long.status_code in (400, 413)


@on_one_database
@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Original-URL",
             "X-Rewrite-URL", "Forwarded", "X-HTTP-Method-Override"],
)  # fmt: skip
def test_a_header_of_a_proxy_that_is_not_there_means_nothing(
    app: Flask, victim: Visitor, name: str
) -> None:
    victim.sign_in()
    for address in addresses(app):
        if address.method == "GET":
            response = victim._client.get(address.path, headers={name: "evil.example"})
            is_clean(response)


# Who asks


def _wrong(who: Visitor, n: int, **headers: str) -> int:
    who.get("/liff/log-in")
    fields = {"csrf_token": who.token, "name": f"M{n}", "password": "wrong"}
    who._took(who._client.post("/liff/log-in", data=fields, headers=headers))
    return len(who.errors) and int(text("members.login_wrong", "ja") not in who.errors[0])


def test_no_header_makes_one_address_look_like_many(
    app: Flask, attacker: Visitor, town: Town, someone: Callable[..., Visitor]
) -> None:
    """50 log-ins an hour: the 51st is refused whatever address the headers claim."""
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "CF-Connecting-IP",
             "True-Client-IP")  # fmt: skip
    people = [someone(f"{n}").sign_in() for n in range(6)]
    stopped = []
    for n in range(54):
        claims = dict.fromkeys(names, f"198.51.100.{n}")
        stopped.append(_wrong(people[n % len(people)], n, **claims))
    assert stopped == [0] * 50 + [1] * 4


def test_behind_one_proxy_only_its_own_word_counts(
    make_app: Callable[..., Flask], settings: Settings, database: Database,
    someone: Callable[..., Visitor],
) -> None:  # fmt: skip
    app = make_app(settings.model_copy(update={"trusted_proxies": 1}), database)
    people = [someone(f"{n}", on=app).sign_in() for n in range(6)]
    stopped = []
    for n in range(52):
        claimed = f"198.51.100.{n}, 203.0.113.9"  # what the client says, what the proxy saw
        stopped.append(_wrong(people[n % len(people)], n, **{"X-Forwarded-For": claimed}))
    assert stopped == [0] * 50 + [1] * 2


# Injection

NASTY = (
    "\x1b[2J\x1b[31mowned\x1b[0m", "a\r\nlevel=critical event=owned", "\u202egnp.exe", "\u2028owned",
    "\x00owned", "\ud83d owned".encode("utf-8", "replace").decode(), "{{7*7}}", "%(owned)s", "${jndi:x}",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE member; --",
)  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY)
def test_what_is_typed_stays_text(app: Flask, attacker: Visitor, town: Town, nasty: str) -> None:
    """In every field of every form: shown as text or not at all, and never logged."""
    town.person("M1", "+819011112222")
    attacker.sign_in()
    with capture_logs() as logs:
        for path, names in {
            "/liff/phone": ("phone",), "/liff/log-in": ("name", "password"),
            "/liff/session": ("id_token", "place"),
        }.items():  # fmt: skip
            token = attacker.get("/liff/log-in").token
            attacker.post(path, dict.fromkeys(names, nasty) | {"csrf_token": token})
            assert attacker.status < 500, path
            for raw in ("<script>alert", "<img src=x"):
                assert raw not in attacker.html, path
        attacker._client.get("/liff/link", headers={"Accept-Language": nasty.replace("\r\n", " ")
                             .encode("latin-1", "replace").decode("latin-1")})  # fmt: skip
    assert "owned" not in repr(logs)
    assert "script" not in repr(logs)
    assert len(town.links()) == 0


@on_one_database
@pytest.mark.parametrize("lang", ["ja\r\nSet-Cookie: owned=1", "../../en", "<script>", "x" * 5000])
def test_a_language_that_is_none_is_not_kept(app: Flask, lang: str) -> None:
    response = app.test_client().get("/liff/link", query_string={"lang": lang})
    assert "lang=" not in str(response.headers.getlist("Set-Cookie"))
    is_clean(response)
    assert "owned" not in str(response.headers)


def test_the_name_of_an_attacker_on_line_is_text_too(
    someone: Callable[..., Visitor], town: Town, real_login: SdkLogin
) -> None:
    """It comes inside a token that LINE signs, so nobody typed it here."""
    for name in ("<script>alert(1)</script>", "\x1b[31m", "{{7*7}}", "a" * 5000, "\x00", "\u202e"):
        visitor = someone(name)
        with capture_logs() as logs:
            answer = visitor.present(visitor.login.token_for(visitor.user))
            assert answer.status_code in (200, 400), name
            for page in ("/liff/link", "/liff/me", "/liff/log-in"):
                assert "<script>alert" not in visitor.get(page).html
        assert "script" not in repr(logs)
