"""One's own account: name, password, second step, browsers."""

import re

import pyotp
import pytest
from flask.testing import FlaskClient

from models import Role, StaffAccount
from tests.staff.conftest import PASSWORD, Site, page
from texts import text

NEW = "another horse battery"


def sign_in(site: Site, password: str = PASSWORD, role: Role = Role.EDITOR) -> FlaskClient:
    client = site.client()
    given = {"email": f"{role.value}@example.com", "password": password}
    site.post(client, "/staff/sign-in", given)
    return client


def is_in(client: FlaskClient) -> bool:
    return bool(client.get("/staff/me").status_code == 200)


def digits(site: Site, secret: str) -> str:
    return pyotp.TOTP(secret).generate_otp(int(site.clock().timestamp()) // 30)


def turn_on(site: Site, client: FlaskClient) -> tuple[str, list[str]]:
    """The secret, and the recovery codes as the page shows them."""
    shown = site.get(client, "/staff/me/second-step").text
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', shown)
    assert found, shown
    secret = found[1].replace(" ", "")
    answer = site.post(client, "/staff/me/second-step", {"code": digits(site, secret)})
    area = page(answer).one("textarea").text
    site.clock.advance(minutes=2)
    return secret, area.split()


def test_a_new_name_and_back(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    assert site.post(client, "/staff/me", {"name": "  新しい名前 "}).status_code == 303
    shown = page(site.get(client, "/staff/me"))
    assert text("staff.renamed", "ja", name="新しい名前") in shown.text
    assert site.account(Role.EDITOR).name == "新しい名前"
    undo = next(f for f in shown.root.all("form") if "元に戻す" in f.text)
    fields = {i.get("name"): i.get("value") for i in undo.all("input")}
    site.post(client, undo.get("action"), fields)
    assert site.account(Role.EDITOR).name == "editor 花子"


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb"])
def test_a_name_that_is_none(site: Site, name: str) -> None:
    client = site.as_(Role.EDITOR)
    assert site.post(client, "/staff/me", {"name": name}).status_code == 200
    assert site.account(Role.EDITOR).name == "editor 花子"


def test_a_new_password_signs_the_others_out(site: Site) -> None:
    here, there = sign_in(site), sign_in(site)
    given = {"current": PASSWORD, "new": NEW, "again": NEW}
    assert site.post(here, "/staff/me/password", given).status_code == 303
    assert (is_in(here), is_in(there)) == (True, False)
    assert is_in(sign_in(site, NEW))
    assert not is_in(sign_in(site))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"current": "wrong", "new": NEW, "again": NEW}, "staff.password_wrong"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "staff.password_short"),
        ({"current": PASSWORD, "new": NEW, "again": "x"}, "staff.password_differs"),
        ({"current": PASSWORD, "new": "", "again": ""}, "staff.password_missing"),
        ({}, "staff.password_missing"),
    ],
)
def test_a_password_that_is_not_changed(site: Site, given: dict[str, str], said: str) -> None:
    client = sign_in(site)
    answer = site.post(client, "/staff/me/password", given)
    assert text(said, "ja") in page(answer).text
    assert is_in(sign_in(site))


def test_the_second_step(site: Site) -> None:
    secret, codes = turn_on(site, sign_in(site))
    assert len(set(codes)) == 10
    client = sign_in(site)
    assert not is_in(client), "the password alone"
    asked = client.get("/staff/sign-in/code")
    assert text("staff.second.title", "ja") in asked.text
    answer = site.post(client, "/staff/sign-in/code", {"code": "000000"})
    assert text("staff.code_wrong", "ja") in page(answer).text
    answer = site.post(
        client, "/staff/sign-in/code?next=/staff/audit", {"code": digits(site, secret)}
    )
    assert answer.location == "/staff/audit"
    assert is_in(client)


def test_a_recovery_code_comes_in_once_and_is_told(site: Site) -> None:
    _, codes = turn_on(site, sign_in(site))
    client = sign_in(site)
    site.post(client, "/staff/sign-in/code", {"code": codes[0]})
    shown = page(site.get(client, "/staff/me"))
    assert text("staff.recovery_used", "ja") in shown.text
    assert text("staff.second.left", "ja", left=9) in shown.text
    other = sign_in(site)
    site.post(other, "/staff/sign-in/code", {"code": codes[0]})
    assert not is_in(other)


def test_the_codes_are_shown_once(site: Site) -> None:
    client = sign_in(site)
    _, codes = turn_on(site, client)
    for path in ("/staff/me", "/staff/me/second-step"):
        assert codes[0] not in client.get(path, follow_redirects=True).text


def test_the_password_is_good_for_ten_minutes_without_the_code(site: Site) -> None:
    secret, _ = turn_on(site, sign_in(site))
    client = sign_in(site)
    site.clock.advance(minutes=10)
    answer = site.post(client, "/staff/sign-in/code", {"code": digits(site, secret)})
    assert answer.location == "/staff/sign-in"
    assert not is_in(client)


def test_the_code_without_the_password_is_nothing(site: Site) -> None:
    secret, codes = turn_on(site, sign_in(site))
    client = site.client()
    for code in (digits(site, secret), codes[0]):
        assert site.post(client, "/staff/sign-in/code", {"code": code}).location == "/staff/sign-in"
    assert not is_in(client)


def test_turning_it_off_wants_to_be_sure_first(site: Site) -> None:
    client = sign_in(site)
    turn_on(site, client)
    site.clock.advance(minutes=30)
    answer = site.post(client, "/staff/me/second-step/off")
    assert answer.location.startswith("/staff/sure")
    wrong = site.post(client, "/staff/sure?next=/staff/me", {"password": "wrong"})
    assert text("staff.sign_in_wrong", "ja") in page(wrong).text
    sure = site.post(client, "/staff/sure?next=/staff/me", {"password": PASSWORD})
    assert sure.location == "/staff/me"
    assert site.post(client, "/staff/me/second-step/off").location == "/staff/me"
    assert site.account(Role.EDITOR).totp_secret is None
    assert is_in(sign_in(site))


def test_without_a_password_the_code_makes_sure(site: Site) -> None:
    client = sign_in(site)
    secret, _ = turn_on(site, client)
    with site.database.begin() as db:
        db.get_one(StaffAccount, site.accounts[Role.EDITOR]).password_hash = None
    site.clock.advance(minutes=30)
    shown = site.get(client, "/staff/sure?next=/staff/me")
    assert 'name="code"' in shown.text
    given = {"code": digits(site, secret)}
    assert site.post(client, "/staff/sure?next=/staff/me", given).location == "/staff/me"
    assert site.post(client, "/staff/me/second-step/codes").status_code == 200


def test_another_browser_is_signed_out(site: Site) -> None:
    here, there = sign_in(site), sign_in(site)
    forms = page(site.get(here, "/staff/me")).root.all("form")
    ends = [f.get("action") for f in forms if f.get("action").endswith("/end")]
    single = [each for each in ends if each != "/staff/me/sessions/end"]
    assert len(single) == 1
    assert site.post(here, single[0]).location == "/staff/me"
    assert (is_in(here), is_in(there)) == (True, False)


def test_signing_out_everywhere(site: Site) -> None:
    here, there = sign_in(site), sign_in(site)
    assert site.post(here, "/staff/me/sessions/end").location == "/staff/sign-in"
    assert (is_in(here), is_in(there)) == (False, False)


@pytest.mark.parametrize("language", ["th", "zh-Hant", "fr", "", "../x"])
def test_a_language_that_the_site_does_not_speak(site: Site, language: str) -> None:
    client = site.as_(Role.EDITOR)
    site.post(client, "/staff/language", {"language": language})
    assert site.account(Role.EDITOR).language == "ja"


@pytest.mark.parametrize(
    ("wished", "spoken"), [("ja", "ja"), ("en-GB", "en"), ("th", "ja"), ("zh-TW", "ja"), ("", "ja")]
)
def test_a_strangers_language(site: Site, wished: str, spoken: str) -> None:
    client = site.client()
    client.set_cookie("lang", "th")  # from the members' pages
    for path in ("/staff/sign-in", "/staff/nowhere"):
        shown = site.get(client, path, headers={"Accept-Language": wished})
        assert page(shown).one("html").get("lang") == spoken
    chosen = site.get(client, "/staff/sign-in?lang=en")
    assert page(chosen).one("html").get("lang") == "en"


def test_pages_ask_the_database_a_handful(site: Site) -> None:
    client = site.as_(Role.ADMIN)
    for path in ("/staff/me", "/staff/team", "/staff/audit"):
        with site.queries() as asked:
            assert site.get(client, path).status_code == 200
        assert len(asked) <= 5, asked
