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
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from core.turns import Turn

RESTED = 1.0
"""Seconds without use, after which a connection to PostgreSQL may be dead."""
_RESTS_SINCE = "rests since"

_open: ContextVar[int] = ContextVar("open transactions", default=0)

AHEAD = "ahead"
"""An option of a statement: what PostgreSQL is asked before it, in the same transaction, alone or
not. Nobody needs the answer. SQLite is not asked."""

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
        self._writers = {alone: _sessions(bind, alone=alone) for alone in (False, True)}
        self._readers = {
            alone: _sessions(bind, alone=alone, reads_only=True) for alone in (False, True)
        }

    @property
    def engine(self) -> Engine:
        return self.bind.engine

    @contextmanager
    def begin(self, *, alone: bool = False) -> Iterator[Session]:
        """One unit of work: leaving commits, raising rolls back. `alone`: only one statement of it
        writes. PostgreSQL commits that by itself, and is not asked for BEGIN and COMMIT as well."""
        with self.turn, _counted(), self._writers[alone].begin() as db:
            yield db

    @contextmanager
    def read(self, *, alone: bool = False) -> Iterator[Session]:
        """Look, and change nothing: on SQLite it waits for no writer. `alone` as for `begin`."""
        with _counted(), self._readers[alone].begin() as db:
            yield db

    def close(self) -> None:
        self.engine.dispose()
        if isinstance(self.turn, Turn):
            self.turn.close()


def _sessions(bind: Engine | Connection, **options: Any) -> sessionmaker[Session]:
    """Inside somebody's transaction the options are theirs."""
    return sessionmaker(
        bind.execution_options(**options) if isinstance(bind, Engine) else bind,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint",
    )


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
        _teach_postgresql(engine)
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


def _teach_postgresql(engine: Engine) -> None:
    """A statement that is alone gets no BEGIN and COMMIT; what is to be asked `AHEAD` of one goes
    with it: one question and one answer."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver: Any = connection.connection.driver_connection
        alone = options.get("alone", False)
        if "isolation_level" in options or driver.closed:  # its first statement will say that
            return
        if driver.autocommit != alone:
            driver.autocommit = alone

    @event.listens_for(engine, "do_execute")
    def _ask(cursor: Any, statement: str, given: Any, context: ExecutionContext) -> bool:
        ahead = context.execution_options.get(AHEAD)
        if not ahead:
            return False
        with cursor.connection.pipeline():
            cursor.connection.execute(ahead)
            cursor.execute(statement, given)
        return True


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
