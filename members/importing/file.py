"""Importing a file of members: chunk by chunk, each its own transaction, so that running it
again after anything goes on where it was."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.database import Database
from core.errors import Invalid
from core.settings import Settings
from members.importing.columns import fields_of
from members.importing.reading import Table, opened
from members.importing.rows import BadRow, Reader, Row
from members.importing.seen import Seen
from members.importing.writing import Chunks, Outcome

ROWS = 2_000
"""In one transaction: a webhook that comes meanwhile waits a fraction of a second."""
SHOWN = 20
"""Problems that are remembered; the rest are only counted."""


@dataclass(frozen=True)
class Options:
    mapping: Mapping[str, str] = field(default_factory=dict)
    keep_extra: bool = False
    empty_clears: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Problem:
    line: int
    column: str
    why: Invalid


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

    def note(self, line: int, column: str, why: Invalid) -> None:
        self.broken += 1
        if len(self.problems) < SHOWN:
            self.problems.append(Problem(line, column, why))


def import_file(
    database: Database, path: Path, options: Options, now: datetime, settings: Settings,
    *, progress: Callable[[int], None] = lambda _bytes_read: None,
) -> Report:  # fmt: skip
    """Make the members what the file says. Raises Invalid when the file as a whole is of no use;
    a row that is of no use is counted, told and left out."""
    report = Report()
    today = now.astimezone(settings.zone).date()
    with opened(path) as table:
        fields = fields_of(table.header, options.mapping, keep_extra=options.keep_extra)
        report.left_out = [
            name for name, known in zip(table.header, fields, strict=True) if name and not known
        ]
        reader = Reader(
            table.header, fields, settings.phone_region, today, empty_clears=options.empty_clears
        )
        chunks = Chunks(fields, today, now)
        for rows in _in_chunks(_good(table, reader, report)):
            _count(report, _deal(database, chunks, rows, dry_run=options.dry_run))
            progress(table.read)
        progress(table.read)
    return report


def _good(table: Table, reader: Reader, report: Report) -> Iterator[Row]:
    """The rows that can be used; the others are noted."""
    with Seen() as seen:
        for line in table:
            try:
                row = reader.row(line.number, line.cells)
            except BadRow as e:
                report.note(line.number, e.column, e.why)
                continue
            first = seen.first_line(row.number, row.line)
            if first == row.line:
                yield row
            else:
                why = Invalid("members.import_duplicate", number=row.number, first=first)
                report.note(row.line, "", why)


def _in_chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _deal(database: Database, chunks: Chunks, rows: list[Row], *, dry_run: bool) -> Outcome:
    if dry_run:
        with database.read() as db:
            return chunks.compare(db, rows)
    with database.begin() as db:
        return chunks.write(db, rows)


def _count(report: Report, outcome: Outcome) -> None:
    report.new += outcome.new
    report.changed += len(outcome.changed)
    report.unchanged += outcome.unchanged
