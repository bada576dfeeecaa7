"""Who sees which menu, and how often LINE is asked: link, unlink, follow, block, change, rules."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, join, select, update

from core.database import Database
from core.owed import State
from line.fake import FakeLine
from line.gateway import LineRefused, LineUnavailable
from members import friendship
from models import Friend, Member, MenuAssignment
from richmenus import assignment, keeping, looking, rules, trying, wanting
from tests.conftest import SettableClock
from tests.richmenus.situations import RULES, Account, Folder, Killed, put_friend


@pytest.fixture
def published(account: Account) -> Account:
    account.apply()
    account.work()
    account.writes()
    return account


def test_nothing_is_done_before_the_first_publication(account: Account) -> None:
    friend = account.friend()
    assert account.work() == 0
    account.apply()
    account.work()
    assert account.sees(friend) == "guest/main"


def test_a_guest_costs_no_call(published: Account) -> None:
    friend = published.friend()
    assert published.work() > 0
    assert published.writes() == []
    assert published.sees(friend) == "guest/main"
    row = published.row(friend)
    assert (row.wanted, row.rule, row.because) == ("guest", 2, "not linked yet")
    assert row.state == State.DONE
    assert published.work() == 0


def test_a_link_and_its_end_are_seen(published: Account) -> None:
    friend = published.friend()
    published.work()
    published.link(friend)
    published.work()
    assert published.writes() == ["link_menu"]
    assert published.sees(friend) == "member/home"
    assert published.row(friend).because == "linked"
    published.unlink(friend)
    published.work()
    assert published.writes() == ["unlink_menu"]
    assert published.sees(friend) == "guest/main"
    assert friend.line_user_id not in published.line.own


def test_a_changed_profile_is_seen(published: Account) -> None:
    friend = published.linked()
    published.work()
    published.change(friend, rank="gold")
    published.work()
    assert published.sees(friend) == "gold/main"
    published.change(friend, rank="silver")
    published.work()
    assert published.sees(friend) == "member/home"


def test_who_is_as_they_should_be_costs_no_call(published: Account) -> None:
    friend = published.linked()
    published.work()
    published.writes()
    published.change(friend, points=500)
    published.work()
    assert published.writes() == []
    with published.database.read() as db:
        assert db.scalar(select(Friend.menu_stale_at).where(Friend.id == friend.id)) is None


def test_unblocking_brings_the_menu_back(published: Account) -> None:
    friend = published.linked()
    published.work()
    published.block(friend)
    published.writes()
    published.work()
    assert published.writes() == [], "LINE is told nothing about who has blocked the account"
    published.follow(friend)
    published.work()
    assert published.writes() == ["link_menu"]
    assert published.sees(friend) == "member/home"


def test_a_follow_without_an_unfollow_is_enough(published: Account) -> None:
    """LINE forgot the menu, and the event that said so was lost."""
    friend = published.linked()
    published.work()
    published.line.own.clear()
    published.follow(friend)
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_follow_that_comes_late_does_not_hide_what_line_was_told_since(
    published: Account,
) -> None:
    """Back after a block, linked and unlinked on the page, and only then does LINE tell of it."""
    friend = published.linked()
    published.work()
    published.line.block(friend.line_user_id)
    published.line.unblock(friend.line_user_id)
    back_at = published.clock()
    published.clock.advance(seconds=30)
    published.change(friend, rank="gold")
    published.work()
    assert published.sees(friend) == "gold/main"
    published.clock.advance(seconds=30)
    published.unlink(friend)
    with published.database.begin() as db:
        friendship.followed(db, friend.line_user_id, back_at, published.clock())
    published.work()
    assert published.sees(friend) == "guest/main"


@pytest.mark.parametrize("menu", [None, "", "m1"])
@pytest.mark.parametrize("row_epoch", [rules.NEVER, 0, 1, 2])
@pytest.mark.parametrize("epoch", [0, 1, 2])
@pytest.mark.parametrize("told", [None, -1, 0, 1])
@pytest.mark.parametrize("turned", [None, 0])
def test_python_and_sql_agree_about_what_is_still_shown(
    database: Database, clock: SettableClock, menu, row_epoch, epoch, told, turned
) -> None:
    now = clock()
    at = None if told is None else now + timedelta(seconds=told)
    turned_at = None if turned is None else now
    with database.begin() as db:
        friend = put_friend(db, now, menu_epoch=epoch, friendship_at=turned_at)
        db.add(
            MenuAssignment(
                id=friend.id, wanted="guest", rule=0, because="", due_at=now, shown=menu,
                epoch=row_epoch, sure_at=at,
            )
        )  # fmt: skip
        db.flush()
        asked = select(wanting.still_shown()).select_from(
            join(Friend, MenuAssignment, MenuAssignment.id == Friend.id)
        )
        noted = rules.Noted(menu, row_epoch, at)
        expected = rules.still_shown(noted, epoch=epoch, friendship_at=turned_at)
        assert db.scalar(asked.where(Friend.id == friend.id)) == expected


def test_unblocking_as_a_guest_costs_no_call(published: Account) -> None:
    friend = published.friend()
    published.work()
    published.block(friend)
    published.work()
    published.follow(friend)
    published.work()
    assert published.writes() == []


def test_who_was_linked_while_blocking_sees_it_on_coming_back(published: Account) -> None:
    friend = published.friend()
    published.work()
    published.block(friend)
    published.link(friend)
    published.work()
    assert published.writes() == []
    published.follow(friend)
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_menu_from_before_our_time_is_taken_away(published: Account) -> None:
    """Of a friend who never followed in our time we do not know what LINE shows."""
    friend = published.friend(menu_epoch=0)
    published.line.own[friend.line_user_id] = next(iter(published.line.menu_store))
    published.work()
    assert published.writes() == ["unlink_menu"]
    assert published.sees(friend) == "guest/main"
    published.unlink(friend)
    published.work()
    assert published.writes() == []


def test_other_rules_move_those_they_concern(published: Account) -> None:
    gold, member, guest = published.linked(rank="gold"), published.linked(), published.friend()
    published.work()
    published.writes()
    published.folder.rules([{"menu": "member", "because": "everybody"}])
    published.apply()
    published.writes()
    published.work()
    assert {published.sees(each) for each in (gold, member, guest)} == {"member/home"}
    assert published.row(guest).because == "everybody"
    with published.database.read() as db:
        assert set(db.scalars(select(MenuAssignment.state))) == {State.DONE}


def test_a_birthday_month_begins_and_ends(account: Account) -> None:
    rules = [{"menu": "gold", "because": "birthday", "when": {"birthday_month": "this"}}, *RULES]
    account.folder.rules(rules)
    friend = account.linked(birthday=datetime(1990, 4, 30, tzinfo=UTC).date())
    account.linked(birthday=datetime(1990, 7, 1, tzinfo=UTC).date())
    account.apply()
    account.clock.now = datetime(2026, 3, 31, 14, 59, tzinfo=UTC)
    account.work()
    assert account.sees(friend) == "member/home"
    account.writes()
    account.clock.advance(minutes=1)  # in Tokyo April begins
    account.work()
    assert account.sees(friend) == "gold/main"
    assert account.writes() == ["link_menu"], "only hers"
    assert account.work() == 0
    account.clock.now = datetime(2026, 4, 30, 15, 0, tzinfo=UTC)
    account.work()
    assert account.sees(friend) == "member/home"


def test_a_period_begins_and_ends(account: Account) -> None:
    period = {"from": "2026-04-01 12:30", "until": "2026-04-02"}
    account.folder.rules([{"menu": "gold", "because": "fair", **period}, *RULES])
    friend = account.friend()
    account.apply()
    seen = []
    for when in ("2026-04-01 03:29", "2026-04-01 03:30", "2026-04-02 14:59", "2026-04-02 15:00"):
        account.clock.now = datetime.fromisoformat(f"{when}+00:00")
        account.work()
        seen.append(account.sees(friend))
    assert seen == ["guest/main", "gold/main", "gold/main", "guest/main"]


def test_a_tab_is_not_undone_until_the_menu_changes(published: Account) -> None:
    friend = published.linked()
    published.work()
    shop = published.line.aliases["member_shop"]
    published.line.own[friend.line_user_id] = shop
    published.hears_of_tab(friend, "member_shop")
    published.writes()
    published.change(friend, points=3)
    published.work()
    assert published.writes() == []
    assert published.row(friend).shown == shop
    published.change(friend, rank="gold")
    published.work()
    assert published.sees(friend) == "gold/main"


def test_a_tab_of_another_menu_is_undone(published: Account) -> None:
    """The friend tapped a tab just when their menu became another."""
    friend = published.linked(rank="gold")
    published.work()
    published.line.own[friend.line_user_id] = published.line.aliases["member_shop"]
    published.hears_of_tab(friend, "member_shop")
    published.work()
    assert published.sees(friend) == "gold/main"


def test_a_tab_we_do_not_know_is_undone(published: Account) -> None:
    friend = published.linked()
    published.work()
    published.line.own.pop(friend.line_user_id)
    published.hears_of_tab(friend, "member_gone")
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_tab_of_somebody_never_looked_at(published: Account) -> None:
    friend = published.friend()
    published.hears_of_tab(friend, "member_shop")
    published.work()
    assert published.sees(friend) == "guest/main"


def test_a_tab_of_a_draft_is_no_news(published: Account) -> None:
    friend = published.linked()
    published.work()
    shown = published.row(friend).shown
    published.hears_of_tab(friend, trying.alias(uuid4(), 1))
    assert published.row(friend).shown == shown
    published.writes()
    published.work()
    assert published.writes() == []


def test_a_tab_that_is_tapped_while_line_is_late_does_not_hide_what_it_does_then(
    published: Account,
) -> None:
    (friend, _), line = (
        (published.linked(rank="gold"), published.linked(rank="gold")),
        published.line,
    )
    line_does_it = published.work_with_a_late_line()
    published.clock.advance(seconds=1)
    published.change(friend, rank="regular")
    published.work()
    assert published.sees(friend) == "member/home"
    line.own[friend.line_user_id] = line.aliases["member_shop"]
    published.hears_of_tab(friend, "member_shop")
    line_does_it()
    assert published.sees(friend) == "gold/main"
    published.clock.advance(seconds=30)
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_tab_that_is_tapped_while_line_is_told_of_another_menu_is_undone(
    published: Account,
) -> None:
    """The phone shows the old tabs for a moment longer, and the tap reaches LINE last."""
    friend, line = published.linked(), published.line
    published.work()
    told = line.link_menu

    def tapped(menu: str, users: Any) -> None:
        line.link_menu = told  # type: ignore[method-assign]
        told(menu, users)
        line.own[friend.line_user_id] = line.aliases["member_shop"]
        published.hears_of_tab(friend, "member_shop")

    line.link_menu = tapped  # type: ignore[method-assign]
    published.change(friend, rank="gold")
    published.work()
    assert published.sees(friend) == "member/shop"
    published.clock.advance(minutes=3)
    published.work()
    assert published.sees(friend) == "gold/main"
    assert published.row(friend).state is State.DONE


def test_a_tab_that_is_heard_of_after_line_was_told_of_another_menu(published: Account) -> None:
    """Tapped before, so LINE shows what it was told; and then the old menu is theirs again."""
    friend = published.linked()
    published.work()
    published.line.own[friend.line_user_id] = published.line.aliases["member_shop"]
    tapped_at = published.clock()
    published.clock.advance(seconds=5)
    published.change(friend, rank="gold")
    published.work()
    published.change(friend, rank="regular")
    published.hears_of_tab(friend, "member_shop", tapped_at)
    assert published.sees(friend) == "gold/main"
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_tab_that_is_heard_of_after_they_blocked_and_came_back(published: Account) -> None:
    friend = published.linked()
    published.work()
    tapped_at = published.clock()
    published.clock.advance(seconds=5)
    published.block(friend)
    published.follow(friend)
    published.hears_of_tab(friend, "member_shop", tapped_at)
    assert published.sees(friend) == "guest/main"
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_tab_that_was_tapped_after_a_follow_that_is_heard_later(published: Account) -> None:
    published.folder.rules([{"menu": "member", "because": "everybody"}])
    published.apply()
    friend = published.friend()
    published.work()
    followed_at = published.clock.advance(seconds=5)
    published.line.own[friend.line_user_id] = published.line.aliases["member_shop"]
    tapped_at = published.clock.advance(seconds=5)
    with published.database.begin() as db:
        assignment.switched(db, friend.id, "member_shop", tapped_at, published.clock())
        friendship.followed(db, friend.line_user_id, followed_at, published.clock())
    published.folder.rules(RULES)
    published.apply()
    published.work()
    assert published.sees(friend) == "guest/main"


def test_a_tab_that_was_tapped_before_the_worker_died(published: Account) -> None:
    """Its lease has ended, and what LINE shows is known to nobody."""
    friend = published.linked()
    published.work()
    tapped_at = published.clock()
    published.clock.advance(seconds=5)
    published.change(friend, rank="gold")
    published.work_and_die()
    published.clock.advance(minutes=5)
    published.change(friend, rank="regular")
    published.hears_of_tab(friend, "member_shop", tapped_at)
    assert published.sees(friend) == "gold/main"
    published.work()
    assert published.sees(friend) == "member/home"


def test_who_shows_another_tab_moves_along_with_the_rest(published: Account) -> None:
    friend = published.linked()
    published.work()
    published.line.own[friend.line_user_id] = published.line.aliases["member_shop"]
    published.hears_of_tab(friend, "member_shop")
    published.clock.advance(seconds=1)
    published.folder.paint("member", "red")
    published.apply()
    published.work()
    assert published.sees(friend) == "member/shop"
    assert published.line.own[friend.line_user_id] == published.line.aliases["member_shop"]


def test_friends_from_before_our_time_are_given_their_menu_too(published: Account) -> None:
    """LINE has told us nothing of them, and takes it well when they are none."""
    unheard = {"following": False, "friendship_at": None, "menu_epoch": 0}
    guest, silver = published.friend(**unheard), published.friend(**unheard)
    published.line.own[silver.line_user_id] = published.line.default or ""
    published.link(silver, rank="silver")
    published.work()
    assert (published.sees(guest), published.sees(silver)) == ("guest/main", "member/home")
    published.folder.paint("member", "red")
    published.apply()
    published.work()
    assert published.sees(silver) == "member/home"
    assert published.line.own[silver.line_user_id] in published.line.menu_store
    published.block(silver)
    published.writes()
    published.change(silver, rank="gold")
    published.work()
    assert published.writes() == []


def test_a_follow_that_is_heard_after_their_page_was_opened(published: Account) -> None:
    """We met them on the page, showed them a menu, and hear only then that they had followed."""
    followed_at = published.clock()
    published.clock.advance(seconds=5)
    friend = published.friend(following=False, friendship_at=None, menu_epoch=0)
    published.link(friend, rank="gold")
    published.work()
    assert published.sees(friend) == "gold/main"
    with published.database.begin() as db:
        friendship.followed(db, friend.line_user_id, followed_at, published.clock())
    published.unlink(friend)
    published.work()
    assert published.sees(friend) == "guest/main"


def test_a_follow_that_is_heard_after_a_call_whose_answer_never_came(published: Account) -> None:
    followed_at = published.clock()
    published.clock.advance(seconds=5)
    friend = published.friend(following=False, friendship_at=None, menu_epoch=0)
    published.link(friend, rank="gold")
    published.work_and_die()
    with published.database.begin() as db:
        friendship.followed(db, friend.line_user_id, followed_at, published.clock())
    published.unlink(friend)
    published.clock.advance(minutes=3)
    published.work()
    assert published.sees(friend) == "guest/main"


# Many


def crowd(account: Account, number: int, **changes: Any) -> list[Friend]:
    with account.database.begin() as db:
        return [put_friend(db, account.clock(), **changes) for _ in range(number)]


def test_many_are_told_in_bulk(published: Account) -> None:
    published.folder.rules([*RULES[:1], {"menu": "member", "because": "everybody"}])
    published.apply()
    published.work()
    people = crowd(published, 1_200)
    published.writes()
    with published.database.begin() as db:
        db.execute(update(Friend).values(menu_epoch=2))
    published.line.own.clear()
    published.folder.rules([*RULES[:1], {"menu": "gold", "because": "x", "when": {"linked": False}},
                            {"menu": "guest", "because": "rest"}])  # fmt: skip
    published.apply()
    published.writes()
    published.work()
    assert published.writes() == ["link_menu"] * 3
    assert len(published.line.own) == 1_200
    assert {published.sees(each) for each in people} == {"gold/main"}
    assert published.work() == 0


def test_statements_do_not_grow_with_people(published: Account) -> None:
    counted: list[int] = []
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    connection = published.database.bind
    for number in (2, 3, 400):
        rule = {"menu": "gold", "because": str(number), "when": {"linked": False}}
        published.folder.rules([rule, {"menu": "guest", "because": "rest"}])
        published.apply()
        crowd(published, number)
        statements = 0
        event.listen(connection, "before_cursor_execute", count)
        published.work()
        event.remove(connection, "before_cursor_execute", count)
        counted.append(statements)
    assert abs(counted[1] - counted[2]) <= 3, counted


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (looking, keeping):
        monkeypatch.setattr(room, "SLICE", 7)


@pytest.fixture
def everybody_due(
    fresh_database: Database, line: FakeLine, folder: Folder, clock: SettableClock
) -> Account:
    """Thirty people, and rules by which all see another menu than was computed."""
    account = Account(fresh_database, line, folder, clock)
    account.apply()
    crowd(account, 30, menu_stale_at=None)
    account.folder.rules([{"menu": "gold", "because": "all"}])
    account.apply()
    return account


def wanted(account: Account) -> list[str]:
    with account.database.read() as db:
        return list(db.scalars(select(MenuAssignment.wanted)))


@pytest.mark.usefixtures("small_slices")
def test_everybody_is_looked_at_slice_by_slice(published: Account) -> None:
    people = crowd(published, 30, menu_stale_at=None)
    published.folder.rules([{"menu": "gold", "because": "all"}])
    published.apply()
    published.work()
    assert {published.sees(each) for each in people} == {"gold/main"}
    assert set(wanted(published)) == {"gold"}


@pytest.mark.usefixtures("small_slices")
def test_killed_while_looking_at_everybody_the_next_goes_on(
    fresh_database: Database, everybody_due: Account
) -> None:
    account = everybody_due
    inserts = 0

    def die(*asked: Any) -> None:
        nonlocal inserts
        inserts += "INSERT INTO menu_assignment" in asked[2]
        if inserts == 3:
            raise Killed

    event.listen(fresh_database.engine, "before_cursor_execute", die)
    with pytest.raises(Killed):
        looking.at_everybody(account.database, account.settings, account.clock())
    event.remove(fresh_database.engine, "before_cursor_execute", die)
    assert len(wanted(account)) == 14
    assert looking.at_everybody(account.database, account.settings, account.clock()) == 16
    assert wanted(account) == ["gold"] * 30
    assert looking.at_everybody(account.database, account.settings, account.clock()) == 0


@pytest.mark.usefixtures("small_slices")
def test_rules_that_change_during_the_scan_are_what_counts(everybody_due: Account) -> None:
    account, engine = everybody_due, everybody_due.database.engine
    published = 0

    def publish(*asked: Any) -> None:
        nonlocal published
        if asked[2].startswith("CREATE TEMPORARY TABLE") and not published:
            published += 1
            account.folder.rules([{"menu": "member", "because": "second thoughts"}])
            somebody = Thread(target=account.apply)
            somebody.start()
            somebody.join()

    event.listen(engine, "after_cursor_execute", publish)
    looking.at_everybody(account.database, account.settings, account.clock())
    event.remove(engine, "after_cursor_execute", publish)
    assert published == (engine.dialect.name == "postgresql"), "SQLite has no scan apart"
    if published:
        assert wanted(account) == [], "found by rules that are no more in force"
        assert looking.at_everybody(account.database, account.settings, account.clock()) == 30
        assert wanted(account) == ["member"] * 30


def test_two_workers_do_not_both_look_at_everybody(everybody_due: Account) -> None:
    account, database = everybody_due, everybody_due.database
    if database.engine.dialect.name == "sqlite":
        return  # each slice is its own, under the one writer's lock
    with database.begin() as db:
        assert db.scalar(looking._ALONE)
        assert looking.at_everybody(database, account.settings, account.clock()) == 0
    assert looking.at_everybody(database, account.settings, account.clock()) == 30


def test_one_person_does_not_wait_for_everybody(published: Account) -> None:
    crowd(published, 600)
    published.folder.rules([{"menu": "gold", "because": "x", "when": {"linked": False}}, *RULES])
    published.apply()
    looking.at_everybody(published.database, published.settings, published.clock())
    friend = published.linked()
    looking.at_changed(published.database, published.settings, published.clock())
    with published.database.read() as db:
        due = select(MenuAssignment.id).where(MenuAssignment.state == State.DUE)
        assert db.scalar(due.order_by(MenuAssignment.due_at).limit(1)) is not None
        mine = db.get_one(MenuAssignment, friend.id).due_at
        crowds = db.scalars(due.with_only_columns(MenuAssignment.due_at)).all()
    assert mine <= min(crowds)


# When it does not go well


def test_an_outage_is_waited_for_with_growing_pauses(published: Account) -> None:
    friend = published.linked()
    published.line.fail_with["link_menu"] = LineUnavailable("503")
    waits = []
    for _ in range(4):
        published.work()
        row = published.row(friend)
        waits.append((row.due_at - published.clock()).total_seconds())
        assert row.error == "503"
        assert row.shown is None
        published.clock.now = row.due_at
    assert waits == [2, 4, 8, 16]
    published.line.fail_with.clear()
    published.work()
    assert published.sees(friend) == "member/home"
    assert (published.row(friend).failures, published.row(friend).error) == (0, "")


def test_in_an_outage_nobody_else_is_tried(published: Account) -> None:
    crowd(published, 1_200)
    published.line.fail_with["link_menu"] = LineUnavailable("503")
    crowd(published, 3, menu_epoch=0)
    published.folder.rules([{"menu": "gold", "because": "x", "when": {"linked": False}}, *RULES])
    published.apply()
    published.writes()
    published.work()
    assert published.writes() == ["link_menu"]


def test_a_lost_answer_is_asked_again(published: Account) -> None:
    friend = published.linked()
    published.line.lose_answer.add("link_menu")
    published.work()
    assert published.row(friend).shown is None
    published.change(friend, rank="gold")
    published.clock.advance(seconds=3)
    published.work()
    assert published.sees(friend) == "gold/main"


def test_one_odd_id_does_not_starve_the_others(published: Account) -> None:
    people = crowd(published, 40)
    odd = people[17]
    with published.database.begin() as db:
        db.execute(update(Friend).where(Friend.id == odd.id).values(line_user_id="nonsense"))
    published.folder.rules([{"menu": "gold", "because": "x", "when": {"linked": False}}, *RULES])
    published.apply()
    published.writes()
    published.work()
    assert len(published.writes()) <= 14
    assert len(published.line.own) == 39
    row = published.row(odd)
    assert row.state == State.FAILED
    assert row.error
    assert published.work() == 0
    with published.database.begin() as db:
        mend = update(Friend).where(Friend.id == odd.id)
        db.execute(mend.values(line_user_id=odd.line_user_id, menu_stale_at=published.clock()))
    published.work()
    assert published.sees(odd) == "gold/main"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_that_is_about_nobody_is_not_halved(published: Account, status: int) -> None:
    people = crowd(published, 8)
    published.folder.rules([{"menu": "gold", "because": "x", "when": {"linked": False}}, *RULES])
    published.apply()
    published.writes()
    published.line.fail_with["link_menu"] = LineRefused("no", status)
    published.work()
    assert published.writes() == ["link_menu"]
    published.line.fail_with.clear()
    published.clock.advance(minutes=1)
    published.work()
    assert {published.sees(each) for each in people} == {"gold/main"}


def test_when_line_refuses_everybody_it_is_not_asked_for_ever(published: Account) -> None:
    crowd(published, 500)
    published.folder.rules([{"menu": "gold", "because": "x", "when": {"linked": False}}, *RULES])
    published.apply()
    published.writes()
    published.line.fail_with["link_menu"] = LineRefused("400", 400)
    published.work()
    assert len(published.writes()) <= 60


def test_a_friend_who_blocks_while_line_is_told(published: Account) -> None:
    """What we noted holds for the epoch in which we asked, and for no other."""
    friend = published.linked()
    line = published.line
    told = line.link_menu

    def meanwhile(menu: str, users: Any) -> None:
        told(menu, users)
        published.block(friend)
        published.follow(friend)

    line.link_menu = meanwhile  # type: ignore[method-assign]
    looking.at_changed(published.database, published.settings, published.clock())
    assignment.telling.tell(published.database, line, published.settings, published.clock)
    assert friend.line_user_id not in line.own
    line.link_menu = told  # type: ignore[method-assign]
    published.work()
    assert published.sees(friend) == "member/home"


def test_a_friend_who_changes_while_line_is_told(published: Account) -> None:
    friend = published.linked()
    line = published.line
    told = line.link_menu

    def meanwhile(menu: str, users: Any) -> None:
        told(menu, users)
        line.link_menu = told  # type: ignore[method-assign]
        published.change(friend, rank="gold")
        published.work()

    line.link_menu = meanwhile  # type: ignore[method-assign]
    published.work()
    assert published.sees(friend) == "gold/main"


def test_what_line_does_late_is_not_taken_for_forgotten(published: Account) -> None:
    """A bulk link takes LINE some seconds: whoever blocks and comes back meanwhile gets it after
    LINE has forgotten what it was, although the link had been answered before."""
    friend, _ = published.linked(), published.linked()
    line_does_it = published.work_with_a_late_line()
    published.unlink(friend)
    published.clock.advance(seconds=1)
    with published.database.begin() as db:
        user, now = friend.line_user_id, published.clock()
        friendship.unfollowed(db, user, now, now)
        friendship.followed(db, user, now + timedelta(seconds=1), now)
    line_does_it()
    assert published.sees(friend) == "member/home"
    published.work()
    assert published.sees(friend) == "guest/main"


def test_what_line_does_late_does_not_undo_what_it_does_at_once(published: Account) -> None:
    """Many are linked within seconds, one at once: so the first may come after the second."""
    friend, _ = published.linked(), published.linked()
    line_does_it = published.work_with_a_late_line()
    published.clock.advance(seconds=1)
    published.unlink(friend)
    published.work()
    assert published.sees(friend) == "guest/main", "not only in half a minute"
    line_does_it()
    assert published.sees(friend) == "member/home"
    published.clock.advance(seconds=30)
    published.work()
    assert published.sees(friend) == "guest/main"
    assert published.row(friend).state is State.DONE
    published.writes()
    published.clock.advance(minutes=5)
    published.work()
    assert published.writes() == [], "once more is enough"


def test_who_tells_line_after_the_lease_has_it_told_again(published: Account) -> None:
    """Frozen in the middle of a call, and overtaken: LINE hears of the old menu last."""
    friend, line = published.linked(), published.line
    told = line.link_menu

    def frozen(menu: str, users: Any) -> None:
        line.link_menu = told  # type: ignore[method-assign]
        published.clock.advance(minutes=5)
        published.change(friend, rank="gold")
        published.work()
        assert published.sees(friend) == "gold/main"
        told(menu, users)

    line.link_menu = frozen  # type: ignore[method-assign]
    published.work()
    assert published.sees(friend) == "member/home"
    published.clock.advance(minutes=5)
    published.work()
    assert published.sees(friend) == "gold/main"
    assert published.row(friend).state is State.DONE


# Several at once


class CountingLine(FakeLine):
    """Notes everybody that LINE was told about, each time."""

    told: list[str]

    def link_menu(self, menu_id: str, users: Any) -> None:
        self.told += users
        super().link_menu(menu_id, users)


def test_several_workers_tell_line_once_about_each(
    fresh_database: Database, folder: Folder, clock: SettableClock
) -> None:
    line = CountingLine()
    line.told = []
    account = Account(fresh_database, line, folder, clock)
    account.apply()
    people = [account.linked() for _ in range(60)]
    barrier, failures = Barrier(4), []

    def run() -> None:
        barrier.wait()
        try:
            account.work()
        except Exception as e:
            failures.append(e)
            raise

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    account.work()
    assert sorted(line.told) == sorted(each.line_user_id for each in people)


def test_changes_that_come_while_others_work_are_not_lost(
    fresh_database: Database, folder: Folder, clock: SettableClock
) -> None:
    account = Account(fresh_database, FakeLine(), folder, clock)
    account.apply()
    people = [account.linked() for _ in range(20)]
    stop = False

    def run() -> None:
        while not stop:
            account.work()

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for rank in ("gold", "silver", "gold", "silver"):
            for each in people:
                clock.now += timedelta(microseconds=1)
                account.change(each, rank=rank if each != people[0] else "gold")
    finally:
        stop = True
        for thread in threads:
            thread.join()
    account.work()
    assert account.sees(people[0]) == "gold/main"
    assert {account.sees(each) for each in people[1:]} == {"member/home"}
    with fresh_database.read() as db:
        assert db.scalar(select(Member.rank).where(Member.rank == "regular")) is None
