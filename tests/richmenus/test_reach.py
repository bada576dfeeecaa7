"""How many people rules decide for: one statement, exact for a few and honest about many."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from core.database import Database
from richmenus import reach, rulebook
from richmenus.rulebook import MenuRule
from segments import Moment
from tests.conftest import SettableClock
from tests.richmenus.situations import RULES, Account, put_friend, put_link, put_member

ZONE = ZoneInfo("Asia/Tokyo")
KEYS = ["gold", "member", "guest"]


def rules(*given: object) -> tuple[MenuRule, ...]:
    return rulebook.rules(list(given) or RULES, KEYS, ZONE)


@pytest.fixture
def crowd(account: Account) -> Account:
    for _ in range(3):
        account.friend()
    account.friend(following=False)
    for rank in ("gold", "gold", "silver", "silver", "silver"):
        account.linked(rank=rank)
    account.apply()
    account.work()
    return account


def reached(account: Account, *given: object, exact: bool = False) -> reach.Reach:
    with account.database.read() as db:
        return reach.of(db, rules(*given), Moment(account.clock(), ZONE), exact=exact)


def test_each_rule_says_whom_it_fits_and_whom_it_decides_for(crowd: Account) -> None:
    found = reached(crowd)
    assert [(each.fits, each.decides) for each in found.rules] == [(2, 2), (5, 3), (8, 3)]
    assert (found.everybody, found.changes, found.exact) == (8, {}, True)
    assert found.stays == {"gold": 2, "member": 3, "guest": 3}


def test_who_would_get_another_menu(crowd: Account) -> None:
    found = reached(crowd, *RULES[1:])
    assert found.changes == {("gold", "member"): 2}
    assert found.changed == 2
    assert found.sees_anew(["guest"]) == 5


def test_whoever_has_no_menu_yet_is_nobody_whose_menu_changes(crowd: Account) -> None:
    crowd.friend()
    found = reached(crowd)
    assert found.changes == {("", "guest"): 1}
    assert found.changed == 0
    assert found.rules[2].decides == 4


def test_a_rule_out_of_its_period_decides_for_nobody_and_still_says_whom_it_fits(
    crowd: Account,
) -> None:
    past = {"menu": "gold", "because": "x", "when": {"linked": True}, "until": "2020-01-01"}
    found = reached(crowd, past, {"menu": "guest", "because": "y"})
    assert [(each.fits, each.decides) for each in found.rules] == [(5, 0), (8, 8)]


def test_one_statement_counts_all_of_many_rules(crowd: Account) -> None:
    many = [{"menu": "gold", "because": str(n), "when": {"tag": str(n)}} for n in range(99)]
    asked: list[str] = []
    engine = crowd.database.engine
    with crowd.database.read() as db:
        event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        reach.of(db, rules(*many, {"menu": "guest", "because": "y"}), Moment(crowd.clock(), ZONE))
    selects = [each for each in asked if each.startswith("SELECT")]
    assert len(selects) == 2, "how many there are, and all the rest"


def test_of_very_many_a_share_is_counted_and_that_is_said(
    database: Database, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "LEAST", 1_000)
    monkeypatch.setattr(reach, "BUDGET", 1_000)
    monkeypatch.setattr(reach, "PROBE", 4)
    with database.begin() as db:
        for n in range(4_000):
            friend = put_friend(db, clock())
            if n % 4 == 0:
                put_link(db, friend.id, put_member(db, clock()), clock())
        moment = Moment(clock(), ZONE)
        found = reach.of(db, rules(), moment)
        assert not found.exact
        assert 0.15 < found.share < 0.4
        assert found.everybody == pytest.approx(4_000, rel=0.2)
        assert found.rules[1].decides == pytest.approx(1_000, rel=0.35)
        assert reach.of(db, rules(), moment, exact=True).rules[1].decides == 1_000
