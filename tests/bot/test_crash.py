"""Killed at any step, the worker loses no event, and says nothing twice."""

from typing import Any

import pytest
from sqlalchemy import select

from bot import events, first_look, inbox
from bot.answers import Silence
from core import owed
from core.owed import State
from deliveries import outbox, rules
from members import friendship
from models import Friend, FriendTag, InboxEvent, Outgoing
from tests.bot.chat import Chat, event, text
from tests.bot.dying import DyingDatabase, DyingLine, Fate, Killed, said
from tests.bot.people import found

STEPS = 120
"""More than the story has: the last runs through unharmed."""


def tell_a_story(chat: Chat, n: int) -> tuple[str, str]:
    """Two newcomers; one of them taps and asks. Nobody of an earlier telling."""
    one, other = f"U{n:031x}1", f"U{n:031x}2"
    at = chat.clock()
    tapped = event("postback", at, one, postback={"data": "1:tag:coffee"})
    answer = chat.tell(
        event("follow", at, one), event("follow", at, other), tapped, text("?", at, one)
    )
    assert answer.status_code == 200
    return one, other


def work_until_killed(chat: Chat, fate: Fate) -> bool:
    """Whether the worker was killed on the way."""
    dying: Any = DyingDatabase(chat.database, fate), DyingLine(chat.line, fate)
    try:
        inbox.work(*dying, chat.clock, chat.settings)
        outbox.work(*dying, chat.clock)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("seconds", [0, 120], ids=["replies", "pushes"])
def test_killed_at_every_step(chat, clock, seconds):
    killed = 0
    for at in range(1, STEPS):
        people = tell_a_story(chat, at)
        clock.advance(seconds=seconds)
        if not work_until_killed(chat, Fate(at)):
            break
        killed += 1
        clock.now += owed.LEASE  # what the dead one held falls due again
        chat.work()
        _check(chat, people)
    else:
        pytest.fail(f"the story has more than {STEPS} steps: tell a shorter one")
    assert killed > 20


def _check(chat, people):
    with chat.database.read() as db:
        events = db.scalars(select(InboxEvent).where(InboxEvent.line_user_id.in_(people))).all()
        theirs = select(Outgoing).join(Friend).where(Friend.line_user_id.in_(people))
        messages = db.scalars(theirs).all()
        tags = db.scalars(select(FriendTag).join(Friend).where(Friend.line_user_id.in_(people)))
        assert len(tags.all()) == 1
    assert all(found(chat.database, user).following for user in people)
    assert {row.state for row in events} == {State.DONE}
    assert len(messages) == len(events), "each was answered"
    for row in messages:
        times = len(said(chat.line, row.reply_token, row.id))
        assert row.state is State.DONE
        assert times <= 1
        if row.error not in (rules.MAYBE_SAID, rules.TOO_LATE):
            assert times == 1, (row.key, row.error)


def test_a_worker_that_wakes_after_its_lease_settles_nothing(chat, clock):
    """It took the event, slept, and another has dealt with it meanwhile."""

    def tag_by_attempt(db, asked):
        friendship.tag(db, asked.person.friend.id, f"by {asked.now:%H:%M}", asked.now)
        return Silence()

    events._found["tagged"] = events.Registered(
        "tagged", tag_by_attempt, in_standby=False, in_groups=False
    )
    chat.tell(event("tagged", clock()))
    with chat.database.begin() as db:
        (sleeper,) = owed.take(db, InboxEvent, clock())
    clock.now += owed.LEASE
    assert chat.work()
    clock.advance(minutes=1)
    with chat.database.read() as db:
        seen = first_look.know(db, [sleeper])
    look = first_look.at(chat.line, seen, clock(), chat.settings)
    inbox._deal_with(chat.database, sleeper, look[0][1], clock)
    del events._found["tagged"]
    with chat.database.read() as db:
        assert db.scalars(select(FriendTag.tag)).all() == ["by 03:02"]
        assert db.scalars(select(InboxEvent.state)).one() is State.DONE
