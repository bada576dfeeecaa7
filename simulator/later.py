"""Things to do in a moment: one thread, and a heap of what is due."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Later:
    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, daemon=True, name="later").start()

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """`do` must be quick: everything that is due waits for it."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), do))
            self._changed.notify()

    def forget(self) -> None:
        with self._changed:
            self._due.clear()

    def _run(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Callable[[], None]:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
