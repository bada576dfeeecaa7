"""Messages that were put aside: said after all where that is of use, and never twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.database import Database
from core.owed import State
from deliveries import outbox, rules
from deliveries.aside import MESSAGES
from line.fake import FakeLine
from line.gateway import LineRefused, LineUnavailable
from members import aside
from tests.conftest import SettableClock
from tests.deliveries.conftest import ALICE


@pytest.fixture
def send(database: Database, line: FakeLine, clock: SettableClock) -> Callable[[], int]:
    return lambda: outbox.work(database, line, clock)


@pytest.fixture
def again(database: Database, clock: SettableClock) -> Callable[[], int]:
    def ask() -> int:
        with database.begin() as db:
            return aside.again(db, MESSAGES, clock())

    return ask


def test_what_line_refused_is_said_once_more_under_its_key(owe, row, send, again, line):
    line.fail_with["push"] = LineRefused("413 Payload too large", 413)
    key = owe("hi")
    send()
    line.fail_with.clear()
    assert (again(), again()) == (1, 0)
    send()
    assert [(each.to, each.retry_key) for each in line.pushes] == [(ALICE, row(key).id)]
    assert (row(key).state, row(key).error) == (State.DONE, "")
    assert again() == 0


def test_what_is_refused_again_comes_back(owe, row, send, again, line):
    line.fail_with["push"] = LineRefused("413 Payload too large", 413)
    key = owe("hi")
    for _ in range(3):
        send()
        assert row(key).state is State.FAILED
        assert again() == 1


def test_what_line_took_although_its_answer_was_lost_is_not_said_twice(
    owe, row, send, again, line, clock
):
    line.lose_answer.add("push")
    key = owe("hi")
    send()
    line.lose_answer.clear()
    line.fail_with["push"] = LineRefused("413 Payload too large", 413)
    clock.now = row(key).due_at
    send()
    line.fail_with.clear()
    assert again() == 1
    send()
    assert line.texts_to(ALICE) == ["hi"]


@pytest.mark.parametrize("days", [0, 9])
def test_what_may_have_been_said_is_not_said_again(owe, row, send, again, line, clock, days):
    line.fail_with["push"] = LineUnavailable("503")
    key = owe("hi", expires_at=clock() + timedelta(days=days, hours=3))
    while row(key).state is State.DUE:
        clock.now = max(clock(), row(key).due_at)
        send()
    assert row(key).error == rules.MAYBE_SAID
    assert again() == 0
    assert row(key).state is State.FAILED


def test_an_answer_whose_time_has_gone_is_not_said(owe, row, send, again, line, clock):
    line.fail_with["*"] = LineRefused("413 Payload too large", 413)
    key = owe("hi", token="T1")
    send()
    clock.advance(minutes=2)
    assert again() == 0
    assert row(key).state is State.FAILED
