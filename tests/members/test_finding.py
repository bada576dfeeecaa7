"""Whom a proven number may mean, and which of them somebody is."""

from datetime import date

import pytest

from core.errors import Invalid, TooMany
from members.choosing import choose
from members.finding import by_number, by_phone, one_of
from models import Member
from tests.members.situations import a_friend, a_member

PHONE = "+819012345678"
BORN, LATER = date(1990, 4, 1), date(2015, 6, 7)


def members(*pairs):
    return [Member(number=number, birthday=birthday) for number, birthday in pairs]


FAMILY = members(("A1", BORN), ("A2", LATER), ("A3", LATER), ("A4", None))


def test_one_alone_needs_no_more():
    (alone,) = members(("A1", None))
    assert one_of([alone]) is alone


@pytest.mark.parametrize(
    ("hint", "number"),
    [({"birthday": BORN}, "A1"), ({"number": "A4"}, "A4"), ({"number": " ａ2 "}, "A2"),
     ({"birthday": LATER, "number": "A3"}, "A3")],
)  # fmt: skip
def test_a_birthday_or_a_number_tells(hint, number):
    assert one_of(FAMILY, **hint).number == number


@pytest.mark.parametrize(
    ("hint", "key"),
    [({}, "which"), ({"birthday": LATER}, "which_number"), ({"number": "B1"}, "none_fits"),
     ({"birthday": date(1999, 1, 1)}, "none_fits"), ({"birthday": BORN, "number": "A2"}, "none_fits")],
)  # fmt: skip
def test_what_does_not_tell_says_what_is_missing(hint, key):
    with pytest.raises(Invalid) as told:
        one_of(FAMILY, **hint)
    assert told.value.key == f"members.{key}"


def test_one_alone_must_still_fit_what_was_said():
    with pytest.raises(Invalid):
        one_of(members(("A1", BORN)), birthday=LATER)


def test_nobody():
    with pytest.raises(Invalid):
        one_of([])


def test_by_phone_finds_the_active_ones_only(database, now):
    with database.begin() as db:
        a_member(db, now, number="A2", phone=PHONE)
        a_member(db, now, number="A1", phone=PHONE)
        a_member(db, now, number="GONE", phone=PHONE, status="withdrawn")
        a_member(db, now, phone="+819099999999")
        assert [member.number for member in by_phone(db, PHONE)] == ["A1", "A2"]


def test_numbers_are_found_in_either_case_but_the_exact_one_first(database, now):
    with database.begin() as db:
        a_member(db, now, number="AB1")
        a_member(db, now, number="ab1")
        a_member(db, now, number="CD2")
        assert by_number(db, "ab1").number == "ab1"
        assert by_number(db, "AB1").number == "AB1"
        assert by_number(db, "cd2").number == "CD2"
        assert by_number(db, "nobody") is None


def test_guessing_a_birthday_is_counted(database, settings, now):
    with database.begin() as db:
        friend = a_friend(db, now)
        for number, birthday in (("A1", BORN), ("A2", LATER)):
            a_member(db, now, number=number, phone=PHONE, birthday=birthday)

    def guess(birthday):
        return choose(
            database, friend.id, PHONE, birthday=birthday, number=None, now=now, settings=settings
        )

    for day in range(1, 6):
        with pytest.raises(Invalid):
            guess(date(2000, 1, day))
    with pytest.raises(TooMany):
        guess(BORN)
