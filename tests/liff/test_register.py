"""The register door: a proven number where codes can be sent, and everything said at its field."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from core.settings import Settings
from models import Link, Member
from tests.liff.conftest import World
from tests.liff.visitor import ANN, Visitor
from texts import text

GOOD = {
    "name": "山田 花子", "kana": "ヤマダ ハナコ", "birthday_year": "1990", "birthday_month": "4",
    "birthday_day": "1", "email": "hanako@example.com", "consent": "y",
}  # fmt: skip


@pytest.fixture
def proven(ann: Visitor, world: World) -> Visitor:
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    assert ann.path == "/liff/register"
    return ann


def test_without_a_proven_number_the_phone_comes_first(ann: Visitor, world: World) -> None:
    assert ann.sign_in().get("/liff/register").follow().path == "/liff/phone"
    ann.post("/liff/register", GOOD | {"csrf_token": ann.token}).follow()
    assert world.all(Member) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"kana": ""}, "kana"),
        ({"email": ""}, "email"),
        ({"email": "hanako"}, "email"),
        ({"birthday_month": "13"}, "birthday"),
        ({"birthday_year": ""}, "birthday"),
        ({"birthday_year": "2090"}, "birthday"),
        ({"birthday_year": "1790"}, "birthday"),
        ({"consent": ""}, "consent"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    proven: Visitor, world: World, wrong: dict[str, str], field: str
) -> None:
    proven.submit(
        **{key: value for key, value in (GOOD | wrong).items() if value or key != "consent"}
    )
    assert proven.path == "/liff/register"
    assert proven.page.by_id(f"{field}-error") is not None
    assert len(proven.errors) == 1
    assert (world.all(Member), world.all(Link)) == ([], [])
    assert proven.page.by_id("email").get("value") == (GOOD | wrong)["email"], "kept as typed"


def test_kana_is_asked_for_in_japanese_only(proven: Visitor, world: World) -> None:
    proven.get("/liff/register?lang=th")
    assert proven.page.by_id("kana") is None
    assert [d.get("autocomplete") for d in proven.page.one("fieldset").all("input")] == [
        "bday-day", "bday-month", "bday-year"]  # fmt: skip
    proven.submit(**(GOOD | {"kana": "", "birthday_year": "2533"}))
    assert proven.path == "/liff/done"
    [member] = world.all(Member)
    assert member.birthday == date(1990, 4, 1), "a year of the Buddhist era"
    assert member.language == "th"


def test_terms_and_privacy_can_be_read(proven: Visitor) -> None:
    links = [a.get("href") for a in proven.page.root.all("a")]
    assert "https://brand.example/terms" in links
    assert "https://brand.example/privacy" in links


def test_who_is_a_member_already_is_told_to_prove_it(proven: Visitor, world: World) -> None:
    world.member(email="hanako@example.com", phone="+819000000000")
    proven.submit(**GOOD)
    assert proven.errors == [text("members.register_refused", "ja")]
    assert world.links() == []


def test_sent_twice_there_is_one_member(proven: Visitor, world: World) -> None:
    fields = GOOD_FORM | {"csrf_token": proven.token}
    proven.post("/liff/register", fields)
    proven.post("/liff/register", fields)
    assert len(world.all(Member)) == len(world.all(Link)) == 1


GOOD_FORM = {key.replace("birthday_", "birthday-"): value for key, value in GOOD.items()}


def test_without_codes_registering_stands_alone(
    make_app: Callable[[Settings], Flask],
    make_settings: Callable[..., Settings],
    ann: Visitor,
    world: World,
) -> None:
    ann = Visitor(make_app(make_settings(sms_sender="none")), ann.login).sign_in()
    ann.submit("/liff/register", **GOOD)
    assert ann.path == "/liff/done"
    [member] = world.all(Member)
    assert member.phone is None
    assert world.links() == [(ANN, member.number, "register")]


def test_a_closed_register_takes_nobody(
    make_app: Callable[[Settings], Flask],
    make_settings: Callable[..., Settings],
    ann: Visitor,
    world: World,
) -> None:
    closed = make_settings(register_open=False, sms_sender="none")
    ann = Visitor(make_app(closed), ann.login).sign_in()
    token = ann.get("/liff/log-in").token
    ann.post("/liff/register", GOOD_FORM | {"csrf_token": token})
    assert ann.heading == text("liff.closed.title", "ja")
    assert world.all(Member) == []
