"""What several threads want to write at the same moment, written in one commit.

One of them writes what all have brought meanwhile; the others sleep until theirs is done. A commit
costs little more for ten rows than for one, and the threads of a process do not queue for the
database against each other.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core import session

T = TypeVar("T")

PAUSE = 0.002
"""Seconds from one commit to the next: many rows gather meanwhile; alone, nobody waits."""


def _shut() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(eq=False)
class _Brought(Generic[T]):
    """What one thread brought, and what became of it."""

    rows: Sequence[T]
    written: bool = False
    trouble: Exception | None = None
    told: threading.Lock = field(default_factory=_shut)
    """Opens when it is written, or when it is this thread's turn to write."""


class Gathered(Generic[T]):
    """`write` puts rows down in one transaction of its own. There are `threads` at most: when all
    of them wait, nobody is waited for."""

    def __init__(
        self, write: Callable[[list[T]], object], threads: int, pause: float = PAUSE
    ) -> None:
        self._write, self._threads, self._pause = write, threads, pause
        self._guard = threading.Lock()
        self._waiting: list[_Brought[T]] = []
        self._pausing: _Brought[T] | None = None
        self._busy = False
        self._ended = 0.0

    def put(self, rows: Sequence[T]) -> None:
        """When it returns, these are committed. Raises what the database says about them."""
        mine = _Brought(rows)
        with self._guard:
            self._waiting.append(mine)
            others_turn, self._busy = self._busy, True
            if self._pausing and len(self._waiting) >= self._threads:
                self._pausing.told.release()
                self._pausing = None
        if others_turn:
            mine.told.acquire()
        if not mine.written:
            self._take_turn(mine)
        if mine.trouble is not None:
            raise mine.trouble

    def _take_turn(self, mine: _Brought[T]) -> None:
        """`mine` is among what waits."""
        self._let_others_come(mine)
        with self._guard:
            brought, self._waiting, self._pausing = self._waiting, [], None
        try:
            self._write_down(brought)
        finally:  # an error of ours is its finder's; the others take their own turn
            self._ended = time.monotonic()
            left = [each for each in brought if not each.written and each is not mine]
            self._pass_on(left)
            for each in brought:
                if each.written and each is not mine:
                    each.told.release()

    def _let_others_come(self, mine: _Brought[T]) -> None:
        early = self._ended + self._pause - time.monotonic()
        with self._guard:
            if early <= 0 or len(self._waiting) >= self._threads:
                return
            self._pausing = mine
        mine.told.acquire(timeout=early)

    def _pass_on(self, left: list[_Brought[T]]) -> None:
        with self._guard:
            self._waiting[:0] = left
            self._busy = bool(self._waiting)
            if self._busy:
                self._waiting[0].told.release()

    def _write_down(self, brought: Sequence[_Brought[T]]) -> None:
        if len(brought) > 1 and self._all_at_once(brought):
            return
        for each in brought:  # so that nobody suffers from a neighbour's trouble
            self._alone(each)

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
