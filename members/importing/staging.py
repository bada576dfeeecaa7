"""The rows of a chunk as a table of the database, gone with the transaction: so that one statement
compares and writes them all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable, DropTable

from members.importing.rows import Value
from models import Member

NAME = "staged_member"
_MOST_PARAMETERS = 32_766
"""SQLite takes no more in one statement."""


@dataclass(frozen=True)
class Packed:
    """A chunk in the form its database takes fastest."""

    rows: int
    put: Callable[[Session], None]


def table(fields: Sequence[str]) -> Table:
    """`id` for a row that turns out to be new, and its fields; all but the number may be NULL."""
    like = Member.__table__.c
    columns = [Column(name, like[name].type) for name in ("id", *fields) if name != "tags"]
    if "tags" in fields:
        columns.append(Column("tags", like.extra.type))
    return Table(NAME, MetaData(), *columns, prefixes=["TEMPORARY"])


def pack(dialect: str, ids: Iterator[str], columns: Sequence[Sequence[Value]]) -> Packed:
    """Needs no connection, so that it can be done while the database is at the chunk before.

    By number, so that of two imports of the same new members none waits for the other while
    being waited for.
    """
    if dialect == "postgresql":
        lines = sorted(zip(*map(_marked, columns), strict=True))
        return Packed(len(lines), _copied([(next(ids), *line) for line in lines]))
    rows = sorted(zip(*columns, strict=True))
    return Packed(len(rows), _inserted([(next(ids), *row) for row in rows]))


@contextmanager
def staged(db: Session, staging: Table, packed: Packed) -> Iterator[None]:
    """The chunk is in its table, until we leave."""
    db.execute(CreateTable(staging))
    packed.put(db)
    if db.get_bind().dialect.name == "postgresql":
        # Nobody has counted this table yet; a guess would read all members to compare a few.
        for way in ("enable_hashjoin", "enable_mergejoin"):
            db.connection().exec_driver_sql(f"SET LOCAL {way} = off")
    yield
    db.execute(DropTable(staging))


_NULL = "\1"
_COPY = rf"COPY {NAME} FROM STDIN (NULL E'\001')"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _marked(column: Sequence[Value]) -> Sequence[str]:
    """A column as COPY reads it."""
    cells = [_NULL if value is None else value for value in column]
    together = "".join(cells)  # nearly always there is nothing to escape: seen at a glance
    if any(sign in together for sign in "\\\t\n\r"):
        cells = [cell.translate(_ESCAPES) for cell in cells]
    return cells


def _copied(lines: Sequence[Sequence[str]]) -> Callable[[Session], None]:
    block = "\n".join(map("\t".join, lines)).encode()

    def put(db: Session) -> None:
        connection: Any = db.connection().connection.driver_connection
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(block)

    return put


def _inserted(lines: Sequence[Sequence[Value]]) -> Callable[[Session], None]:
    width = len(lines[0])
    most = _MOST_PARAMETERS // width
    groups = [lines[start : start + most] for start in range(0, len(lines), most)]
    ready = [(len(group), [v for line in group for v in line]) for group in groups]

    def put(db: Session) -> None:
        for rows, values in ready:
            db.connection().exec_driver_sql(_values(rows, width), tuple(values))

    return put


@lru_cache(maxsize=4)
def _values(rows: int, width: int) -> str:
    """Many rows in one statement: six times as fast as one statement for each."""
    one = f"({', '.join('?' * width)})"
    return f"INSERT INTO {NAME} VALUES {', '.join([one] * rows)}"  # noqa: S608 - marks only
