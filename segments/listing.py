"""Reading a list of conditions, for the kinds that are made of several."""

from segments.condition import Condition
from segments.kind import Given
from segments.problems import BadCondition, Problem, bad


def parts_of(given: Given) -> tuple[Condition, ...]:
    if not isinstance(given.value, list) or not given.value:
        raise bad(given.path, given.value, "not_a_list")
    found: list[Condition] = []
    problems: list[Problem] = []
    for number, part in enumerate(given.value):
        try:
            found.append(given.read(part, (*given.path, number)))
        except BadCondition as e:
            problems += e.problems
    if problems:
        raise BadCondition(problems)
    return tuple(found)
