"""Makes several calls to the world at once, and hands each outcome back to whoever asked."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from core.per_process import PerProcess

Key = TypeVar("Key")
Result = TypeVar("Result")

AT_ONCE = 64
"""Calls under way in one process, whoever asked for them."""

# One for all, as starting threads takes longer than a call; there are as many as are needed.
_threads = PerProcess(lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="together"))


class Together(Generic[Key, Result]):
    """Calls under way in other threads. Only the caller's own needs a database."""

    def __init__(self) -> None:
        self._ended: SimpleQueue[tuple[Key, Callable[[], Result]]] = SimpleQueue()
        self.under_way = 0
        """Started, and not given back by `ended`."""

    def start(self, key: Key, call: Callable[[], Result]) -> None:
        def note(future: "Future[Result]") -> None:
            self._ended.put((key, future.result))

        self.under_way += 1
        _threads.get().submit(copy_context().run, call).add_done_callback(note)

    def ended(
        self, *, leave: int = 0, patience: float = 0.0
    ) -> Iterator[tuple[Key, Callable[[], Result]]]:
        """Those that have ended since the last time. While more than `leave` are under way it waits
        for more: for one as long as it takes, then `patience` seconds at most.

        An outcome, called once, returns what the call returned or raises what it raised.
        """
        until = None
        while self.under_way:
            wait = None if until is None else max(until - time.monotonic(), 0.0)
            try:
                ended = self._ended.get(self.under_way > leave, wait)
            except Empty:
                return
            until = until or time.monotonic() + patience
            self.under_way -= 1
            yield ended


def together(
    calls: Mapping[Key, Callable[[], Result]],
) -> Iterator[tuple[Key, Callable[[], Result]]]:
    """Each call with its outcome, in the order they end."""
    if len(calls) <= 1:  # needs no thread
        yield from calls.items()
        return
    pending: Together[Key, Result] = Together()
    for key, call in calls.items():
        pending.start(key, call)
    while pending.under_way:
        yield from pending.ended()
