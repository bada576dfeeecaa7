"""Importing a file of members: chunk by chunk, each its own transaction, so that running it
again after anything goes on where it was.

A chunk is read and checked while the database is at the one before.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.database import Database
from core.errors import Invalid
from core.settings import Settings
from members.importing.columns import fields_of
from members.importing.reading import Table, opened
from members.importing.rows import Problem, Reader, Rows
from members.importing.seen import Seen
from members.importing.staging import Packed
from members.importing.writing import Chunks, Outcome

ROWS = 5_000
"""In one transaction: a webhook that comes meanwhile waits a fraction of a second."""
HANDFUL = 250
BYTES = 4 << 20
"""Of the file, at most, in one transaction and in memory."""
SHOWN = 20
"""Problems that are remembered; the rest are only counted."""


@dataclass(frozen=True)
class Options:
    mapping: Mapping[str, str] = field(default_factory=dict)
    keep_extra: bool = False
    empty_clears: bool = False
    dry_run: bool = False


@dataclass
class Report:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    broken: int = 0
    problems: list[Problem] = field(default_factory=list)
    """The first of the broken rows."""
    left_out: list[str] = field(default_factory=list)
    """Columns of the file that mean nothing to us."""

    def note(self, problem: Problem) -> None:
        self.broken += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)

    def count(self, outcome: Outcome) -> None:
        self.new += outcome.new
        self.changed += outcome.changed
        self.unchanged += outcome.unchanged


@dataclass(frozen=True)
class Chunk:
    """Rows that were read and checked: those that can be used, ready for the database."""

    packed: Packed | None
    problems: list[Problem]
    read: int
    """Bytes of the file, up to its end."""


def import_file(
    database: Database, path: Path, options: Options, now: datetime, settings: Settings,
    *, progress: Callable[[int], None] = lambda _bytes_read: None,
) -> Report:  # fmt: skip
    """Make the members what the file says. Raises Invalid when the file as a whole is of no use;
    a row that is of no use is counted, told and left out."""
    report = Report()
    today = now.astimezone(settings.zone).date()
    with opened(path) as table, Seen() as seen:
        fields = fields_of(table.header, options.mapping, keep_extra=options.keep_extra)
        report.left_out = [
            name for name, known in zip(table.header, fields, strict=True) if name and not known
        ]
        reader = Reader(
            table.header, fields, settings.phone_region, today, empty_clears=options.empty_clears
        )
        chunks = Chunks(reader, database.engine.dialect.name, today, now)
        for chunk in _one_ahead(_chunks(table, reader, seen, chunks)):
            for problem in chunk.problems:
                report.note(problem)
            if chunk.packed:
                report.count(_deal(database, chunks, chunk.packed, dry_run=options.dry_run))
            progress(chunk.read)
        progress(table.read)
    return report


def _one_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same, each made by a thread while we are at the one before."""
    with ThreadPoolExecutor(1, "reading") as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk


def _chunks(table: Table, reader: Reader, seen: Seen, chunks: Chunks) -> Iterator[Chunk]:
    for rows, problems in _read(table, reader):
        twice = seen.again(rows.numbers, rows.lines)
        for place, first in twice.items():
            why = Invalid("members.import_duplicate", number=rows.numbers[place], first=first)
            problems.append(Problem(rows.lines[place], "", why))
        good = rows.without(twice) if twice else rows
        problems.sort(key=lambda problem: problem.line)
        yield Chunk(chunks.pack(good) if good.lines else None, problems, table.read)


def _read(table: Table, reader: Reader) -> Iterator[tuple[Rows, list[Problem]]]:
    """A handful at a time, which the processor's own memory holds, until they are a chunk."""
    rows, problems, until = reader.none(), [], table.read + BYTES
    while lines := table.some(HANDFUL, BYTES):
        problems += reader.read(lines, into=rows)
        if len(rows.lines) + HANDFUL > ROWS or table.read >= until:
            yield rows, problems
            rows, problems, until = reader.none(), [], table.read + BYTES
    yield rows, problems


def _deal(database: Database, chunks: Chunks, packed: Packed, *, dry_run: bool) -> Outcome:
    if dry_run:
        with database.read() as db:
            return chunks.compare(db, packed)
    with database.begin() as db:
        return chunks.write(db, packed)
