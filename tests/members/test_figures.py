"""Each day's figures: counted once, filled in honestly, and a gap where nobody can know."""

from datetime import date, timedelta

from sqlalchemy import select

from members import figures, friendship, linking
from members.figures import Figures
from models import DailyFigures, How
from tests.members.situations import a_friend, a_member, line_user

JUST_PAST_MIDNIGHT = timedelta(hours=12, minutes=5)
"""After noon in Tokyo."""


def link(db, friend, now, settings):
    linking.link(db, friend.id, a_member(db, now).id, How.PHONE, now, settings=settings)


def test_as_it_stands(database, now, settings):
    with database.begin() as db:
        link(db, a_friend(db, now), now, settings)
        a_friend(db, now)
        a_friend(db, now)
        a_friend(db, now, following=False)
        link(db, a_friend(db, now, following=False), now, settings)
        a_friend(db, now, following=False, friendship_at=None)  # has only opened the page
    with database.read() as db:
        now_ = figures.now_of(db, date(2026, 4, 1))
        assert figures.unheard(db) == 1
    assert now_ == Figures(date(2026, 4, 1), friends=5, reachable=3, linked=2, linked_reachable=1)
    assert (now_.blocked, now_.link_rate, now_.block_rate) == (2, 1 / 3, 2 / 5)


def test_nobody_yet_is_no_division_by_zero(database, now, settings):
    with database.read() as db:
        nobody = figures.now_of(db, date(2026, 4, 1))
        assert len(figures.line(db, now, settings.zone)) == 31
    assert (nobody.link_rate, nobody.block_rate) == (None, None)
    assert figures.work(database, now, settings) == 0


def test_a_day_is_put_down_once_it_has_ended_and_only_once(database, now, settings):
    with database.begin() as db:
        link(db, a_friend(db, now), now, settings)
        a_friend(db, now, following=False)
    assert figures.work(database, now, settings) == 0
    after = now + JUST_PAST_MIDNIGHT
    assert figures.work(database, after, settings) == 1
    assert figures.work(database, after + timedelta(minutes=10), settings) == 0
    with database.read() as db:
        row = db.scalars(select(DailyFigures)).one()
        assert row.day == date(2026, 4, 1)
        assert (row.friends, row.reachable, row.linked, row.linked_reachable) == (2, 1, 1, 1)


def test_who_could_be_reached_cannot_be_known_afterwards(database, now, settings):
    """The worker was off for three days. Links and first follows are still there to be read."""
    first = now
    with database.begin() as db:
        ann = friendship.followed(db, line_user(900001), first, first)[0]
        link(db, ann, first, settings)
    with database.begin() as db:
        second = first + timedelta(days=1)
        friendship.followed(db, line_user(900002), second, second)
        linking.unlink(db, ann.id, second + timedelta(hours=1), settings=settings)
    late = first + timedelta(days=3)
    assert figures.work(database, late, settings) == 3
    with database.read() as db:
        line = figures.line(db, late, settings.zone, days=4)
    assert [(each.friends, each.reachable, each.linked) for each in line] == [
        (None, None, None),  # before us
        (1, None, 1),
        (2, None, 0),
        (2, None, 0),
        (2, 2, 0),
    ]
    assert line[1].link_rate is None


def test_a_gap_is_filled_between_days_that_were_counted(database, now, settings):
    with database.begin() as db:
        a_friend(db, now, followed_at=now)
    figures.work(database, now + JUST_PAST_MIDNIGHT, settings)
    figures.work(database, now + JUST_PAST_MIDNIGHT + timedelta(days=2), settings)
    with database.read() as db:
        line = figures.line(db, now + timedelta(days=3), settings.zone, days=3)
    assert [each.reachable for each in line] == [1, None, 1, 1]
    assert [each.friends for each in line] == [1, 1, 1, 1]


def test_days_are_the_brands_also_where_clocks_are_changed(database, now, make_settings):
    """In Berlin the day of 29 March 2026 had 23 hours."""
    settings = make_settings(time_zone="Europe/Berlin")
    noon = now.replace(month=3, day=29, hour=10)
    with database.begin() as db:
        a_friend(db, noon, followed_at=noon)
    assert figures.work(database, noon.replace(hour=21, minute=59), settings) == 0
    assert figures.work(database, noon.replace(hour=22, minute=1), settings) == 1
