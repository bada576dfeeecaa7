"""What was put aside: read, tried again, left be and put back, each once however often it is asked."""

from datetime import timedelta

import pytest

from core import owed
from core.owed import State
from members import aside, queues
from members.aside import CODES, DEAUTHORIZING, EVENTS
from models import (
    Deauthorization,
    How,
    InboxEvent,
    Link,
    MenuMove,
    OneTimeCode,
    Publication,
    PublishRun,
    Sms,
    Stopped,
)
from tests.members.situations import a_friend, a_pair, line_user
from tests.members.test_queues import an_event

MINUTE = timedelta(minutes=1)


def fails(db, row, now, error="ValueError: odd"):
    row.state, row.done_at, row.error, row.attempts = State.FAILED, now, error, 8
    db.add(row)
    db.flush()
    return row


def some_events(database, now, number=3):
    with database.begin() as db:
        friend = a_friend(db, now)
        for n in range(number):
            event = an_event(db, now, n=n)
            event.line_user_id = friend.line_user_id if n else line_user(999_999)
            fails(db, event, now + n * MINUTE)
        an_event(db, now, n=99)  # this one did not fail
    return friend


def leaf(database, now, kind=EVENTS, **how):
    with database.read() as db:
        return aside.leaf(db, kind, now, **{"number": 1, "size": 50, **how})


def act(database, what, *given):
    with database.begin() as db:
        return what(db, *given)


def test_they_are_read_a_page_at_a_time_with_whom_they_are_about(database, now):
    friend = some_events(database, now)
    found = leaf(database, now, size=2)
    assert (found.total, found.hopeful, len(found.rows)) == (3, 3, 2)
    assert [row.at for row in found.rows] == [now + 2 * MINUTE, now + MINUTE]
    assert {row.who.friend.id for row in found.rows if row.who} == {friend.id}
    (last,) = leaf(database, now, size=2, number=2).rows
    assert (last.who, last.what, last.error) == (None, "message", "ValueError: odd")
    assert leaf(database, now, oldest_first=True).rows[0].at == now


def test_all_are_tried_again_once(database, now):
    some_events(database, now)
    assert act(database, aside.again, EVENTS, now) == 3
    assert act(database, aside.again, EVENTS, now) == 0
    assert leaf(database, now).total == 0
    with database.begin() as db:
        assert len(owed.take(db, InboxEvent, now, limit=9)) == 4


def test_one_is_tried_again_and_the_others_stay(database, now):
    some_events(database, now)
    one = leaf(database, now).rows[0].id
    assert act(database, aside.again, EVENTS, now, one) == 1
    assert act(database, aside.again, EVENTS, now, one) == 0
    assert one not in {row.id for row in leaf(database, now).rows}
    assert leaf(database, now).total == 2


def test_what_is_left_be_is_told_no_more_until_it_is_put_back(database, now):
    some_events(database, now)
    one = leaf(database, now).rows[0].id
    later, last = now + 9 * MINUTE, now + timedelta(minutes=10, microseconds=123_456)
    assert act(database, aside.leave, EVENTS, later, one) == 1
    assert act(database, aside.leave, EVENTS, last) == 2
    assert act(database, aside.leave, EVENTS, last) == 0
    with database.read() as db:
        assert list(queues.health(db, now + timedelta(hours=1), 0.0).failed) == []
    assert act(database, aside.put_back, EVENTS, now) == 0
    assert act(database, aside.put_back, EVENTS, last) == 2
    assert act(database, aside.put_back, EVENTS, last) == 0
    assert leaf(database, now).total == 2
    assert {row.error for row in leaf(database, now).rows} == {"ValueError: odd"}


@pytest.mark.parametrize(
    ("minutes", "used", "hopeful"), [(5, False, 1), (5, True, 0), (-5, False, 0)]
)
def test_a_code_is_sent_again_while_it_is_of_use(database, now, minutes, used, hopeful):
    with database.begin() as db:
        code = OneTimeCode(
            friend_id=a_friend(db, now).id, phone="+819012345678", sent_at=now,
            expires_at=now + minutes * MINUTE, used_at=now if used else None,
        )  # fmt: skip
        db.add(code)
        db.flush()
        fails(db, Sms(code_id=code.id, language="ja", due_at=now), now)
    found = leaf(database, now, CODES)
    assert (found.total, found.hopeful, found.rows[0].hopeful) == (1, hopeful, bool(hopeful))
    assert found.rows[0].who
    assert act(database, aside.again, CODES, now) == hopeful


def test_what_line_was_not_told_in_time_can_only_be_left_be(database, now):
    friend_id, member_id = a_pair(database, now)
    with database.begin() as db:
        link = Link(friend_id=friend_id, member_id=member_id, how=How.PHONE, started_at=now)
        db.add(link)
        db.flush()
        gone = Deauthorization(link_id=link.id, token="", due_at=now, give_up_at=now)
        fails(db, gone, now, "BadToken: expired")
    assert leaf(database, now, DEAUTHORIZING).rows[0].who.friend.id == friend_id
    assert act(database, aside.again, DEAUTHORIZING, now) == 0
    assert act(database, aside.leave, DEAUTHORIZING, now) == 1
    assert leaf(database, now, DEAUTHORIZING).total == 0


def a_run(now, **more):
    return PublishRun(
        pages=[], rules=[], menus=[], fingerprint="f", asked_at=now, due_at=now,
        **{"stopped": Stopped.REFUSED, **more},
    )  # fmt: skip


def test_what_nobody_need_hear_of_is_not_told(database, now):
    """Publishing that somebody cancelled, or that was followed by another; people moved one by one
    as LINE would not move them at once."""
    with database.begin() as db:
        fails(db, a_run(now, stopped=Stopped.CANCELLED, stopped_by="Ken"), now, "")
        fails(db, a_run(now), now - MINUTE)
        db.add(
            Publication(
                number=1, rules=[], pages=[], fingerprint="f", published_at=now - MINUTE / 2
            )
        )
        fails(db, MenuMove(moves=[], people=3, put_at=now, due_at=now), now)
    with database.read() as db:
        assert queues.health(db, now, 0.0).all_done
    with database.begin() as db:
        fails(db, a_run(now), now)
    with database.read() as db:
        (failed,) = queues.health(db, now, 0.0).failed
    assert (failed.queue, failed.failed) == (queues.Queue.PUBLISHING, 1)
