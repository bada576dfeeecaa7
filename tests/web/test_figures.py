"""What is owed, for how long, and what failed, as an alert reads it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from app import Parts, create_app
from core import owed
from core.database import Database
from core.settings import Settings
from line.fake import FakeLogin
from models import Friend, InboxEvent
from tests.conftest import SettableClock

TOKEN = {"Authorization": "Bearer scrape-me"}


@pytest.fixture
def figures(
    database: Database, make_settings: Callable[..., Settings], clock: SettableClock
) -> Callable[[], Mapping[str, float]]:
    settings = make_settings(metrics_token="scrape-me")
    parts = Parts(database, FakeLogin(), lambda *_: None, lambda: 7.0, clock)
    client = create_app(settings, parts).test_client()

    def ask() -> Mapping[str, float]:
        lines = client.get("/metrics", headers=TOKEN).text.splitlines()
        said = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in said}

    return ask


def event(now: datetime) -> InboxEvent:
    return InboxEvent(
        id=uuid4(), webhook_event_id=uuid4().hex, kind="message", occurred_at=now,
        received_at=now, due_at=now, raw="{}",
    )  # fmt: skip


def test_of_nothing_there_is_nothing(figures):
    said = figures()
    owed_now = {name: value for name, value in said.items() if name.startswith("musubi_waiting")}
    assert len(owed_now) == 13
    assert set(owed_now.values()) == {0.0}
    assert said['musubi_failed{kind="outgoing"}'] == 0
    assert said['musubi_worker_silent_seconds{kind="worker"}'] == 7


def test_what_waits_is_counted_and_its_oldest_is_timed(figures, database, clock, now):
    with database.begin() as db:
        db.add_all(
            [event(now - timedelta(seconds=90)), event(now), event(now + timedelta(hours=1))]
        )
    said = figures()
    assert said['musubi_waiting{kind="inbox_event"}'] == 2
    assert said['musubi_waiting_seconds{kind="inbox_event"}'] == 90


def test_what_failed_is_counted(figures, database, now):
    row = event(now)
    with database.begin() as db:
        db.add(row)
    with database.begin() as db:
        owed.failed(db, row, now, "it cannot be")
    said = figures()
    assert said['musubi_failed{kind="inbox_event"}'] == 1
    assert said['musubi_waiting{kind="inbox_event"}'] == 0


def test_menus_that_must_be_looked_at(figures, database, now):
    stale = now - timedelta(seconds=30)
    with database.begin() as db:
        db.add(Friend(id=uuid4(), line_user_id="U1", created_at=now, menu_stale_at=stale))
    said = figures()
    assert said['musubi_waiting{kind="menu_stale"}'] == 1
    assert said['musubi_waiting_seconds{kind="menu_stale"}'] == 30
