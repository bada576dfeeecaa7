"""Promise 8: what we hold of a member is handed out whole, and erased when they ask."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import orjson
import pytest
from sqlalchemy import func, select

from core.errors import Conflict, NotFound
from core.owed import State
from members import codes, friendship, leaving, linking, profile, throttle
from models import (
    Attempt,
    Base,
    Ended,
    Friend,
    FriendTag,
    How,
    InboxEvent,
    Link,
    Member,
    MemberTag,
    MenuAssignment,
    OneTimeCode,
    Outgoing,
    Sms,
)  # fmt: skip
from tests.members.situations import a_friend, a_member, a_pair, links_of, said_to

MINUTE = timedelta(minutes=1)
PHONE = "+819012345678"
DOORS = ("choose", "login", "register")
"""At which tries are counted by friend, as they are at the codes."""


def a_whole_member(db, settings, now):
    """Linked, tagged, talked to, with a code sent and a log-in counted."""
    friend = a_friend(db, now, display_name="さくら", language="ja")
    member = a_member(
        db, now, phone=PHONE, email="sakura@example.com", birthday=date(1990, 4, 1),
        extra={"好きな色": "桜色"}, password_hash="$argon2id$…",
    )  # fmt: skip
    linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
    friendship.tag(db, friend.id, "coffee", now)
    profile.retag(db, member.id, now, add=["vip"])
    codes.send(db, friend.id, PHONE, address="192.0.2.1", language="ja", now=now, settings=settings)
    tried = [throttle.subject(settings, "login.name", member.number.casefold())]
    tried += [throttle.subject(settings, f"{door}.friend", str(friend.id)) for door in DOORS]
    throttle.note(db, tried, now)
    event(db, friend.line_user_id, "E1", now, "秘密の相談", state=State.DONE)
    return friend, member


def event(db, line_user_id, name, now, words, **given):
    raw = orjson.dumps({"type": "message", "message": {"type": "text", "text": words}}).decode()
    db.add(
        InboxEvent(webhook_event_id=name, kind="message", line_user_id=line_user_id, raw=raw,
                   occurred_at=now, received_at=now, due_at=now, **given)
    )  # fmt: skip
    db.flush()


def everything(db):
    """Every value of every row there is, as text."""
    return "\n".join(
        str(tuple(row))
        for table in Base.metadata.sorted_tables
        for row in db.execute(select(table))
    )


def test_export_holds_everything_and_no_secret(database, settings, now):
    with database.begin() as db:
        friend, member = a_whole_member(db, settings, now)
        told = leaving.export(db, member.id)
    text = orjson.dumps(told).decode()
    for each in (member.number, PHONE, "sakura@example.com", "結城 さくら", "1990-04-01", "桜色",
                 "vip", "coffee", "秘密の相談", friend.line_user_id):  # fmt: skip
        assert each in text
    assert told["member"]["has_password"] is True
    assert "$argon2id$" not in text
    assert len(told["codes"]) == len(told["links"]) == len(told["said_to_them"]) == 1


def test_export_says_which_menu_fits_and_why(database, settings, now):
    with database.begin() as db:
        friend, member = a_whole_member(db, settings, now)
        assert leaving.export(db, member.id)["friends"][0]["menu"] is None
        fits = {"wanted": "gold", "rule": 0, "because": "ゴールド会員"}
        db.add(MenuAssignment(id=friend.id, due_at=now, **fits))
        db.flush()
        told = leaving.export(db, member.id)
    assert told["friends"][0]["menu"] == {"fits": "gold", "because": "ゴールド会員"}


def test_export_of_somebody_who_never_linked(database, now):
    with database.begin() as db:
        told = leaving.export(db, a_member(db, now).id)
    assert told["friends"] == told["links"] == told["said_by_them"] == []


def test_what_only_half_is_json_is_handed_out_as_it_is(database, settings, now):
    """LINE's JSON may hold half a character; we keep it, and not every reader takes it."""
    with database.begin() as db:
        friend, member = a_whole_member(db, settings, now)
        event(db, friend.line_user_id, "E2", now + MINUTE, "", state=State.DONE)
        odd = db.scalars(select(InboxEvent).where(InboxEvent.webhook_event_id == "E2")).one()
        odd.raw = r'{"message":{"text":"\ud83d"}}'
        told = leaving.export(db, member.id)
    assert told["said_by_them"][1]["event"] == r'{"message":{"text":"\ud83d"}}'
    assert orjson.dumps(told)


def test_erasing_leaves_nothing_of_the_person(database, settings, now):
    with database.begin() as db:
        _, member = a_whole_member(db, settings, now)
        number = member.number
        erased = leaving.erase(db, member.id, now + MINUTE, settings)
        left = everything(db)
    for each in (number, PHONE, "sakura@example.com", "さくら", "1990-04-01", "桜色", "vip",
                 "coffee", "秘密の相談"):  # fmt: skip
        assert each not in left
    assert erased.number == number
    assert all(erased.gone.values()), erased.gone
    with database.read() as db:
        for table in (Member, MemberTag, FriendTag, OneTimeCode, Sms):
            assert db.scalar(select(func.count()).select_from(table)) == 0, table
        kinds = set(db.scalars(select(Attempt.kind)))
        assert kinds == {"code.block", "code.address"}, "what names nobody stays counted"


def test_erasing_ends_the_link_and_tells_the_friend(database, settings, now):
    with database.begin() as db:
        friend, member = a_whole_member(db, settings, now)
        leaving.erase(db, member.id, now + MINUTE, settings, by="staff:7")
        (link,) = links_of(db, friend.id)
        assert (link.member_id, link.ended_why, link.ended_by) == (None, Ended.ERASED, "staff:7")
        assert (link.started_at, link.how) == (now, How.PHONE), "that there was a tie stays"
        (last,) = said_to(db, friend.id)
        assert "削除" in last.messages[0]["template"]["text"]
        assert db.get(Friend, friend.id).menu_stale_at == now + MINUTE


def test_erasing_leaves_others_alone(database, settings, now):
    """A family shares the number; a former friend is somebody else by now."""
    with database.begin() as db:
        friend, member = a_whole_member(db, settings, now)
        new = a_friend(db, now)
        linking.link(db, new.id, member.id, How.PHONE, now + MINUTE, settings=settings)
        sister = a_member(db, now, phone=PHONE)
        linking.link(db, friend.id, sister.id, How.PHONE, now + 2 * MINUTE, settings=settings)
        event(db, new.line_user_id, "E2", now, "まだ途中", state=State.DUE)
        leaving.erase(db, member.id, now + 3 * MINUTE, settings)
        assert db.get(Member, sister.id) is not None
        assert linking.active(db, friend.id).member.id == sister.id
        assert db.get(Friend, friend.id).display_name == "さくら"
        raws = dict(db.execute(select(InboxEvent.webhook_event_id, InboxEvent.raw)).all())
        assert "秘密の相談" in raws["E1"], "the former friend's own"
        assert "まだ途中" in raws["E2"], "not answered yet"
        assert db.scalars(select(Link.ended_why).where(Link.member_id.is_(None))).all() != []
        assert db.scalar(select(func.count()).select_from(Outgoing)) > 0


def test_another_members_coupon_is_not_given_twice(database, make_settings, now):
    """The friend was another member before, who has had their coupon."""
    settings = make_settings(welcome_coupon="text:MUSUBI100")
    with database.begin() as db:
        friend, one, other = a_friend(db, now), a_member(db, now), a_member(db, now)
        for member in (one, other):
            linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
        leaving.erase(db, other.id, now, settings)
        linking.link(db, friend.id, one.id, How.PHONE, now + MINUTE, settings=settings)
        coupons = [row for row in said_to(db, friend.id) if row.key.startswith("coupon:")]
        assert [(row.key, row.created_at) for row in coupons] == [(f"coupon:{one.id}", now)]


def test_erased_and_linked_at_the_same_instant(fresh_database, settings, now):
    """Either the link is made and ended, or there is nobody left to link."""
    for _ in range(12):
        friend, member = a_pair(fresh_database, now)
        start = Barrier(2)

        def erase(member=member, start=start):
            start.wait()
            with fresh_database.begin() as db:
                leaving.erase(db, member, now, settings)

        def link(friend=friend, member=member, start=start):
            start.wait()
            with fresh_database.begin() as db:
                linking.link(db, friend, member, How.PHONE, now, settings=settings)

        with ThreadPoolExecutor(2) as threads:
            erased, tied = threads.submit(erase), threads.submit(link)
            assert erased.exception() is None
            assert tied.exception() is None or isinstance(tied.exception(), NotFound)
        with fresh_database.read() as db:
            assert db.get(Member, member) is None
            assert linking.active(db, friend) is None
            whys = [each.ended_why for each in links_of(db, friend)]
            assert whys == ([Ended.ERASED] if tied.exception() is None else [])


def test_a_friend_who_is_no_member_can_have_what_we_hold_of_them_and_be_forgotten(
    database, settings, now
):
    with database.begin() as db:
        friend = a_friend(db, now, display_name="さくら")
        friendship.tag(db, friend.id, "coffee", now)
        event(db, friend.line_user_id, "E1", now, "秘密の相談", state=State.DONE)
        codes.send(
            db, friend.id, PHONE, address="192.0.2.1", language="ja", now=now, settings=settings
        )
        known = leaving.export_friend(db, friend.id)
    told = orjson.dumps(known).decode()
    for each in ("さくら", "coffee", "秘密の相談", PHONE, friend.line_user_id):
        assert each in told
    with database.begin() as db:
        erased = leaving.erase_friend(db, friend.id, settings)
    assert erased.gone["events"] == erased.gone["friend_tags"] == erased.gone["codes"] == 1
    with database.read() as db:
        left = everything(db)
    for each in ("さくら", "coffee", "秘密の相談", PHONE):
        assert each not in left
    assert friend.line_user_id in left


def test_a_friend_who_is_a_member_leaves_as_that_member(database, settings, now):
    with database.begin() as db:
        friend, _ = a_whole_member(db, settings, now)
    for ask in (
        lambda db: leaving.export_friend(db, friend.id),
        lambda db: leaving.erase_friend(db, friend.id, settings),
    ):
        with pytest.raises(Conflict), database.begin() as db:
            ask(db)
