"""Signing in, out, and what a page in between rests on."""

from models import Role
from tests.staff.conftest import PASSWORD, Site, page
from texts import text


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
