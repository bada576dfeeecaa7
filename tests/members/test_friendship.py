"""Friends: met once, ordered by LINE's time, and their menus looked at when something changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select

from members import friendship
from models import Friend, FriendTag, How, Link
from tests.members.situations import a_friend, a_member, line_user

SECOND = timedelta(seconds=1)


def test_meeting_somebody_twice_is_one_friend(database, now):
    with database.begin() as db:
        first = friendship.friend_for(db, line_user(1), now, language="th", name="Mali")
        again = friendship.friend_for(db, line_user(1), now)
        assert first.id == again.id
        assert (again.language, again.display_name, again.following) == ("th", "Mali", False)


def test_what_is_new_about_a_friend_is_noted(database, now):
    with database.begin() as db:
        friendship.friend_for(db, line_user(1), now, name="Old")
    with database.begin() as db:
        friendship.friend_for(db, line_user(1), now, name="New", language="en")
    with database.read() as db:
        friend = db.scalars(select(Friend)).one()
        assert (friend.display_name, friend.language) == ("New", "en")


def test_ten_at_once_meet_one_friend(fresh_database, now):
    def meet(_n):
        with fresh_database.begin() as db:
            return friendship.friend_for(db, line_user(7), now).id

    with ThreadPoolExecutor(10) as threads:
        ids = set(threads.map(meet, range(10)))
    with fresh_database.read() as db:
        assert len(ids) == db.scalar(select(func.count()).select_from(Friend)) == 1


def test_following_is_news_and_asks_for_a_menu(database, now):
    with database.begin() as db:
        friend, news = friendship.followed(db, line_user(1), now - SECOND, now)
        assert news
        assert (friend.following, friend.friendship_at, friend.followed_at) == (
            True, now - SECOND, now - SECOND,
        )  # fmt: skip
        assert (friend.menu_stale_at, friend.menu_epoch) == (now, 1)


def test_blocking_and_unblocking_forgets_what_line_shows(database, now):
    with database.begin() as db:
        friendship.followed(db, line_user(1), now, now)
        blocked = friendship.unfollowed(db, line_user(1), now + SECOND, now + SECOND)
        assert not blocked.following
        back, news = friendship.followed(db, line_user(1), now + 2 * SECOND, now + 2 * SECOND)
        assert news
        assert back.following
        assert back.followed_at == now, "of the first time"
        assert back.menu_epoch == 3


def test_a_late_unfollow_does_not_undo_a_newer_follow(database, now):
    with database.begin() as db:
        friendship.followed(db, line_user(1), now, now)
        friend = friendship.unfollowed(db, line_user(1), now - SECOND, now)
        assert friend.following
        assert friend.menu_epoch == 1


def test_a_late_follow_does_not_undo_a_newer_unfollow(database, now):
    with database.begin() as db:
        friendship.unfollowed(db, line_user(1), now, now)
        friend, news = friendship.followed(db, line_user(1), now - SECOND, now)
        assert not news
        assert not friend.following


def test_the_same_follow_again_is_no_news(database, now):
    with database.begin() as db:
        friendship.followed(db, line_user(1), now, now)
        assert not friendship.followed(db, line_user(1), now, now + SECOND)[1]


def test_reachable_is_whoever_did_not_block(database, now):
    with database.begin() as db:
        assert friendship.reachable(a_friend(db, now))
        assert friendship.reachable(a_friend(db, now, following=False, friendship_at=None))
        assert not friendship.reachable(a_friend(db, now, following=False))


def test_tags_are_given_and_taken_once_and_the_menu_follows(database, now):
    with database.begin() as db:
        friend = a_friend(db, now)
        assert friendship.tag(db, friend.id, "coffee", now)
        assert friend.menu_stale_at == now
        assert not friendship.tag(db, friend.id, "coffee", now + SECOND)
        assert friend.menu_stale_at == now, "nothing changed"
        assert friendship.untag(db, friend.id, "coffee", now + SECOND)
        assert friend.menu_stale_at == now + SECOND
        assert not friendship.untag(db, friend.id, "coffee", now)
        assert db.scalars(select(FriendTag)).all() == []


def test_menus_go_stale_in_any_number(database, now):
    with database.begin() as db:
        ids = [a_friend(db, now).id for _ in range(friendship.CHUNK + 3)]
        untouched = a_friend(db, now)
        friendship.mark_menu_stale(db, ids, now)
        stale = select(func.count()).where(Friend.menu_stale_at.is_not(None))
        assert db.scalar(stale) == len(ids)
        assert untouched.menu_stale_at is None


def test_only_the_friend_who_is_the_member_now_is_marked(database, now):
    with database.begin() as db:
        member = a_member(db, now)
        former, current = a_friend(db, now), a_friend(db, now)
        for friend, ended in ((former, now), (current, None)):
            db.add(
                Link(friend_id=friend.id, member_id=member.id, how=How.PHONE, started_at=now,
                     ended_at=ended)
            )  # fmt: skip
            db.flush()
        friendship.mark_members_menu_stale(db, [member.id], now)
        assert (former.menu_stale_at, current.menu_stale_at) == (None, now)
