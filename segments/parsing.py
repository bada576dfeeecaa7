"""Reading a condition: every problem is named at once, with its place in the document."""

from collections.abc import Mapping

from segments import conditions
from segments.condition import All, Condition
from segments.kind import Given, Kind, Path
from segments.problems import BadCondition, Problem, bad

__all__ = ["BadCondition", "Problem", "parse"]

DEEPEST = 10
"""Conditions inside conditions; more is a mistake, or somebody's attempt to harm."""
LONGEST = 500
"""Lines of one condition."""


def parse(given: object) -> Condition:
    """A condition from plain YAML or JSON. Several keys in one mapping all have to hold."""
    return _Reading().read(given, ())


class _Reading:
    def __init__(self) -> None:
        self.lines = 0

    def read(self, given: object, path: Path) -> Condition:
        if len(path) > DEEPEST * 2:
            raise bad(path[:4], "…", "too_deep", str(DEEPEST))
        if not isinstance(given, Mapping) or not given:
            raise bad(path, given, "not_a_condition", _kinds())
        problems: list[Problem] = []
        found: list[Condition] = []
        for key, value in given.items():
            try:
                found.append(self._one(key, value, path))
            except BadCondition as e:
                problems += e.problems
        if problems:
            raise BadCondition(problems)
        return found[0] if len(found) == 1 else All(tuple(found))

    def _one(self, key: object, value: object, path: Path) -> Condition:
        self.lines += 1
        if self.lines > LONGEST:
            raise bad(path, "…", "too_long", str(LONGEST))
        kind = kind_of(key)
        if kind is None or not isinstance(key, str):
            raise bad(path, key, "unknown_kind", _kinds())
        return kind.parse(Given(key, value, (*path, key), self.read))


def kind_of(key: object) -> Kind | None:
    if not isinstance(key, str):
        return None
    return next((kind for kind in conditions.kinds() if kind.fits(key)), None)


def _kinds() -> str:
    return ", ".join(str(kind) for kind in conditions.kinds())
