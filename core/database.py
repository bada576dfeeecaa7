"""Opening transactions. Whoever opens one commits it; nobody else does."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from core.turns import Turn

RESTED = 1.0
"""Seconds without use, after which a connection to PostgreSQL may be dead."""
_RESTS_SINCE = "rests since"

_open: ContextVar[int] = ContextVar("open transactions", default=0)

HIDE = True
"""An error that is logged quotes its statement, and never the names and numbers given to it."""

SQLITE_WAIT = 30.0
"""Seconds that a writer waits for another writer of the same SQLite file."""


class Database:
    """The one database. Given a connection that is already in a transaction (the tests do
    this), a "commit" releases a savepoint, so that the outer transaction can undo it."""

    def __init__(self, bind: Engine | Connection) -> None:
        self.bind = bind
        one_writer = isinstance(bind, Engine) and bind.dialect.name == "sqlite"
        self.turn: Turn | nullcontext[None] = _turn(bind.engine) if one_writer else nullcontext()
        """Around a write: where there is one writer, the others wait for each other here."""
        self._sessions = sessionmaker(
            bind, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        self._readers = sessionmaker(
            bind.execution_options(reads_only=True) if isinstance(bind, Engine) else bind,
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
        )

    @property
    def engine(self) -> Engine:
        return self.bind.engine

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One unit of work: leaving commits, raising rolls back."""
        with self.turn, _counted(), self._sessions.begin() as db:
            yield db

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Look, and change nothing: on SQLite it waits for no writer."""
        with _counted(), self._readers.begin() as db:
            yield db

    def close(self) -> None:
        self.engine.dispose()
        if isinstance(self.turn, Turn):
            self.turn.close()


def _turn(engine: Engine) -> Turn:
    file = engine.url.database
    return Turn(Path(f"{file}-turn") if file and file != ":memory:" else None)


@contextmanager
def _counted() -> Iterator[None]:
    token = _open.set(_open.get() + 1)
    try:
        yield
    finally:
        _open.reset(token)


def in_transaction() -> bool:
    """Whether this thread holds a transaction open. Nobody may, while talking to LINE."""
    return _open.get() > 0


def connect(url: str, *, pool_size: int = 8) -> Database:
    """Open the database at a SQLAlchemy URL; `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed,
            connect_args={"timeout": SQLITE_WAIT},
            pool_size=pool_size,
            # SQLite finds no key that is written with \u escapes.
            json_serializer=partial(json.dumps, ensure_ascii=False),
            hide_parameters=HIDE,
        )
        _teach_sqlite(engine)
    else:
        engine = create_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=8,
            hide_parameters=HIDE,
        )
        _notice_restarts(engine)
    return Database(engine)


def _notice_restarts(engine: Engine) -> None:
    """A connection that has rested is tried before it is used: the server may have been restarted
    since. Trying one that was used just now would cost each transaction a round trip."""

    @event.listens_for(engine, "checkin")
    def _rests(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - entry.info.get(_RESTS_SINCE, time.monotonic()) < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error as e:
            raise DisconnectionError from e  # the pool opens another


def _teach_sqlite(engine: Engine) -> None:
    """Write-ahead log, foreign keys, and transactions that begin when we say so."""

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write takes the lock at once: upgrading a read later fails without waiting.
        reads = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
