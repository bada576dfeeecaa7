"""Signing in, out, and what a page in between rests on."""

import pyotp
from flask.testing import FlaskClient

from accounts import myself, second
from accounts.actors import Actor
from models import Role, StaffAccount
from tests.staff.conftest import PASSWORD, Site, page
from texts import text

KNOWN = "musubi-known"


def test_a_stranger_is_asked_in_and_comes_to_the_page_they_wanted(site: Site) -> None:
    client = site.client()
    asked = client.get("/staff/me?x=1")
    assert asked.status_code == 303
    assert asked.location == "/staff/sign-in?next=/staff/me?x%3D1"
    form = site.get(client, asked.location)
    assert page(form).one("h1").text == text("staff.sign_in.title", "ja")
    given = {"email": " Editor@Example.com ", "password": PASSWORD}
    answer = site.post(client, asked.location, given)
    assert (answer.status_code, answer.location) == (303, "/staff/me?x=1")
    assert site.get(client, "/staff/me").status_code == 200


def test_a_wrong_password(site: Site) -> None:
    client = site.client()
    answer = site.post(client, "/staff/sign-in", {"email": "admin@example.com", "password": "no"})
    assert answer.status_code == 200
    assert text("staff.sign_in_wrong", "ja") in page(answer).text
    assert client.get("/staff/me").status_code == 303


def test_signing_out(site: Site) -> None:
    client = site.as_(Role.VIEWER)
    assert site.get(client, "/staff/me").status_code == 200
    assert site.post(client, "/staff/sign-out").location == "/staff/sign-in"
    assert client.get("/staff/me").status_code == 303


def test_ones_own_language(site: Site) -> None:
    client = site.as_(Role.VIEWER)
    from_here = {"Referer": "http://localhost/staff/me"}
    answer = site.post(client, "/staff/language", {"language": "en"}, headers=from_here)
    assert answer.location == "/staff/me"
    assert page(site.get(client, "/staff/me")).one("h1").text == text("staff.me.title", "en")


def fail(site: Site, times: int = 12) -> None:
    """As somebody who knows the address alone."""
    for n in range(times):
        client = site.client()
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{n}"
        site.post(client, "/staff/sign-in", {"email": "admin@example.com", "password": "wrong"})


def signs_in(site: Site, client: FlaskClient) -> bool:
    given = {"email": "admin@example.com", "password": PASSWORD}
    return site.post(client, "/staff/sign-in", given).status_code == 303


def test_nobody_is_locked_out_of_a_browser_of_theirs(site: Site) -> None:
    client = site.client()
    assert signs_in(site, client)
    site.post(client, "/staff/sign-out")
    fail(site)
    assert not signs_in(site, site.client()), "a stranger waits, even with the right password"
    assert signs_in(site, client)


def test_the_mark_of_a_browser_is_kept_close(site: Site) -> None:
    client = site.client()
    site.post(client, "/staff/sign-in", {"email": "admin@example.com", "password": "wrong"})
    assert client.get_cookie(KNOWN) is None, "it is for whoever came in"
    assert signs_in(site, client)
    kept = client.get_cookie(KNOWN)
    assert kept is not None
    assert (kept.http_only, kept.same_site, kept.path) == (True, "Lax", "/")
    assert "admin" not in kept.decoded_value
    stranger = site.client()
    stranger.set_cookie(KNOWN, kept.value)
    assert stranger.get("/staff/me").status_code == 303, "it signs nobody in"


def test_nobody_is_kept_from_proving_who_they_are_by_a_strangers_tries(site: Site) -> None:
    client = site.client()
    assert signs_in(site, client)
    fail(site)
    assert (
        site.post(client, "/staff/sure?next=/staff/me", {"password": PASSWORD}).status_code == 303
    )
    new = "another horse battery"
    given = {"current": PASSWORD, "new": new, "again": new}
    assert site.post(client, "/staff/me/password", given).location == "/staff/me"


def test_a_password_given_before_it_was_changed_leads_no_further(site: Site) -> None:
    """Between the password and the code of the telephone."""
    client, secret = site.client(), pyotp.random_base32()
    account = site.account(Role.ADMIN)
    sealed = second._box(site.settings).encrypt(secret.encode()).decode()
    with site.database.begin() as db:
        db.get_one(StaffAccount, account.id).totp_secret = sealed
    assert signs_in(site, client)
    with site.database.begin() as db:
        who = Actor(account.id, account.name, "", site.clock())
        myself.change_password(db, who, account.id, "another horse battery", keep=None)
    code = pyotp.TOTP(secret).generate_otp(int(site.clock().timestamp()) // 30)
    answer = site.post(client, "/staff/sign-in/code", {"code": code})
    assert answer.status_code == 200
    assert client.get("/staff/me").status_code == 303
