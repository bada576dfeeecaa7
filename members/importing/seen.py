"""Which member numbers a file has had already, and on which line; kept on disk, not in memory."""

import sqlite3
from collections.abc import Sequence
from typing import Self


class Seen:
    def __init__(self) -> None:
        # A file of SQLite's own, gone afterwards. One thread at a time, but not always the same.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def again(self, numbers: Sequence[str], lines: Sequence[int]) -> dict[int, int]:
        """Of numbers on these lines those that were there before, by their place: on which line
        they were first."""
        before = self._db.total_changes
        new = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
        self._db.executemany(new, zip(numbers, lines, strict=True))
        if self._db.total_changes - before == len(numbers):
            return {}
        find = "SELECT line FROM seen WHERE number = ?"
        first = (self._db.execute(find, (number,)).fetchone()[0] for number in numbers)
        return {n: line for n, line in enumerate(first) if line != lines[n]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_how: object) -> None:
        self._db.close()
