"""The rules in the browser: in order, in words, with people; changed by plain forms, and undone."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.database import Database
from core.settings import Settings
from members import friendship
from models import Link, Role, StaffAudit
from richmenus import definitions, desk, drafts
from tests.conftest import SettableClock
from tests.richmenus.situations import Folder, put_friend, put_link, put_member
from tests.staff.conftest import Site, page
from tests.web.reading import read


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Any) -> Settings:
    folder = Folder(tmp_path / "menus", make_settings())
    return folder.settings


@pytest.fixture
def site(make_site: Callable[..., Site], database: Database, settings: Settings) -> Site:
    """With a desk: gold, member and guest, and some people."""
    site = make_site(database, settings)
    drafts.see_to(database, settings, site.clock())
    with database.begin() as db:
        people(db, 3, site.clock())
    return site


def people(db: Any, number: int, now: datetime) -> None:
    for n in range(number):
        put_friend(db, now)
        friend = put_friend(db, now)
        rank = "gold" if n % 3 == 0 else "silver"
        put_link(db, friend.id, put_member(db, now, rank=rank), now)


def version(site: Site) -> str:
    with site.database.read() as db:
        return str(desk.read(db, site.settings).rules.version)


def names(site: Site) -> list[str]:
    return [rule["because"] for rule in site.rules()]


def form(html: str, action: str) -> tuple[str, dict[str, str]]:
    """Where a form of a page is posted to, and what a browser would post."""
    found = next(
        f for f in read(html).root.all("form") if (f.get("action") or f.get("id")).endswith(action)
    )
    posted = {}
    for each in found.all("input", "select", "textarea"):
        if each.get("type") in ("radio", "checkbox") and "checked" not in each.attributes:
            continue
        typed = "".join(part for part in each.said if isinstance(part, str))
        value = each.get("value") if each.tag == "input" else typed
        if each.tag == "select":
            chosen = [o for o in each.all("option") if "selected" in o.attributes]
            value = (chosen or each.all("option"))[0].get("value")
        posted[each.get("name")] = value
    return found.get("action"), posted


def was(html: str) -> str:
    found = re.search(r'name="was" value="([^"]*)"', html)
    assert found
    return found[1]


def test_the_list_says_who_sees_what_and_how_many(site: Site) -> None:
    shown = site.get(site.as_(Role.VIEWER), "/staff/rules").text
    assert shown.index("gold member") < shown.index("linked") < shown.index("not linked yet")
    assert "会員ランクが「gold」である" in shown
    assert "ここまでのルールに当てはまらない人全員" in shown
    figures = re.findall(r'<dd><span class="figures">([\d,]+)', shown)
    assert figures == ["1", "2", "3", "3"], "gold; linked decides 2 and fits 3; all others 3"
    assert 'name="do"' not in shown, "who may only look has no buttons"


def test_an_editor_moves_removes_and_undoes(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    site.post(client, "/staff/rules/change", {"do": "down@0", "seen": version(site)})
    assert names(site) == ["linked", "gold member", "not linked yet"]
    shown = site.get(client, "/staff/rules").text
    assert "先にある「1. linked」" in shown, "gold members are linked, too"
    site.post(client, *form(shown, "/rules/back"))
    assert names(site) == ["gold member", "linked", "not linked yet"]
    site.post(client, "/staff/rules/change", {"do": "remove@1", "seen": version(site)})
    assert names(site) == ["gold member", "not linked yet"]
    with site.database.read() as db:
        acts = list(db.scalars(select(StaffAudit.act).where(StaffAudit.act.startswith("rules."))))
    assert sorted(acts) == ["rules.brought_back", "rules.ordered", "rules.removed"]


@pytest.mark.parametrize(
    "do",
    ["remove@2", "up@2", "down@1", "up@0", "order", "order@x", "nonsense", "up@99", "remove@-1"],
)
def test_what_cannot_be_done_changes_nothing(site: Site, do: str) -> None:
    before = site.rules()
    answer = site.post(
        site.as_(Role.EDITOR),
        "/staff/rules/change",
        {"do": do, "seen": version(site), "order": "0,0"},
    )
    assert answer.status_code == 303
    assert site.rules() == before


def test_dragging_sends_the_whole_order(site: Site) -> None:
    data = {"do": "order", "order": "1,0", "seen": version(site)}
    site.post(site.as_(Role.EDITOR), "/staff/rules/change", data)
    assert names(site) == ["linked", "gold member", "not linked yet"]


def test_the_second_of_two_who_move_is_told_and_nothing_is_lost(site: Site) -> None:
    seen = version(site)
    site.post(site.as_(Role.EDITOR), "/staff/rules/change", {"do": "down@0", "seen": seen})
    other = site.as_(Role.PUBLISHER)
    site.post(other, "/staff/rules/change", {"do": "remove@0", "seen": seen})
    assert names(site) == ["linked", "gold member", "not linked yet"]
    assert "ほかの人がルールを変更したため" in site.get(other, "/staff/rules").text


# One rule


def test_a_rule_is_made_step_by_step_without_javascript(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    site.get(client, "/staff/rules/new")
    filled: dict[str, Any] = {"menu": "gold", "because": "お誕生月", "when.how": "all"}
    filled |= {"do": "ask@when", "when.new": "birthday_month"}
    shown = site.post(client, "/staff/rules/new", filled).text
    assert 'name="when.0.month"' in shown
    filled |= {"when.0.is": "birthday_month", "when.0.month": "this"}
    filled |= {"do": "ask@when", "when.new": "member.points"}
    shown = site.post(client, "/staff/rules/new", filled).text
    assert 'name="when.1.compare"' in shown
    filled |= {"when.1.is": "member.points", "when.1.compare": "gte", "when.1.value": "たくさん"}
    wrong = site.post(client, "/staff/rules/new", filled | {"do": "save"})
    assert wrong.status_code == 422
    assert "「たくさん」は数字として読み取れません" in wrong.text
    assert "たくさん" in wrong.text
    filled |= {"when.1.value": "100", "from_day": "2026-12-01", "until_day": "2026-12-25"}
    filled |= {"until_time": "18:00"}
    counted = site.post(client, "/staff/rules/new", filled | {"do": "count"}).text
    assert "今月が誕生月である かつ ポイントが" in counted
    assert site.post(client, "/staff/rules/new", filled | {"do": "save"}).status_code == 303
    assert site.rules()[2] == {
        "menu": "gold",
        "because": "お誕生月",
        "when": {"all": [{"birthday_month": "this"}, {"member.points": {"gte": 100}}]},
        "from": "2026-12-01",
        "until": "2026-12-25 18:00",
    }
    assert "お誕生月" in site.get(client, "/staff/rules").text


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (
            {"when.0.is": "member.rank", "when.0.compare": "is", "when.0.value": "gold"},
            "先にある「",
        ),
        ({"when.0.is": "tag", "when.0.tags": "vip"}, "全員が先のルールで決まっています"),
    ],
)
def test_a_new_rule_behind_others_is_moved_to_the_top_by_a_button(
    site: Site, condition: dict[str, str], why: str
) -> None:
    with site.database.begin() as db:
        friendship.tag(db, db.scalars(select(Link.friend_id).limit(1)).one(), "vip", site.clock())
    client = site.as_(Role.EDITOR)
    filled = {"menu": "gold", "because": "特別", "when.how": "all", "do": "save"} | condition
    assert site.post(client, "/staff/rules/new", filled).status_code == 303
    shown = site.get(client, "/staff/rules").text
    told = shown[shown.index("ルール「特別」を確認してください") :]
    assert why in told[:200]
    assert "一番上へ移動" in told[:2_000]
    top = {"do": "top@2", "seen": version(site)}
    assert f'name="do" value="{top["do"]}"' in told
    site.post(client, "/staff/rules/change", top)
    assert names(site) == ["特別", "gold member", "linked", "not linked yet"]


def test_a_new_rule_that_somebody_sees_or_nobody_fits_needs_no_word(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    filled = {"menu": "gold", "because": "x", "when.how": "all", "do": "save"}
    filled |= {"when.0.is": "tag", "when.0.tags": "nobody"}
    site.post(client, "/staff/rules/new", filled)
    assert "一番上へ移動" not in site.get(client, "/staff/rules").text


def test_groups_and_not_are_built_too(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    filled = {
        "menu": "gold", "because": "x", "when.how": "any", "do": "group@when", "when.0.is": "tag",
        "when.0.tags": "vip\r\npress", "when.0.not": "yes",
    }  # fmt: skip
    shown = site.post(client, "/staff/rules/new", filled).text
    assert 'name="when.1.how"' in shown
    filled |= {"when.1.how": "all", "when.1.0.is": "linked", "when.1.0.linked": "no", "do": "save"}
    site.post(client, "/staff/rules/new", filled)
    assert site.rules()[2]["when"] == {
        "any": [{"not": {"tag": ["vip", "press"]}}, {"all": [{"linked": False}]}]
    }


def test_what_is_wrong_stands_at_its_field(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    filled = {"menu": "", "because": "", "from_day": "2026-12-25", "until_day": "2026-12-24"}
    answer = site.post(client, "/staff/rules/new", filled | {"do": "save"})
    assert answer.status_code == 422
    assert 'id="because-error"' in answer.text
    good = {"menu": "gold", "because": "x"}
    answer = site.post(client, "/staff/rules/new", filled | good | {"do": "save"})
    assert "終了が開始より前" in answer.text
    assert names(site) == ["gold member", "linked", "not linked yet"]


def test_editing_keeps_what_was_written_by_hand(site: Site) -> None:
    deep = {"any": [{"all": [{"any": [{"all": [{"tag": "x"}]}]}]}, {"linked": True}]}
    given = [{"menu": "gold", "because": "hand", "when": deep, "from": "2026-12-01T10:00:00+09:00"}]
    site.save_rules([*given, *site.rules()])
    client = site.as_(Role.EDITOR)
    shown = site.get(client, "/staff/rules/0").text
    assert "ファイルで書かれた条件" in shown
    _, posted = form(shown, "rule")
    site.post(client, "/staff/rules/0", posted | {"because": "renamed", "do": "save"})
    assert site.rules()[0] == given[0] | {"because": "renamed"}


def test_the_last_rule_takes_neither_condition_nor_period(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    shown = site.get(client, "/staff/rules/2").text
    assert "when.how" not in shown
    filled = {"menu": "member", "because": "others", "when.how": "all", "when.0.is": "linked",
            "from_day": "2026-12-01", "was": was(shown), "do": "save"}  # fmt: skip
    site.post(client, "/staff/rules/2", filled)
    assert site.rules()[2] == {"menu": "member", "because": "others"}


def test_two_who_edit_different_rules_both_save(site: Site) -> None:
    one, other = site.as_(Role.EDITOR), site.as_(Role.PUBLISHER)
    first, second = (was(site.get(one, f"/staff/rules/{n}").text) for n in (0, 1))
    site.post(other, "/staff/rules/change", {"do": "down@0", "seen": version(site)})
    filled = {"menu": "guest", "because": "mine", "was": first, "do": "save", "when.how": "all"}
    assert site.post(one, "/staff/rules/0", filled).status_code == 303
    filled |= {"because": "theirs", "was": second}
    assert site.post(other, "/staff/rules/1", filled).status_code == 303
    assert names(site) == ["theirs", "mine", "not linked yet"]


def test_the_second_of_two_who_edit_one_rule_sees_both_and_decides(site: Site) -> None:
    one, other = site.as_(Role.EDITOR), site.as_(Role.PUBLISHER)
    token = was(site.get(one, "/staff/rules/0").text)
    filled = {
        "menu": "gold",
        "because": "gold member",
        "was": token,
        "do": "save",
        "when.how": "all",
    }
    filled |= {"when.0.is": "tag", "when.0.tags": "first"}
    assert site.post(one, "/staff/rules/0", filled).status_code == 303
    answer = site.post(other, "/staff/rules/0", filled | {"when.0.tags": "second"})
    assert answer.status_code == 422
    assert "「first」" in answer.text
    assert "second" in answer.text
    assert site.rules()[0]["when"] == {"tag": "first"}
    again = filled | {"when.0.tags": "second", "was": was(answer.text)}
    assert site.post(other, "/staff/rules/0", again).status_code == 303
    assert site.rules()[0]["when"] == {"tag": "second"}


def test_a_rule_removed_meanwhile_is_added_again_only_when_one_says_so(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    token = was(site.get(client, "/staff/rules/0").text)
    site.post(client, "/staff/rules/change", {"do": "remove@0", "seen": version(site)})
    filled = {"menu": "gold", "because": "gold member", "was": token, "do": "save", "when.how": "all",
            "when.0.is": "linked", "when.0.linked": "yes"}  # fmt: skip
    answer = site.post(client, "/staff/rules/0", filled)
    assert "このルールは削除されています" in answer.text
    assert len(site.rules()) == 2


def test_a_rule_that_is_not_there_is_not_found(site: Site) -> None:
    assert site.get(site.as_(Role.EDITOR), "/staff/rules/9").status_code == 404


def test_the_live_count_is_a_piece_of_the_page(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    filled = {"menu": "gold", "because": "x", "when.how": "all", "when.0.is": "linked",
            "when.0.linked": "yes", "do": "count", "csrf_token": site.token(client)}  # fmt: skip
    answer = client.post("/staff/rules/new", data=filled, headers={"X-Piece": "count"})
    assert "<html" not in answer.text
    assert "会員証を連携している" in answer.text
    assert "先にある「2. linked」" in answer.text, "it would never be reached"


def test_history_lists_every_state_and_brings_one_back(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    site.post(client, "/staff/rules/change", {"do": "remove@0", "seen": version(site)})
    shown = site.get(client, "/staff/rules/history").text
    path, posted = form(shown[shown.index("table-card") :], "/rules/back")
    site.post(client, path, posted)
    assert names(site) == ["gold member", "linked", "not linked yet"]
    bad = site.post(client, "/staff/rules/back", {"save": "x", "seen": version(site)})
    assert bad.status_code == 404


def test_a_calendar_without_periods_leads_to_a_new_rule(site: Site) -> None:
    shown = site.get(site.as_(Role.EDITOR), "/staff/rules/calendar").text
    assert "期間のあるルールはまだありません" in shown
    assert 'href="/staff/rules/new"' in shown
    assert "<table" not in shown
    shown = site.get(site.as_(Role.VIEWER), "/staff/rules/calendar").text
    assert 'href="/staff/rules/new"' not in shown, "who may only look can add none"


def test_the_calendar_shows_periods_and_scheduled_publishing(site: Site) -> None:
    period = {"from": "2026-04-10", "until": "2026-04-12 18:00", "when": {"tag": "x"}}
    site.save_rules([{"menu": "gold", "because": "花見"} | period, *site.rules()])
    client = site.as_(Role.VIEWER)
    shown = site.get(client, "/staff/rules/calendar").text
    assert "2026年4月" in shown
    assert shown.count('class="span') == 3
    assert "〜18:00" in shown
    assert "この月に期間のある" not in shown
    later = site.get(client, "/staff/rules/calendar?month=2026-05").text
    assert 'class="span' not in later
    assert "この月に期間のある" in later
    for month in ("0000-00", "9999-99", "x", "2026-13"):
        assert site.get(client, f"/staff/rules/calendar?month={month}").status_code == 200
    assert "「花見」" in site.get(client, "/staff/rules").text


PERIODS: list[dict[str, str]] = [
    {"from": "2026-04-10", "until": "2026-04-20 18:00"},
    {"from": "2026-04-15 09:00", "until": "2026-04-30"},
    {"until": "2026-04-03"},
    {"from": "2026-04-28 10:00"},
    {"from": "2026-02-01", "until": "2026-02-28"},
    {"from": "2026-04-16 08:30", "until": "2026-04-16 12:00"},
    {},
]
SHOWN = {
    "2026-04-02": ["r2"], "2026-04-03": ["r2"], "2026-04-04": [], "2026-04-10": ["r0"],
    "2026-04-15": ["r0", "09:00〜 r1"], "2026-04-16": ["r0", "r1", "08:30〜12:00 r5"],
    "2026-04-20": ["〜18:00 r0", "r1"], "2026-04-21": ["r1"], "2026-04-28": ["r1", "10:00〜 r3"],
    "2026-04-30": ["r1", "r3"], "2026-05-01": ["r3"],
}  # fmt: skip


def test_the_calendar_of_periods_that_overlap_have_no_end_or_are_over(site: Site) -> None:
    named = [
        {"menu": "gold", "because": f"r{n}", "when": {"tag": f"t{n}"}} | period
        for n, period in enumerate(PERIODS)
    ]
    site.save_rules([*named, *site.rules()])
    client = site.as_(Role.VIEWER)
    shown = page(site.get(client, "/staff/rules/calendar?month=2026-04"))
    days = {cell.all("time")[0].get("datetime"): cell for cell in shown.root.all("td")}
    assert {day: [li.text for li in days[day].all("li")] for day in SHOWN} == SHOWN
    shown_first = {
        day: "".join(each.text for each in cell.all("time", "span")) for day, cell in days.items()
        if day[:7] == "2026-04" and cell.all("li") and "again" not in cell.get("class").split()
    }  # fmt: skip
    assert shown_first == {
        "2026-04-01": "1", "2026-04-02": "2〜4/3 (金)", "2026-04-10": "10〜4/14 (火)",
        "2026-04-15": "15", "2026-04-16": "16", "2026-04-17": "17〜4/19 (日)", "2026-04-20": "20",
        "2026-04-21": "21〜4/27 (月)", "2026-04-28": "28", "2026-04-29": "29〜4/30 (木)",
    }, "on a phone, days on which nothing changes are one line"  # fmt: skip
    for month in ("2025-12", "2026-01", "2026-02", "2026-03", "2026-05", "2199-12"):
        assert site.get(client, f"/staff/rules/calendar?month={month}").status_code == 200


def test_without_menus_the_page_says_what_to_do(
    make_site: Callable[..., Site], database: Database, make_settings: Callable[..., Settings],
    tmp_path: Any,
) -> None:  # fmt: skip
    (tmp_path / "none").mkdir()
    site = make_site(database, make_settings(menus_dir=tmp_path / "none"))
    client = site.as_(Role.EDITOR)
    assert "ルールはまだありません" in site.get(client, "/staff/rules").text
    assert site.get(client, "/staff/rules/new").status_code == 303
    site.get(client, "/staff/rules/calendar")
    site.get(client, "/staff/publishing")


@pytest.mark.parametrize("path", ["/staff/rules", "/staff/rules/0", "/staff/rules/calendar"])
def test_a_page_asks_as_much_of_the_database_for_ten_thousand_as_for_ten(
    site: Site, clock: SettableClock, path: str
) -> None:
    client = site.as_(Role.EDITOR)
    site.get(client, path)
    with site.queries() as few:
        site.get(client, path)
    with site.database.begin() as db:
        for _ in range(2_000):
            put_friend(db, clock())
    with site.queries() as many:
        site.get(client, path)
    assert len(many) == len(few) <= 12


def test_a_folder_and_the_site_say_the_same(site: Site) -> None:
    with site.database.read() as db:
        assert (
            list(definitions.read(site.settings).rules) == desk.read(db, site.settings).rules.rules
        )


def test_all_that_is_wrong_with_a_rule_is_told_at_once(site: Site) -> None:
    filled = {"when.how": "all", "when.0.is": "member.points", "when.0.compare": "gte"}
    filled |= {"when.0.value": "", "from_day": "2026-12-25", "until_day": "2026-12-01"}
    answer = site.post(site.as_(Role.EDITOR), "/staff/rules/new", filled | {"do": "save"})
    assert answer.status_code == 422
    shown = page(answer)
    for name, said in {
        "menu": "表示するリッチメニューを選んでください",
        "because": "入力してください",
        "when-0": "値を入力するか、選んでください",
    }.items():
        error = shown.by_id(f"{name}-error")
        assert error, name
        assert said in error.text


def test_several_of_our_own_values_are_ticked(site: Site) -> None:
    client = site.as_(Role.EDITOR)
    filled: dict[str, Any] = {"menu": "gold", "because": "女性とその他", "when.how": "all"}
    filled |= {"when.0.is": "member.gender", "when.0.compare": "is"}
    given = filled | {"do": "save", "when.0.value": ["female", "other"]}
    assert site.post(client, "/staff/rules/new", given).status_code == 303
    with site.database.read() as db:
        rules = desk.read(db, site.settings).rules.rules
    n = next(n for n, rule in enumerate(rules) if rule["because"] == "女性とその他")
    assert rules[n]["when"] == {"member.gender": {"in": ["female", "other"]}}
    shown = page(site.get(client, f"/staff/rules/{n}"))
    ticked = [
        each.get("value") for each in shown.root.all("input")
        if each.get("name") == "when.0.value" and "checked" in each.attributes
    ]  # fmt: skip
    assert ticked == ["female", "other"]
    assert "「女性」、「その他」のいずれかである" in page(site.get(client, "/staff/rules")).text
