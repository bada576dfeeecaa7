"""Publishing as a row: what was asked for is published once, whatever dies and whoever comes by."""

from datetime import timedelta

import pytest

from core.database import Database
from core.errors import Conflict, Invalid, NotFound
from core.owed import State
from line.gateway import LineRefused, LineUnavailable
from models import MenuBook, Publication, PublishRun, Stopped
from richmenus import carrying_out, forgetting, publications, publish_runs
from richmenus.editions import Edition
from richmenus.publish_runs import Asked
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

MARI = Asked("Mari", None, people=3)


def ask(account: Account, edition: Edition | None = None, **how: object) -> PublishRun:
    with account.database.begin() as db:
        given = edition or account.folder.read()
        return publish_runs.ask(db, given, MARI, account.clock(), **how)  # type: ignore[arg-type]


def work(account: Account) -> int:
    return carrying_out.work(account.database, account.line, account.clock)


def found(account: Account, run: PublishRun) -> PublishRun:
    with account.database.read() as db:
        return publish_runs.get(db, run.id)


def in_force(account: Account) -> Publication:
    with account.database.read() as db:
        now = publications.in_force(db)
        assert now
        return now.publication


def test_what_was_asked_for_is_published_and_every_step_noted(account: Account) -> None:
    friend = account.friend()
    run = ask(account)
    assert work(account) == 1
    account.work()
    run = found(account, run)
    assert (run.state, run.publication, run.stopped) == (State.DONE, 1, Stopped.NOT)
    assert run.done_steps == run.all_steps == len(run.said) > 5
    assert in_force(account).published_by == "Mari"
    assert account.sees(friend) == "guest/main"
    assert work(account) == 0


def test_what_is_changed_after_asking_is_not_published(account: Account) -> None:
    run = ask(account)
    account.folder.paint("guest", "red")
    work(account)
    assert in_force(account).fingerprint == run.fingerprint
    assert in_force(account).fingerprint != account.folder.read().fingerprint


def test_only_one_is_carried_out_at_a_time(account: Account) -> None:
    ask(account)
    with pytest.raises(Conflict):
        ask(account)
    ask(account, at=account.clock() + timedelta(hours=1))
    work(account)
    account.folder.paint("guest", "red")
    ask(account)


def test_what_somebody_else_published_meanwhile_is_not_written_over(account: Account) -> None:
    account.apply()
    account.folder.paint("guest", "red")
    run = ask(account)
    account.folder.paint("guest", "blue")
    account.apply()
    work(account)
    run = found(account, run)
    assert (run.state, run.stopped) == (State.FAILED, Stopped.OVERTAKEN)
    assert in_force(account).number == 2


def test_somebody_who_publishes_at_the_terminal_is_waited_for(account: Account) -> None:
    run = ask(account)
    with account.database.begin() as db:
        publications.begin(db)
        book = db.get_one(MenuBook, 1)
        book.publishing_until = account.clock() + timedelta(seconds=30)
    assert work(account) == 0
    assert found(account, run).error == "menus.somebody_publishes"
    account.clock.advance(seconds=60)
    assert work(account) == 1
    assert found(account, run).publication == 1


def test_a_scheduled_one_waits_for_its_time_and_then_goes_over_whatever_is_in_force(
    account: Account,
) -> None:
    at = account.clock() + timedelta(days=1)
    run = ask(account, at=at)
    assert work(account) == 0
    account.folder.paint("guest", "red")
    account.apply()
    with account.database.read() as db:
        assert [each.id for each in publish_runs.scheduled(db)] == [run.id]
        assert publish_runs.running(db) is None
    account.clock.advance(days=1, seconds=1)
    assert work(account) == 1
    assert in_force(account).fingerprint == run.fingerprint
    assert found(account, run).scheduled_for == at


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_time_that_cannot_be_is_refused(account: Account, days: int) -> None:
    with pytest.raises(Invalid):
        ask(account, at=account.clock() + timedelta(days=days))


def test_only_so_many_may_wait(account: Account) -> None:
    for n in range(publish_runs.MOST_SCHEDULED):
        ask(account, at=account.clock() + timedelta(hours=n + 1))
    with pytest.raises(Invalid):
        ask(account, at=account.clock() + timedelta(days=2))


def test_a_scheduled_one_can_be_cancelled_and_nothing_happens(account: Account) -> None:
    run = ask(account, at=account.clock() + timedelta(hours=1))
    with account.database.begin() as db:
        publish_runs.cancel(db, run.id, by="Ken", now=account.clock())
    account.clock.advance(hours=2)
    assert work(account) == 0
    run = found(account, run)
    assert (run.state, run.stopped, run.stopped_by) == (State.FAILED, Stopped.CANCELLED, "Ken")
    with account.database.begin() as db, pytest.raises(Conflict):
        publish_runs.cancel(db, run.id, by="Ken", now=account.clock())
    with account.database.begin() as db, pytest.raises(NotFound):
        publish_runs.cancel(db, account.friend().id, by="Ken", now=account.clock())


def test_what_is_under_way_cannot_be_cancelled(account: Account) -> None:
    run = ask(account)
    said: list[object] = []

    def meanwhile() -> None:
        if not said:
            with account.database.begin() as db, pytest.raises(Conflict) as caught:
                publish_runs.cancel(db, run.id, by="Ken", now=account.clock())
            said.append(caught.value.key)

    account.line.meanwhile["create_menu"] = meanwhile
    work(account)
    assert said == ["staff_publish.is_running"]
    assert found(account, run).publication == 1


def test_line_out_of_reach_is_tried_again_and_at_last_given_up(account: Account) -> None:
    run = ask(account)
    account.line.fail_with["upload_menu_image"] = LineUnavailable("503")
    for _ in range(60):
        work(account)
        account.clock.advance(minutes=10)
    run = found(account, run)
    assert (run.state, run.stopped, run.error) == (State.FAILED, Stopped.UNREACHABLE, "503")
    assert 0 < run.done_steps < run.all_steps


def test_after_an_outage_it_goes_on_where_it_was(account: Account) -> None:
    run = ask(account)
    account.line.fail_with["set_default_menu"] = LineUnavailable("503")
    assert work(account) == 0
    del account.line.fail_with["set_default_menu"]
    account.clock.advance(minutes=10)
    assert work(account) == 1
    run = found(account, run)
    assert run.done_steps == run.all_steps
    assert account.line.calls.count("create_menu") == 4


def test_what_line_refuses_ends_it_with_lines_words(account: Account) -> None:
    run = ask(account)
    account.line.fail_with["create_menu"] = LineRefused("400 no", 400)
    assert work(account) == 1
    run = found(account, run)
    assert (run.stopped, run.error) == (Stopped.REFUSED, "400 no")


def test_when_line_creates_no_more_this_hour_it_waits(account: Account) -> None:
    with account.database.begin() as db:
        left = publish_runs.left(db, account.clock())
    assert (left.creations, left.batches) == (100, 3)
    for n in range(25):
        account.folder.paint("guest", f"#{n:02x}0000")
        account.folder.paint("member", f"#{n:02x}0000")
        account.folder.paint("gold", f"#{n:02x}0000")
        account.apply()
    account.folder.paint("guest", "red")
    run = ask(account)
    assert work(account) == 0
    assert found(account, run).error == "menus.too_many_created"
    with account.database.read() as db:
        assert publish_runs.left(db, account.clock()).creations == 0
    account.clock.advance(hours=2)
    assert work(account) == 1


def test_old_runs_are_forgotten_and_open_ones_never(account: Account) -> None:
    ask(account)
    work(account)
    account.folder.paint("guest", "red")
    waits = ask(account, at=account.clock() + timedelta(days=300))
    now = account.clock.advance(days=500)
    assert forgetting.work(account.database, now, account.settings) == 1
    assert found(account, waits)


# Killed

CALLS = 19
"""How often LINE is asked something while the second edition is published."""


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, list[Edition]]:
    folder = Folder(tmp_path_factory.mktemp("menus"), plain_settings())
    first = folder.read()
    folder.paint("member", "red")
    folder.rules(RULES[1:])
    return folder, [first, folder.read()]


@pytest.fixture
def dying(
    database: Database, editions: tuple[Folder, list[Edition]], clock: SettableClock
) -> Account:
    account = Account(database, DyingLine(), editions[0], clock)
    account.linked()
    account.linked(rank="gold")
    account.apply(editions[1][0])
    account.work()
    return account


def until_ended(account: Account, run: PublishRun) -> PublishRun:
    for _ in range(20):
        try:
            work(account)
            account.work()
        except (Killed, LineUnavailable):
            pass
        if found(account, run).state != State.DUE:
            return found(account, run)
        account.clock.advance(minutes=5)
    raise AssertionError("it never ended")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("database", "dies_at"), deaths(CALLS, every=8), indirect=["database"])
def test_killed_at_any_call_it_ends_the_same(
    dying: Account, editions: tuple[Folder, list[Edition]], dies_at: int, after: bool
) -> None:
    line = dying.line
    assert isinstance(line, DyingLine)
    line.dies_at, line.after = line.count + dies_at, after
    run = ask(dying, editions[1][1])
    ended = until_ended(dying, run)
    assert (ended.state, ended.publication, ended.stopped) == (State.DONE, 2, Stopped.NOT)
    assert in_force(dying).number == 2, "it came into force once"
    assert in_force(dying).fingerprint == run.fingerprint
    dying.clock.advance(minutes=10)
    dying.work()
    dying.writes()
    dying.apply(editions[1][1])
    assert dying.writes() == []


def test_the_story_is_as_long_as_the_tests_think(
    dying: Account, editions: tuple[Folder, list[Edition]]
) -> None:
    assert isinstance(dying.line, DyingLine)
    before = dying.line.count
    until_ended(dying, ask(dying, editions[1][1]))
    assert dying.line.count - before == CALLS


def test_what_came_into_force_before_it_died_is_not_put_over_what_came_after(
    account: Account,
) -> None:
    account.apply()
    account.folder.paint("guest", "red")
    run = ask(account)

    def die() -> None:
        raise Killed

    account.line.meanwhile["delete_menu"] = die
    with pytest.raises(Killed):
        work(account)
    assert found(account, run).publication == 2
    assert found(account, run).state == State.DUE
    account.line.meanwhile.clear()
    account.folder.paint("guest", "blue")
    account.clock.advance(minutes=5)
    account.apply()
    newest = in_force(account)
    work(account)
    assert found(account, run).state == State.DONE
    assert in_force(account).id == newest.id


def test_a_process_that_wakes_after_its_lease_changes_nothing(account: Account) -> None:
    run = ask(account)

    def slept() -> None:
        del account.line.meanwhile["upload_menu_image"]
        with account.database.begin() as db:  # another process took it over, and ended it
            row = publish_runs.get(db, run.id)
            row.attempts += 1
            row.state, row.stopped = State.FAILED, Stopped.CANCELLED

    account.line.meanwhile["upload_menu_image"] = slept
    assert work(account) == 0
    run = found(account, run)
    assert run.stopped == Stopped.CANCELLED
    assert run.publication is None
