"""What several threads want to write at the same moment, written in one commit.

Whoever's turn it is writes what all have brought meanwhile; the others find theirs done. A commit
costs little more for ten rows than for one, and the threads of a process do not queue for the
database against each other.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from core import session

T = TypeVar("T")


@dataclass(eq=False)
class _Brought(Generic[T]):
    """What one thread brought, and what became of it."""

    rows: Sequence[T]
    written: bool = False
    trouble: Exception | None = None


class Gathered(Generic[T]):
    """`write` puts rows down in one transaction of its own."""

    def __init__(self, write: Callable[[list[T]], object]) -> None:
        self._write = write
        self._turn = threading.Lock()
        self._waiting: list[_Brought[T]] = []

    def put(self, rows: Sequence[T]) -> None:
        """When it returns, these are committed. Raises what the database says about them."""
        mine = _Brought(rows)
        self._waiting.append(mine)  # a single step of Python's: it needs no lock
        with self._turn:
            if not mine.written:
                self._write_what_waits(mine)
        if mine.trouble is not None:
            raise mine.trouble

    def _write_what_waits(self, mine: _Brought[T]) -> None:
        """`mine` is among it, not always first."""
        brought = self._waiting[:]
        del self._waiting[: len(brought)]
        try:
            if len(brought) == 1 or not self._all_at_once(brought):
                for each in brought:  # so that nobody suffers from a neighbour's trouble
                    self._alone(each)
        finally:  # an error of ours is its finder's; the others take their own turn
            left = [each for each in brought if not each.written and each is not mine]
            self._waiting[:0] = left

    def _all_at_once(self, brought: Sequence[_Brought[T]]) -> bool:
        try:
            self._write([row for each in brought for row in each.rows])
        except session.TROUBLE:
            return False
        for each in brought:
            each.written = True
        return True

    def _alone(self, one: _Brought[T]) -> None:
        try:
            self._write(list(one.rows))
        except session.TROUBLE as e:
            one.trouble = e
        one.written = True
