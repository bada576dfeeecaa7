"""Every route × everybody who could ask: a stranger, each role, who was put away, whose time is
over, a form from elsewhere, another person's things. New routes are walked without a word here."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from accounts import rules, team
from app import Parts, create_app
from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from line.fake_login import FakeLogin
from models import Base, Role, StaffSession
from staff import access
from tests.accounts.conftest import by
from tests.attacks import walking
from tests.staff import routes
from tests.staff.conftest import COOKIE, Site, page
from tests.staff.routes import Route
from texts import text

OWN_PROOF = {"staff.company_says"}
"""What comes back from the company's sign-in carries a state instead of a form token."""


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """With every route there can be."""
    return make_settings(**routes.COMPANY)


def path_of(route: Route) -> str:
    filled = {name: walking.fill(name, blank) for name, blank in route.rule._converters.items()}
    built = route.rule.build(filled)
    assert built is not None, route
    return built[1]


def ask(site: Site, client: FlaskClient, route: Route, token: str = "") -> TestResponse:
    told = {"data": {"csrf_token": token or site.token(client)}} if route.method != "GET" else {}
    return client.open(path_of(route), method=route.method, **told)


def asked_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.location.startswith("/staff/sign-in?next=")


def let_in(answer: TestResponse) -> bool:
    """Whatever came of it, it was not for want of the right."""
    return answer.status_code not in (401, 403) and not asked_in(answer)


def test_a_route_that_declares_nothing_stops_the_app() -> None:
    app, pages = Flask("app", static_folder=None), Blueprint("staff", "staff")
    pages.add_url_rule("/shown", "shown", access.open_to_all(lambda: "for all the world"))
    pages.add_url_rule("/forgotten", "forgotten", lambda: "for all the world")
    app.register_blueprint(pages)
    with pytest.raises(LookupError, match=r"staff\.forgotten says neither"):
        access.declared(app)


def test_everything_under_staff_is_the_staff_sites(site: Site) -> None:
    """So that nothing there is unguarded because it was put on the map by another way."""
    assert all(route.endpoint.startswith("staff.") for route in routes.routes(site.app))


def test_the_table_in_the_documents_is_what_the_routes_say(site: Site) -> None:
    assert routes.PAGE.read_text("utf-8") == routes.table(site.app), (
        "docs/staff/roles.md is stale: python -m tests.staff.routes writes it"
    )


def test_a_stranger_is_asked_in_everywhere(site: Site) -> None:
    client = site.client()
    token = site.token(client)
    before = written(site.database)
    for route in routes.routes(site.app):
        answer = ask(site, client, route, token)
        if route.needs is None:
            assert let_in(answer) or route.endpoint in OWN_PROOF, route
        else:
            assert asked_in(answer), f"{route}: {answer.status_code}"
    assert written(site.database) == before


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says(site: Site, role: Role) -> None:
    for route in routes.routes(site.app):
        client = site.as_(role)  # each time: some sign out
        answer = ask(site, client, route)
        if route.needs is None:
            continue
        if role.covers(route.needs):
            assert let_in(answer), f"{route}: {answer.status_code}"
            assert answer.status_code < 500, f"{route}: {answer.text}"
        else:
            assert answer.status_code == 403, f"{route}: {answer.status_code}"
            assert text("staff.not_allowed", "ja") in page(answer).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_what_one_may_not_changes_nothing(site: Site, role: Role) -> None:
    client = site.as_(role)
    token, before = site.token(client), written(site.database)
    for route in routes.routes(site.app):
        if route.needs and not role.covers(route.needs):
            ask(site, client, route, token)
    assert written(site.database) == before


@pytest.mark.parametrize("end", ["idle", "old", "deactivated"])
def test_whoever_was_an_administrator_is_a_stranger(site: Site, end: str) -> None:
    client = site.as_(Role.ADMIN)
    token = site.token(client)
    if end == "deactivated":
        other = site.add(Role.ADMIN, "other@example.com")
        with site.database.begin() as db:
            team.deactivate(db, by(other, site.clock()), site.accounts[Role.ADMIN])
    else:
        site.clock.advance(hours=12 if end == "idle" else 8 * 24)
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    for route in routes.routes(site.app):
        client.set_cookie(COOKIE, kept.value)
        answer = ask(site, client, route, token)
        assert route.needs is None or asked_in(answer), f"{route}: {answer.status_code}"


def test_no_form_is_taken_without_its_own_token(site: Site) -> None:
    """None, an empty one, a made up one, one of somebody else's session."""
    client, other = site.as_(Role.ADMIN), site.as_(Role.EDITOR)
    foreign = site.token(other)
    site.token(client)
    before = written(site.database)
    for route in routes.routes(site.app):
        if route.method == "GET":
            continue
        for sent in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": foreign}):
            answer = client.open(path_of(route), method=route.method, data=sent)
            assert answer.status_code == 400, f"{route}: {answer.status_code}"
            assert text("web.stale.title", "ja") in page(answer).text, route
    assert written(site.database) == before


def test_nothing_is_taken_as_json(site: Site) -> None:
    client = site.as_(Role.ADMIN)
    before = written(site.database)
    for route in routes.routes(site.app):
        if route.method != "GET":
            answer = client.open(path_of(route), method=route.method, json={"role": "admin"})
            assert answer.status_code == 400, route
    assert written(site.database) == before


def test_a_script_is_told_that_the_session_is_over(site: Site) -> None:
    answer = site.client().get("/staff/me", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["words"] == text("staff.sign_in.ended", "ja")


def test_what_cannot_be_undone_wants_to_be_sure(site: Site) -> None:
    """Each route that says so, once the last proof is a while ago."""
    marked = [route for route in routes.routes(site.app) if route.sure]
    assert len(marked) > 5
    client = site.as_(Role.ADMIN)
    site.clock.advance(seconds=2 * rules.SURE.total_seconds())
    token, before = site.token(client), written(site.database)
    for route in marked:
        answer = ask(site, client, route, token)
        assert answer.status_code == 303, f"{route}: {answer.status_code}"
        assert answer.location.startswith("/staff/sure?next="), route
    assert written(site.database) == before


def test_another_persons_session_cannot_be_ended(site: Site) -> None:
    victim, attacker = site.as_(Role.ADMIN), site.as_(Role.VIEWER)
    with site.database.read() as db:
        mine = StaffSession.account_id == site.accounts[Role.ADMIN]
        session_id = db.scalars(select(StaffSession.id).where(mine)).one()
    answer = site.post(attacker, f"/staff/me/sessions/{session_id}/end")
    assert answer.status_code == 404
    assert site.get(victim, "/staff/me").status_code == 200


def test_a_session_is_no_good_on_the_members_pages_nor_theirs_here(site: Site) -> None:
    client = site.as_(Role.ADMIN)
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    stranger = site.client()
    stranger.set_cookie("musubi", kept.value)
    assert asked_in(stranger.get("/staff/me"))
    stranger.get("/liff/link")
    theirs = stranger.get_cookie("musubi")
    assert theirs is not None
    stranger.set_cookie(COOKIE, theirs.value)
    assert asked_in(stranger.get("/staff/me"))


def test_members_signing_in_here_leave_the_staff_site_alone(site: Site) -> None:
    client = site.as_(Role.ADMIN)
    client.get("/liff/link")
    assert site.get(client, "/staff/me").status_code == 200
    client.get("/staff/sign-out")
    assert site.get(client, "/staff/me").status_code == 200, "and nothing signs out by GET"


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/", "//evil.example/staff", "/\\evil.example", "http:/evil.example",
        "javascript:alert(1)", "/staff\\@evil.example", "/staffx", "/liff", "staff/me", "/staff/\n/x",
        "//", "", "https://localhost@evil.example/staff", "/staff/../liff", "///staff/me", "\t//evil",
        "%2F%2Fevil.example", "https:/staff", "/staff/" + "x" * 3000, "//[", "http://[::1/staff",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(site: Site, next_: str) -> None:
    client = site.as_(Role.VIEWER)
    for door in ("/staff/sign-in", "/staff/sure"):
        answer = client.get(door, query_string={"next": next_})
        if answer.status_code == 303:
            assert answer.location == "/staff"
    with site.app.test_request_context("/staff"):
        assert re.fullmatch(r"/staff(/\S*)?", access.safe_next(next_))


def test_a_page_of_ours_is_come_back_to(site: Site) -> None:
    with site.app.test_request_context("/staff"):
        for path in ("/staff", "/staff/me", "/staff/audit?who=1&page=2"):
            assert access.safe_next(path) == path


def test_a_stolen_cookie_ends_with_signing_out(site: Site) -> None:
    client, thief = site.as_(Role.ADMIN), site.client()
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    thief.set_cookie(COOKIE, kept.value)
    assert site.get(thief, "/staff/team").status_code == 200
    site.post(client, "/staff/sign-out")
    thief.set_cookie(COOKIE, kept.value)
    assert asked_in(thief.get("/staff/team"))


def test_fixation(site: Site) -> None:
    """What an attacker planted before the sign-in is worth nothing after it."""
    victim, attacker = site.client(), site.client()
    attacker.get("/staff/sign-in")
    planted = attacker.get_cookie(COOKIE)
    assert planted is not None
    victim.set_cookie(COOKIE, planted.value)
    given = {"email": "admin@example.com", "password": "correct horse battery"}
    assert site.post(victim, "/staff/sign-in", given).status_code == 303
    assert asked_in(attacker.get("/staff/me"))
    assert site.get(victim, "/staff/me").status_code == 200


def test_a_form_token_from_before_the_sign_in_is_worth_nothing_after_it(site: Site) -> None:
    """Whoever planted the session knew its token."""
    client = site.client()
    client.get("/staff/sign-in")
    planted = site.token(client)
    given = {"email": "admin@example.com", "password": "correct horse battery"}
    assert site.post(client, "/staff/sign-in", given).status_code == 303
    answer = client.post("/staff/me", data={"csrf_token": planted, "name": "x"})
    assert answer.status_code == 400
    assert site.account(Role.ADMIN).name != "x"


def test_the_cookie_is_kept_close(site: Site) -> None:
    secured = site.settings.model_copy(update={"secure_cookies": True})
    app = create_app(secured, Parts(site.database, FakeLogin(), lambda *_: None, lambda: 0.0,
                                    site.clock, FakeLine()))  # fmt: skip
    said = app.test_client().get("/staff/sign-in", base_url="https://bot.example").headers
    name, _, rest = said["Set-Cookie"].partition("=")
    assert name == "__Host-musubi-staff"
    marks = {each.strip().lower() for each in rest.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= marks
    assert not any(each.startswith("domain") for each in marks)


def test_strangers_send_no_files(site: Site) -> None:
    """A form with a picture is read before anybody knows who sent it: only whoever was let in once
    may send one."""
    sent = {"csrf_token": "x", "tabs-0-file": (io.BytesIO(b"x" * 100_000), "a.png")}
    answer = site.client().post("/staff/menus/key/gold/edit", data=sent)
    assert answer.status_code == 413
    sent["tabs-0-file"] = (io.BytesIO(b"x" * 100_000), "a.png")
    assert site.as_(Role.EDITOR).post("/staff/menus/key/gold/edit", data=sent).status_code == 400


def test_headers_of_every_page(site: Site) -> None:
    client = site.as_(Role.ADMIN)
    for route in routes.routes(site.app):
        if route.method == "GET" and route.endpoint != "staff.company":
            answer = client.get(path_of(route))
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy, route
            assert "default-src 'none'" in policy, route
            assert answer.headers["Cache-Control"] == "no-store", route
            assert answer.headers["X-Frame-Options"] == "DENY", route
            assert answer.headers["Referrer-Policy"] == "same-origin", route


def written(database: Database) -> dict[str, int]:
    with database.read() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name != "attempt"
        }


@pytest.mark.parametrize("path", ["/staff\u3000/rules", "/staffx", "/staff%00"])
def test_what_only_begins_like_the_staff_site_is_none_of_it(site: Site, path: str) -> None:
    answer = site.app.test_client().get(path)
    assert answer.status_code == 404
    assert "navbar" not in answer.text
