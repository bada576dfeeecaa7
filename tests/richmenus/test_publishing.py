"""Plan and apply against LINE's double: what is sent, what is not, drift, rollback, clearing up."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from core.errors import Conflict, NotFound, TooMany
from line.gateway import LineRefused, LineUnavailable
from models import Friend, MenuBook, MenuMove, MenuPicture, MenuRevision, Publication
from richmenus import moving, publishing
from richmenus.planning import Do, Drift
from tests.richmenus.situations import MENUS, RULES, Account, Killed, tab


def settled(account: Account, **who: str) -> Friend:
    """Somebody who is linked and sees the menu that is in force."""
    friend = account.linked(**who)
    account.apply()
    account.work()
    account.clock.advance(minutes=1)
    return friend


def line_begins_to_move(account: Account) -> str:
    """To another picture of the members' menu, which is published now; the id of its first tab."""
    account.folder.paint("member", "red")
    account.line.batch_phase = "ongoing"
    account.apply()
    (moves,) = account.line.batches.values()
    names = {menu: kept.menu["name"] for menu, kept in account.line.menu_store.items()}
    return next(move.target for move in moves if ":member:home:" in names[move.target])


def line_has_moved(account: Account, phase: str = "succeeded") -> None:
    """As far as it says; we look again."""
    account.line.batch_phase = phase
    account.clock.advance(minutes=3)
    account.work()


def test_everything_is_sent_once(account: Account) -> None:
    account.apply()
    assert len(account.line.menu_store) == 4
    assert all(each.image for each in account.line.menu_store.values())
    assert [name.rpartition(":")[0] for name in account.names()] == [
        "musubi:gold:main",
        "musubi:guest:main",
        "musubi:member:home",
        "musubi:member:shop",
    ]
    assert sorted(account.line.aliases) == ["member_home", "member_shop"]
    default = account.line.default
    assert default
    assert account.line.menu_store[default].menu["name"].startswith("musubi:guest:main:")


def test_what_line_is_sent(account: Account) -> None:
    account.apply()
    sent = [each.menu for each in account.line.menu_store.values()]
    menus = {menu["name"].rpartition(":")[0]: menu for menu in sent}
    assert menus["musubi:member:home"]["areas"][0]["action"] == {
        "type": "richmenuswitch",
        "richMenuAliasId": "member_shop",
        "data": "1:tab:member_shop",
    }
    guest = menus["musubi:guest:main"]
    link = f"{account.settings.liff_url}/link?from=menu.guest.main.0"
    assert guest["areas"][0]["action"]["uri"] == link
    assert guest["size"] == {"width": 800, "height": 540}
    assert guest["chatBarText"] == "メニュー"
    assert guest["selected"] is True


def test_a_second_apply_changes_nothing(account: Account) -> None:
    account.apply()
    account.writes()
    plan = account.apply()
    assert account.writes() == []
    assert (plan.steps, plan.drift) == ((), ())
    with account.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Publication)) == 1


def test_planning_changes_nothing(account: Account) -> None:
    plan = account.plan()
    assert account.writes() == []
    assert [step.do for step in plan.steps].count(Do.CREATE) == 4
    with account.database.read() as db:
        assert db.scalar(select(func.count()).select_from(MenuRevision)) == 0


def test_a_changed_picture_is_another_menu_and_everybody_moves_at_once(account: Account) -> None:
    people = [account.linked() for _ in range(3)]
    account.apply()
    account.work()
    account.clock.advance(minutes=1)  # LINE has surely done it
    before = account.names()
    assert {account.sees(person) for person in people} == {"member/home"}
    account.writes()

    account.folder.paint("member", "red")
    plan = account.plan()
    assert [(s.do, s.people) for s in plan.steps if s.do == Do.PUBLISH] == [(Do.PUBLISH, 3)]
    account.apply()
    assert account.writes().count("move_menus") == 1
    account.work()
    assert "link_menu" not in account.writes(), "they came along with the batch operation"
    after = account.names()
    assert len(after) == 4, "the old ones are gone"
    assert len(set(after) & set(before)) == 2
    assert {account.sees(person) for person in people} == {"member/home"}
    assert set(account.line.own.values()) <= account.line.menu_store.keys()
    assert account.line.aliases["member_home"] in account.line.menu_store
    account.apply()
    assert account.writes() == []


def test_only_the_rules_change(account: Account) -> None:
    gold = settled(account, rank="gold")
    assert account.sees(gold) == "gold/main"
    account.writes()
    account.folder.rules(RULES[1:])
    account.apply()
    assert account.writes() == [], "LINE has nothing to do with rules"
    account.work()
    assert account.writes() == ["link_menu"]
    assert account.sees(gold) == "member/home"


def test_a_menu_that_is_dropped_goes_once_nobody_shows_it(account: Account) -> None:
    gold = settled(account, rank="gold")
    (account.folder.root / "gold" / "menu.yaml").unlink()
    account.folder.rules(RULES[1:])
    left = account.apply()
    assert [(step.do, step.people) for step in left.steps] == [(Do.DELETE, 1)]
    assert len(account.line.menu_store) == 4, "somebody shows it"
    account.work()
    assert account.sees(gold) == "member/home"
    assert len(account.line.menu_store) == 3
    assert account.plan().steps == ()


def test_when_line_moves_slowly_people_are_waited_for(account: Account) -> None:
    friend = settled(account)
    line_begins_to_move(account)
    old = account.line.own[friend.line_user_id]
    assert old in account.line.menu_store, "not deleted while LINE still moves people from it"
    account.writes()
    account.work()
    assert account.writes() == [], "who is being moved is not told one by one"
    account.line._move(next(iter(account.line.batches.values())))
    line_has_moved(account)
    assert account.sees(friend) == "member/home"
    assert old not in account.line.menu_store
    assert account.row(friend).shown == account.line.own[friend.line_user_id]


def test_when_line_fails_to_move_people_they_are_told_in_bulk(account: Account) -> None:
    friend = settled(account)
    account.folder.paint("member", "red")
    account.line.batch_phase = "failed"
    account.writes()
    account.apply()
    assert "move_menus" in account.writes()
    account.work()
    assert "link_menu" in account.writes()
    assert account.line.own[friend.line_user_id] in account.line.aliases.values()
    assert len(account.line.menu_store) == 4


def test_past_three_batches_an_hour_people_are_told_in_bulk(account: Account) -> None:
    friend = settled(account)
    for color in ("red", "green", "blue", "black"):
        account.folder.paint("member", color)
        account.apply()
        account.work()
        account.clock.advance(minutes=1)
    assert account.line.calls.count("move_menus") == 3
    assert account.line.calls.count("link_menu") == 2
    assert account.line.own[friend.line_user_id] == account.line.aliases["member_home"]
    assert len(account.line.menu_store) == 4
    account.clock.advance(hours=1)
    account.folder.paint("member", "white")
    account.apply()
    assert account.line.calls.count("move_menus") == 4


@pytest.mark.parametrize("phase", ["succeeded", "failed"])
def test_whoever_changes_menu_while_line_moves_is_told_again(account: Account, phase: str) -> None:
    """LINE moves by what it saw when it began, and may come after us; also when it does not move
    everybody."""
    friend = settled(account)
    target = line_begins_to_move(account)
    account.clock.advance(seconds=1)
    account.change(friend, rank="gold")
    account.work()
    assert account.sees(friend) == "gold/main"
    account.line.own[friend.line_user_id] = target
    line_has_moved(account, phase)
    assert account.sees(friend) == "gold/main"


def test_whoever_is_told_while_line_moves_is_told_again_if_we_do_not_know_what_they_saw(
    account: Account,
) -> None:
    """They were told of the menu that LINE moves people from, and the answer was lost."""
    friend = settled(account, rank="gold")
    account.line.lose_answer.add("link_menu")
    account.change(friend, rank="regular")
    account.work()
    assert not account.line.lose_answer
    account.linked()  # somebody there is to move
    account.work()
    target = line_begins_to_move(account)
    account.clock.advance(minutes=1)
    account.change(friend, rank="gold")
    account.work()
    assert account.sees(friend) == "gold/main"
    account.line.own[friend.line_user_id] = target
    line_has_moved(account)
    assert account.sees(friend) == "gold/main"


def test_whoever_is_being_told_when_line_has_moved_everybody_is_told_again(
    account: Account,
) -> None:
    friend, line = settled(account), account.line
    target = line_begins_to_move(account)
    account.clock.advance(seconds=5)
    account.change(friend, rank="gold")
    told = line.link_menu

    def overtaken(menu: str, users: Any) -> None:
        line.link_menu = told  # type: ignore[method-assign]
        told(menu, users)
        line.own[friend.line_user_id] = target
        line.batch_phase = "succeeded"
        assert moving.work(account.database, line, account.clock) == 1

    line.link_menu = overtaken  # type: ignore[method-assign]
    account.work()
    assert account.sees(friend) == "member/home"
    account.clock.advance(minutes=3)
    account.work()
    assert account.sees(friend) == "gold/main"


def test_whoever_line_was_told_of_just_before_it_moves_people_is_told_again(
    account: Account,
) -> None:
    """Many are linked within seconds, and LINE moves only those who are by then."""
    account.apply()
    people, line = [account.linked(), account.linked()], account.line
    line_does_it = account.work_with_a_late_line()
    account.clock.advance(seconds=1)
    line_begins_to_move(account)
    line_does_it()
    account.clock.advance(seconds=30)
    line_has_moved(account)
    account.clock.advance(minutes=1)
    account.work()
    assert {line.own[each.line_user_id] for each in people} == {line.aliases["member_home"]}
    assert len(line.menu_store) == 4


def test_what_is_published_while_line_moves_people_is_told_in_bulk(account: Account) -> None:
    """Two batch operations at once could move people back."""
    friend, line = settled(account), account.line
    line_begins_to_move(account)
    account.folder.paint("member", "blue")
    account.apply()
    assert line.calls.count("move_menus") == 1
    line._move(next(iter(line.batches.values())))
    line_has_moved(account)
    assert line.own[friend.line_user_id] == line.aliases["member_home"]
    assert len(line.menu_store) == 4


def test_what_line_moves_people_from_is_kept_although_nobody_shows_it(account: Account) -> None:
    friend, line = settled(account), account.line
    old = line.own[friend.line_user_id]
    line_begins_to_move(account)
    account.change(friend, rank="gold")
    account.work()
    assert account.sees(friend) == "gold/main"
    assert old in line.menu_store
    line_has_moved(account)
    assert old not in line.menu_store


def dropped(account: Account) -> str:
    """LINE's id of a menu that one friend shows, and that is in force no more."""
    gold = settled(account, rank="gold")
    (account.folder.root / "gold" / "menu.yaml").unlink()
    account.folder.rules(RULES[1:])
    account.apply()
    return account.line.own[gold.line_user_id]


def test_a_menu_is_kept_while_line_cannot_be_told_of_another(account: Account) -> None:
    menu, told = dropped(account), account.line.link_menu

    def cut_off(menu: str, users: Any) -> None:
        raise LineUnavailable("nobody is there")

    account.line.link_menu = cut_off  # type: ignore[method-assign]
    for _ in range(3):
        account.work()
        assert menu in account.line.menu_store
        account.clock.advance(minutes=1)
    account.line.link_menu = told  # type: ignore[method-assign]
    account.clock.advance(minutes=1)
    account.work()
    assert menu not in account.line.menu_store


def test_whom_line_refuses_holds_no_menu(account: Account) -> None:
    menu = dropped(account)

    def refused(menu: str, users: Any) -> None:
        raise LineRefused("400 The user id is invalid", 400)

    account.line.link_menu = refused  # type: ignore[method-assign]
    account.work()
    assert menu not in account.line.menu_store


def test_nothing_is_deleted_while_somebody_publishes(account: Account) -> None:
    """What is not in force yet may be in a moment."""
    menu = dropped(account)
    with account.database.begin() as db:
        until = account.clock() + timedelta(minutes=1)
        db.execute(update(MenuBook).values(publishing_until=until))
    account.work()
    assert menu in account.line.menu_store
    account.clock.advance(minutes=2)
    account.friend()
    account.work()
    assert menu not in account.line.menu_store


def test_what_somebody_began_to_publish_is_kept_for_them(account: Account) -> None:
    """Cut off in the middle, and the right to publish has ended: they may come back."""
    account.apply()
    account.folder.paint("guest", "red")

    def cut_off(menu: str) -> None:
        raise Killed("set_default_menu")

    account.line.set_default_menu = cut_off  # type: ignore[assignment]
    with pytest.raises(Killed):
        account.apply()
    assert len(account.line.menu_store) == 5
    account.clock.advance(minutes=5)
    account.friend()
    account.work()
    assert len(account.line.menu_store) == 5
    del account.line.set_default_menu
    account.writes()
    account.apply()
    assert "create_menu" not in account.writes()


def test_drift_is_shown_and_mended(account: Account) -> None:
    account.apply()
    line = account.line
    gold = next(key for key, each in line.menu_store.items() if ":gold:" in each.menu["name"])
    line.delete_menu(gold)
    line.aliases["member_home"] = line.aliases["member_shop"]
    line.default = gold
    line.create_menu({**tab(), "name": "musubi:old:main:12345678", "selected": True})
    stranger = line.create_menu({**tab(), "name": "of another tool", "selected": True})
    plan = account.plan()
    assert {(each.what, each.name) for each in plan.drift if each.what != Drift.DEFAULT} == {
        (Drift.GONE, "gold/main"),
        (Drift.ALIAS, "member_home"),
        (Drift.UNKNOWN, "musubi:old:main:12345678"),
    }
    assert any(each.what == Drift.DEFAULT for each in plan.drift)
    account.writes()
    account.apply()
    assert sorted(account.writes()) == sorted(
        ["create_menu", "upload_menu_image", "set_menu_alias", "set_default_menu", "delete_menu"]
    )
    assert stranger in line.menu_store, "what is not ours is left alone"
    assert len(line.menu_store) == 5
    assert account.plan() == publishing.Plan()


def test_people_of_a_menu_that_was_gone_get_it_back(account: Account) -> None:
    gold = settled(account, rank="gold")
    account.line.delete_menu(account.line.own[gold.line_user_id])
    account.apply()
    account.work()
    assert account.sees(gold) == "gold/main"


def test_an_empty_line_is_filled_anew(account: Account) -> None:
    friend, gold = account.linked(), account.linked(rank="gold")
    account.apply()
    account.work()
    for menu in list(account.line.menu_store):
        account.line.delete_menu(menu)
    account.line.aliases.clear()
    account.apply()
    account.work()
    assert account.sees(friend) == "member/home"
    assert account.sees(gold) == "gold/main"
    assert len(account.line.menu_store) == 4


def test_a_lost_database_adopts_what_line_has(account: Account) -> None:
    account.apply()
    with account.database.begin() as db:
        for table in (MenuBook, Publication, MenuRevision):
            db.execute(delete(table))
    account.writes()
    plan = account.apply()
    assert account.writes() == []
    assert plan.steps == ()
    assert len(account.line.menu_store) == 4


def test_rollback_brings_back_what_was_before(account: Account) -> None:
    friend = account.linked()
    account.apply(by="first")
    account.work()
    first = account.names()
    account.folder.paint("member", "red")
    account.folder.rules([{"menu": "gold", "because": "all", "when": {"linked": True}}, RULES[-1]])
    account.apply(by="second")
    account.work()
    assert account.sees(friend) == "gold/main"
    assert account.names() != first

    edition, number = publishing.rollback(account.database)
    assert number == 1
    account.apply(edition, restores=number)
    account.work()
    assert account.names() == first
    assert account.sees(friend) == "member/home"
    with pytest.raises(NotFound):
        publishing.rollback(account.database)
    edition, number = publishing.rollback(account.database, to=2)
    account.apply(edition, restores=number)
    account.work()
    assert account.sees(friend) == "gold/main"


def test_nothing_to_roll_back(account: Account) -> None:
    with pytest.raises(NotFound):
        publishing.rollback(account.database)


def test_two_cannot_publish_at_once(account: Account) -> None:
    def meanwhile(step: object) -> None:
        with pytest.raises(Conflict):
            account.apply()

    account.apply(watch=publishing.Watch(said=meanwhile))
    assert len(account.line.menu_store) == 4


def test_a_publisher_that_was_killed_is_waited_for_a_minute(account: Account) -> None:
    """Nobody released what it held: its process is no more."""
    folder, clock = account.folder, account.clock
    dead = publishing._Applying(
        account.database, account.line, folder.read(), clock, "", None, lambda step: None
    )
    dead.hold()
    with pytest.raises(Conflict):
        account.apply()
    clock.advance(seconds=61)
    account.apply()
    assert len(account.line.menu_store) == 4
    with pytest.raises(Conflict):  # it was only asleep, and goes no further
        dead.hold()


def test_a_line_that_cannot_be_had_is_asked_again(account: Account) -> None:
    account.line.fail_with["upload_menu_image"] = LineUnavailable("503")
    with pytest.raises(LineUnavailable):
        account.apply()
    assert account.line.default is None, "nothing is in force half-way"
    account.line.fail_with.clear()
    account.apply()
    assert len(account.line.menu_store) == 4


@pytest.mark.parametrize(
    "verb",
    ["create_menu", "upload_menu_image", "set_menu_alias", "set_default_menu"],
)
def test_a_lost_answer_makes_no_second_menu(account: Account, verb: str) -> None:
    account.line.lose_answer.add(verb)
    with pytest.raises(LineUnavailable):
        account.apply()
    account.apply()
    assert len(account.line.menu_store) == 4
    assert account.plan().steps == ()


def test_lines_limit_on_creations_is_kept(account: Account) -> None:
    with account.database.begin() as db:
        db.add(MenuPicture(sha256="x", content_type="image/png", content=b""))
        db.flush()
        lately = {"body": {}, "picture": "x", "created_at": account.clock()}
        db.add_all(
            MenuRevision(key="old", tab=str(n), content_hash=str(n), **lately) for n in range(98)
        )
    with pytest.raises(TooMany):
        account.apply()
    assert account.line.calls.count("create_menu") == 2
    account.clock.advance(hours=1, seconds=1)
    account.apply()
    assert len(account.line.menu_store) == 4


def test_a_tab_that_is_dropped_takes_its_alias_along(account: Account) -> None:
    friend = settled(account)
    account.folder.write("member", {"name": "Member", **tab(tab="home", chatBarText="会員")})
    account.apply()
    account.work()
    assert account.line.aliases == {}
    assert account.sees(friend) == "member/home"
    assert len(account.line.menu_store) == 3


def test_publications_are_kept(account: Account) -> None:
    account.apply(by="aya")
    account.folder.rules(RULES[1:])
    account.apply(by="ken")
    with account.database.read() as db:
        rows = list(db.scalars(select(Publication).order_by(Publication.number)))
        assert [(row.number, row.published_by) for row in rows] == [(1, "aya"), (2, "ken")]
        assert db.scalar(select(func.count()).select_from(MenuMove)) == 0
    assert MENUS.keys() == {"guest", "member", "gold"}


def test_whose_menu_the_rules_would_change(account: Account) -> None:
    for rank in ("gold", "gold", "silver"):
        account.linked(rank=rank)
    account.friend()
    account.apply()
    account.work()
    zone = account.settings.zone
    now = account.clock()
    same = publishing.changes(account.database, account.folder.read(), now, zone)
    assert same == {}
    account.folder.rules([{"menu": "member", "because": "x", "when": {"member.rank": "gold"}},
                          {"menu": "gold", "because": "x", "from": "2030-01-01"}, *RULES[1:]])  # fmt: skip
    found = publishing.changes(account.database, account.folder.read(), now, zone)
    assert found == {("gold", "member"): 2}
