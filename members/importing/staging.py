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

Line = Sequence[Value]


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


def pack(dialect: str, lines: Sequence[Line]) -> Packed:
    """Needs no connection, so that it can be done while the database is at the chunk before."""
    if dialect == "postgresql":
        return Packed(len(lines), _copied(lines))
    return Packed(len(lines), _inserted(lines))


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


def _copied(lines: Sequence[Line]) -> Callable[[Session], None]:
    text = "\n".join(["\t".join([_NULL if v is None else v for v in line]) for line in lines])
    if not _is_plain(text, len(lines), len(lines[0])):
        text = "\n".join("\t".join(map(_escaped, line)) for line in lines)
    block = text.encode()

    def put(db: Session) -> None:
        connection: Any = db.connection().connection.driver_connection
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(block)

    return put


_NULL = "\1"
_COPY = rf"COPY {NAME} FROM STDIN (NULL E'\001')"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", _NULL: r"\001"})


def _is_plain(text: str, rows: int, width: int) -> bool:
    """Nearly all text is: nothing in it means anything to COPY but the ends of cells and rows."""
    return (
        "\\" not in text
        and "\r" not in text
        and text.count("\n") == rows - 1
        and text.count("\t") == rows * (width - 1)
    )


def _escaped(value: Value) -> str:
    return _NULL if value is None else value.translate(_ESCAPES)


def _inserted(lines: Sequence[Line]) -> Callable[[Session], None]:
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
