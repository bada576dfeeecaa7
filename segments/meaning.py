"""Whether two conditions mean the same, in however many words they are written."""

from segments.condition import EVERYONE, All, Condition
from segments.conditions.any import AnyOf
from segments.conditions.member import Comparison
from segments.conditions.not_ import Not
from segments.parsing import parse
from segments.problems import BadCondition


def same(one: object, other: object) -> bool:
    """Two documents mean the same; those that cannot be read only when they are equal."""
    if one == other or None in (one, other):
        return one == other
    try:
        return _plain(parse(one)) == _plain(parse(other))
    except BadCondition:
        return False


def _plain(condition: Condition) -> Condition:
    """Without groups of one, lists of one, and an `all` inside an `all`."""
    match condition:
        case All(parts):
            flat: list[Condition] = []
            for part in map(_plain, parts):
                flat += part.conditions if isinstance(part, All) else [part]
            return flat[0] if len(flat) == 1 else All(tuple(flat)) if flat else EVERYONE
        case AnyOf(parts):
            return _plain(parts[0]) if len(parts) == 1 else AnyOf(tuple(map(_plain, parts)))
        case Not(inner):
            return Not(_plain(inner))
        case Comparison(field, ("in" | "not_in") as operator, (only,)):
            return Comparison(field, "eq" if operator == "in" else "ne", only)
        case _:
            return condition
