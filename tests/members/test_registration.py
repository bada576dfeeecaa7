"""Registering: who is new becomes a member, and nobody is taken over or given away."""

from datetime import date

import pytest

from core.errors import Invalid, NotAllowed
from members.registration import Registration, new_number, register
from tests.members.situations import a_member

PHONE = "+819012345678"


def form(**given):
    plain = {"name": "結城 さくら", "birthday": date(1990, 4, 1), "consented": True}
    return Registration(**(plain | given))


@pytest.fixture
def enrol(database, settings, now):
    def enrol(settings=settings, **given):
        with database.begin() as db:
            return register(db, form(**given), now, settings)

    return enrol


def test_a_new_member_has_what_the_form_said(enrol, now):
    member = enrol(
        kana="ﾕｳｷ ｻｸﾗ",
        email=" Sakura@Example.com ",
        phone=PHONE,
        language="ja",
        name=" 結城 さくら ",
    )
    assert (member.name, member.kana, member.email, member.phone) == (
        "結城 さくら", "ユウキ サクラ", "sakura@example.com", PHONE,
    )  # fmt: skip
    assert (member.birthday, member.language, member.status) == (date(1990, 4, 1), "ja", "active")
    assert (member.joined_on, member.consented_at, member.created_at) == (
        date(2026, 4, 1), now, now,
    )  # fmt: skip
    assert member.password_hash is None


def test_numbers_are_unlike_and_cannot_be_misread(enrol):
    numbers = {new_number() for _ in range(2000)}
    assert len(numbers) == 2000
    assert {len(number) for number in numbers} == {9}
    assert {number[0] for number in numbers} == {"M"}
    assert not set("".join(number[1:] for number in numbers)) & set("01OIL U".replace(" ", "")) - {
        "U"
    }
    assert enrol().number != enrol(birthday=None).number


def test_the_day_is_the_brands(database, make_settings, clock):
    late = clock.advance(hours=13)  # 16:00 UTC, past midnight in Tokyo
    with database.begin() as db:
        assert register(db, form(), late, make_settings()).joined_on == date(2026, 4, 2)
        utc = make_settings(time_zone="UTC")
        assert register(db, form(birthday=None), late, utc).joined_on == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"name": "  "}, "name_missing"),
        ({"name": "x" * 101}, "too_long"),
        ({"name": "a\x00b"}, "not_printable"),
        ({"email": "sakura@"}, "email_invalid"),
        ({"birthday": date(1890, 1, 1)}, "birthday_invalid"),
        ({"birthday": date(2026, 4, 2)}, "birthday_invalid"),
        ({"consented": False}, "consent_missing"),
    ],
)
def test_what_cannot_be_is_refused(enrol, given, key):
    with pytest.raises(Invalid, match=rf"members\.{key}"):
        enrol(**given)


def test_consent_is_asked_for_only_when_there_is_something_to_agree_to(enrol, make_settings):
    plain = make_settings(terms_url="", privacy_url="")
    assert enrol(plain, consented=False).consented_at is None


def test_a_closed_door(enrol, make_settings):
    with pytest.raises(NotAllowed):
        enrol(make_settings(register_open=False))


def test_an_address_that_logs_somebody_in_is_neither_taken_nor_given_away(database, enrol, now):
    """The same answer as for a person who is a member already by number and birthday."""
    with database.begin() as db:
        a_member(db, now, email="sakura@example.com", password_hash="$argon2id$…")
        a_member(db, now, phone=PHONE, birthday=date(1990, 4, 1))
    told = []
    for given in ({"email": "Sakura@example.com"}, {"phone": PHONE}):
        with pytest.raises(Invalid) as e:
            enrol(**given)
        told.append((e.value.key, e.value.values))
    assert told[0] == told[1] == ("members.register_refused", {})


@pytest.mark.parametrize(
    "there",
    [
        {"email": "sakura@example.com"},
        {"email": "sakura@example.com", "password_hash": "$argon2id$…", "status": "withdrawn"},
        {"phone": PHONE, "birthday": date(1991, 5, 2)},
        {"phone": PHONE, "birthday": None},
    ],
)
def test_a_family_and_addresses_that_prove_nothing_are_no_hindrance(database, enrol, now, there):
    with database.begin() as db:
        other = a_member(db, now, **there)
    assert enrol(email="sakura@example.com", phone=PHONE).id != other.id
