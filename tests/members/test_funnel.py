"""How far people come: each step once a day, folded into counts, and nobody's name."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from members import funnel, linking
from models import Entry, FunnelCount, FunnelMark, How, Step
from tests.members.situations import a_friend, a_member, a_pair, said_to


@pytest.fixture
def went(database, settings):
    def note(friend_id, *steps, entry=Entry.GREETING, now):
        with database.begin() as db:
            for step in steps:
                funnel.note(db, friend_id, step, entry, now, settings)

    return note


def whole(database, now, settings, days=30):
    with database.read() as db:
        return funnel.ways(db, funnel.first_day(now, settings, days))


@pytest.mark.parametrize(
    ("said", "entry"),
    [("menu", Entry.MENU), ("menu.member.home.2", Entry.MENU), ("greeting", Entry.GREETING),
     ("", Entry.OTHER), ("<script>", Entry.OTHER), ("MENU", Entry.OTHER)],
)  # fmt: skip
def test_a_link_says_where_it_stands_and_anything_else_is_other(said, entry):
    assert funnel.come_from(said) is entry


def test_a_step_counts_once_a_day_for_each_person_and_entry(database, now, settings, went):
    with database.begin() as db:
        ann, ben = a_friend(db, now).id, a_friend(db, now).id
    went(ann, Step.OPENED, Step.OPENED, now=now)
    went(ann, Step.OPENED, now=now + timedelta(hours=3))
    went(ben, Step.OPENED, now=now)
    went(ben, Step.OPENED, entry=Entry.MENU, now=now)
    everybody, greeting, menu = whole(database, now, settings)
    assert everybody.reached[Step.OPENED] == 3
    assert (greeting.entry, greeting.reached[Step.OPENED]) == (Entry.GREETING, 2)
    assert (menu.entry, menu.reached[Step.OPENED]) == (Entry.MENU, 1)


def test_whoever_is_told_that_their_link_ended_is_offered_another(database, now, settings):
    """The notice's button says where it stood, and the notice counts as an offer."""
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        linking.link(db, friend_id, member_id, How.PHONE, now, settings=settings)
        linking.unlink(db, friend_id, now, settings=settings)
        said = said_to(db, friend_id)[-1]
    (button,) = said.messages[0]["template"]["actions"]
    assert button["uri"] == f"{settings.liff_url}/link?from=reply"
    everybody, reply = whole(database, now, settings)
    assert (reply.entry, reply.reached[Step.OFFERED]) == (Entry.REPLY, 1)
    assert everybody.stopped[Step.OFFERED] == 1


def test_nothing_is_kept_by_which_somebody_could_be_known(database, now, settings, went):
    with database.begin() as db:
        ann = a_friend(db, now)
    went(ann.id, Step.OPENED, now=now)
    with database.read() as db:
        mark = db.scalars(select(FunnelMark)).one()
        told = f"{mark.mark} {mark.day} {mark.entry} {mark.step}"
    assert ann.id.hex not in told
    assert ann.line_user_id not in told
    assert len(mark.mark) == 64


def test_whoever_is_linked_opens_the_page_for_other_reasons(database, now, settings, went):
    ann, member = a_pair(database, now)
    with database.begin() as db:
        linking.link(db, ann, member, How.PHONE, now, settings=settings)
    went(ann, Step.OPENED, now=now)
    assert whole(database, now, settings)[0].reached[Step.OPENED] == 0


def test_past_days_become_counts_and_their_marks_are_gone(database, now, settings, went):
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(3)]
    for each in people:
        went(each, Step.OFFERED, Step.OPENED, now=now)
    later = now + timedelta(days=1)
    went(people[0], Step.OPENED, now=later)
    before = whole(database, later, settings)[0].reached
    assert funnel.fold(database, later, settings) == 6
    assert funnel.fold(database, later, settings) == 0
    assert whole(database, later, settings)[0].reached == before
    assert (before[Step.OFFERED], before[Step.OPENED]) == (3, 4)
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(FunnelMark)) == 1


def test_a_mark_that_comes_late_is_added_to_its_day(database, now, settings, went):
    with database.begin() as db:
        ann, ben = a_friend(db, now).id, a_friend(db, now).id
    went(ann, Step.OPENED, now=now)
    funnel.fold(database, now + timedelta(days=1), settings)
    went(ben, Step.OPENED, now=now)
    funnel.fold(database, now + timedelta(days=1), settings)
    with database.read() as db:
        assert db.scalars(select(FunnelCount.people)).all() == [2]


def test_more_marks_than_one_transaction_holds(database, now, settings, went, monkeypatch):
    monkeypatch.setattr(funnel, "CHUNK", 4)
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(9)]
    for each in people:
        went(each, Step.OPENED, now=now)
    assert funnel.fold(database, now + timedelta(days=1), settings) == 9
    assert whole(database, now, settings)[0].reached[Step.OPENED] == 9


def test_the_day_is_the_brands(database, now, settings, went):
    """15:00 in UTC is midnight in Tokyo."""
    with database.begin() as db:
        ann = a_friend(db, now).id
    evening = now.replace(hour=14, minute=59)
    went(ann, Step.OPENED, now=evening)
    went(ann, Step.OPENED, now=evening + timedelta(minutes=2))
    assert whole(database, now + timedelta(days=1), settings)[0].reached[Step.OPENED] == 2
    assert whole(database, evening + timedelta(minutes=2), settings, 1)[0].reached[Step.OPENED] == 1


def test_where_people_stop(database, now, settings, went):
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(10)]
    for n, each in enumerate(people):
        way = [Step.OFFERED, Step.OPENED, Step.PHONE, Step.PROVEN, Step.LINKED]
        went(each, *way[: [1, 1, 2, 2, 2, 2, 3, 4, 5, 5][n]], now=now)
    went(people[2], Step.DIRECT, now=now)
    everybody, greeting = whole(database, now, settings)
    assert greeting.stopped == {
        Step.OFFERED: 2, Step.OPENED: 3, Step.PHONE: 1, Step.PROVEN: 1,
    }  # fmt: skip
    assert (greeting.linked, greeting.stops_most) == (3, Step.OPENED)
    assert everybody.stops_most is Step.OPENED


def test_what_nobody_was_offered_is_not_lost(database, now, settings, went):
    """The menu is there all the time: whoever opens the page by it makes up for nobody who was
    greeted and did not."""
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(4)]
    for each in people[:2]:
        went(each, Step.OFFERED, now=now)
    for each in people[2:]:
        went(each, Step.OPENED, Step.DIRECT, entry=Entry.MENU, now=now)
    everybody, *each_entry = whole(database, now, settings)
    assert everybody.stopped[Step.OFFERED] == 2
    menu = next(way for way in each_entry if way.entry is Entry.MENU)
    assert (menu.offers, menu.stopped[Step.OFFERED], menu.stops_most) == (False, 0, None)


def test_by_what_they_were_linked(database, now, settings):
    with database.begin() as db:
        for how in (How.PHONE, How.PHONE, How.LOGIN):
            friend, member = a_friend(db, now), a_member(db, now)
            linking.link(db, friend.id, member.id, how, now, settings=settings)
    with database.read() as db:
        assert funnel.by_how(db, now) == [(How.PHONE, 2), (How.LOGIN, 1)]
        assert funnel.by_how(db, now + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("how", "by_phone", "step"),
    [(How.PHONE, True, Step.LINKED), (How.REGISTER, True, Step.LINKED),
     (How.REGISTER, False, Step.DIRECT), (How.LOGIN, False, Step.DIRECT)],
)  # fmt: skip
def test_the_last_step(how, by_phone, step):
    assert funnel.linked_by(how, by_phone=by_phone) is step
