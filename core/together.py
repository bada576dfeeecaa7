"""Makes several calls to the world at once, and hands each outcome back to whoever asked."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from queue import SimpleQueue
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

    def ended(self, *, wait: bool = True) -> Iterator[tuple[Key, Callable[[], Result]]]:
        """Those that have ended since the last time, with `wait` at least one, if any is under way.

        An outcome, called once, returns what the call returned or raises what it raised.
        """
        while self.under_way and (wait or not self._ended.empty()):
            ended = self._ended.get()
            self.under_way, wait = self.under_way - 1, False
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
