"""Any number of workers: each event once, and each person in order."""

import random
import threading
from collections import defaultdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import inbox
from core import owed
from core.database import Database
from deliveries import outbox
from line.fake import FakeLine
from models import InboxEvent, Outgoing
from tests.bot.chat import Chat, text

PEOPLE = [f"U{n:032x}" for n in range(6)]
EACH = 8
WORKERS = 4


@pytest.fixture
def shared(settings, fresh_database, line, clock):
    return Chat(settings, fresh_database, line, clock)


def test_each_person_is_answered_in_order_and_once(shared, clock):
    start = clock()
    said = [
        (user, n, text("?", start + timedelta(milliseconds=n), user))
        for user in PEOPLE
        for n in range(EACH)
    ]
    random.Random(4).shuffle(said)
    shared.tell(*[each for _, _, each in said])
    clock.advance(seconds=1)
    _work_together(shared.database, shared.line, shared)
    by_token = {each["replyToken"]: (user, n) for user, n, each in said}
    order = defaultdict(list)
    for sent in shared.line.sent:
        user, n = by_token[sent.to]
        order[user].append(n)
    assert order == {user: list(range(EACH)) for user in PEOPLE}
    with shared.database.read() as db:
        for table in (InboxEvent, Outgoing):
            states = db.execute(select(table.state, func.count()).group_by(table.state)).all()
            assert [tuple(row) for row in states] == [("done", len(said))]


def _work_together(database: Database, line: FakeLine, chat: Chat) -> None:
    """Workers that start at the same instant and work until nothing is due anywhere."""
    gate = threading.Barrier(WORKERS)
    troubles = []

    def worker() -> None:
        gate.wait(10)
        try:
            for _ in range(200):
                count = inbox.work(database, line, chat.clock, chat.settings)
                count += outbox.work(database, line, chat.clock)
                if count == 0 and _is_done(database):
                    return
        except BaseException as e:
            troubles.append(e)
            raise

    threads = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []


def _is_done(database: Database) -> bool:
    with database.read() as db:
        left = [
            db.scalar(select(func.count()).where(table.state == "due"))
            for table in (InboxEvent, Outgoing)
        ]
    return not any(left)


def test_taking_at_the_same_instant(shared, clock):
    """While one worker has taken, and not yet committed, another does not take the next event of the
    same person, although it cannot see what the first one did."""
    shared.tell(*[text("?", clock() + timedelta(seconds=n)) for n in range(2)])
    taken = []
    with shared.database.begin() as db:
        assert len(owed.take(db, InboxEvent, clock(), by=inbox.TAKING)) == 1
        other = threading.Thread(target=lambda: taken.append(inbox._take(shared.database, clock())))
        other.start()
        other.join(0.5)
        assert other.is_alive(), "it waits for its turn"
    other.join(10)
    assert taken == [None]
