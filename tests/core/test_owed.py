"""Rows that are work: taken once, given back by time, settled by whoever holds them."""

from datetime import timedelta
from threading import Thread
from uuid import UUID, uuid4

from sqlalchemy import select

from core import owed
from core.owed import LEASE, State
from models import InboxEvent


def event(name, now, **changes):
    return InboxEvent(
        webhook_event_id=name, kind="follow", occurred_at=now, received_at=now, due_at=now,
        raw="{}", **changes,
    )  # fmt: skip


def put(database, *rows):
    with database.begin() as db:
        return [owed.put(db, row) for row in rows]


def take(database, now, limit=1):
    with database.begin() as db:
        return owed.take(db, InboxEvent, now, limit=limit)


def test_what_is_put_twice_is_there_once(database, now):
    assert put(database, event("E1", now)) == [True]
    assert put(database, event("E1", now), event("E2", now)) == [False, True]


def test_taking_holds_a_row_for_a_lease(database, now):
    put(database, event("E1", now))
    (row,) = take(database, now)
    assert (row.attempts, row.leased, row.due_at) == (1, True, now + LEASE)
    assert take(database, now) == []
    assert len(take(database, now + LEASE)) == 1, "whoever held it has died"


def test_the_future_is_left_alone(database, now):
    put(database, event("E1", now + timedelta(seconds=1)))
    assert take(database, now) == []


def test_a_handful_is_taken_oldest_first(database, now):
    put(database, *(event(f"E{n}", now - timedelta(seconds=n)) for n in range(5)))
    assert {row.webhook_event_id for row in take(database, now, limit=2)} == {"E4", "E3"}


def test_whoever_wakes_after_the_lease_settles_nothing(database, now):
    put(database, event("E1", now))
    (late,) = take(database, now)
    (newer,) = take(database, now + LEASE)
    with database.begin() as db:
        assert not owed.failed(db, late, now, "too late")
        assert owed.done(db, newer, now)
        assert not owed.again(db, newer, now, "settled already")
    with database.begin() as db:
        assert db.scalars(select(InboxEvent)).one().state == State.DONE


def test_trying_again_gives_the_row_back_with_its_reason(database, now):
    put(database, event("E1", now))
    (row,) = take(database, now)
    later = now + timedelta(minutes=1)
    with database.begin() as db:
        assert owed.again(db, row, later, "LINE said 500")
    assert take(database, now) == []
    (row,) = take(database, later)
    assert (row.attempts, row.error) == (2, "LINE said 500")


def test_many_takers_at_once_never_share_a_row(fresh_database, now):
    put(fresh_database, *(event(f"E{n}", now) for n in range(60)))
    taken: list[UUID] = []

    def taker():
        while rows := take(fresh_database, now, limit=3):
            taken.extend(row.id for row in rows)

    threads = [Thread(target=taker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_counting_what_waits(database, now):
    put(database, event("E1", now), event("E2", now, id=uuid4()), event("E3", now + LEASE))
    with database.read() as db:
        assert owed.waiting(db, InboxEvent, now) == 2
        assert owed.is_due(db, InboxEvent, now)
        assert not owed.is_due(db, InboxEvent, now - LEASE)


def test_several_are_settled_together_or_not_at_all(database, now):
    put(database, *(event(f"E{n}", now) for n in range(4)))
    late, *rows = sorted(take(database, now, limit=4), key=lambda row: row.webhook_event_id)
    (newer,) = take(database, now + LEASE, limit=1)
    assert newer.attempts == 2
    mine = [(row, f"note {n % 2}") for n, row in enumerate((late, *rows)) if row.id != newer.id]
    with database.begin() as db:
        assert owed.all_done(db, mine, now)
    lost = next(row for row in (late, *rows) if row.id == newer.id)
    with database.begin() as db:
        assert not owed.all_done(db, [(lost, "")], now)
        assert not owed.all_done(db, mine, now), "they are settled"
        assert owed.all_done(db, [(newer, "later")], now)
    with database.read() as db:
        found = db.scalars(select(InboxEvent)).all()
    assert {(row.state, row.leased) for row in found} == {(State.DONE, False)}
    assert sorted(row.error for row in found)[0] == "later"
