"""What a file of `conditions/` gives: a kind of condition, how it is read, and examples of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from segments.condition import Condition
from segments.form import Form

Path = tuple[str | int, ...]
"""Where in the given document something stands: `("all", 0, "member.rank")`."""


@dataclass(frozen=True)
class Given:
    """One `key: value` of the document, and what is needed to read it."""

    key: str
    value: object
    path: Path
    read: Callable[[object, Path], Condition]
    """Reads a condition inside this one."""


@dataclass(frozen=True)
class Person:
    """Somebody for an example: what `Friend`, `Member` and the tags would hold of them."""

    member: Mapping[str, Any] | None = None
    """None: not linked. Columns not named have their defaults; joined on 2025-01-01."""
    tags: frozenset[str] = frozenset()
    member_tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Example:
    """A condition as somebody would write it, one person it fits and one it does not.

    Asked on 2026-04-01 in Tokyo.
    """

    given: object
    fits: Person
    not_fits: Person = field(default_factory=Person)


@dataclass(frozen=True)
class Kind:
    """`fits` says whether a key is this kind's; `written` shows the key in messages.

    Its label is the text `segments.kind.<name>`.
    """

    name: str
    fits: Callable[[str], bool]
    parse: Callable[[Given], Condition]
    examples: tuple[Example, ...]
    written: str = ""
    form: Form | None = None
    """None for the kinds that hold others: a page shows those as groups."""

    def __str__(self) -> str:
        return self.written or self.name


def named(key: str) -> Callable[[str], bool]:
    return key.__eq__
