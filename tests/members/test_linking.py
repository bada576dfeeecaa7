"""The tie: one for each, moved only after proof, told to whom it concerns, never overwritten."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, Invalid, NotFound
from members import linking, profile
from members.importing.file import Options, import_file
from models import Ended, Friend, How, Link, Member, Outgoing
from tests.members.situations import a_friend, a_member, a_pair, links_of, said_to

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def link(db, friend_id, member_id, now, settings, how=How.PHONE):
    return linking.link(db, friend_id, member_id, how, now, settings=settings)


def keys_said_to(db, friend_id):
    return [row.key.partition(":")[0] for row in said_to(db, friend_id)]


def test_linking_ties_thanks_and_asks_for_the_menu(database, settings, now):
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        assert linking.active(db, friend_id) is None
        made = link(db, friend_id, member_id, now, settings)
        tied = linking.active(db, friend_id)
        assert (tied.link.id, tied.member.id) == (made.id, member_id)
        assert (made.how, made.started_by, made.ended_at) == (How.PHONE, "friend", None)
        assert db.get(Friend, friend_id).menu_stale_at == now
        assert keys_said_to(db, friend_id) == ["thanks"]


@pytest.mark.parametrize(
    ("language", "unlinking"),
    [("ja", "解除"), ("en", "unlink"), ("zh-Hant", "解除綁定"), ("th", "ยกเลิก"), ("fr", "解除")],
)
def test_the_thanks_name_the_member_and_announce_unlinking(
    database, settings, now, language, unlinking
):
    """Promise 5: unlinking is announced when linking, with the way to it."""
    with database.begin() as db:
        friend, member = a_friend(db, now, language=language), a_member(db, now, name="田中 花子")
        link(db, friend.id, member.id, now, settings)
        (row,) = said_to(db, friend.id)
    (message,) = row.messages
    assert "田中 花子" in message["template"]["text"]
    assert unlinking in message["template"]["text"]
    (button,) = message["template"]["actions"]
    assert button["uri"] == "https://liff.line.me/2000000002-AbCdEfGh/me?from=reply"


@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "th"])
def test_what_is_said_fits_into_a_bubble_whatever_the_names(database, make_settings, now, language):
    settings = make_settings(brand_name="ブ" * 60)
    with database.begin() as db:
        friend, other = (a_friend(db, now, language=language) for _ in range(2))
        member = a_member(db, now, name="長" * 100)
        link(db, friend.id, member.id, now, settings)
        link(db, other.id, member.id, now + MINUTE, settings)
        linking.unlink(db, other.id, now + 2 * MINUTE, settings=settings)
        rows = said_to(db, friend.id) + said_to(db, other.id)
    assert len(rows) == 4
    for row in rows:
        template = row.messages[0]["template"]
        assert len(template["text"].encode("utf-16-le")) // 2 <= 160
        assert all(len(action["label"]) <= 20 for action in template["actions"])


def test_linking_again_is_the_same_link_and_no_second_thanks(database, settings, now):
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        first = link(db, friend_id, member_id, now, settings)
        again = link(db, friend_id, member_id, now + MINUTE, settings, How.LOGIN)
        assert again.id == first.id
        assert again.how is How.PHONE
        assert len(links_of(db, friend_id)) == len(said_to(db, friend_id)) == 1


def test_linking_to_another_member_replaces(database, settings, now):
    friend_id, first_id = a_pair(database, now)
    with database.begin() as db:
        second_id = a_member(db, now).id
        link(db, friend_id, first_id, now, settings)
        link(db, friend_id, second_id, now + MINUTE, settings)
        old, new = links_of(db, friend_id)
        assert (old.member_id, old.ended_at, old.ended_why) == (
            first_id, now + MINUTE, Ended.REPLACED,
        )  # fmt: skip
        assert (new.member_id, new.ended_at) == (second_id, None)
        assert keys_said_to(db, friend_id) == ["thanks", "thanks"]


def test_moving_ends_the_old_link_and_tells_the_old_friend(database, settings, now):
    """Promise 3: only after proof, and the old friend is told."""
    old_id, member_id = a_pair(database, now)
    with database.begin() as db:
        new = a_friend(db, now)
        link(db, old_id, member_id, now, settings)
        db.get(Friend, old_id).menu_stale_at = None
        link(db, new.id, member_id, now + MINUTE, settings, How.LOGIN)
        (ended,) = links_of(db, old_id)
        assert (ended.ended_at, ended.ended_why) == (now + MINUTE, Ended.MOVED)
        assert linking.active(db, old_id) is None
        assert linking.active(db, new.id).member.id == member_id
        assert linking.of_member(db, member_id).friend_id == new.id
        assert keys_said_to(db, old_id) == ["thanks", "moved"]
        assert db.get(Friend, old_id).menu_stale_at == now + MINUTE


def test_a_member_who_was_linked_just_now_stays_where_they_are(database, settings, now):
    old_id, member_id = a_pair(database, now)
    with database.begin() as db:
        new = a_friend(db, now)
        link(db, old_id, member_id, now, settings)
        with pytest.raises(Conflict):
            link(db, new.id, member_id, now + linking.SETTLES - SECOND, settings)
        assert linking.active(db, old_id)
        link(db, new.id, member_id, now + linking.SETTLES, settings)
        assert linking.active(db, old_id) is None


def test_moving_and_replacing_at_once(database, settings, now):
    with database.begin() as db:
        one, two = a_friend(db, now), a_friend(db, now)
        a, b = a_member(db, now), a_member(db, now)
        link(db, one.id, a.id, now, settings)
        link(db, two.id, b.id, now, settings)
        link(db, one.id, b.id, now + MINUTE, settings)
        assert [each.ended_why for each in links_of(db, one.id)] == [Ended.REPLACED, None]
        assert [each.ended_why for each in links_of(db, two.id)] == [Ended.MOVED]


@pytest.mark.parametrize("status", ["withdrawn", "suspended"])
def test_only_active_members_are_linked(database, settings, now, status):
    friend_id, member_id = a_pair(database, now, status=status)
    with database.begin() as db, pytest.raises(Invalid, match=r"members\.not_active"):
        link(db, friend_id, member_id, now, settings)


def test_nobody_is_linked_to_nobody(database, settings, now):
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        with pytest.raises(NotFound):
            link(db, friend_id, uuid4(), now, settings)
        with pytest.raises(NotFound):
            link(db, uuid4(), member_id, now, settings)


def test_whoever_has_blocked_us_is_told_nothing_and_keeps_their_coupon(
    database, make_settings, now
):
    settings = make_settings(welcome_coupon="text:10%")
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        db.get(Friend, friend_id).following = False
        link(db, friend_id, member_id, now, settings)
        assert said_to(db, friend_id) == []


@pytest.mark.parametrize(
    ("setting", "last"),
    [
        ("01JYNW8JMQVFBNWF1APF8Z3FS7", {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7"}),
        ("text:合言葉は「結」です", {"type": "text", "text": "合言葉は「結」です"}),
    ],
)  # fmt: skip
def test_the_coupon_is_given_once_per_member_ever(database, make_settings, now, setting, last):
    settings = make_settings(welcome_coupon=setting)
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        link(db, friend_id, member_id, now, settings)
        linking.unlink(db, friend_id, now + MINUTE, settings=settings)
        link(db, friend_id, member_id, now + 2 * MINUTE, settings)
        other = a_friend(db, now)
        link(db, other.id, member_id, now + 4 * MINUTE, settings)
        coupons = db.scalars(select(Outgoing).where(Outgoing.key.startswith("coupon:"))).all()
        assert [row.key for row in coupons] == [f"coupon:{member_id}"]
        assert coupons[0].messages[-1] == last


def test_unlinking_ends_says_so_and_asks_for_the_guest_menu(database, settings, now):
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        link(db, friend_id, member_id, now, settings)
        ended = linking.unlink(db, friend_id, now + MINUTE, settings=settings)
        assert (ended.ended_at, ended.ended_why, ended.ended_by) == (
            now + MINUTE, Ended.UNLINKED, "friend",
        )  # fmt: skip
        assert linking.active(db, friend_id) is None
        assert db.get(Friend, friend_id).menu_stale_at == now + MINUTE
        assert keys_said_to(db, friend_id) == ["thanks", "unlinked"]
        with pytest.raises(NotFound):
            linking.unlink(db, friend_id, now + MINUTE, settings=settings)


def test_history_keeps_every_tie_as_it_was(database, settings, now):
    """Promise 4: when, how, by whom; ending a link is all that ever happens to it."""
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        for n, how in enumerate((How.PHONE, How.LOGIN, How.REGISTER)):
            at = now + n * 10 * MINUTE
            linking.link(db, friend_id, member_id, how, at, settings=settings, by=f"by{n}")
            linking.unlink(
                db, friend_id, at + MINUTE, settings=settings, why=Ended.STAFF, by="staff:1"
            )
    with database.read() as db:
        told = [
            (each.how, each.started_by, each.started_at, each.ended_at, each.ended_why,
             each.ended_by)
            for each in links_of(db, friend_id)
        ]  # fmt: skip
    assert told == [
        (how, f"by{n}", now + n * 10 * MINUTE, now + (n * 10 + 1) * MINUTE, Ended.STAFF, "staff:1")
        for n, how in enumerate((How.PHONE, How.LOGIN, How.REGISTER))
    ]


@pytest.mark.parametrize("same", ["friend", "member"])
def test_the_database_itself_refuses_a_second_active_link(database, now, same):
    friend_id, member_id = a_pair(database, now)
    other_friend, other_member = a_pair(database, now)
    second = (friend_id, other_member) if same == "friend" else (other_friend, member_id)
    with database.begin() as db:
        tie(db, friend_id, member_id, now)
        with pytest.raises(IntegrityError), db.begin_nested():
            tie(db, *second, now)


def tie(db, friend_id, member_id, now):
    db.add(Link(friend_id=friend_id, member_id=member_id, how=How.PHONE, started_at=now))
    db.flush()


def race(database, attempts):
    """Run these at the same instant, each in a transaction of its own; what came of each."""
    start = Barrier(len(attempts))

    def run(attempt):
        start.wait()
        try:
            with database.begin() as db:
                return attempt(db).id
        except Conflict as e:
            return e.key

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(run, attempts))


@pytest.mark.parametrize("held", [False, True], ids=["free", "held by a third"])
@pytest.mark.parametrize("turn", range(5))
def test_two_people_one_member_same_instant_one_wins(fresh_database, settings, now, held, turn):
    with fresh_database.begin() as db:
        third, friends = a_friend(db, now), [a_friend(db, now) for _ in range(2)]
        member = a_member(db, now)
        if held:
            link(db, third.id, member.id, now - MINUTE, settings)
    came = race(
        fresh_database,
        [lambda db, f=friend: link(db, f.id, member.id, now, settings) for friend in friends],
    )
    assert came.count("members.linked_elsewhere_just_now") == 1
    with fresh_database.read() as db:
        active = db.scalars(select(Link).where(Link.ended_at.is_(None))).all()
        assert [each.id for each in active] == [each for each in came if not isinstance(each, str)]
        thanked = select(func.count()).where(Outgoing.key.startswith("thanks:"))
        assert db.scalar(thanked) == 1 + held, "the other was thanked for nothing"


@pytest.mark.parametrize("turn", range(5))
def test_one_person_two_members_same_instant_is_one_active_link(
    fresh_database, settings, now, turn
):
    with fresh_database.begin() as db:
        friend = a_friend(db, now)
        members = [a_member(db, now) for _ in range(2)]
    race(
        fresh_database,
        [lambda db, m=member: link(db, friend.id, m.id, now, settings) for member in members],
    )
    with fresh_database.read() as db:
        assert len([each for each in links_of(db, friend.id) if each.ended_at is None]) == 1


@pytest.mark.parametrize("turn", range(5))
def test_people_who_swap_members_at_once_do_not_die_of_a_deadlock(
    fresh_database, settings, now, turn
):
    with fresh_database.begin() as db:
        one, two = a_friend(db, now), a_friend(db, now)
        a, b = a_member(db, now), a_member(db, now)
        link(db, one.id, a.id, now - MINUTE, settings)
        link(db, two.id, b.id, now - MINUTE, settings)
    came = race(
        fresh_database,
        [
            lambda db: link(db, one.id, b.id, now, settings),
            lambda db: link(db, two.id, a.id, now, settings),
        ],
    )
    assert any(not isinstance(each, str) for each in came)
    with fresh_database.read() as db:
        active = db.scalars(select(Link).where(Link.ended_at.is_(None))).all()
        assert len({each.member_id for each in active}) == len(active)


def test_nobody_is_linked_to_a_member_who_is_being_erased(fresh_database, settings, now):
    friend_id, member_id = a_pair(fresh_database, now)

    def tie():
        with fresh_database.begin() as db:
            link(db, friend_id, member_id, now, settings)

    with ThreadPoolExecutor(1) as thread:
        with fresh_database.begin() as db:
            how = {"settings": settings, "why": Ended.ERASED, "by": "staff"}
            assert linking.unlink_member(db, member_id, now, **how) is None
            tying = thread.submit(tie)
            wait([tying], timeout=0.5)
            db.delete(db.get_one(Member, member_id))
        with pytest.raises(NotFound):
            tying.result()
    with fresh_database.read() as db:
        assert links_of(db, friend_id) == []


def test_who_is_erased_while_they_unlink_has_unlinked(fresh_database, settings, now):
    friend_id, member_id = a_pair(fresh_database, now)
    with fresh_database.begin() as db:
        link(db, friend_id, member_id, now - MINUTE, settings)

    def erase():
        with fresh_database.begin() as db:
            how = {"settings": settings, "why": Ended.ERASED, "by": "staff"}
            return linking.unlink_member(db, member_id, now + MINUTE, **how)

    with ThreadPoolExecutor(1) as thread:
        with fresh_database.begin() as db:
            linking.unlink(db, friend_id, now, settings=settings)
            erasing = thread.submit(erase)
            wait([erasing], timeout=0.5)
        assert erasing.result() is None
    with fresh_database.read() as db:
        (ended,) = links_of(db, friend_id)
        assert (ended.ended_why, ended.ended_at) == (Ended.UNLINKED, now)


@pytest.mark.parametrize("how", ["import", "tag"])
def test_who_changes_a_member_while_they_are_linked_finds_the_new_friend(
    fresh_database, settings, now, how, tmp_path
):
    """Otherwise the friend's menu would be computed from what the member was before."""
    friend_id, member_id = a_pair(fresh_database, now)
    with fresh_database.read() as db:
        number = db.get_one(Member, member_id).number

    csv = tmp_path / "members.csv"
    csv.write_text(f"number,rank\n{number},gold\n", "utf-8")

    def change():
        if how == "import":
            import_file(fresh_database, csv, Options(), now + MINUTE, settings)
            return
        with fresh_database.begin() as db:
            profile.retag(db, member_id, now + MINUTE, add=["vip"])

    with ThreadPoolExecutor(1) as thread, fresh_database.begin() as db:
        link(db, friend_id, member_id, now, settings)
        changing = thread.submit(change)
        wait([changing], timeout=0.5)  # it waits for us, or has gone by without a look at us
    changing.result()
    with fresh_database.read() as db:
        assert db.get_one(Friend, friend_id).menu_stale_at == now + MINUTE
