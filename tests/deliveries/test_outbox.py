"""Said once, in order, free where it can be, whatever LINE answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import owed
from core.database import Database
from core.owed import State
from deliveries import outbox, rules
from line.fake import FakeLine
from line.gateway import LineOutOfQuota, LineRefused, LineUnavailable
from models import Friend, IfLate, Outgoing
from tests.conftest import SettableClock
from tests.deliveries.conftest import ALICE

PUSH = IfLate.PUSH


@pytest.fixture
def send(database: Database, line: FakeLine, clock: SettableClock) -> Callable[[], int]:
    return lambda: outbox.work(database, line, clock)


def test_a_reply_is_free(owe, row, send, line, clock):
    key = owe("hi", token="T1")
    assert send() == 1
    assert [(each.how, each.to, each.texts) for each in line.sent] == [("reply", "T1", ["hi"])]
    assert (row(key).state, row(key).done_at) == (State.DONE, clock())
    assert send() == 0


def test_a_push_carries_the_rows_id(owe, row, send, line):
    key = owe("hi")
    assert send() == 1
    assert [(each.to, each.retry_key) for each in line.pushes] == [(ALICE, row(key).id)]


def test_the_future_is_left_alone(owe, send, clock):
    owe("hi", due_at=clock() + timedelta(seconds=1))
    assert send() == 0


def test_late_and_not_worth_it(owe, row, send, line, clock):
    key = owe("hi", token="T1")
    clock.advance(seconds=50)
    send()
    assert line.calls == []
    assert (row(key).state, row(key).error) == (State.DONE, rules.TOO_LATE)


def test_late_and_worth_a_push(owe, row, send, line, clock):
    key = owe("hi", token="T1", if_late=PUSH)
    clock.advance(seconds=50)
    send()
    assert [each.how for each in line.sent] == ["push"]
    assert row(key).state is State.DONE


def test_a_token_that_line_calls_dead_is_followed_by_a_push(owe, row, send, line):
    line.spent.add("T1")
    key = owe("hi", token="T1", if_late=PUSH)
    assert send() == 2
    assert line.calls == ["reply", "push"]
    assert row(key).state is State.DONE
    assert line.texts_to(ALICE) == ["hi"]


def test_a_token_that_line_calls_dead_is_not_followed_by_a_push_when_not_worth_it(
    owe, row, send, line
):
    line.spent.add("T1")
    key = owe("hi", token="T1")
    send()
    assert line.calls == ["reply"]
    assert row(key).state is State.DONE
    assert "the reply token is dead" in row(key).error


def test_a_reply_whose_answer_was_lost_is_never_pushed(owe, row, send, line, clock):
    """LINE took it, we did not hear, and its token is spent: asking again must not double it."""
    line.lose_answer.add("reply")
    key = owe("hi", token="T1", if_late=PUSH)
    send()
    assert row(key).state is State.DUE
    clock.advance(seconds=1)
    send()
    assert line.calls == ["reply", "reply"]
    assert len(line.sent) == 1
    assert (row(key).state, row(key).error) == (State.DONE, rules.MAYBE_SAID)


def test_a_push_whose_answer_was_lost_is_asked_again_and_said_once(owe, row, send, line, clock):
    line.lose_answer.add("push")
    key = owe("hi")
    send()
    clock.advance(seconds=5)
    send()
    assert line.calls == ["push", "push"]
    assert line.texts_to(ALICE) == ["hi"]
    assert row(key).state is State.DONE


def test_a_reply_is_asked_again_while_its_token_lives(owe, row, send, line, clock):
    line.fail_with["reply"] = LineUnavailable("503")
    key = owe("hi", token="T1", if_late=PUSH)
    while row(key).state is State.DUE:
        clock.now = max(clock(), row(key).due_at)
        send()
    assert line.calls == ["reply"] * 7
    assert clock() - row(key).created_at < timedelta(seconds=50)
    assert row(key).error == rules.MAYBE_SAID


def test_a_push_is_asked_again_until_it_is_not_worth_saying(owe, row, send, line, clock):
    line.fail_with["push"] = LineUnavailable("503")
    key = owe("hi")
    while row(key).state is State.DUE:
        clock.now = max(clock(), row(key).due_at)
        send()
    assert (row(key).state, row(key).error) == (State.FAILED, rules.MAYBE_SAID)
    assert clock() - row(key).created_at < timedelta(hours=4)


def test_a_retry_key_is_worth_nothing_after_a_day(owe, row, send, line, clock):
    line.fail_with["push"] = LineUnavailable("503")
    key = owe("hi", expires_at=clock() + timedelta(days=9))
    send()
    clock.advance(hours=24)
    line.fail_with.clear()
    send()
    assert (row(key).state, row(key).error) == (State.FAILED, rules.MAYBE_SAID)
    assert line.sent == []


def test_a_spent_month_is_waited_out(owe, row, send, line, clock):
    line.quota_limit = 0
    key = owe("hi", expires_at=clock() + timedelta(days=9))
    for _ in range(48):
        send()
        clock.now = row(key).due_at
    assert clock() - row(key).created_at == 48 * rules.QUOTA_WAIT
    line.quota_limit = None
    send()
    assert line.texts_to(ALICE) == ["hi"]


def test_a_spent_month_is_waited_out_no_longer_than_worth_it(owe, row, send, line, clock):
    line.fail_with["push"] = LineOutOfQuota("429")
    key = owe("hi")
    while row(key).state is State.DUE:
        clock.now = max(clock(), row(key).due_at)
        send()
    assert (row(key).state, row(key).error) == (State.DONE, rules.TOO_LATE)


@pytest.mark.parametrize("token", [None, "T1"])
def test_a_refusal_is_final(owe, row, send, line, token):
    line.fail_with["*"] = LineRefused("413 Payload too large", 413)
    key = owe("hi", token=token)
    assert send() == 1
    assert (row(key).state, row(key).error) == (State.FAILED, "413 Payload too large")
    assert send() == 0


@pytest.mark.parametrize("token", [None, "T1"])
def test_while_our_token_is_wrong_what_is_worth_it_waits(owe, row, send, line, clock, token):
    line.fail_with["*"] = LineRefused("401 Authentication failed", 401)
    key = owe("hi", token=token, if_late=PUSH)
    send()
    assert (row(key).state, row(key).error) == (State.DUE, "401 Authentication failed")
    line.fail_with.clear()
    clock.now = row(key).due_at
    send()
    assert (row(key).state, line.texts_to(ALICE)) == (State.DONE, ["hi"])


def test_an_answer_of_the_moment_does_not_wait_for_our_token(owe, row, send, line):
    line.fail_with["*"] = LineRefused("401 Authentication failed", 401)
    key = owe("hi", token="T1")
    send()
    assert row(key).state is State.FAILED


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"following": False}, []),  # has blocked us
        ({"following": False, "friendship_at": None}, ["hi"]),  # was here before us, maybe
        ({"following": True}, ["hi"]),
    ],
)
def test_nothing_is_pushed_to_who_has_blocked_us(owe, row, send, line, database, known, said):
    key = owe("hi")
    with database.begin() as db:
        for name, value in known.items():
            setattr(db.scalars(select(Friend)).one(), name, value)
    send()
    assert line.texts_to(ALICE) == said
    assert row(key).error == ("" if said else rules.BLOCKED)


# In order


def test_in_the_order_they_were_put_down(owe, send, line):
    for n in range(20):
        owe(f"{n}")
    send()
    assert line.texts_to(ALICE) == [f"{n}" for n in range(20)]


def test_a_push_waits_for_an_earlier_one_that_is_to_be_tried_again(owe, send, line, clock):
    line.fail_with["push"] = LineUnavailable("503")
    owe("thanks")
    send()
    line.fail_with.clear()
    owe("coupon", created_at=clock() + timedelta(milliseconds=1))
    assert send() == 0
    clock.advance(seconds=5)
    assert send() == 2
    assert line.texts_to(ALICE) == ["thanks", "coupon"]


def test_a_reply_does_not_wait_for_a_push_between_two_tries(owe, send, line, clock):
    line.fail_with["push"] = LineOutOfQuota("429")
    owe("news")
    send()
    owe("answer", token="T1", created_at=clock() + timedelta(milliseconds=1))
    send()
    assert line.texts_to("T1") == ["answer"]


def test_nothing_leaves_while_something_of_the_same_friend_is_in_somebodys_hand(
    owe, send, line, clock, database
):
    owe("first")
    with database.begin() as db:
        assert owed.take(db, Outgoing, clock())
    owe("second", token="T1", created_at=clock() + timedelta(milliseconds=1))
    assert send() == 0
    clock.now += rules.LEASE - timedelta(seconds=1)
    assert send() == 0


def test_other_friends_do_not_wait(owe, send, line, clock, database):
    owe("first")
    with database.begin() as db:
        assert owed.take(db, Outgoing, clock())
        other = Friend(line_user_id="U" + "b" * 32, created_at=clock(), following=True)
        db.add(other)
    owe("other", friend_id=other.id)
    assert send() == 1


# Many


def test_a_handful_is_called_for_at_the_same_time(owe, send, line, clock, database):
    with database.begin() as db:
        people = [Friend(line_user_id=f"U{n:032x}", created_at=clock()) for n in range(20)]
        db.add_all(people)
    for n, each in enumerate(people):
        owe(f"{n}", friend_id=each.id)
    assert send() == 20
    assert sorted(int(each.texts[0]) for each in line.sent) == list(range(20))


def test_one_that_kills_the_worker_leaves_the_others_settled_or_due(
    owe, row, send, line, clock, database
):
    keys = []
    with database.begin() as db:
        people = [Friend(line_user_id=f"U{n:032x}", created_at=clock()) for n in range(5)]
        db.add_all(people)
    for n, each in enumerate(people):
        keys.append(owe(f"{n}", friend_id=each.id))
    line.fail_with["push"] = KeyboardInterrupt()  # the process is going down
    with pytest.raises(KeyboardInterrupt):
        send()
    assert {row(key).state for key in keys} == {State.DUE}
    line.fail_with.clear()
    assert send() == 0, "still leased to the one that died"
    clock.now += rules.LEASE
    assert send() == 5
    assert {row(key).state for key in keys} == {State.DONE}


# Forgetting


def test_what_was_said_is_forgotten_and_a_coupon_is_remembered(
    owe, send, clock, database, settings
):
    owe("a", key="reply:E1", token="T1")
    owe("b", key="coupon:M1")
    owe("c", key="thanks:L1")
    send()
    owe("d", key="moved:L2", state=State.FAILED)
    owe("e", key="reply:E2", due_at=clock() + timedelta(days=365))
    clock.advance(days=settings.inbox_retention_days - 1)
    owe("f", key="thanks:L3", state=State.DONE)
    assert outbox.forget(database, clock(), settings) == 0
    clock.advance(days=2)
    assert outbox.forget(database, clock(), settings) == 3
    with database.read() as db:
        assert set(db.scalars(select(Outgoing.key))) == {"coupon:M1", "reply:E2", "thanks:L3"}
