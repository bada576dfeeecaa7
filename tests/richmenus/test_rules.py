"""The rules of rich menus, without a database: which fits first, what LINE must be told, how long to wait."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from richmenus import rulebook
from richmenus.rules import Call, Rule, Shows, first_fit, needed, pause

NOW = datetime(2026, 12, 24, 3, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def test_the_first_that_fits_decides() -> None:
    rules = [Rule("a", "", 1), Rule("b", "", 2), Rule("c", "", 3)]
    assert first_fit(rules, lambda rule: rule.when >= 2, NOW) == 1
    assert first_fit(rules, lambda rule: True, NOW) == 0


def test_a_rule_out_of_its_time_is_passed_over() -> None:
    rules = [Rule("a", "", 1, starts=NOW + timedelta(seconds=1)), Rule("b", "", 1, ends=NOW),
             Rule("c", "", 1, starts=NOW, ends=NOW + timedelta(seconds=1)), Rule("d", "", 1)]  # fmt: skip
    assert first_fit(rules, lambda rule: True, NOW) == 2


@pytest.mark.parametrize(
    ("reachable", "menu", "is_default", "call"),
    [
        (True, "mine", False, Call.NOTHING),
        (True, "tab", False, Call.NOTHING),
        (True, "other", False, Call.LINK),
        (True, "", False, Call.LINK),
        (True, None, False, Call.LINK),
        (True, "mine", True, Call.NOTHING),
        (True, "other", True, Call.UNLINK),
        (True, "", True, Call.NOTHING),
        (True, None, True, Call.UNLINK),
        (False, "other", False, Call.NOTHING),
        (False, None, True, Call.NOTHING),
    ],
)
def test_what_line_must_be_told(
    reachable: bool, menu: str | None, is_default: bool, call: Call
) -> None:
    shows = Shows(reachable, menu)
    assert needed(shows, accepted={"mine", "tab"}, is_default=is_default) == call


def test_pauses_grow_and_end_somewhere() -> None:
    waits = [pause(n).total_seconds() for n in (1, 2, 3, 9, 10, 1000)]
    assert waits == [2, 4, 8, 512, 600, 600]


@pytest.mark.parametrize(
    ("given", "starts", "ends"),
    [
        ({"from": "2026-12-24"}, datetime(2026, 12, 24, tzinfo=TOKYO), None),
        ({"until": "2026-12-24"}, None, datetime(2026, 12, 25, tzinfo=TOKYO)),
        ({"from": "2026-12-24 18:00"}, datetime(2026, 12, 24, 18, tzinfo=TOKYO), None),
        ({"until": "2026-12-24T18:00:00+00:00"}, None, datetime(2026, 12, 24, 18, tzinfo=UTC)),
    ],
)
def test_days_and_times_are_the_brands(
    given: dict[str, str], starts: datetime | None, ends: datetime | None
) -> None:
    entries = [{"menu": "a", "because": "x", **given}, {"menu": "a", "because": "x"}]
    first = rulebook.rules(entries, ["a"], TOKYO)[0]
    assert (first.starts, first.ends) == (starts, ends)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        ("Asia/Tokyo", "2026-12-31", "2026-12-30T15:00", "2026-12-31T15:00"),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00"),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00"),
        # There is no midnight on the day after.
        ("Africa/Cairo", "2026-04-23", "2026-04-22T22:00", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", "2026-04-24T21:00"),
    ],
)
def test_a_day_of_a_rule_is_the_whole_day_however_long_it_is(
    zone: str, day: str, begins: str, ends: str
) -> None:
    entries = [{"menu": "a", "because": "x", "from": day, "until": day},
               {"menu": "a", "because": "x"}]  # fmt: skip
    rule = rulebook.rules(entries, ["a"], ZoneInfo(zone))[0]
    first, after = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))
    second = timedelta(seconds=1)
    held = [rule.in_force(at) for at in (first - second, first, after - second, after)]
    assert held == [False, True, True, False]
