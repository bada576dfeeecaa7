"""What LINE refused to set for somebody is tried again when staff ask."""

from core.owed import State
from line.gateway import LineRefused
from members import aside
from richmenus.aside import MENUS
from tests.richmenus.situations import Account


def test_whoever_was_refused_is_told_again_when_staff_ask(account: Account) -> None:
    account.apply()
    account.work()
    friend = account.linked()
    account.line.fail_with["link_menu"] = LineRefused("400 no such user", 400)
    account.work()
    assert account.row(friend).state == State.FAILED
    account.line.fail_with.clear()
    assert account.work() == 0
    for expected in (1, 0):
        with account.database.begin() as db:
            assert aside.again(db, MENUS, account.clock()) == expected
    account.work()
    assert account.sees(friend) == "member/home"
    assert (account.row(friend).state, account.row(friend).error) == (State.DONE, "")
