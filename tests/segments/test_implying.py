"""What is proven of two conditions holds of everybody; what staff would see at a glance is found."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segments import EVERYONE, parse
from segments.implying import implies, never
from segments.kind import Person
from tests.segments.people import holds
from tests.segments.test_against_python import conditions, persons


@settings(max_examples=600)
@given(conditions, conditions, st.lists(persons, min_size=3, max_size=8))
def test_what_is_implied_holds_for_everybody(
    narrow: dict[str, Any], wide: dict[str, Any], crowd: list[Person]
) -> None:
    # Two at random seldom have to do with one another; a part of both makes them kin.
    for one, other in (
        (narrow, wide),
        ({"all": [narrow, wide]}, wide),
        (narrow, {"any": [wide, narrow]}),
    ):
        if implies(parse(one), parse(other)):
            assert all(holds(other, person) for person in crowd if holds(one, person))
    assert implies(parse({"all": [narrow, wide]}), parse(wide))
    assert implies(parse(narrow), parse({"any": [wide, narrow]}))


@settings(max_examples=300)
@given(conditions, conditions, st.lists(persons, min_size=3, max_size=8))
def test_what_fits_nobody_fits_nobody(
    one: dict[str, Any], other: dict[str, Any], crowd: list[Person]
) -> None:
    both = {"all": [one, other]}
    opposed = {"all": [one, {"not": one}]}
    assert never(parse(opposed))
    for asked in (both, opposed):
        if never(parse(asked)):
            assert not any(holds(asked, person) for person in crowd)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"member.rank": "gold"}, {"linked": True}),
        ({"member.rank": "gold"}, {"member.rank": ["gold", "platinum"]}),
        ({"member.rank": "gold"}, {"member.rank": {"ne": "silver"}}),
        ({"member.points": {"gte": 500}}, {"member.points": {"gt": 100}}),
        ({"member.points": {"gt": 5}}, {"member.points": {"gte": 5}}),
        ({"member.points": 7}, {"member.points": {"lt": 8}}),
        ({"member.birthday": {"gte": "2000-01-02"}}, {"member.birthday": {"gt": "2000-01-01"}}),
        ({"member.phone": {"starts_with": "+8190"}}, {"member.phone": {"starts_with": "+81"}}),
        ({"member.email": {"starts_with": "a"}}, {"member.email": {"is_set": True}}),
        ({"tag": "a"}, {"tag": ["b", "a"]}),
        ({"birthday_month": "this"}, {"linked": True}),
        ({"joined_days": {"at_least": 10, "at_most": 20}}, {"joined_days": {"at_most": 30}}),
        ({"linked": True, "tag": "x"}, {"tag": "x"}),
        ({"any": [{"tag": "a"}, {"tag": "b"}]}, {"tag": ["a", "b", "c"]}),
        ({"not": {"linked": True}}, {"linked": False}),
        ({"linked": False}, {"not": {"member.rank": "gold"}}),
        ({"not": {"tag": ["a", "b"]}}, {"not": {"tag": "a"}}),
        ({"not": {"not": {"tag": "a"}}}, {"tag": "a"}),
    ],
)
def test_what_is_found(narrow: dict[str, Any], wide: dict[str, Any]) -> None:
    assert implies(parse(narrow), parse(wide))
    assert implies(parse(narrow), EVERYONE)
    assert not implies(EVERYONE, parse(wide))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"member.rank": "gold"}, {"member.store": "gold"}),
        ({"member.points": {"gte": 5}}, {"member.points": {"gt": 5}}),
        ({"member.rank": {"ne": "gold"}}, {"member.rank": "silver"}),
        ({"birthday_month": "this"}, {"birthday_month": 4}),
        ({"not": {"member.rank": "gold"}}, {"linked": True}),
        ({"member.email": {"is_set": False}}, {"member.email": {"is_set": True}}),
    ],
)
def test_what_is_not_so_is_not_said(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not implies(parse(one), parse(other))


@pytest.mark.parametrize(
    "given_one",
    [
        {"all": [{"linked": False}, {"member.rank": "gold"}]},
        {"all": [{"tag": "a"}, {"not": {"tag": ["a", "b"]}}]},
        {
            "any": [
                {"linked": True, "not": {"linked": True}},
                {"linked": False, "birthday_month": 3},
            ]
        },
    ],
)
def test_contradictions_in_one_condition_are_found(given_one: dict[str, Any]) -> None:
    assert never(parse(given_one))


def test_what_takes_too_long_is_left_unsaid() -> None:
    long = {"any": [{"tag": str(n)} for n in range(400)]}
    assert not implies(parse({"tag": "1"}), parse(long))
