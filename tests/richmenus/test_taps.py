"""Taps on areas: counted for the menu that the friend sees, by day, and never by whom."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from line.gateway import AreaTaps, LineUnavailable, MenuTaps
from models import MenuTap
from richmenus import forgetting, insights, taps
from tests.richmenus.situations import Account, tab

ZONE = ZoneInfo("Asia/Tokyo")


def area(action: dict[str, Any], x: int = 0) -> dict[str, Any]:
    return {"bounds": {"x": x, "y": 0, "width": 100, "height": 100}, "action": action}


HOURS = {"type": "postback", "data": "1:reply:hours"}
DAY = {"type": "datetimepicker", "data": "1:day", "mode": "date"}
SITE = {"type": "uri", "uri": "https://brand.example/"}


@pytest.fixture
def published(account: Account) -> Account:
    areas = [area(SITE), area(HOURS, 100), area(DAY, 200)]
    account.folder.write("guest", {"name": "Guest", **tab(areas=areas)})
    account.folder.write("gold", {"name": "Gold", **tab(areas=[area(HOURS)])})
    account.apply()
    return account


def tapped(account: Account, friend: Any, given: str) -> bool:
    with account.database.begin() as db:
        return taps.tapped(db, friend.id, given, account.clock(), ZONE)


def counted(account: Account, days: int = 7) -> dict[str, list[int]]:
    with account.database.read() as db:
        found = taps.in_force(db, days, account.clock(), ZONE)
    return {f"{each.key}/{each.tab}": [area.taps for area in each.areas] for each in found}


def test_a_tap_counts_for_the_menu_that_the_friend_sees(published: Account) -> None:
    guest, gold = published.friend(), published.linked(rank="gold")
    published.work()
    assert tapped(published, guest, "1:reply:hours")
    assert tapped(published, guest, "1:day")
    assert tapped(published, gold, "1:reply:hours")
    assert counted(published) == {
        "gold/main": [1],
        "guest/main": [0, 1, 1],
        "member/home": [0],
        "member/shop": [0],
    }


def test_what_no_area_of_theirs_sends_is_not_counted(published: Account) -> None:
    gold = published.linked(rank="gold")
    published.work()
    assert not tapped(published, gold, "1:day")
    assert not tapped(published, gold, "")
    assert sum(map(sum, counted(published).values())) == 0


def test_a_switch_of_tabs_counts_for_the_tab_it_left(published: Account) -> None:
    member = published.linked()
    published.work()
    assert tapped(published, member, "1:tab:member_shop")
    published.hears_of_tab(member, "member_shop")
    assert tapped(published, member, "1:tab:member_home")
    found = counted(published)
    assert (found["member/home"], found["member/shop"]) == ([1], [1])


def test_days_are_the_brands_and_a_span_ends_today(published: Account) -> None:
    guest = published.friend()
    published.work()
    for _ in range(3):
        tapped(published, guest, "1:reply:hours")
        published.clock.advance(days=1)
    assert counted(published, 30)["guest/main"][1] == 3
    assert counted(published, 2)["guest/main"][1] == 1, "yesterday's; today there was none"


def test_many_taps_are_summed_whichever_row_keeps_them(published: Account) -> None:
    guest = published.friend()
    published.work()
    for _ in range(40):
        tapped(published, guest, "1:reply:hours")
    assert counted(published)["guest/main"] == [0, 40, 0]
    with published.database.read() as db:
        assert (db.scalar(select(func.count()).select_from(MenuTap)) or 0) <= taps.SLOTS


def test_before_anything_is_published_nothing_is_counted(account: Account) -> None:
    assert not tapped(account, account.friend(), "1:reply:hours")
    assert counted(account) == {}


def test_old_numbers_are_forgotten(published: Account) -> None:
    guest = published.friend()
    published.work()
    tapped(published, guest, "1:reply:hours")
    later = published.clock() + taps.KEPT + timedelta(days=2)
    assert forgetting.work(published.database, published.clock(), published.settings) == 0
    assert forgetting.work(published.database, later, published.settings) == 1


# LINE's own numbers


def in_force(account: Account) -> list[taps.Tab]:
    with account.database.read() as db:
        return taps.in_force(db, 30, account.clock(), ZONE)


def told(account: Account) -> dict[str, insights.Told]:
    with account.database.read() as db:
        found = insights.kept(db, in_force(account))
    return {
        f"{tab.key}/{tab.tab}": found[tab.revision_id]
        for tab in in_force(account)
        if tab.revision_id in found
    }


def ask(account: Account) -> None:
    insights.ask(account.database, account.line, in_force(account), 30, account.clock())


def test_what_line_counted_is_asked_and_kept(published: Account) -> None:
    assert told(published) == {}
    guest = next(tab for tab in in_force(published) if tab.key == "guest")
    area = AreaTaps((100, 0, 100, 100), 45, 24)
    published.line.menu_taps_of[guest.line_menu_id] = MenuTaps(
        "20260303", "20260401", 567, 300, (area,)
    )
    ask(published)
    found = told(published)
    assert found["guest/main"].by_bounds == {(100, 0, 100, 100): (45, 24)}
    assert (found["guest/main"].since, found["guest/main"].shown) == ("2026-03-03", 567)
    assert found["gold/main"].few, "of too few people LINE says nothing"
    ask(published)
    assert len(told(published)) == 4, "written over, not written twice"


def test_what_line_said_before_it_failed_is_kept(published: Account) -> None:
    published.line.meanwhile["menu_taps"] = lambda: published.line.fail_with.update(
        menu_taps=LineUnavailable("503")
    )
    with pytest.raises(LineUnavailable):
        ask(published)
    assert len(told(published)) <= 1


def test_the_numbers_of_a_menu_are_not_those_of_the_next(published: Account) -> None:
    ask(published)
    published.folder.paint("guest", "red")
    published.apply()
    assert "guest/main" not in told(published)
    assert "gold/main" in told(published)
