"""Lists in pages: which page and which order were asked for, and what a page knows of the rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from staff.parts import at

T = TypeVar("T")

SIZE = 50
LAST = 10_000


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    number: int
    """From 1."""

    total: int
    size: int = SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_shown(self) -> int:
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last_shown(self) -> int:
        return self.first_shown + len(self.items) - 1 if self.items else 0


@dataclass(frozen=True)
class Sort:
    by: str
    down: bool = False


def asked_page() -> int:
    """The page somebody asked for; the first when it is none."""
    typed = request.args.get("page", "1")
    return min(max(1, int(typed)), LAST) if typed.isascii() and typed.isdigit() else 1


def asked_sort(allowed: Collection[str], otherwise: str = "", *, down: bool = False) -> Sort:
    """`?sort=name`, or `-name` for downwards; one of `allowed`, else `otherwise`."""
    typed = request.args.get("sort", "")
    name = typed.removeprefix("-")
    if name in allowed:
        return Sort(name, typed.startswith("-"))
    return Sort(otherwise or next(iter(allowed)), down)


def here(**changed: object) -> str:
    """This page's address with some of its parameters changed; None takes one away."""
    kept: dict[str, object] = {**request.args.to_dict(), **(request.view_args or {}), **changed}
    kept.pop("lang", None)
    return at(str(request.endpoint), **{k: v for k, v in kept.items() if v is not None})
