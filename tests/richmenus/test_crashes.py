"""Killed at any call to LINE, before it or after it: publishing resumes and ends the same."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.database import Database
from line.gateway import LineUnavailable
from richmenus.editions import Edition
from tests.conftest import SettableClock
from tests.richmenus.situations import (
    RULES,
    Account,
    DyingLine,
    Folder,
    Killed,
    deaths,
    plain_settings,
)

CALLS = 52
"""How often the story below asks LINE something."""


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, list[Edition]]:
    """One edition, and then another: a new picture, a rule less, a menu less."""
    folder = Folder(tmp_path_factory.mktemp("menus"), plain_settings())
    first = folder.read()
    folder.paint("member", "red")
    folder.rules(RULES[1:])
    (folder.root / "gold" / "menu.yaml").unlink()
    return folder, [first, folder.read()]


@pytest.fixture
def editions(once: tuple[Folder, list[Edition]]) -> list[Edition]:
    return once[1]


def story(account: Account, editions: list[Edition]) -> Iterator[Callable[[], object]]:
    for edition in editions:
        yield lambda edition=edition: account.apply(edition)
        yield account.work


def until_done(account: Account, step: Callable[[], object]) -> None:
    """Begin again after each death, when the leases of the dead have ended."""
    for _ in range(20):
        try:
            step()
        except (Killed, LineUnavailable):
            account.clock.advance(minutes=5)
        else:
            return
    raise AssertionError("it never ended")


@pytest.fixture
def account(
    database: Database, once: tuple[Folder, list[Edition]], clock: SettableClock
) -> Account:
    account = Account(database, DyingLine(), once[0], clock)
    account.friend()
    account.linked()
    account.linked(rank="gold")
    return account


def ends_well(account: Account) -> None:
    line = account.line
    name = {menu: each.menu["name"].rpartition(":")[0] for menu, each in line.menu_store.items()}
    assert sorted(name.values()) == [
        "musubi:guest:main",
        "musubi:member:home",
        "musubi:member:shop",
    ]
    assert all(each.image for each in line.menu_store.values())
    aliases: dict[str, Any] = {alias: name[menu] for alias, menu in line.aliases.items()}
    assert aliases == {"member_home": "musubi:member:home", "member_shop": "musubi:member:shop"}
    assert line.default
    assert name[line.default] == "musubi:guest:main"
    assert [name[menu] for menu in line.own.values()] == ["musubi:member:home"] * 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("database", "dies_at"), deaths(CALLS, every=6), indirect=["database"])
def test_killed_at_any_call_it_ends_the_same(
    account: Account, editions: list[Edition], dies_at: int, after: bool
) -> None:
    line = account.line
    assert isinstance(line, DyingLine)
    line.dies_at, line.after = dies_at, after
    for step in story(account, editions):
        until_done(account, step)
        assert len(line.menu_store) <= 7, "no menu is there twice"
    assert line.count >= dies_at, "it was killed, and went on"
    account.clock.advance(minutes=5)  # somebody's lease may have to end
    account.work()
    account.apply(editions[1])
    ends_well(account)
    account.writes()
    account.apply(editions[1])
    account.work()
    assert account.writes() == []


def test_the_story_is_as_long_as_the_tests_think(account: Account, editions: list[Edition]) -> None:
    for step in story(account, editions):
        step()
    ends_well(account)
    assert isinstance(account.line, DyingLine)
    assert account.line.count == CALLS
