"""Which member numbers a file has had already, and on which line; kept on disk, not in memory."""

import sqlite3
from types import TracebackType
from typing import Self


class Seen:
    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a file of SQLite's own, gone after
        self._db.execute("CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def first_line(self, number: str, line: int) -> int:
        """The line this number was first on: `line`, when that is now."""
        added = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (number, line))
        if added.rowcount:
            return line
        found = self._db.execute("SELECT line FROM seen WHERE number = ?", (number,))
        return int(found.fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._db.close()
