"""INSERT … ON CONFLICT on either of our two databases."""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Base


def insert_into(db: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if db.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(db: Session, table: type[Base], **values: Any) -> bool:
    """Insert one row. False when its unique key was there already, also if just now."""
    db.flush()
    statement = _new(table, db.get_bind().dialect.name)
    options = {"preserve_rowcount": True}  # psycopg forgets it when the cursor closes
    return db.connection().execute(statement, values, execution_options=options).rowcount == 1


def insert_all_new(db: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert those whose unique key is not there."""
    if rows:
        db.flush()
        db.connection().execute(_new(table, db.get_bind().dialect.name), list(rows))


@cache
def _new(table: type[Base], dialect: str) -> Insert:
    """Core's, and made once: the worker does this for each offer it answers with."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(cast("Table", table.__table__)).on_conflict_do_nothing()


def affected(result: Any) -> int:
    """How many rows a statement touched."""
    return int(cast("CursorResult[Any]", result).rowcount)
