"""A webhook that was seen once, and is sent again: a minute, a month or years later."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from bot import inbox
from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from models import Friend, FriendTag, InboxEvent, Outgoing
from tests.bot import chat
from tests.bot.chat import Chat
from tests.conftest import SettableClock

LATER = [timedelta(minutes=1), timedelta(days=29), timedelta(days=31), timedelta(days=3650)]


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


@pytest.fixture
def talk(settings: Settings, database: Database, line: FakeLine, clock: SettableClock) -> Chat:
    return Chat(settings, database, line, clock)


def count(talk: Chat, table: type[Any]) -> int:
    with talk.database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def capture(talk: Chat, now: datetime) -> list[dict[str, Any]]:
    """What somebody has seen on the way, with its signature."""
    seen = [
        chat.event("follow", now), chat.text("営業時間", now),
        chat.event("postback", now, postback={"data": "1:tag:coffee"}),
        chat.event("unfollow", now, chat.BOB),
    ]  # fmt: skip
    for each in seen:
        assert talk.tell(each).status_code == 200
    talk.work()
    return seen


def forget(talk: Chat) -> None:
    """Everything that is kept for its time only has gone."""
    inbox.forget(talk.database, talk.clock(), talk.settings)


@pytest.mark.parametrize("later", LATER, ids=str)
def test_a_replay_does_nothing(talk: Chat, clock: SettableClock, later: timedelta) -> None:
    seen = capture(talk, clock())
    said, rows = len(talk.line.sent), count(talk, Outgoing)
    with talk.database.begin() as db:
        db.execute(FriendTag.__table__.delete())
    clock.advance(seconds=later.total_seconds())
    forget(talk)
    for each in seen:
        assert talk.tell(each).status_code == 200
    talk.work()
    assert len(talk.line.sent) == said, "it is answered again"
    assert (count(talk, Outgoing), count(talk, FriendTag)) == (rows, 0), "it has effects again"


def test_a_replay_makes_nobody_a_friend_who_was_forgotten(talk: Chat, clock: SettableClock) -> None:
    seen = capture(talk, clock())
    clock.advance(days=400)
    forget(talk)
    with talk.database.begin() as db:
        db.execute(Outgoing.__table__.delete())
        db.execute(Friend.__table__.delete())
    for each in seen:
        talk.tell(each)
    talk.work()
    assert (count(talk, Friend), count(talk, InboxEvent), count(talk, Outgoing)) == (0, 0, 0)


@pytest.mark.parametrize("hours", [1, 24, 24 * 29])
def test_what_line_brings_late_is_taken(talk: Chat, clock: SettableClock, hours: int) -> None:
    """Our own outage may have lasted; a follow of that time is a follow."""
    late = chat.event("follow", clock() - timedelta(hours=hours))
    assert talk.tell(late).status_code == 200
    talk.work()
    assert count(talk, Friend) == 1


@pytest.mark.parametrize("hours", [-26, -2, -1, 0, 1, 2, 26])
@pytest.mark.parametrize("ahead", [-180, 0, 59])
def test_whatever_was_swept_away_is_not_taken_again(
    talk: Chat, clock: SettableClock, hours: int, ahead: int
) -> None:
    """At the very edge, and of a clock that is minutes ahead or behind."""
    said = chat.text("営業時間", clock() + timedelta(minutes=ahead))
    talk.tell(said)
    talk.work()
    clock.advance(days=talk.settings.inbox_retention_days, hours=hours, minutes=1)
    forget(talk)
    remembered = count(talk, InboxEvent)
    talk.tell(said)
    assert count(talk, InboxEvent) == remembered


def test_a_body_under_another_signature_is_no_replay(
    app: Flask, clock: SettableClock, talk: Chat
) -> None:
    """Seen once does not help to say anything else."""
    body = chat.json.dumps({"destination": "U1", "events": [chat.event("follow", clock())]})
    signed = chat.sign(body.encode())
    for other in (body + " ", body.replace("follow", "unfollow"), body[:-1], "{}"):
        assert talk.post(other.encode(), signed).status_code == 401
