"""Calls run at the same time, and each outcome comes back to whoever asked."""

import threading

import pytest

from core.database import in_transaction
from core.together import Together, together


def test_they_run_at_the_same_time():
    gate = threading.Barrier(3)
    outcomes = together({n: lambda: gate.wait(10) for n in range(3)})
    assert sorted(key for key, outcome in outcomes if outcome() in (0, 1, 2)) == [0, 1, 2]


@pytest.mark.parametrize("more", [0, 1])
def test_an_outcome_raises_what_the_call_raised(more):
    calls = {n: {}.copy for n in range(more)} | {"odd": [].pop}
    outcomes = dict(together(calls))
    with pytest.raises(IndexError):
        outcomes["odd"]()


def test_what_has_ended_is_given_back_once():
    go = threading.Event()
    calls: Together[str, object] = Together()
    calls.start("slow", lambda: go.wait(10))
    calls.start("fast", lambda: None)
    assert [key for key, _ in calls.ended()] == ["fast"]
    assert list(calls.ended(leave=1)) == []
    assert calls.under_way == 1
    go.set()
    assert [key for key, _ in calls.ended()] == ["slow"]
    assert list(calls.ended()) == []


def test_a_call_knows_where_it_came_from(database):
    """So that a call to LINE within a transaction is noticed in whatever thread it runs."""
    with database.begin():
        outcomes = dict(together(dict.fromkeys(range(2), in_transaction)))
    assert [outcome() for outcome in outcomes.values()] == [True, True]


def test_it_waits_for_more_no_longer_than_it_is_told_to():
    go = [threading.Event() for _ in range(4)]
    calls: Together[int, bool] = Together()
    for n, event in enumerate(go):
        calls.start(n, lambda event=event: event.wait(10))
    go[0].set()
    threading.Timer(0.05, go[1].set).start()
    assert [key for key, _ in calls.ended(leave=2, patience=10)] == [0, 1]
    go[2].set()
    assert [key for key, _ in calls.ended(leave=0, patience=0.01)] == [2]
    go[3].set()
    assert [key for key, _ in calls.ended()] == [3]
