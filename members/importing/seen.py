"""Which member numbers a file has had already, and on which line; kept on disk, not in memory."""

import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Self


class Seen:
    def __init__(self) -> None:
        # A file of SQLite's own, gone afterwards. One thread at a time, but not always the same.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def first_lines(self, rows: Sequence[tuple[str, int]]) -> list[int]:
        """For each number, met on that line, the line it was first on."""
        before = self._db.total_changes
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
        if self._db.total_changes - before == len(rows):
            return [line for _, line in rows]  # none is there twice
        find = "SELECT line FROM seen WHERE number = ?"
        return [self._db.execute(find, (number,)).fetchone()[0] for number, _ in rows]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._db.close()
