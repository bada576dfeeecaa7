"""An answer leaves as soon as its event is settled, and is left to others where it may not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot import inbox, replies
from core import owed
from core.owed import State
from deliveries import outbox, rules
from line.gateway import LineUnavailable
from models import Friend, InboxEvent, Outgoing
from tests.bot.chat import ALICE, BOB, event, text
from tests.bot.people import friend

MANY = [f"U{n:032x}" for n in range(12)]


@pytest.fixture
def everybody(chat, clock):
    for user in (ALICE, BOB, *MANY):
        friend(chat.database, clock(), user)


@pytest.fixture
def only_events(chat):
    """Deal with events; what was rung."""

    def work():
        rung = []
        inbox.work(chat.database, chat.line, chat.clock, chat.settings, ring=rung.append)
        return rung

    return work


def messages(chat, user=ALICE):
    with chat.database.read() as db:
        theirs = select(Outgoing).join(Friend).where(Friend.line_user_id == user)
        return list(db.scalars(theirs.order_by(Outgoing.created_at, Outgoing.place)))


def test_nobody_has_to_take_an_answer(chat, clock, everybody, only_events):
    chat.tell(*[text("営業時間", clock(), user) for user in MANY])
    assert only_events() == []
    assert len(chat.line.replies) == len(MANY)
    for user in MANY:
        (row,) = messages(chat, user)
        assert (row.state, row.attempts, row.reply_tried_at) == (State.DONE, 1, clock())


def test_while_it_is_asked_for_it_is_marked_as_tried(chat, clock, everybody, only_events):
    """Killed there, the token may be spent: it is never followed by a push."""
    chat.line.fail_with["reply"] = KeyboardInterrupt()
    chat.tell(text("ポイント", clock()))
    with pytest.raises(KeyboardInterrupt):
        only_events()
    (row,) = messages(chat)
    assert (row.state, row.leased, row.attempts) == (State.DUE, True, 1)
    assert (row.due_at, row.reply_tried_at) == (clock() + rules.LEASE, clock())
    chat.line.fail_with.clear()
    clock.now += rules.LEASE
    chat.work()
    assert [each.how for each in chat.line.sent] == ["reply"], "the token was alive still"


def test_it_waits_for_what_is_in_somebodys_hand(chat, clock, everybody, only_events):
    chat.tell(text("営業時間", clock()))
    chat.line.fail_with["reply"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        only_events()
    chat.line.fail_with.clear()
    chat.tell(text("営業時間", clock.advance(seconds=1)), text("営業時間", clock(), BOB))
    assert "outgoing" in only_events()
    assert len(chat.line.replies) == 1, "the other friend does not wait"
    first, second = messages(chat)
    assert (second.state, second.leased, second.attempts) == (State.DUE, False, 0)
    clock.now += rules.LEASE
    chat.work()
    tokens = [each.to for each in chat.line.replies]
    assert tokens[-2:] == [first.reply_token, second.reply_token]


def test_it_waits_for_what_is_due_already(chat, clock, everybody, only_events):
    chat.line.fail_with["reply"] = LineUnavailable("503")
    chat.tell(text("営業時間", clock()))
    only_events()
    chat.line.fail_with.clear()
    chat.tell(text("営業時間", clock.advance(seconds=5)))
    assert "outgoing" in only_events()
    assert chat.line.replies == []
    outbox.work(chat.database, chat.line, clock)
    first, second = messages(chat)
    assert [each.to for each in chat.line.replies] == [first.reply_token, second.reply_token]


def test_what_is_to_be_pushed_is_left_to_the_outbox(chat, clock, everybody, only_events):
    chat.tell(text("ポイント", clock()))
    clock.advance(seconds=55)
    assert "outgoing" in only_events()
    assert chat.line.sent == []
    assert chat.work() == 1
    assert [each.how for each in chat.line.sent] == ["push"]


def test_only_what_may_change_a_menu_rings_for_menus(chat, clock, everybody, only_events):
    chat.tell(text("営業時間", clock()))
    assert only_events() == []
    chat.tell(event("postback", clock(), postback={"data": "1:tag:coffee"}))
    assert only_events() == ["menus"]


# A handful in one commit


@pytest.fixture
def odd():
    """Whoever says so gets no answer, but trouble."""

    def write(asked):
        raise KeyError("odd")

    replies.all_replies()
    replies._found["odd"] = replies.Registered(
        "odd", write, lambda said: said == "odd", (), needs_member=False, slow=False
    )
    yield
    del replies._found["odd"]


def test_one_that_makes_trouble_harms_no_neighbour(chat, clock, everybody, only_events, odd):
    chat.tell(*[text("odd" if n == 5 else "住所", clock(), user) for n, user in enumerate(MANY)])
    only_events()
    assert len(chat.line.replies) == len(MANY) - 1
    with chat.database.read() as db:
        states = dict(
            db.execute(select(InboxEvent.state, func.count()).group_by(InboxEvent.state)).all()
        )
    assert states == {State.DONE: len(MANY) - 1, State.DUE: 1}


def test_one_that_another_worker_has_is_left_to_it(chat, clock, everybody):
    chat.tell(*[text("営業時間", clock(), user) for user in MANY])
    seen = inbox._take(chat.database, clock())
    looked = inbox.first_look.at(chat.line, seen, clock(), chat.settings)
    lost = looked[3][0]
    with chat.database.begin() as db:
        one_more = {"attempts": InboxEvent.attempts + 1}
        db.execute(
            update(InboxEvent).where(InboxEvent.id == lost.id).values(one_more)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    calls, left = inbox._deal_with_all(chat.database, looked, clock)
    assert (len(calls), left) == (len(MANY) - 1, 0)
    assert messages(chat, lost.line_user_id) == []


def test_one_message_that_another_worker_has_is_settled_by_it(chat, clock, everybody):
    chat.tell(*[text("営業時間", clock(), user) for user in MANY])
    seen = inbox._take(chat.database, clock())
    looked = inbox.first_look.at(chat.line, seen, clock(), chat.settings)
    calls, _ = inbox._deal_with_all(chat.database, looked, clock)
    later = clock() + rules.LEASE + timedelta(seconds=1)
    with chat.database.begin() as db:
        (taken,) = owed.take(db, Outgoing, later, limit=1)
    saying = inbox.Saying(chat.database, chat.line, clock)
    saying.start(calls)
    assert saying.finish()
    with chat.database.read() as db:
        (still_due,) = db.scalars(select(Outgoing).where(Outgoing.state == State.DUE))
    assert (still_due.id, still_due.attempts) == (taken.id, 2)
    assert not saying.finish(), "nothing is under way any more"
