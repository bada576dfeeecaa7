"""INSERT … ON CONFLICT on either of our two databases."""

from typing import Any, cast

from sqlalchemy import CursorResult
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
    statement = insert_into(db, table).values(**values).on_conflict_do_nothing()
    options = {"preserve_rowcount": True}  # psycopg forgets it when the cursor closes
    return affected(db.execute(statement, execution_options=options)) == 1


def affected(result: Any) -> int:
    """How many rows a statement touched."""
    return int(cast("CursorResult[Any]", result).rowcount)
