"""Connections that must not be shared by a fork: each process makes its own, when first asked."""

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """What a parent made stays the parent's: a child neither uses nor closes it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[int, T] = {}

    def get(self) -> T:
        process = os.getpid()
        found = self._made.get(process)
        if found is None:
            found = self._made.setdefault(process, self._make())  # no lock that a fork could catch
        return found

    def take(self) -> T | None:
        """This process's own, to be closed by the caller; the next `get` makes another."""
        return self._made.pop(os.getpid(), None)
