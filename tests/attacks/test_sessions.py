"""Nobody acts in another's name: no foreign form, no planted session, no opened link links."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select

from app import Parts, create_app
from core.database import Database
from core.settings import Settings
from line.login import SdkLogin
from models import Base, Link
from tests.attacks.conftest import PASSWORD, Tokens, Town
from tests.attacks.walking import addresses
from tests.conftest import SettableClock
from tests.liff.visitor import Visitor
from texts import text

STALE = text("web.stale.title", "ja")
FIELDS = {
    "phone": "090-1111-2222", "code": "000000", "name": "M1", "password": PASSWORD,
    "number": "M1", "id_token": "x", "place": "link", "access_token": "x", "consent": "y",
    "email": "new@example.com", "kana": "ヤマダ", "birthday-year": "1990", "birthday-month": "4",
    "birthday-day": "1",
}  # fmt: skip


def written(database: Database) -> dict[str, int]:
    """How many rows there are of everything."""
    with database.read() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def posts(app: Flask) -> list[str]:
    return [a.path for a in addresses(app) if a.method == "POST" and a.path != "/webhook"]


def test_every_form_is_known(app: Flask) -> None:
    """A change here wants a look at whether the new form needs a test of its own."""
    assert set(posts(app)) >= {
        "/liff/session", "/liff/phone", "/liff/phone/code", "/liff/phone/again",
        "/liff/phone/which", "/liff/log-in", "/liff/register", "/liff/confirm", "/liff/me/unlink",
    }  # fmt: skip
    others = {(a.method, a.path) for a in addresses(app) if a.method not in ("GET", "POST")}
    assert others == set(), "only GET and POST are guarded by form tokens here"


@pytest.mark.parametrize("linked", [False, True])
def test_no_form_is_taken_from_another_site(
    app: Flask, victim: Visitor, attacker: Visitor, town: Town, *, linked: bool
) -> None:
    """The victim's browser adds its cookie to a form that an attacker's page sends."""
    town.person("M1", "+819011112222")
    victim.sign_in()
    attacker.sign_in()
    foreign = attacker.get("/liff/log-in").token
    if linked:
        victim.submit("/liff/log-in", name="M1", password=PASSWORD)
        assert victim.path == "/liff/done"
    before = written(town.database)
    for path in posts(app):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": foreign}):
            victim.post(path, FIELDS | token)
            assert victim.status == 400, path
            assert STALE in victim.text, path
            answer = victim._client.post(path, json=FIELDS | token, headers=_foreign(token))
            assert answer.status_code == 400, path
    assert written(town.database) == before


def _foreign(token: dict[str, str]) -> dict[str, str]:
    return {"X-CSRFToken": token.get("csrf_token", ""), "Origin": "https://evil.example"}


def test_nothing_is_done_by_get(app: Flask, victim: Visitor, town: Town) -> None:
    """A picture on another site could ask for any of these addresses."""
    town.person("M1", "+819011112222")
    victim.sign_in().submit("/liff/log-in", name="M1", password=PASSWORD)
    token = victim.get("/liff/me/unlink").token
    before = written(town.database)
    for address in addresses(app):
        if address.endpoint not in ("liff.front", "liff.front_slash"):  # they open a page's intent
            victim._client.get(address.path, query_string=FIELDS | {"csrf_token": token})
    assert written(town.database) == before


def test_a_form_token_is_worth_nothing_to_another_session(
    victim: Visitor, attacker: Visitor, town: Town
) -> None:
    """Nor across a signing in of the same browser, after which everything is new."""
    victim.sign_in()
    attacker.sign_in()
    old = attacker.get("/liff/log-in").token
    attacker.get("/liff")
    attacker.sign_in()
    attacker.post("/liff/phone", {"csrf_token": old, "phone": "090-1111-2222"})
    assert attacker.status == 400
    victim.post("/liff/phone", {"csrf_token": old, "phone": "090-1111-2222"})
    assert victim.status == 400


# Sessions of others


def test_opened_by_line_a_planted_session_is_put_away(
    victim: Visitor, attacker: Visitor, town: Town
) -> None:
    """The attacker is signed in and leaves their cookie in the victim's browser. LINE opens the
    page there, the victim logs in: it is the victim who is linked."""
    town.person("M1", "+819011112222")
    attacker.sign_in()
    victim.cookie = attacker.cookie
    victim.get("/liff?liff.state=%2Flink")
    answer = victim.bring({"id_token": victim.login.token_for(victim.user)})
    assert answer.status_code == 200
    victim.submit("/liff/log-in", name="M1", password=PASSWORD)
    assert town.links() == [(victim.user, "M1", "login")]
    assert attacker.get("/liff/me").text != victim.get("/liff/me").text


def test_a_planted_session_does_not_become_the_victims(
    victim: Visitor, attacker: Visitor, town: Town
) -> None:
    """Fixation: what the attacker kept a copy of stays what it was."""
    town.person("M1", "+819011112222")
    attacker.get("/liff/link")
    kept = attacker.cookie
    victim.cookie = kept
    victim.get("/liff/link")
    victim.bring({"id_token": victim.login.token_for(victim.user)})
    victim.submit("/liff/log-in", name="M1", password=PASSWORD)
    assert victim.path == "/liff/done"
    attacker.cookie = kept
    assert attacker.get("/liff/me").heading == text("liff.signing_in.wait", "ja")


def test_a_cookie_cannot_be_planted_from_a_neighbouring_host(
    settings: Settings, real_login: SdkLogin, database: Database
) -> None:
    """Browsers take a cookie of this name from this very host over HTTPS, or not at all."""
    secured = settings.model_copy(update={"secure_cookies": True})
    app = create_app(secured, Parts(database, real_login, lambda *_: None, lambda: 0.0))
    with app.test_client() as client:
        said = client.get("/liff/link", base_url="https://bot.example").headers["Set-Cookie"]
    name, _, rest = said.partition("=")
    assert name == "__Host-musubi"
    parts = {each.strip().lower() for each in rest.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
    assert not any(each.startswith("domain") for each in parts)


@pytest.mark.parametrize(
    "forge",
    [
        lambda cookie: cookie[:-9] + ("A" if cookie[-9] != "A" else "B") + cookie[-8:],
        lambda cookie: "." + cookie,
        lambda cookie: cookie.split(".")[0] + "..",
        lambda _: "eyJTaWduZWQiOnsiZnJpZW5kX2lkIjoiMSJ9fQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb",
        lambda _: "",
        lambda _: "\x00",
        lambda _: "." * 4000,
    ],
)
def test_a_cookie_of_ones_own_making_is_nobody(
    victim: Visitor, attacker: Visitor, town: Town, forge: Callable[[str], str]
) -> None:
    attacker.cookie = forge(victim.sign_in().cookie)
    assert attacker.get("/liff/link").heading == text("liff.signing_in.wait", "ja")


def test_a_session_of_another_brand_is_nobody(
    make_app: Callable[..., Flask], settings: Settings, database: Database, victim: Visitor,
    attacker: Visitor, tokens: Tokens,
) -> None:  # fmt: skip
    """Signed, but under another key."""
    other = make_app(settings.model_copy(update={"secret_key": SecretStr("x" * 40)}), database)
    elsewhere = Visitor(other, tokens, attacker.user).sign_in()
    attacker.cookie = elsewhere.cookie
    assert attacker.get("/liff/link").heading == text("liff.signing_in.wait", "ja")


# Links of others


@pytest.mark.parametrize(
    "query",
    [
        "userId={0}", "liff.state=%2Flink%3FuserId%3D{0}", "line_user_id={0}&sub={0}",
        "id_token={1}", "liff.state=%2Flink%3Fid_token%3D{1}", "csrf_token=x&friend_id={0}",
        "code={1}&state=x&liffClientId=1",
    ],
)  # fmt: skip
def test_opening_an_attackers_link_changes_nothing_of_whom_it_is_about(
    victim: Visitor, attacker: Visitor, town: Town, query: str
) -> None:
    """Whatever a link carries, who is linked is who brings the token."""
    town.person("M1", "+819011112222")
    carried = query.format(attacker.user, attacker.login.token_for(attacker.user))
    victim.get(f"/liff?{carried}")
    assert victim.heading == text("liff.signing_in.wait", "ja")
    assert town.all(Link) == []
    victim.bring({"id_token": victim.login.token_for(victim.user)})
    victim.get(f"/liff/log-in?{carried}")
    victim.submit(name="M1", password=PASSWORD)
    assert town.links() == [(victim.user, "M1", "login")]


def test_a_member_who_is_linked_is_not_taken_by_opening_a_page(
    victim: Visitor, attacker: Visitor, town: Town
) -> None:
    """Even with the proof in hand it is asked first; the question itself moves nothing."""
    town.person("M1", "+819011112222")
    victim.sign_in().submit("/liff/log-in", name="M1", password=PASSWORD)
    attacker.sign_in().submit("/liff/log-in", name="M1", password=PASSWORD)
    assert attacker.path == "/liff/confirm"
    assert town.links() == [(victim.user, "M1", "login")]
    assert not re.search("花子|被害|9011112222", attacker.text), "it tells who holds it"


def test_what_was_proven_in_one_name_is_not_used_in_another(
    victim: Visitor, attacker: Visitor, town: Town, clock: SettableClock
) -> None:
    """A number is proven, then somebody else signs in on the same phone."""
    town.person("M1", "+819011112222")
    town.person("M2", "+819011112222")
    victim.sign_in().submit("/liff/phone", phone="090-1111-2222")
    victim.submit(code=town.code(victim.user))
    assert victim.path == "/liff/phone/which"
    victim.get("/liff")
    victim.bring({"id_token": attacker.login.token_for(attacker.user)})
    for page in ("/liff/phone/which", "/liff/phone/code"):
        assert victim.get(page).follow().path == "/liff/phone"
    assert town.links() == []
