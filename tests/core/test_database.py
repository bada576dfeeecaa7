"""Transactions of one statement, and what is asked ahead of a statement."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import exc, func, select, text

from bot import inbox
from core import lanes, owed
from core.database import AHEAD
from deliveries import outbox
from models import InboxEvent
from tests.core.test_owed import event, put


def number(database):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(InboxEvent))


def test_a_lone_statement_is_committed(fresh_database, now):
    with fresh_database.begin(alone=True) as db:
        owed.put(db, event("E1", now))
    with fresh_database.read(alone=True) as db:
        assert owed.are_due(db, now, InboxEvent, InboxEvent) == (True, True)
        assert owed.are_due(db, now - timedelta(seconds=1), InboxEvent) == (False,)
    assert number(fresh_database) == 1


def test_after_one_that_was_alone_others_are_together_again(fresh_database, now):
    """They use the same connection."""
    with fresh_database.begin(alone=True) as db:
        owed.put(db, event("E1", now))
    with pytest.raises(exc.DBAPIError), fresh_database.begin() as db:  # noqa: PT012 - what is undone
        owed.put(db, event("E2", now))
        db.execute(text("SELECT nothing FROM nowhere"))
    assert number(fresh_database) == 1


@pytest.mark.parametrize("ahead", [None, "SELECT 1"])
def test_after_trouble_with_one_that_was_alone(fresh_database, now, ahead):
    if fresh_database.engine.dialect.name == "sqlite":
        ahead = None
    wrong = text("SELECT nothing FROM nowhere").execution_options(**{AHEAD: ahead})
    with pytest.raises(exc.DBAPIError), fresh_database.begin(alone=True) as db:
        db.execute(wrong)
    put(fresh_database, event("E1", now))
    assert number(fresh_database) == 1


@pytest.fixture
def postgresql(fresh_database):
    if fresh_database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer, and nothing goes ahead")
    return fresh_database


LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {}"


@pytest.mark.parametrize("alone", [True, False])
def test_a_lock_that_went_ahead_is_held_until_the_end(postgresql, alone):
    mine = text(LOCKS.format("granted AND pid = pg_backend_pid()"))
    with postgresql.begin(alone=alone) as db:
        assert db.scalar(lanes.queued(mine, InboxEvent)) == 1
        assert db.scalar(mine) == (0 if alone else 1)
    with postgresql.read() as db:
        assert db.scalar(mine) == 0


def test_who_has_queued_sees_what_was_committed_meanwhile(postgresql, now):
    """Or two workers would each take an event of the same person."""
    seen = []

    def look():
        with postgresql.begin(alone=True) as db:
            count = select(func.count()).select_from(InboxEvent)
            seen.append(db.scalar(lanes.queued(count, InboxEvent)))

    other = threading.Thread(target=look)
    with postgresql.begin() as db:
        db.execute(lanes.queued(select(1), InboxEvent))
        other.start()
        while not db.scalar(text(LOCKS.format("NOT granted"))):
            other.join(0.01)
            assert other.is_alive()
        owed.put(db, event("E1", now))
    other.join(10)
    assert seen == [1]


@pytest.mark.parametrize("alone", [True, False])
def test_only_what_may_be_forgotten_waits_for_no_disk(postgresql, alone):
    asking = text("SELECT current_setting('synchronous_commit')")
    with postgresql.begin(alone=alone) as db:
        assert db.scalar(lanes.queued(asking, InboxEvent, forgettable=True)) == "off"
    with postgresql.begin(alone=alone) as db:
        assert db.scalar(lanes.queued(asking, InboxEvent)) == "on"


def test_that_is_taking_events_and_never_what_may_have_been_said():
    ahead = [by.get_execution_options()[AHEAD] for by in (inbox.TAKING, outbox.TAKING)]
    assert ["synchronous_commit" in each for each in ahead] == [True, False]
    assert "synchronous_commit" not in outbox.IN_THE_WAY.get_execution_options()[AHEAD]
