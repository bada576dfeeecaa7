"""Whatever the condition and whoever the people: SQL answers as a few lines of Python do."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import Database
from models import Friend
from segments import count, explain, matches, parse, people
from segments.kind import Person
from tests.segments.people import MOMENT, holds, put

RANKS = ["regular", "gold", "Gold", "g_ld", "プレミアム", "100%"]
TAGS = ["coffee", "Coffee", "tea"]
DAYS = [date(1964, 2, 29), date(1990, 4, 30), date(2000, 12, 1), date(2026, 4, 1)]
JOINED = [MOMENT.today - timedelta(days=n) for n in (-1, 0, 1, 30, 31, 365)]
EXTRA = ["店", "no.1", "it's"]

tags = st.frozensets(st.sampled_from(TAGS), max_size=2)
members = st.fixed_dictionaries(
    {},
    optional={
        "rank": st.sampled_from([*RANKS, ""]),
        "points": st.integers(-2, 3),
        "phone": st.sampled_from([None, "+819012345678", "+81901"]),
        "birthday": st.sampled_from([None, *DAYS]),
        "joined_on": st.sampled_from(JOINED),
        "extra": st.dictionaries(st.sampled_from(EXTRA), st.sampled_from([*RANKS, ""])),
    },
)
persons = st.builds(Person, member=st.none() | members, tags=tags, member_tags=tags)


def _compare(values: st.SearchStrategy[Any], *operators: str) -> st.SearchStrategy[Any]:
    plain = st.dictionaries(st.sampled_from(operators), values, min_size=1, max_size=2)
    many = st.lists(values, min_size=1, max_size=3)
    inside = st.dictionaries(st.sampled_from(["in", "not_in"]), many, min_size=1)
    is_set = st.builds(lambda yes: {"is_set": yes}, st.booleans())
    return values | many | plain | inside | is_set


ORDER = ("eq", "ne", "lt", "lte", "gt", "gte")
TEXT = ("eq", "ne", "starts_with")
texts = st.sampled_from([*RANKS, "g", "G", "%", "プ", "+81"])
leaves: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda v: {"linked": v}, st.booleans()),
    st.builds(
        lambda v: {"tag": v}, st.sampled_from(TAGS) | st.lists(st.sampled_from(TAGS), min_size=1)
    ),
    st.builds(lambda v: {"birthday_month": v}, st.sampled_from(["this", 2, 4, 12])),
    st.builds(lambda v: {"joined_days": {"at_least": v}}, st.integers(0, 40)),
    st.builds(lambda v: {"joined_days": {"at_most": v}}, st.integers(0, 40)),
    st.builds(lambda v: {"member.rank": v}, _compare(texts, *TEXT)),
    st.builds(lambda v: {"member.phone": v}, _compare(texts, *TEXT)),
    st.builds(lambda v: {"member.points": v}, _compare(st.integers(-2, 3), *ORDER)),
    st.builds(lambda v: {"member.birthday": v}, _compare(st.sampled_from(DAYS), *ORDER)),
    st.builds(lambda v: {"member.joined_on": v}, _compare(st.sampled_from(JOINED), *ORDER)),
    st.builds(
        lambda k, v: {f"member.extra.{k}": v}, st.sampled_from(EXTRA), _compare(texts, *TEXT)
    ),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda v: {"all": v}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda v: {"any": v}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda v: {"not": v}, inner),
        st.builds(lambda a, b: a | b, inner, inner),
    ),
    max_leaves=6,
)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(persons, min_size=1, max_size=5), st.lists(conditions, min_size=1, max_size=6))
def test_sql_and_python_agree(
    database: Database, crowd: list[Person], asked: list[dict[str, Any]]
) -> None:
    with database.begin() as db, db.begin_nested() as undo:
        ids = {put(db, person): person for person in crowd}
        for given_one in asked:
            condition = parse(given_one)
            expected = {key for key, person in ids.items() if holds(given_one, person)}
            found = set(db.scalars(people(Friend.id).where(condition.sql(MOMENT))))
            assert found == expected, given_one
            assert count(db, condition, MOMENT) == len(expected)
            one = next(iter(ids))
            assert matches(db, condition, one, MOMENT) == (one in expected)
            assert explain(db, condition, one, MOMENT, "en")[0].holds == (one in expected)
        undo.rollback()
