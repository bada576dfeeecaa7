"""The company's own sign-in: only for those who belong here, and only what it really said."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc import jwk
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from accounts import team
from core.database import Database
from core.settings import BadSettings, Settings
from models import Role, StaffAccount
from tests.accounts.conftest import by
from tests.staff import company as companies
from tests.staff.company import Company
from tests.staff.conftest import COOKIE, Site, page
from texts import text


@pytest.fixture
def company() -> Iterator[Company]:
    with companies.running() as running:
        yield running


@pytest.fixture
def settings(make_settings: Callable[..., Settings], company: Company) -> Settings:
    return make_settings(
        staff_openid_url=f"{company.url}/.well-known/openid-configuration",
        staff_openid_client_id=companies.CLIENT,
        staff_openid_client_secret=companies.SECRET,
        staff_openid_domain="example.com",
    )


def go_there(client: FlaskClient, company: Company, asked: str = "/staff/openid") -> str:
    """As far as the way back: the address the company sends the browser to."""
    leads = client.get(asked)
    assert leads.status_code == 302, leads.text
    assert leads.location.startswith(f"{company.url}/authorize?")
    return company.sign_in(leads.location)


def sign_in(client: FlaskClient, company: Company, asked: str = "/staff/openid") -> TestResponse:
    return client.get(go_there(client, company, asked))


def is_outside(answer: TestResponse, key: str, client: FlaskClient) -> None:
    assert answer.status_code == 403
    assert text(key, "ja") in page(answer).text
    assert client.get("/staff/me").status_code == 303


def test_somebody_of_the_team(site: Site, company: Company) -> None:
    client = site.client()
    shown = page(site.get(client, "/staff/sign-in?next=/staff/team"))
    assert text("staff.sign_in.company", "ja") in shown.text
    answer = sign_in(client, company, "/staff/openid?next=/staff/team")
    assert (answer.status_code, answer.location) == (303, "/staff/team")
    assert site.get(client, "/staff/team").status_code == 200
    assert site.account(Role.ADMIN).openid_subject == "u-1"


def test_what_is_asked_for(site: Site, company: Company) -> None:
    sign_in(site.client(), company)
    asked = company.asked
    assert asked["redirect_uri"] == "http://localhost/staff/openid/back"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert company.redeemed[0]["redirect_uri"] == asked["redirect_uri"]


def test_they_are_known_by_their_subject_from_then_on(site: Site, company: Company) -> None:
    """Whatever becomes of their address there."""
    sign_in(site.client(), company)
    company.person["email"] = "ann@elsewhere.example"
    client = site.client()
    assert sign_in(client, company).status_code == 303
    assert site.get(client, "/staff/team").status_code == 200


@pytest.mark.parametrize(
    "person",
    [
        {"email": "nobody@example.com"},
        {"email": "admin@evil.example"},
        {"email": "admin@example.com.evil.example"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": ""},
        {"email": "@example.com"},
        {"email": "ａdmin@example.com"},
        {"email": "admin@eﬃample.com"},
    ],
)
def test_who_does_not_belong_here_stays_outside(
    site: Site, company: Company, person: dict[str, Any]
) -> None:
    company.person |= person
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_unknown", client)
    assert site.account(Role.ADMIN).openid_subject is None


def test_signing_in_as_another_ends_the_session_before(site: Site, company: Company) -> None:
    """A copy of its cookie, too."""
    client, copy = site.as_(Role.EDITOR), site.client()
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    assert sign_in(client, company).status_code == 303
    assert "admin" in page(site.get(client, "/staff/me")).text
    copy.set_cookie(COOKIE, kept.value)
    assert copy.get("/staff/me").status_code == 303


def test_letters_that_fold_into_ours_are_another_address(site: Site, company: Company) -> None:
    """A long s is none of ours, though it becomes one when its case is folded."""
    account = site.add(Role.EDITOR, "sakura@example.com")
    company.person["email"] = "ſakura@example.com"
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_unknown", client)
    with site.database.read() as db:
        assert db.get_one(StaffAccount, account.id).openid_subject is None


def test_another_person_with_the_address_of_somebody_known(site: Site, company: Company) -> None:
    sign_in(site.client(), company)
    company.person["sub"] = "u-2"
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_unknown", client)


def test_whoever_is_deactivated_stays_outside(site: Site, company: Company) -> None:
    sign_in(site.client(), company)
    other = site.add(Role.ADMIN, "other@example.com")
    with site.database.begin() as db:
        team.deactivate(db, by(other, site.clock()), site.accounts[Role.ADMIN])
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_unknown", client)


def test_whoever_was_invited_comes_in_and_has_joined(site: Site, company: Company) -> None:
    with site.database.begin() as db:
        invited = team.add(
            db, by(None, site.clock()), "new@example.com", "新人", Role.EDITOR, language="ja"
        )
    company.person |= {"sub": "u-9", "email": "New@Example.com"}
    client = site.client()
    assert sign_in(client, company).status_code == 303
    assert site.get(client, "/staff/audit").status_code == 200
    with site.database.read() as db:
        assert db.get_one(StaffAccount, invited.id).joined_at == site.clock()


LIES: dict[str, dict[str, Any]] = {
    "of another provider": {"iss": "https://evil.example"},
    "for another client": {"aud": "somebody-else"},
    "expired": {"exp": 1_000_000_000},
    "not an answer to us": {"nonce": "another"},
    "without a nonce": {"nonce": None},
    "of nobody": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_us(site: Site, company: Company, lie: str) -> None:
    company.wrong = LIES[lie]
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_failed", client)


def test_a_token_of_another_key(site: Site, company: Company) -> None:
    company.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "1"})
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_failed", client)


def test_a_token_signed_with_our_shared_secret(site: Site, company: Company) -> None:
    """The provider may offer it; whoever knows the client's secret could make one."""
    company.algorithm = "HS256"
    company.signs_with = jwk.OctKey.import_key(companies.SECRET * 4)  # type: ignore[assignment]
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_failed", client)


def test_no_token_at_all(site: Site, company: Company) -> None:
    company.gives_id_token = False
    client = site.client()
    is_outside(sign_in(client, company), "staff.openid_failed", client)


@pytest.mark.parametrize(
    "query",
    ["", "code=the-code", "state=x&code=the-code", "error=access_denied", "state=&code=", "code=x"],
)
def test_an_answer_that_nobody_asked_for(site: Site, query: str) -> None:
    """A link that somebody else sends: signed in as them, one would work in their account."""
    client = site.client()
    is_outside(client.get(f"/staff/openid/back?{query}"), "staff.openid_failed", client)


def test_what_stands_in_the_address_stays_out_of_the_log(site: Site, company: Company) -> None:
    """Anybody may write it there."""
    for query in ("error=access_denied&error_description=hanako%40example.com%0Aowned",
                  "error=090-1234-5678", "error=a%1B%5B31m"):  # fmt: skip
        with capture_logs() as logged:
            site.client().get(f"/staff/openid/back?{query}")
        (line,) = [each for each in logged if each["event"] == "openid_failed"]
        assert line["said"] in ("access_denied", "")


def test_another_browsers_answer(site: Site, company: Company) -> None:
    attacker, victim = site.client(), site.client()
    back = go_there(attacker, company)
    is_outside(victim.get(back), "staff.openid_failed", victim)


def test_an_answer_is_good_once(site: Site, company: Company) -> None:
    client = site.client()
    back = go_there(client, company)
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403


def test_a_wrong_code(site: Site, company: Company) -> None:
    client = site.client()
    back = go_there(client, company).replace("the-code", "another")
    is_outside(client.get(back), "staff.openid_failed", client)


def test_to_be_sure_they_are_asked_anew_there(site: Site, company: Company) -> None:
    with site.database.begin() as db:
        db.get_one(StaffAccount, site.accounts[Role.ADMIN]).password_hash = None
    client = site.client()
    sign_in(client, company)
    site.clock.advance(minutes=11)
    asked = client.get("/staff/team/invite")
    assert asked.location == "/staff/sure?next=/staff/team/invite"
    shown = site.get(client, asked.location)
    assert "/staff/openid?next=" in shown.text
    answer = sign_in(client, company, "/staff/openid?next=/staff/team/invite")
    assert company.asked["prompt"] == "login"
    assert answer.location == "/staff/team/invite"
    assert client.get("/staff/team/invite").status_code == 200


def test_an_old_proof_is_none(site: Site, company: Company) -> None:
    """A provider that does not ask again is not believed."""
    client = site.client()
    sign_in(client, company)
    site.clock.advance(minutes=11)
    company.wrong = {"auth_time": 1_000_000_000}
    assert sign_in(client, company).status_code == 403
    assert client.get("/staff/team/invite").status_code == 303


@pytest.mark.parametrize("next_", ["https://evil.example", "//evil.example", "/liff"])
def test_it_leads_to_no_other_site(site: Site, company: Company, next_: str) -> None:
    answer = sign_in(site.client(), company, f"/staff/openid?next={next_}")
    assert answer.location == "/staff"


def test_without_a_provider_that_answers(
    make_site: Callable[..., Site], database: Database, settings: Settings
) -> None:
    away = settings.model_copy(update={"staff_openid_url": "http://127.0.0.1:9/x"})
    site = make_site(database, away)
    answer = site.get(site.client(), "/staff/openid")
    assert answer.status_code == 400
    assert text("staff.openid_failed", "ja") in page(answer).text


def test_it_is_not_there_unless_it_is_set(
    make_site: Callable[..., Site], database: Database, make_settings: Callable[..., Settings]
) -> None:
    site = make_site(database, make_settings())
    assert site.get(site.client(), "/staff/openid").status_code == 404
    shown = page(site.get(site.client(), "/staff/sign-in"))
    assert text("staff.sign_in.company", "ja") not in shown.text


def test_half_of_the_settings_are_none(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(BadSettings, match="STAFF_OPENID_DOMAIN is empty"):
        make_settings(staff_openid_url="https://id.example/x", staff_openid_client_id="c")


def test_the_address_says_nothing_of_the_secret(site: Site, company: Company) -> None:
    leads = site.client().get("/staff/openid").location
    assert companies.SECRET not in leads
    assert "code_verifier" not in parse_qs(urlsplit(leads).query)
