"""Once each, in order, tried again when it fails, shown that we are at it, forgotten in time."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot import events, inbox, rules
from bot.answers import Silence
from core import owed, review
from core.errors import Conflict
from core.owed import State
from line.gateway import LineUnavailable
from models import InboxEvent, Outgoing
from tests.bot.chat import ALICE, BOB, event, text
from tests.bot.people import friend


@pytest.fixture
def heard():
    """Every `test` event that was dealt with; its `trouble`, if any, is raised."""
    seen = []

    def apply(db, asked):
        seen.append(asked.event.body["n"])
        if trouble := TROUBLES.get(asked.event.body.get("trouble")):
            raise trouble
        return Silence()

    events._found["test"] = events.Registered("test", apply, in_standby=False, in_groups=True)
    yield seen
    del events._found["test"]


TROUBLES = {
    "key": KeyError("field"),
    "value": ValueError("not \0 good"),
    "type": TypeError("no"),
    "conflict": Conflict("members.linked_elsewhere_just_now"),
    "cancelled": KeyboardInterrupt(),
}


def rows(chat):
    with chat.database.read() as db:
        return list(db.scalars(select(InboxEvent).order_by(InboxEvent.received_at)))


def test_in_the_order_of_lines_time_whatever_the_order_of_arrival(chat, clock, heard):
    start = clock()
    order = [4, 1, 3, 0, 2]
    chat.tell(*[event("test", start + timedelta(seconds=n), n=n) for n in order[:3]])
    chat.tell(*[event("test", start + timedelta(seconds=n), n=n) for n in order[3:]])
    chat.tell(event("test", start - timedelta(seconds=9), BOB, n="bob"))
    clock.advance(seconds=10)
    chat.work()
    assert [n for n in heard if n != "bob"] == [0, 1, 2, 3, 4]
    assert "bob" in heard


def test_more_than_a_handful_is_dealt_with_at_once(chat, now, heard):
    people = [f"U{n:032x}" for n in range(inbox.HANDFUL * 2 + 1)]
    chat.tell(*[event("test", now, user, n=n) for n, user in enumerate(people)])
    rung = []
    count = inbox.work(chat.database, chat.line, chat.clock, chat.settings, ring=rung.append)
    assert count == len(people) == len(heard)
    assert rung == ["menus"] * 3
    assert chat.work() == 0


def test_the_order_of_one_who_says_much(chat, now, heard):
    chat.tell(*[event("test", now + timedelta(seconds=n), n=n) for n in range(30)])
    chat.work()
    assert heard == list(range(30))


@pytest.mark.parametrize("trouble", ["key", "value", "type", "conflict"])
def test_a_failed_event_is_tried_again_and_its_neighbours_go_on(chat, clock, heard, trouble):
    chat.tell(event("test", clock(), n=1, trouble=trouble), event("test", clock(), BOB, n=2))
    chat.work()
    assert sorted(heard) == [1, 2]
    row = next(row for row in rows(chat) if row.line_user_id == ALICE)
    assert (row.state, row.attempts) == (State.DUE, 1)
    assert row.due_at == clock() + rules.WAITS[0]
    assert type(TROUBLES[trouble]).__name__ in row.error


def test_it_holds_up_nobody_else_and_not_even_the_same_person(chat, clock, heard):
    chat.tell(event("test", clock(), n=1, trouble="key"))
    chat.work()
    chat.tell(event("test", clock.advance(seconds=1), n=2))
    chat.work()
    assert heard == [1, 2]


@pytest.mark.parametrize(("taken", "heard_of"), [(29, [2, 1]), (30, [2])])
def test_what_is_taken_again_and_again_comes_last_and_is_put_aside(
    chat, clock, heard, taken, heard_of
):
    """Perhaps it kills whoever deals with it; perhaps a neighbour does."""
    chat.tell(event("test", clock(), n=1))
    with chat.database.begin() as db:
        db.execute(update(InboxEvent).values(attempts=taken))
    chat.tell(event("test", clock.advance(seconds=1), BOB, n=2))
    chat.work()
    assert heard == heard_of
    first = next(row for row in rows(chat) if row.line_user_id == ALICE)
    assert first.state is (State.DONE if taken < rules.MOST_TAKEN else State.FAILED)


def test_it_ends_as_failed_with_its_reason_and_can_be_replayed(chat, clock, heard):
    chat.tell(event("test", clock(), n=1, trouble="key"))
    waits = []
    while rows(chat)[0].state is State.DUE:
        clock.now = max(clock(), rows(chat)[0].due_at)
        waits.append(clock())
        chat.work()
    assert [b - a for a, b in itertools.pairwise(waits)] == list(rules.WAITS)
    assert rows(chat)[0].error == "KeyError: 'field'"
    assert chat.work() == 0
    with chat.database.begin() as db:
        assert review.replay(db, InboxEvent, clock(), InboxEvent.state == State.FAILED) == 1
    assert (rows(chat)[0].attempts, rows(chat)[0].error) == (0, "")
    chat.work()
    assert heard == [1] * 7


def test_a_failed_event_leaves_nothing_half_done(chat, clock, now):
    def half(db, asked):
        events.all_events()["follow"].apply(db, asked)
        raise KeyError("later")

    events._found["half"] = events.Registered("half", half, in_standby=False, in_groups=False)
    chat.tell(event("half", now))
    chat.work()
    del events._found["half"]
    with chat.database.read() as db:
        assert db.scalars(select(Outgoing)).all() == []
        assert review.count(db, InboxEvent) == {State.DUE: 1}


def test_an_event_that_kills_the_worker_is_put_aside_in_the_end(chat, clock, heard):
    chat.tell(event("test", clock(), n=1, trouble="cancelled"))
    for _ in range(rules.MOST_TAKEN):
        with pytest.raises(KeyboardInterrupt):
            chat.work()
        assert chat.work() == 0, "still leased to the process that died"
        clock.now += owed.LEASE
    chat.work()
    assert rows(chat)[0].state is State.FAILED
    assert "never brought to an end" in rows(chat)[0].error
    assert len(heard) == rules.MOST_TAKEN


def test_replaying_does_not_answer_twice(chat, now):
    chat.hear(text("営業時間", now))
    with chat.database.begin() as db:
        review.replay(db, InboxEvent, now)
    assert chat.work() == 1
    assert len(chat.line.sent) == 1


# While we are at it


def test_a_friend_who_has_to_wait_sees_that_we_are_at_it(chat, clock):
    friend(chat.database, clock())
    chat.tell(text("営業時間", clock()))
    clock.advance(seconds=3)
    chat.work()
    assert chat.line.loading == [(ALICE, 10)]
    assert chat.line.calls == ["show_loading", "reply"]


@pytest.mark.parametrize(
    ("kind", "seconds", "more"),
    [
        ("message", 1, {}),  # fast enough
        ("message", 55, {}),  # too late to be answered
        ("follow", 3, {}),  # nobody is waiting
        ("message", 3, {"mode": "standby"}),
        ("message", 3, {"source": {"type": "group", "groupId": "C1", "userId": ALICE}}),
    ],
)
def test_otherwise_nothing_is_shown(chat, clock, kind, seconds, more):
    chat.tell(event(kind, clock(), **more))
    clock.advance(seconds=seconds)
    chat.work()
    assert chat.line.loading == []


def test_a_sign_that_cannot_be_shown_harms_nothing(chat, clock):
    chat.line.fail_with["show_loading"] = LineUnavailable("429")
    friend(chat.database, clock())
    chat.tell(text("営業時間", clock()))
    clock.advance(seconds=3)
    chat.work()
    assert len(chat.line.replies) == 1


# In time


def test_what_comes_too_late_is_dropped_or_pushed_as_the_answer_says(chat, clock):
    friend(chat.database, clock())
    friend(chat.database, clock(), BOB)
    chat.tell(text("営業時間", clock()), text("ポイント", clock(), BOB))
    clock.advance(seconds=55)
    chat.work()
    assert [each.to for each in chat.line.sent] == [BOB]
    assert chat.line.sent[0].how == "push"
    with chat.database.read() as db:
        dropped = db.scalars(select(Outgoing).where(Outgoing.reply_token.is_not(None))).all()
    assert {row.state for row in dropped} == {State.DONE}


def test_an_event_that_line_brings_late_has_a_dead_token(chat, clock):
    friend(chat.database, clock() - timedelta(days=1))
    chat.tell(text("営業時間", clock() - timedelta(minutes=21)))
    chat.work()
    assert chat.line.sent == []


def test_what_was_kept_long_enough_is_forgotten(chat, clock, heard):
    chat.tell(*[event("test", clock(), f"U{n:032x}", n=n) for n in range(5)])
    chat.tell(event("test", clock(), n="stays", trouble="key"))
    chat.work()
    clock.advance(days=chat.settings.inbox_retention_days)
    assert inbox.forget(chat.database, clock(), chat.settings) == 0
    clock.advance(seconds=1)
    assert inbox.forget(chat.database, clock(), chat.settings) == 5
    assert [row.state for row in rows(chat)] == [State.DUE], "what is owed stays"


def test_any_number_is_forgotten_a_bounded_part_at_a_time(chat, clock, heard):
    chat.tell(*[event("test", clock(), f"U{n:032x}", n=n) for n in range(12)])
    chat.work()
    with chat.database.begin() as db:
        later = clock() + timedelta(days=1)
        assert review.forget_some(db, InboxEvent, InboxEvent.received_at, later, limit=5) == 5
    clock.advance(days=99)
    assert inbox.forget(chat.database, clock(), chat.settings) == 7
