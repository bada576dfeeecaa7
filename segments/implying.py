"""Whether one condition surely holds for everybody another holds for, whoever the people are.

What is said here is proven, by the shape of the two alone; much that is true is not found.
"""

from functools import lru_cache

from segments.condition import EVERYONE, All, Condition
from segments.conditions.any import AnyOf
from segments.conditions.linked import Linked
from segments.conditions.not_ import Not

LONGEST = 60
"""Lines of a condition that is still looked into; comparing takes the product of two."""


def implies(narrow: Condition, wide: Condition) -> bool:
    """Whoever the narrow one fits, the wide one fits too. False when that is not sure."""
    if wide in (narrow, EVERYONE):
        return True
    return lines(narrow) <= LONGEST and lines(wide) <= LONGEST and _implies(narrow, wide)


def never(condition: Condition) -> bool:
    """It surely fits nobody, because its parts contradict one another."""
    match condition:
        case All(parts) if lines(condition) <= LONGEST:
            flat = _flat(parts)
            opposed = any(_implies(condition, _opposite(part)) for part in flat)
            return opposed or any(map(never, flat))
        case AnyOf(parts):
            return all(map(never, parts))
        case _:
            return False


def lines(condition: Condition) -> int:
    return 1 + sum(map(lines, condition.parts))


@lru_cache(10_000)
def _implies(narrow: Condition, wide: Condition) -> bool:
    if narrow == wide:
        return True
    if isinstance(wide, All):
        return all(_implies(narrow, part) for part in wide.parts)
    if isinstance(narrow, AnyOf):
        return all(_implies(part, wide) for part in narrow.parts)
    if _by_opposites(narrow, wide):
        return True
    some = isinstance(wide, AnyOf) and any(_implies(narrow, part) for part in wide.parts)
    if isinstance(narrow, All):
        return some or any(_implies(part, wide) for part in narrow.parts)
    return some or (not narrow.parts and not wide.parts and narrow.within(wide))


def _by_opposites(narrow: Condition, wide: Condition) -> bool:
    match narrow, wide:
        case Not(one), Not(other) if _implies(other, one):
            return True
        case Not(inner), _ if isinstance(inner, Not | Linked):
            return _implies(_opposite(inner), wide)
        case _, Not(inner) if isinstance(inner, Not | Linked):
            return _implies(narrow, _opposite(inner))
        case Linked(wanted=False), Not(inner):
            return _implies(inner, Linked(wanted=True))
        case _:
            return False


def _opposite(condition: Condition) -> Condition:
    match condition:
        case Linked(wanted):
            return Linked(not wanted)
        case Not(inner):
            return inner
        case _:
            return Not(condition)


def _flat(parts: tuple[Condition, ...]) -> list[Condition]:
    found: list[Condition] = []
    for part in parts:
        found += _flat(part.conditions) if isinstance(part, All) else [part]
    return found
