"""Rows that go down in one statement are those that a session would have put down."""

from datetime import timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import select

from core import at_once
from core.owed import State
from models import Friend, IfLate, Outgoing


@pytest.fixture
def friend(database, now):
    with database.begin() as db:
        db.add(friend := Friend(line_user_id="U1", created_at=now))
    return friend.id


def owing(friend, now, key, **changes):
    return {
        "id": uuid4(), "key": key, "friend_id": friend, "messages": [{"type": "text", "text": key}],
        "reply_token": None, "if_late": IfLate.PUSH, "due_at": now, "created_at": now,
        "expires_at": now,
    } | changes  # fmt: skip


def insert(database, *rows):
    with database.begin() as db:
        return at_once.insert(db, Outgoing, rows)


def kept(database):
    with database.read() as db:
        return {each.key: each for each in db.scalars(select(Outgoing))}


def test_they_are_as_a_session_writes_them(database, friend, now):
    odd = "a'b\"c\\d\n\t%s :x 🎉"
    in_japan = now.astimezone(timezone(timedelta(hours=9)))
    first = owing(friend, now, odd)
    assert insert(database, first, owing(friend, in_japan, "2", reply_token="t")) == 2
    one, two = kept(database)[odd], kept(database)["2"]
    with database.begin() as db:
        db.add(Outgoing(**owing(friend, now, "3")))
    three = kept(database)["3"]
    assert (one.id, one.messages) == (first["id"], [{"type": "text", "text": odd}])
    assert two.due_at == two.created_at == now
    assert (one.reply_token, two.reply_token) == (None, "t")
    names = ("if_late", "state", "attempts", "leased", "error", "pushed_at", "done_at")
    assert [getattr(one, name) for name in names] == [getattr(three, name) for name in names]
    assert (one.if_late, one.state) == (IfLate.PUSH, State.DUE)
    assert one.place < two.place < three.place, "each has its own place, in their order"


def test_those_that_are_known_are_passed_over(database, friend, now):
    assert insert(database, owing(friend, now, "1")) == 1
    again = owing(friend, now, "1", reply_token="other")
    assert insert(database, again, owing(friend, now, "2"), owing(friend, now, "2")) == 1
    assert {key: row.reply_token for key, row in kept(database).items()} == {"1": None, "2": None}
