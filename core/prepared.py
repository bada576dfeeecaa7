"""Puts rows down with one prepared statement of the driver's own, over a connection kept for it.

A session, its unit of work and a connection from the pool cost several times what the database
itself takes for a few rows. Where thousands of rows a second are taken in, that is what counts.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, Dialect, Engine, Table, event, inspect
from sqlalchemy.exc import DBAPIError

from core import at_once
from core.database import Database
from core.inserting import KEEP
from core.owed import Owed
from core.types import UtcTime

Row = dict[str, object]


class Prepared:
    """Rows of `table`, each given by `names` (an id is made); what is left out has its default.

    For one thread at a time.
    """

    def __init__(self, database: Database, table: type[Owed], names: Sequence[str]) -> None:
        self._database = database
        dialect = database.engine.dialect
        form = _for_postgresql if dialect.name == "postgresql" else _for_sqlite
        plain = inspect(table).local_table
        self._statement, self._given = form(dialect, plain, ["id", *names])
        self._kept: Connection | None = None
        if isinstance(database.bind, Engine):
            event.listen(database.bind, "engine_disposed", lambda _engine: self._let_go())

    def put(self, rows: Sequence[Row]) -> int:
        """When it returns, these are committed, but those whose unique key was known. The number
        that was new."""
        if isinstance(self._database.bind, Connection):  # in a transaction, as the tests do it
            with self._database.bind.begin_nested():
                return self._insert(self._database.bind, rows)
        try:
            return self._commit(rows)
        except DBAPIError as e:
            if not e.connection_invalidated:
                raise
        # The database was restarted since. Whether the rows were committed or not: once more.
        return self._commit(rows)

    def _commit(self, rows: Sequence[Row]) -> int:
        with self._database.turn:
            connection = self._kept or self._connect()
            try:
                with connection.begin():
                    return self._insert(connection, rows)
            except DBAPIError as e:
                if e.connection_invalidated:
                    self._kept = None
                    connection.close()
                raise

    def _connect(self) -> Connection:
        connection = self._database.engine.connect()
        if connection.dialect.name == "postgresql":  # a statement alone is its own transaction
            connection.execution_options(alone=True)
        self._kept = connection
        return connection

    def _let_go(self) -> None:
        """The database is closed, and with it what was kept from it."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.detach()
            kept.close()

    def _insert(self, connection: Connection, rows: Sequence[Row]) -> int:
        for row in rows:
            row["id"] = uuid4()
        return connection.exec_driver_sql(self._statement, self._given(rows), KEEP).rowcount


Form = tuple[str, Callable[[Sequence[Row]], Any]]
"""A statement, and what makes of rows the parameters that it takes."""


def _for_sqlite(dialect: Dialect, table: Table, names: Sequence[str]) -> Form:
    """One statement that is run for each row."""
    fixed = at_once.defaults(dialect, table, names)
    values = ", ".join(["?"] * len(names) + list(fixed.values()))
    convert = [(name, _converter(dialect, table.columns[name])) for name in names]

    def given(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        return [
            tuple(row[name] if change is None else change(row[name]) for name, change in convert)
            for row in rows
        ]

    into = ", ".join([*names, *fixed])
    return f"INSERT INTO {table.name} ({into}) VALUES ({values}) ON CONFLICT DO NOTHING", given  # noqa: S608 - our own names


def _converter(dialect: Dialect, column: Column[Any]) -> Callable[[Any], Any] | None:
    """From Python to what SQLite keeps; None when that is the same."""
    if isinstance(column.type, UtcTime):
        return _in_utc
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _in_utc(when: datetime | None) -> str | None:
    """As SQLAlchemy writes it, five times as fast."""
    if when is None:
        return None
    if when.tzinfo is None:
        raise ValueError(f"naive datetime {when!r}")
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _for_postgresql(_dialect: Dialect, table: Table, names: Sequence[str]) -> Form:
    return at_once.inserting(table, tuple(names)), at_once.as_json
