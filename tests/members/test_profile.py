"""Changing a member's fields, and what of them is shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest

from core.errors import Conflict, Invalid, NotFound
from members import leaving, linking, profile
from models import Friend, How, Member
from tests.members.situations import a_friend, a_member

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sakura(database, now):
    with database.begin() as db:
        return a_member(db, now, number="A1", birthday=date(1990, 4, 1), extra={"色": "桜"}).id


@pytest.fixture
def change(database, settings, now):
    def change(who, **wanted):
        with database.begin() as db:
            return profile.change(db, who, wanted, now + MINUTE, settings)

    return change


def test_fields_are_read_as_people_write_them(database, change, sakura, now):
    changed = change("a1", rank="gold", points="1,200", phone="090-1234-5678", birthday="H2.4.1")
    assert changed == ["rank", "points", "phone"], "the birthday was that already"
    with database.read() as db:
        got = db.get(Member, sakura)
        assert (got.rank, got.points, got.phone) == ("gold", 1200, "+819012345678")
        assert got.updated_at == now + MINUTE


def test_nothing_new_is_no_change(database, change, sakura, now):
    assert change("A1", name="結城 さくら", **{"extra.色": "桜"}) == []
    with database.read() as db:
        assert db.get(Member, sakura).updated_at == now


def test_the_brands_own_fields(database, change, sakura):
    assert change("A1", **{"extra.色": "", "extra.靴": "24.5"}) == ["extra.色", "extra.靴"]
    with database.read() as db:
        assert db.get(Member, sakura).extra == {"靴": "24.5"}


@pytest.mark.parametrize(
    ("wanted", "error"),
    [({"points": "x"}, Invalid), ({"nickname": "x"}, Invalid), ({"id": "x"}, Invalid),
     ({"password": "x"}, Invalid), ({"joined_on": ""}, Invalid), ({"number": "A2"}, Conflict),
     ({"number": ""}, Invalid), ({"phone": "12"}, Invalid), ({"updated_at": "x"}, Invalid)],
)  # fmt: skip
def test_what_cannot_be_changes_nothing(database, change, sakura, now, wanted, error):
    with database.begin() as db:
        a_member(db, now, number="A2")
    with pytest.raises(error):
        change("A1", rank="gold", **wanted)
    with database.read() as db:
        assert db.get(Member, sakura).rank == "regular"


def test_nobody(change):
    with pytest.raises(NotFound):
        change("A9", rank="gold")


def test_the_menu_follows_a_change_and_a_tag(database, change, settings, sakura, now):
    with database.begin() as db:
        friend = a_friend(db, now)
        linking.link(db, friend.id, sakura, How.PHONE, now, settings=settings)
        friend.menu_stale_at = None

    def stale():
        with database.begin() as db:
            friend_now = db.get(Friend, friend.id)
            at, friend_now.menu_stale_at = friend_now.menu_stale_at, None
            return at

    change("A1", rank="regular")
    assert stale() is None
    change("A1", rank="gold")
    assert stale() == now + MINUTE
    with database.begin() as db:
        assert profile.retag(db, sakura, now, add=["vip"])
        assert not profile.retag(db, sakura, now, add=["vip"], remove=["never had"])
        assert profile.tags_of(db, sakura) == ["vip"]
    assert stale() == now
    with database.begin() as db:
        assert profile.retag(db, sakura, now, remove=["vip"])
    assert stale() == now


def test_masked_is_enough_to_know_oneself(now):
    member = Member(
        number="M2345ABCD", name="結城 さくら", phone="+819012345678", email="sakura@example.com"
    )
    assert profile.shown(member) == {
        "number": "•••••ABCD", "name": "結• さ••", "phone": "090-••••-5678",
        "email": "s•••••@example.com",
    }  # fmt: skip
    assert profile.shown(member, full=True)["name"] == "結城 さくら"
    assert profile.shown(Member(number="1", name="")) == {
        "number": "•", "name": "", "phone": "", "email": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "seen"),
    [("", ""), ("1", "•"), ("12", "•2"), ("123", "••3"), ("M0001", "•••01"), ("1234567", "•••••67"),
     ("12345678", "••••5678")],
)  # fmt: skip
def test_a_short_number_shows_little(number, seen):
    assert profile.masked_number(number) == seen


@pytest.mark.parametrize(
    ("name", "seen"),
    [("", ""), ("林 明", "• •"), ("李明", "李•"), ("結城　さくら", "結• さ••"),
     ("Maximiliane", "M••••••")],
)  # fmt: skip
def test_of_a_name_no_part_is_shown_whole(name, seen):
    assert profile.masked_name(name) == seen


def test_an_address_of_one_letter_does_not_show_it(now):
    assert profile.shown(Member(number="1", name="", email="a@b.jp"))["email"] == "•@b.jp"


def test_changed_and_erased_at_the_same_instant(fresh_database, settings, now):
    """Either they are changed and then erased, or there is nobody left to change."""
    for _ in range(12):
        with fresh_database.begin() as db:
            member = a_member(db, now)
        start = Barrier(2)

        def erase(member=member, start=start):
            start.wait()
            with fresh_database.begin() as db:
                leaving.erase(db, member.id, now, settings)

        def change(member=member, start=start):
            start.wait()
            with fresh_database.begin() as db:
                profile.change(db, member.number, {"rank": "gold"}, now, settings)

        with ThreadPoolExecutor(2) as threads:
            erased, changed = threads.submit(erase), threads.submit(change)
            assert erased.exception() is None
            assert changed.exception() is None or isinstance(changed.exception(), NotFound)


def test_two_who_change_different_things_at_once_both_did(fresh_database, settings, now):
    with fresh_database.begin() as db:
        member = a_member(db, now)
    start = Barrier(4)

    def change(name):
        start.wait()
        with fresh_database.begin() as db:
            profile.change(db, member.number, {f"extra.{name}": "yes"}, now, settings)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(change, "abcd"))
    with fresh_database.read() as db:
        assert profile.of_number(db, member.number).extra == dict.fromkeys("abcd", "yes")
