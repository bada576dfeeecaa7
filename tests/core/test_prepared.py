"""Rows that the driver's own statement puts down are those that a session would have put down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.event import KEPT
from core.database import Database, connect
from core.owed import State
from core.prepared import Prepared
from models import Base, InboxEvent
from tests.conftest import NOON


def row(name: str, **more: Any) -> dict[str, Any]:
    plain = {
        "webhook_event_id": name, "kind": "message", "line_user_id": "U1", "message_id": None,
        "occurred_at": NOON, "received_at": NOON, "raw": "{}", "due_at": NOON,
    }  # fmt: skip
    return plain | more


def inbox(database: Database) -> Prepared:
    return Prepared(database, InboxEvent, KEPT)


def kept(database: Database) -> dict[str, InboxEvent]:
    with database.read() as db:
        return {each.webhook_event_id: each for each in db.scalars(select(InboxEvent))}


WORDS = ["", "ポイント", "a'b\"c\\d\n\t%s :x", '{"a":"\\u0000"}', "🎉", "x" * 100_000]


@pytest.mark.parametrize("raw", WORDS)
def test_words_are_kept_as_they_are(database: Database, raw: str) -> None:
    inbox(database).put([row("E1", raw=raw, message_id=raw[:64])])
    found = kept(database)["E1"]
    assert (found.raw, found.message_id) == (raw, raw[:64])


@pytest.mark.parametrize(
    "when",
    [
        NOON,
        datetime(2026, 4, 1, 3, 0, 0, 123456, UTC),
        datetime(2011, 1, 1, tzinfo=UTC),
        datetime(2026, 4, 1, 12, 0, tzinfo=timezone(timedelta(hours=9))),
    ],
)
def test_times_are_those_that_a_session_writes(database: Database, when: datetime) -> None:
    inbox(database).put([row("E1", occurred_at=when)])
    with database.begin() as db:
        db.add(InboxEvent(**row("E2", occurred_at=when)))
    found = kept(database)
    assert found["E1"].occurred_at == found["E2"].occurred_at == when
    with database.read() as db:  # and equal in the database's own form
        assert db.scalar(select(func.count(InboxEvent.occurred_at.distinct()))) == 1


def test_what_is_left_out_has_its_default(database: Database) -> None:
    inbox(database).put([row("E1"), row("E2")])
    one, two = kept(database).values()
    assert (one.state, one.attempts, one.leased, one.error) == (State.DUE, 0, False, "")
    assert one.done_at is None
    assert one.id != two.id


def test_known_keys_are_passed_over_and_not_counted(database: Database) -> None:
    put = inbox(database).put
    assert put([row("E1"), row("E2")]) == 2
    assert put([row("E2", kind="other"), row("E3"), row("E3")]) == 1
    assert {name: each.kind for name, each in kept(database).items()} == dict.fromkeys(
        ("E1", "E2", "E3"), "message"
    )


def test_it_is_committed(fresh_database: Database) -> None:
    put = inbox(fresh_database).put
    for n in range(20):  # often enough that the driver prepares it
        assert put([row(f"E{n}-{m}") for m in range(n + 1)]) == n + 1
    assert len(kept(fresh_database)) == 210


def test_rows_that_cannot_be_are_trouble_and_the_next_are_kept(fresh_database: Database) -> None:
    into = inbox(fresh_database)
    with pytest.raises(DBAPIError):
        into.put([row("E1"), row("E2", kind=None)])
    assert kept(fresh_database) == {}
    assert into.put([row("E3")]) == 1


def test_a_connection_that_was_cut_is_made_anew(
    make_postgresql: Callable[[str], str], fresh_database: Database
) -> None:
    if fresh_database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection that could be cut")
    into = inbox(fresh_database)
    into.put([row("E1")])
    for n in range(3):
        assert into._kept is not None
        server = into._kept.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        with fresh_database.begin() as db:
            db.execute(text("SELECT pg_terminate_backend(:server, 5000)"), {"server": server})
        assert into.put([row(f"again-{n}")]) == 1
    assert len(kept(fresh_database)) == 4


def test_a_database_that_is_away_is_said_to_be(tmp_path: Any) -> None:
    away = connect("postgresql://127.0.0.1:9/none")
    with pytest.raises(OperationalError):
        inbox(away).put([row("E1")])


def test_a_closed_database_leaves_no_connection_open(make_postgresql: Callable[[str], str]) -> None:
    database = connect(make_postgresql("kept"))
    Base.metadata.create_all(database.engine)
    prepared = inbox(database)
    prepared.put([row("E1")])
    assert prepared._kept is not None
    driver = prepared._kept.connection.dbapi_connection
    assert driver is not None
    database.close()
    assert driver.closed  # type: ignore[attr-defined]  # psycopg's
