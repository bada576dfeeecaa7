"""A draft on one's own LINE: shown to one friend, put back, whatever happens meanwhile."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from core.database import Database
from core.errors import Invalid, TooMany
from core.owed import State
from line.fake import FakeLine
from line.gateway import LineRefused, LineUnavailable
from models import Friend, MenuTrial
from richmenus import drafts, forgetting, publish_runs, trial_runs, trials, trying
from tests.conftest import SettableClock
from tests.richmenus.situations import Account, DyingLine, Folder, Killed, deaths

ME, YOU = uuid4(), uuid4()


class Trying(Account):
    """Somebody of the staff, at their desk with their phone."""

    def ask(self, friend: Friend, key: str = "member", who: UUID = ME) -> UUID:
        with self.database.begin() as db:
            mine = db.get_one(Friend, friend.id)
            return trials.ask(db, key, who, mine, self.clock(), self.settings).id

    def stop(self, who: UUID = ME) -> int:
        with self.database.begin() as db:
            return trials.stop(db, who, self.clock())

    def carry_on(self) -> None:
        """The worker: what is due of drafts, and of everybody's menus."""
        rung: list[str] = []
        trial_runs.work(self.database, self.line, self.clock, rung.append)
        self.work()

    def later(self, **time: float) -> None:
        self.clock.advance(**time)
        self.carry_on()

    def state(self, who: UUID = ME) -> str:
        with self.database.read() as db:
            look = trials.latest(db, who, self.clock())
            return look.state if look else ""

    def looks_at(self, friend: Friend) -> str:
        """The name of the menu that LINE shows, without what comes after the draft's number."""
        menu = self.line.own.get(friend.line_user_id) or self.line.default
        return str(self.line.menu_store[menu].menu["name"]) if menu else ""

    def tries(self, friend: Friend) -> bool:
        return self.looks_at(friend).startswith(trying.PREFIX)

    def left(self) -> list[str]:
        """What LINE still has of drafts."""
        menus = [name for name in self.names() if name.startswith(trying.PREFIX)]
        return menus + [alias for alias in self.line.aliases if trying.is_ours(alias)]


@pytest.fixture
def make(folder: Folder, clock: SettableClock) -> Callable[[Database, FakeLine], Trying]:
    def made(database: Database, line: FakeLine) -> Trying:
        account = Trying(database, line, folder, clock)
        account.apply()
        drafts.see_to(database, account.settings, clock())
        return account

    return made


@pytest.fixture
def account(make: Callable[..., Trying], database: Database, line: FakeLine) -> Trying:
    return make(database, line)


@pytest.fixture
def me(account: Trying) -> Friend:
    friend = account.linked(rank="gold")
    account.work()
    assert account.sees(friend) == "gold/main"
    return friend


def test_shown_to_one_and_put_back_by_itself(account: Trying, me: Friend) -> None:
    other = account.linked(rank="gold")
    account.work()
    trial = account.ask(me)
    assert account.state() == "asked"
    account.carry_on()
    assert account.looks_at(me) == trying.name(trial, 0)
    assert account.sees(other) == "gold/main"
    assert account.state() == "showing"
    account.later(minutes=9, seconds=59)
    assert account.tries(me)
    account.later(seconds=2)
    assert account.sees(me) == "gold/main"
    assert account.state() == "over"
    assert account.left() == []
    account.writes()
    account.later(minutes=30)
    assert account.writes() == []


def test_whoever_has_the_default_menu_has_it_again(account: Trying) -> None:
    guest = account.friend()
    account.work()
    account.ask(guest)
    account.carry_on()
    assert account.tries(guest)
    account.stop()
    account.carry_on()
    assert guest.line_user_id not in account.line.own
    assert account.sees(guest) == "guest/main"


def test_the_button_puts_it_back(account: Trying, me: Friend) -> None:
    account.ask(me)
    account.carry_on()
    assert account.stop() == 1
    assert account.state() == "ending"
    account.carry_on()
    assert account.sees(me) == "gold/main"
    assert account.left() == []
    assert account.stop() == 0


def test_the_tabs_are_the_drafts_own(account: Trying, me: Friend) -> None:
    trial = account.ask(me)
    account.carry_on()
    store, own = account.line.menu_store, account.line.own[me.line_user_id]
    action = store[own].menu["areas"][0]["action"]
    assert action["richMenuAliasId"] == trying.alias(trial, 1)
    second = account.line.aliases[trying.alias(trial, 1)]
    assert store[second].menu["areas"][0]["action"]["richMenuAliasId"] == trying.alias(trial, 0)
    account.line.own[me.line_user_id] = second
    account.hears_of_tab(me, trying.alias(trial, 1))
    account.work()
    assert account.line.own[me.line_user_id] == second, "nobody takes the tab away"


def test_publishing_meanwhile_neither_sees_it_nor_takes_it_away(
    account: Trying, me: Friend
) -> None:
    account.ask(me)
    account.carry_on()
    account.folder.paint("gold", "black")
    plan = account.plan()
    assert not plan.drift
    assert not [step for step in plan.steps if trying.PREFIX in step.name]
    account.apply()
    account.carry_on()
    assert account.tries(me)
    assert len(account.left()) == 4
    account.later(minutes=11)
    assert account.sees(me) == "gold/main"
    shown = account.line.menu_store[account.line.own[me.line_user_id]]
    assert shown.image == (account.folder.root / "gold" / "menu.png").read_bytes()


def test_who_should_see_another_menu_meanwhile_sees_it_afterwards(
    account: Trying, me: Friend
) -> None:
    account.ask(me)
    account.carry_on()
    account.change(me, rank="")
    account.carry_on()
    assert account.tries(me)
    account.later(minutes=2)
    assert account.tries(me)
    account.later(minutes=9)
    assert account.sees(me) == "member/home"


def test_blocked_in_the_middle(account: Trying, me: Friend) -> None:
    account.ask(me)
    account.carry_on()
    account.block(me)
    account.carry_on()
    assert account.state() == "over"
    account.follow(me)
    account.carry_on()
    assert account.sees(me) == "gold/main", "LINE had forgotten the draft"
    account.later(minutes=11)
    assert account.left() == []
    assert account.sees(me) == "gold/main"


def test_blocked_before(account: Trying, me: Friend) -> None:
    account.ask(me)
    account.block(me)
    account.carry_on()
    assert account.state() == "not_following"
    assert account.left() == []
    with account.database.begin() as db:
        gone = db.get_one(Friend, me.id)
        gone.friendship_at = account.clock()
        with pytest.raises(Invalid):
            trials.ask(db, "gold", ME, gone, account.clock(), account.settings)


def test_two_at_once(account: Trying, me: Friend) -> None:
    you = account.linked()
    account.work()
    one, other = account.ask(me), account.ask(you, "gold", YOU)
    account.carry_on()
    assert account.looks_at(me) == trying.name(one, 0)
    assert account.looks_at(you) == trying.name(other, 0)
    account.stop()
    account.carry_on()
    assert account.sees(me) == "gold/main"
    assert account.looks_at(you) == trying.name(other, 0)
    account.later(minutes=11)
    assert account.sees(you) == "member/home"
    assert account.left() == []


def test_another_draft_takes_the_place_of_the_first(account: Trying, me: Friend) -> None:
    account.ask(me)
    account.carry_on()
    second = account.ask(me, "guest")
    account.carry_on()
    account.later(seconds=2)
    assert account.looks_at(me) == trying.name(second, 0)
    assert len(account.left()) == 1
    account.later(minutes=11)
    assert account.sees(me) == "gold/main"
    assert account.left() == []


def test_line_says_no(account: Trying, me: Friend) -> None:
    account.line.fail_with["upload_menu_image"] = LineRefused("400 odd image", 400)
    account.ask(me)
    account.carry_on()
    assert account.state() == "refused"
    assert account.sees(me) == "gold/main"
    assert account.left() == []


def test_line_is_out_of_reach(account: Trying, me: Friend) -> None:
    account.line.fail_with["create_menu"] = LineUnavailable("503")
    account.ask(me)
    for _ in range(12):
        account.later(minutes=1)
    assert account.state() == "unreachable"
    assert account.left() == []


def test_what_cannot_be_deleted_yet_is_deleted_later(account: Trying, me: Friend) -> None:
    account.ask(me)
    account.carry_on()
    account.line.fail_with["delete_menu"] = LineUnavailable("429")
    account.later(minutes=11)
    assert account.sees(me) == "gold/main"
    assert account.left()
    account.line.fail_with.clear()
    account.later(minutes=11)
    assert account.left() == []


def test_what_a_process_left_that_woke_too_late_is_swept_up(account: Trying, me: Friend) -> None:
    image = next(iter(account.line.menu_store.values()))
    account.line.menu_store["late"] = type(image)({**image.menu, "name": trying.name(uuid4(), 0)})
    account.ask(me)
    account.carry_on()
    account.later(minutes=11)
    assert account.left() == []


def test_few_within_an_hour(account: Trying, me: Friend) -> None:
    for _ in range(trials.MOST_AN_HOUR):
        account.ask(me, "gold")
        account.carry_on()
    with pytest.raises(TooMany):
        account.ask(me, "gold")
    with account.database.read() as db:
        left = publish_runs.left(db, account.clock())
    assert left.creations == 100 - 4 - trials.MOST_AN_HOUR
    account.clock.advance(minutes=61)
    account.ask(me, "gold")


def test_forgotten_in_the_end(account: Trying, me: Friend) -> None:
    account.ask(me)
    account.carry_on()
    account.later(minutes=11)
    assert forgetting.work(account.database, account.clock(), account.settings) == 0
    account.clock.advance(days=31)
    assert forgetting.work(account.database, account.clock(), account.settings) == 1


CALLS = 15


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("database", "dies_at"), deaths(CALLS, every=5), indirect=["database"])
def test_killed_at_any_call_it_is_put_back(
    make: Callable[..., Trying], database: Database, dies_at: int, after: bool
) -> None:
    line = DyingLine()
    account = make(database, line)
    me = account.linked(rank="gold")
    account.work()
    line.count, line.dies_at, line.after = 0, dies_at, after
    account.ask(me)
    for _ in range(12):
        with suppress(Killed, LineUnavailable):
            account.carry_on()
        assert len(account.left()) <= 4, "nothing is there twice"
        account.clock.advance(minutes=3)
    assert line.count >= dies_at
    assert account.sees(me) == "gold/main"
    assert account.left() == []
    with database.read() as db:
        assert db.scalar(select(MenuTrial.state)) == State.DONE


def test_the_story_is_as_long_as_the_tests_think(
    make: Callable[..., Trying], database: Database
) -> None:
    line = DyingLine()
    account = make(database, line)
    me = account.linked(rank="gold")
    account.work()
    line.count = 0
    account.ask(me)
    account.carry_on()
    account.later(minutes=11)
    assert line.count == CALLS


def test_whose_lease_has_ended_changes_nothing(account: Trying, me: Friend) -> None:
    account.ask(me)

    def overtaken() -> None:
        account.line.meanwhile.clear()
        with account.database.begin() as db:
            db.execute(update(MenuTrial).values(attempts=MenuTrial.attempts + 1))

    account.line.meanwhile["link_menu"] = overtaken
    trial_runs.work(account.database, account.line, account.clock)
    assert account.state() == "asked"
    account.later(minutes=11)
    assert account.sees(me) == "gold/main"
    assert account.left() == []
