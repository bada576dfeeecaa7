"""Makes several calls to the world at once, and hands each outcome back to whoever asked."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from typing import TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")

AT_ONCE = 8


def together(
    calls: Mapping[Key, Callable[[], Result]], at_once: int = AT_ONCE
) -> Iterator[tuple[Key, Callable[[], Result]]]:
    """Each call with its outcome, in the order they end; the outcome, called once, returns what the
    call returned or raises what it raised.

    The calls run in other threads, the caller's loop in its own: only that one needs a database.
    """
    if len(calls) <= 1:  # needs no thread
        yield from calls.items()
        return
    with ThreadPoolExecutor(min(at_once, len(calls)), thread_name_prefix="together") as pool:
        keys = {pool.submit(copy_context().run, call): key for key, call in calls.items()}
        for future in as_completed(keys):
            yield keys[future], future.result
