"""What is shown when, what contradicts what, what changed, and what it costs: plain figuring."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from richmenus import calendar, changed, contradictions, costing, naming, rulebook
from richmenus.changed import What
from richmenus.contradictions import Finding, Odd
from richmenus.costing import Left
from richmenus.editions import Edition, Source, page
from richmenus.naming import Tab
from richmenus.planning import Do, Plan, Step
from richmenus.rulebook import MenuRule

ZONE = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 12, 10, 3, 0, tzinfo=UTC)
KEYS = ["xmas", "sale", "guest"]
LAST = {"menu": "guest", "because": "everyone"}


def rules(*given: dict[str, Any]) -> tuple[MenuRule, ...]:
    return rulebook.rules([{"because": "x"} | each for each in given] + [LAST], KEYS, ZONE)


def test_the_days_of_a_month_show_which_rules_hold() -> None:
    found = rules(
        {"menu": "xmas", "from": "2026-12-24", "until": "2026-12-25"},
        {"menu": "sale", "from": "2026-12-25 18:00", "until": "2026-12-26 09:00"},
    )
    weeks = calendar.month(found, 2026, 12, ZONE)
    assert [len(week) for week in weeks] == [7] * 5
    assert weeks[0][0].day == date(2026, 11, 29), "weeks begin on Sundays"
    days = {day.day: day for week in weeks for day in week}
    assert not days[date(2026, 11, 29)].in_month
    assert [each.menu for each in days[date(2026, 12, 24)].shown] == ["xmas"]
    assert [each.menu for each in days[date(2026, 12, 25)].shown] == ["xmas", "sale"]
    evening = days[date(2026, 12, 25)].shown[1]
    assert evening.starts == datetime(2026, 12, 25, 18, tzinfo=ZONE)
    assert evening.ends is None
    assert days[date(2026, 12, 26)].shown[0].ends == datetime(2026, 12, 26, 9, tzinfo=ZONE)
    assert days[date(2026, 12, 27)].shown == ()


def test_what_changes_next() -> None:
    found = rules(
        {"menu": "xmas", "from": "2026-12-24", "until": "2026-12-25"},
        {"menu": "sale", "until": "2026-12-11 12:00"},
        {"menu": "sale", "from": "2026-01-01", "until": "2026-02-01"},
    )
    changes = [(each.rule, each.begins) for each in calendar.next_changes(found, NOW)]
    assert changes == [(1, False), (0, True), (0, False)]


@pytest.mark.parametrize(
    ("earlier", "rule", "odd"),
    [
        ({}, {"when": {"linked": True}}, Finding(1, Odd.HIDDEN, 0)),
        ({"when": {"linked": True}}, {"when": {"member.rank": "gold"}}, Finding(1, Odd.HIDDEN, 0)),
        ({"when": {"member.rank": "gold"}}, {"when": {"linked": True}}, None),
        ({"from": "2026-12-24"}, {"when": {"linked": True}}, None),
        ({"from": "2026-12-01"}, {"when": {"linked": True}}, Finding(1, Odd.HIDDEN, 0)),
        ({"from": "2026-12-01", "until": "2026-12-31"}, {"when": {"linked": True}}, None),
        (
            {"until": "2026-12-31"},
            {"from": "2026-12-24", "until": "2026-12-25"},
            Finding(1, Odd.HIDDEN, 0),
        ),
        ({"when": {"tag": "a"}}, {"until": "2026-12-01"}, Finding(1, Odd.ENDED)),
        (
            {"when": {"tag": "a"}},
            {"when": {"linked": False, "member.rank": "gold"}},
            Finding(1, Odd.NEVER),
        ),
    ],
)
def test_contradictions(earlier: dict[str, Any], rule: dict[str, Any], odd: Finding | None) -> None:
    found = rules({"menu": "xmas"} | earlier, {"menu": "sale"} | rule)
    assert [each for each in contradictions.among(found, NOW) if each.rule == 1] == (
        [odd] if odd else []
    )
    unused = contradictions.unused(found, KEYS, NOW)
    assert ("sale" in unused) == (odd is not None)


def test_even_the_last_rule_can_be_hidden() -> None:
    found = contradictions.among(rules({"menu": "xmas"}), NOW)
    assert found == [Finding(1, Odd.HIDDEN, 0)]


# What changed


def edition(rules: list[Any], *pages: tuple[str, str, str, str]) -> Edition:
    made = [page(k, t, {"chatBarText": bar, "areas": []}, pic) for k, t, bar, pic in pages]
    sources = tuple(Source(k, {"name": k.upper()}, {}) for k in {k for k, *_ in pages})
    return Edition(tuple(made), tuple(rules), sources=sources)


RULE = {"menu": "a", "because": "gold", "when": {"linked": True}}


def test_what_is_different_between_two_editions() -> None:
    old = edition(
        [RULE, LAST], ("a", "main", "x", "1"), ("b", "home", "x", "1"), ("c", "main", "x", "1")
    )
    new = edition(
        [LAST, RULE | {"when": {"linked": False}}, {"menu": "d", "because": "new"}],
        ("a", "main", "y", "2"),
        ("b", "home", "x", "1"),
        ("b", "shop", "x", "1"),
        ("d", "main", "x", "1"),
    )
    found = {(each.what, each.menu, each.tab, each.because) for each in changed.between(old, new)}
    assert found == {
        (What.PICTURE, "a", "", ""),
        (What.BAR_TEXT, "a", "", ""),
        (What.TAB_ADDED, "b", "shop", ""),
        (What.MENU_REMOVED, "c", "", ""),
        (What.MENU_ADDED, "d", "", ""),
        (What.RULE_CHANGED, "a", "", "gold"),
        (What.RULE_ADDED, "d", "", "new"),
    }
    assert changed.between(new, new) == []
    assert sorted(changed.other_looks(old, new)) == ["a", "b"]
    assert naming.menus(new) == {"a": "A", "b": "B", "d": "D"}
    assert {each.what for each in changed.between(None, new)} == {What.MENU_ADDED, What.RULE_ADDED}


def switching(to: str, label: str) -> dict[str, Any]:
    action = {"type": "richmenuswitch", "richMenuAliasId": to, "label": label}
    return {"areas": [{"action": action}, {"action": {"type": "uri", "uri": "https://a"}}]}


def test_tabs_are_called_by_their_number_and_by_what_leads_to_them() -> None:
    first = page("b_c", "home", switching("b_c_shop", "お店"), "1")
    other = page("b_c", "shop", switching("b_c_home", ""), "1")
    only = page("b", "c_home", {"areas": []}, "1")
    old = Edition((page("b", "gone", {}, "1"), page("b", "c_home", {}, "1")), ())
    known = naming.tabs(None, old, Edition((only, first, other), ()))
    assert naming.at_line("b_c/shop", known) == Tab("b_c", "b_c", 2, "お店")
    assert naming.at_line("b_c_shop", known) == Tab("b_c", "b_c", 2, "お店")
    assert naming.at_line("musubi:b_c:home:12345678", known) == Tab("b_c", "b_c", 1, "")
    assert naming.at_line("b/c_home", known) == Tab("b", "b", 0, "")
    assert naming.at_line("b/gone", known) == Tab("b", "b", 1, "")
    for unknown in ("", "b", "b/nowhere", "musubi:x:y:z", "somebody else's"):
        assert naming.at_line(unknown, known) is None


def test_another_order_of_the_same_rules_is_said() -> None:
    other = {"menu": "a", "because": "silver", "when": {"tag": "s"}}
    one = edition([RULE, other, LAST], ("a", "main", "x", "1"))
    two = edition([other, RULE, LAST], ("a", "main", "x", "1"))
    assert [each.what for each in changed.between(one, two)] == [What.ORDER]
    assert [
        each.what for each in changed.between(one, edition([other, LAST], ("a", "main", "x", "1")))
    ] == [What.RULE_REMOVED]


# What it costs


def plan(creations: int = 1, moved: int = 1_000) -> Plan:
    steps = [Step(do) for _ in range(creations) for do in (Do.CREATE, Do.UPLOAD)]
    return Plan((*steps, Step(Do.ALIAS), Step(Do.PUBLISH, people=moved), Step(Do.DELETE, people=1)))


def test_calls_are_counted_by_what_is_asked() -> None:
    found = costing.cost(plan(), {("a", "b"): 501, ("c", "b"): 1, ("b", "c"): 500}, Left())
    assert found.calls == {
        "look": 6, "create": 1, "upload": 2, "alias": 2, "batch": 1, "bulk": 3, "delete": 1,
    }  # fmt: skip
    assert found.total == 16
    assert not found.by_bulk
    assert found.seconds < timedelta(minutes=1).total_seconds()


def test_when_line_takes_no_more_batches_people_are_moved_in_handfuls() -> None:
    found = costing.cost(plan(), {}, Left(batches=0))
    assert found.by_bulk
    assert found.calls["bulk"] == 2
    assert "batch" not in found.calls


def test_what_exceeds_the_hour_waits_for_the_next() -> None:
    found = costing.cost(plan(150), {}, Left(creations=30))
    assert found.waits_for_creations == 120
    assert found.seconds > 2 * costing.AN_HOUR
