"""Lists in pages: which page and which order were asked for, and what a page knows of the rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request

from staff.parts import at
from web.forms import whole

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
    return min(max(1, whole(request.args.get("page", "")) or 1), LAST)


def asked_sort(allowed: Collection[str], otherwise: str = "", *, down: bool = False) -> Sort:
    """`?sort=name`, or `-name` for downwards; one of `allowed`, else `otherwise`."""
    typed = request.args.get("sort", "")
    name = typed.removeprefix("-")
    if name in allowed:
        return Sort(name, typed.startswith("-"))
    return Sort(otherwise or next(iter(allowed)), down)


def here(**changed: object) -> str:
    """This page's address with some of its parameters changed; None takes one away. What it was
    asked with stays behind the question mark, whatever it is called."""
    return asked_as_here(at(str(request.endpoint), **(request.view_args or {})), **changed)


def asked_as_here(path: str, **changed: object) -> str:
    """Another address, asked with this page's parameters."""
    kept: dict[str, object] = {**request.args.to_dict(), **changed, "lang": None}
    query = urlencode({name: value for name, value in kept.items() if value is not None})
    return f"{path}?{query}" if query else path
