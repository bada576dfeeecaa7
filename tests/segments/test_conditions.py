"""Each kind's own examples, what conditions say in words, and what is wrong with wrong ones."""

from zoneinfo import ZoneInfo

import pytest

from core.database import Database
from segments import EVERYONE, BadCondition, Moment, count, explain, matches, parse
from segments.conditions import kinds
from segments.kind import Example, Kind, Person
from segments.parsing import kind_of
from tests.segments.people import MOMENT, holds, put
from texts import LANGUAGES, text

EXAMPLES = [(kind, example) for kind in kinds() for example in kind.examples]
NAMES = [f"{kind.name}-{n}" for n, (kind, _) in enumerate(EXAMPLES)]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES, ids=NAMES)
def test_an_example_fits_whom_it_says(kind: Kind, example: Example, database: Database) -> None:
    condition = parse(example.given)
    with database.begin() as db:
        fits, other = put(db, example.fits), put(db, example.not_fits)
        assert matches(db, condition, fits, MOMENT)
        assert not matches(db, condition, other, MOMENT)
        assert count(db, condition, MOMENT) == 1
    assert holds(example.given, example.fits)
    assert not holds(example.given, example.not_fits)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES, ids=NAMES)
def test_an_example_is_of_its_own_kind_and_no_other(kind: Kind, example: Example) -> None:
    (key,) = example.given
    assert [each for each in kinds() if each.fits(key)] == [kind]
    assert kind_of(key) is kind


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "example"), EXAMPLES, ids=NAMES)
def test_an_example_can_be_said(kind: Kind, example: Example, language: str) -> None:
    assert text(f"segments.kind.{kind.name}", language)
    words = parse(example.given).words(language)
    assert words
    assert "{" not in words


@pytest.mark.parametrize("kind", kinds(), ids=str)
def test_every_kind_brings_examples(kind: Kind) -> None:
    assert kind.examples


def test_several_keys_all_have_to_hold(database: Database) -> None:
    condition = parse({"linked": True, "member.rank": "gold", "tag": "vip"})
    with database.begin() as db:
        put(db, Person(member={"rank": "gold"}))
        put(db, Person(tags=frozenset({"vip"})))
        put(db, Person(member={"rank": "gold"}, member_tags=frozenset({"vip"})))
        assert count(db, condition, MOMENT) == 1


def test_a_link_that_ended_counts_for_nothing(database: Database) -> None:
    with database.begin() as db:
        friend = put(db, Person(), was_linked=True)
        again = put(db, Person(member={"rank": "silver"}), was_linked=True)
        assert not matches(db, parse({"linked": True}), friend, MOMENT)
        assert matches(db, parse({"not": {"member.rank": "gold"}}), friend, MOMENT)
        assert not matches(db, parse({"member.rank": "gold"}), again, MOMENT)
        assert count(db, EVERYONE, MOMENT) == 2, "nobody twice"


def test_the_month_is_the_brands(database: Database) -> None:
    in_utc = Moment(MOMENT.now, ZoneInfo("UTC"))
    condition = parse({"birthday_month": "this"})
    with database.begin() as db:
        friend = put(db, Person(member={"birthday": MOMENT.today.replace(year=1990)}))
        assert matches(db, condition, friend, MOMENT)
        assert not matches(db, condition, friend, in_utc), "there it is still March"


def test_an_explanation_says_each_line(database: Database) -> None:
    given = {"all": [{"linked": True}, {"any": [{"member.rank": "gold"}, {"not": {"tag": "x"}}]}]}
    with database.begin() as db:
        friend = put(db, Person(member={"rank": "silver"}))
        lines = explain(db, parse(given), friend, MOMENT, "en")
    assert [(line.depth, line.holds, line.words) for line in lines] == [
        (0, True, "all of these hold"),
        (1, True, "is linked"),
        (1, True, "at least one of these holds"),
        (2, False, "rank is “gold”"),
        (2, True, "this does not hold"),
        (3, False, "has the tag “x”"),
    ]


def test_the_words_of_a_whole() -> None:
    given = {"any": [{"linked": False}, {"member.points": {"gte": 10, "lt": 20}}]}
    assert parse(given).words("en") == (
        "is not linked or (points is at least 10 and points is below 20)"
    )
    assert parse(given).words("ja").startswith("会員証を連携していない または （ポイントが")
    assert EVERYONE.words("th") == "ทุกคน"


@pytest.mark.parametrize(
    ("given", "where", "reason", "allowed"),
    [
        (None, "", "not_a_condition", "linked"),
        ([], "", "not_a_condition", "linked"),
        ({}, "", "not_a_condition", "linked"),
        ("linked", "", "not_a_condition", "linked"),
        ({3: True}, "", "unknown_kind", "linked"),
        ({"liked": True}, "", "unknown_kind", "linked"),
        ({"linked": "yes"}, "linked", "not_yes_or_no", "true"),
        ({"all": []}, "all", "not_a_list", ""),
        ({"all": {"linked": True}}, "all", "not_a_list", ""),
        ({"all": [{"any": [{"oops": 1}]}]}, "all[0].any[0]", "unknown_kind", "tag"),
        ({"not": []}, "not", "not_a_condition", "tag"),
        ({"member.": 1}, "member.", "unknown_field", "rank"),
        ({"member.password_hash": "x"}, "member.password_hash", "unknown_field", "rank"),
        ({"member.extra.": "x"}, "member.extra.", "unknown_field", "extra.<key>"),
        ({'member.extra.a"b': "x"}, 'member.extra.a"b', "unknown_field", "extra.<key>"),
        ({"member.rank": {}}, "member.rank", "no_comparison", "eq"),
        ({"member.rank": {"lt": "b"}}, "member.rank", "unknown_comparison", "starts_with"),
        ({"member.points": {"starts_with": 1}}, "member.points", "unknown_comparison", "gte"),
        ({"member.rank": None}, "member.rank.eq", "not_str", ""),
        ({"member.rank": ""}, "member.rank.eq", "not_str", ""),
        ({"member.rank": "a\0"}, "member.rank.eq", "not_str", ""),
        ({"member.rank": "\ud800"}, "member.rank.eq", "not_str", ""),
        ({"member.rank": {"in": []}}, "member.rank.in", "not_a_list", ""),
        ({"member.rank": ["gold", 3]}, "member.rank.in[1]", "not_str", ""),
        ({"member.points": True}, "member.points.eq", "not_int", ""),
        ({"member.points": 2**40}, "member.points.eq", "not_int", ""),
        ({"member.birthday": "soon"}, "member.birthday.eq", "not_date", ""),
        ({"member.consented_at": "2026-01-01"}, "member.consented_at", "unknown_comparison", "is"),
        ({"member.email": {"is_set": 1}}, "member.email.is_set", "not_yes_or_no", "true"),
        ({"tag": ""}, "tag", "not_a_tag", ""),
        ({"tag": []}, "tag", "not_a_tag", ""),
        ({"birthday_month": 13}, "birthday_month", "not_a_month", "this"),
        ({"birthday_month": True}, "birthday_month", "not_a_month", "this"),
        ({"joined_days": 3}, "joined_days", "not_days", "at_least"),
        ({"joined_days": {"more": 3}}, "joined_days", "not_days", "at_least"),
        ({"joined_days": {"at_least": -1}}, "joined_days.at_least", "not_days", "0-36500"),
        ({"joined_days": {"at_least": 3, "at_most": 2}}, "joined_days", "nobody", ""),
    ],
)
def test_what_is_wrong_is_said(given: object, where: str, reason: str, allowed: str) -> None:
    with pytest.raises(BadCondition) as caught:
        parse(given)
    (problem,) = caught.value.problems
    assert (problem.where, problem.reason) == (where, reason)
    assert allowed in problem.allowed
    for language in LANGUAGES:
        assert problem.said(language)


def test_all_problems_are_named_at_once() -> None:
    given = {"all": [{"nope": 1}, {"member.points": {"gt": "x", "lt": "y"}}], "linked": 3}
    with pytest.raises(BadCondition) as caught:
        parse(given)
    where = [problem.where for problem in caught.value.problems]
    assert where == ["all[0]", "all[1].member.points.gt", "all[1].member.points.lt", "linked"]


def test_conditions_cannot_be_nested_or_long_without_end() -> None:
    deep: dict[str, object] = {"linked": True}
    for _ in range(5_000):
        deep = {"not": deep}
    with pytest.raises(BadCondition, match="too deep"):
        parse(deep)
    with pytest.raises(BadCondition, match="too many lines"):
        parse({"any": [{"linked": True}] * 600})


def test_as_deep_and_as_long_as_may_be_is_answered(database: Database) -> None:
    deep: dict[str, object] = {"tag": "x"}
    for _ in range(8):
        deep = {"not": deep}
    long = {"any": [deep] * 50}
    with database.begin() as db:
        friend = put(db, Person(tags=frozenset({"x"})))
        assert matches(db, parse(long), friend, MOMENT)
        assert len(explain(db, parse(long), friend, MOMENT, "ja")) == 1 + 50 * 9
