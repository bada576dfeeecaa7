"""Many small rows go down in one statement on PostgreSQL, as JSON: one question, one answer.

Run for each row, even in one go, it costs the server a statement each, and our thread comes back
between any two of them for its turn among the others.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Column, Dialect, Table, inspect, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session

from core.inserting import KEEP, passing_over

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert(db: Session, table: type[DeclarativeBase], rows: Sequence[Mapping[str, object]]) -> int:
    """Put down those whose unique key is not there, and say how many that were. All rows have the
    same keys, and hold what JSON knows: no bytes."""
    db.flush()
    connection, dialect = db.connection(), db.get_bind().dialect.name
    if len(rows) == 1 or dialect != "postgresql":
        given = list(rows) if len(rows) > 1 else rows[0]
        passing = passing_over(table, dialect)
        return connection.execute(passing, given, execution_options=KEEP).rowcount
    plain = cast("Table", inspect(table).local_table)
    names, made = _made(plain, tuple(rows[0]))
    whole = [{**row, **{name: default(None) for name, default in made}} for row in rows]
    return connection.exec_driver_sql(inserting(plain, names), as_json(whole), KEEP).rowcount


def as_json(rows: Sequence[Mapping[str, object]]) -> tuple[str]:
    return (orjson.dumps(rows).decode(),)


@cache
def _made(table: Table, names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The names with those of columns whose value is made for each row, and what makes them."""
    left = [column for column in table.columns if column.name not in names]
    made = tuple((c.name, c.default.arg) for c in left if c.default and c.default.is_callable)  # type: ignore[attr-defined]
    return (*names, *(name for name, _ in made)), made


@cache
def inserting(table: Table, names: tuple[str, ...]) -> str:
    """The statement; `names` are what each row is given, the other columns have their defaults."""
    fixed = defaults(POSTGRESQL, table, names)
    columns = table.columns
    typed = ", ".join(f"{name} {columns[name].type.compile(POSTGRESQL)}" for name in names)
    into, values = ", ".join([*names, *fixed]), ", ".join([*names, *fixed.values()])
    return (
        f"INSERT INTO {table.name} ({into}) SELECT {values}"  # noqa: S608 - our own names
        f" FROM json_to_recordset(%s::json) AS given({typed}) ON CONFLICT DO NOTHING"
    )


def defaults(dialect: Dialect, table: Table, names: Sequence[str]) -> dict[str, str]:
    """The defaults of the other columns, as SQL."""
    return {
        column.name: _as_sql(dialect, column)
        for column in table.columns
        if column.name not in names and column.default is not None
    }


def _as_sql(dialect: Dialect, column: Column[Any]) -> str:
    value = literal(column.default.arg, column.type)  # type: ignore[union-attr]  # is not None
    return str(value.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
