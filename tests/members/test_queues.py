"""How the work stands that is owed, and why it waits."""

from datetime import timedelta

import pytest

from core import owed
from members import queues
from members.queues import Queue, Why
from models import Deauthorization, InboxEvent, MenuAssignment, Outgoing, PublishRun
from tests.members.situations import a_friend

OLD, YOUNG = timedelta(minutes=5), timedelta(seconds=2)


def an_event(db, at, **more):
    n = more.pop("n", 1)
    row = InboxEvent(
        webhook_event_id=f"e{at.timestamp()}-{n}", kind="message", line_user_id="", raw="{}",
        occurred_at=at, received_at=at, due_at=at, **more,
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row


def a_message(db, now, due=None, **more):
    friend = a_friend(db, now)
    row = Outgoing(
        key=f"reply:{friend.id}", friend_id=friend.id, messages=[], due_at=due or now,
        created_at=now, expires_at=now + timedelta(days=1), **more,
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row


def look(database, now, silent_for=0.0):
    with database.read() as db:
        return queues.health(db, now, silent_for)


def test_all_is_done(database, now):
    with database.begin() as db:
        row = an_event(db, now - OLD)
        (taken,) = owed.take(db, InboxEvent, now)
        owed.done(db, taken, now, "nothing is done about events of this type")
        assert row.id == taken.id
    found = look(database, now)
    assert (found.all_done, list(found.queues)) == (True, [])


def test_what_fell_due_just_now_is_being_dealt_with(database, now):
    with database.begin() as db:
        an_event(db, now - YOUNG)
    found = look(database, now)
    assert (found.all_done, list(found.late), found.at_it) == (False, [], 1)


def test_what_waits_says_since_when_and_why(database, now):
    with database.begin() as db:
        for n in range(12):
            an_event(db, now - OLD + timedelta(seconds=n), n=n)
    (late,) = look(database, now).late
    assert (late.queue, late.waiting, late.since) == (Queue.EVENTS, 12, now - OLD)
    assert look(database, now).why(late) is Why.MANY
    assert look(database, now, 61.0).why(late) is Why.SILENT
    assert look(database, now, None).why(late) is Why.NEVER


def test_with_a_silent_worker_whatever_waits_is_late(database, now):
    with database.begin() as db:
        an_event(db, now - YOUNG)
    assert len(look(database, now, 61.0).late) == 1
    assert not look(database, now, 61.0).all_done


@pytest.mark.parametrize(
    ("error", "why"),
    [("500 Internal Server Error", Why.LINE), ("ConnectTimeoutError", Why.LINE),
     ("429 You have reached your monthly limit.", Why.QUOTA),
     ("401 Authentication failed", Why.TOKEN)],
)  # fmt: skip
def test_what_is_to_be_tried_again_later_waits_too(database, now, error, why):
    """Between two tries a row is not due."""
    later = now + timedelta(minutes=10)
    with database.begin() as db:
        a_message(db, now - OLD, later, error=error)
    found = look(database, now)
    (late,) = found.late
    assert (late.queue, late.waiting, late.tried, late.next_try) == (Queue.MESSAGES, 0, 1, later)
    assert found.why(late) is why
    assert not found.all_done


def test_what_is_planned_for_later_does_not_wait(database, now):
    with database.begin() as db:
        a_message(db, now, now + OLD)
    assert look(database, now).all_done


def test_what_failed_is_told_with_its_reason(database, now):
    with database.begin() as db:
        an_event(db, now - OLD)
        (row,) = owed.take(db, InboxEvent, now)
        owed.failed(db, row, now, "ValueError: odd")
    found = look(database, now)
    (failed,) = found.failed
    assert (failed.queue, failed.failed, failed.failed_error) == (
        Queue.EVENTS, 1, "ValueError: odd",
    )  # fmt: skip
    assert failed.failed_at == now
    assert list(found.late) == []


def test_menus_are_counted_wherever_they_wait(database, now):
    with database.begin() as db:
        a_friend(db, now, menu_stale_at=now - OLD)
        told = a_friend(db, now)
        db.add(
            MenuAssignment(
                id=told.id, wanted="member", rule=0, because="", due_at=now - timedelta(days=1)
            )
        )
    (late,) = look(database, now).late
    assert (late.queue, late.waiting, late.since) == (Queue.MENUS, 2, now - OLD)


def test_every_kind_of_work_is_in_a_queue():
    known = {table for tables in queues.TABLES.values() for table in tables}
    assert known == set(owed.Owed.__subclasses__())
    assert {Deauthorization, PublishRun} <= known
