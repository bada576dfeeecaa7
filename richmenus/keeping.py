"""What a statement found, kept by PostgreSQL while we go through it: any number of ids, and in our
memory only a slice of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Executable, MetaData, Select, Table, Uuid, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

SLICE = 5_000
_FOUND = Table("found_friend", MetaData(), Column("id", Uuid))


@contextmanager
def kept(db: Session, found: Select[UUID]) -> Iterator[Iterator[Sequence[UUID]]]:
    """The ids, slice by slice, in their order."""
    db.connection().execute(_Keep(found))
    ids = select(_FOUND.c.id).order_by(_FOUND.c.id)
    result = db.connection().execute(ids, execution_options={"yield_per": SLICE}).scalars()
    with result:
        yield result.partitions()
    db.execute(DropTable(_FOUND))


class _Keep(Executable, ClauseElement):
    """Unlike a cursor, or INSERT … SELECT, it may read with several processes at once."""

    inherit_cache = False

    def __init__(self, found: Select[UUID]) -> None:
        self.found = found


@compiles(_Keep, "postgresql")
def _keep(element: _Keep, compiler: SQLCompiler, **more: Any) -> str:
    said = compiler.process(element.found, **more)
    return f"CREATE TEMPORARY TABLE {_FOUND.name} ON COMMIT DROP AS {said}"
