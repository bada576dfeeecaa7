"""Explaining several conditions in one statement says what explaining each says."""

from uuid import uuid4

import pytest

from core.database import Database
from segments import EVERYONE, asking, explain, explain_all, parse
from segments.kind import Person
from tests.segments.people import MOMENT, put

GIVEN = (
    {"linked": True},
    {"all": [{"tag": "coffee"}, {"not": {"linked": True}}]},
    {"any": [{"tag": "tea"}, {"member.rank": "gold"}]},
)


@pytest.mark.parametrize("at_once", [500, 3, 1])
def test_the_same_in_one_statement_or_in_several(
    database: Database, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", at_once)
    conditions = [*map(parse, GIVEN), EVERYONE]
    with database.begin() as db:
        for person in (Person(tags=frozenset({"coffee"})), Person(member={"rank": "gold"})):
            friend = put(db, person)
            one_by_one = [explain(db, each, friend, MOMENT, "ja") for each in conditions]
            assert explain_all(db, conditions, friend, MOMENT, "ja") == one_by_one
            assert [len(lines) for lines in one_by_one] == [1, 4, 3, 1]
        assert explain_all(db, conditions, uuid4(), MOMENT, "ja") == [[], [], [], []]
