"""Of two comparisons of one field: whether every value that the one holds for suits the other."""

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

Compares = tuple[str, Any]
"""An operator of a document, and what it compares with."""

HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": eq,
    "ne": ne,
    "lt": lt,
    "lte": le,
    "gt": gt,
    "gte": ge,
    "in": lambda value, values: value in values,
    "not_in": lambda value, values: value not in values,
    "starts_with": lambda value, beginning: str(value).startswith(beginning),
}
UP, DOWN = ("gt", "gte"), ("lt", "lte")


def narrower(one: Compares, other: Compares) -> bool:
    """False when it is not sure."""
    if one == other:
        return True
    if "is_set" in (one[0], other[0]):  # nothing else holds for an empty field
        return one[0] != "is_set" and other[1] is True
    match one[0]:
        case "eq" | "in":
            return all(_holds(value, other) for value in _values(one))
        case "ne" | "not_in":
            return other[0] in ("ne", "not_in") and set(_values(other)) <= set(_values(one))
        case "starts_with":
            return other[0] == "starts_with" and one[1].startswith(other[1])
        case _:
            return _bound(one, other)


def _bound(one: Compares, other: Compares) -> bool:
    """`> 5` is within `>= 5`; and a bound rules out the single values beyond it."""
    if other[0] in ("ne", "not_in"):
        return not any(_holds(value, one) for value in _values(other))
    if not any(one[0] in way and other[0] in way for way in (UP, DOWN)):
        return False
    if one[1] == other[1]:
        return one[0] in ("gt", "lt")
    return _holds(one[1], other)


def _values(compares: Compares) -> tuple[Any, ...]:
    value = compares[1]
    return value if isinstance(value, tuple) else (value,)


def _holds(value: Any, compares: Compares) -> bool:
    return HOLDS[compares[0]](value, compares[1])
