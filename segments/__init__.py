"""The condition language: one way to say who, for menus, segments, replies and scenarios.

Plain YAML or JSON comes in, frozen conditions stand inside, one SQL expression goes out.
"""

from segments.asking import Line, count, explain, explain_all, matches, people
from segments.condition import EVERYONE, All, Condition, Moment
from segments.parsing import BadCondition, Problem, parse

__all__ = [
    "EVERYONE",
    "All",
    "BadCondition",
    "Condition",
    "Line",
    "Moment",
    "Problem",
    "count",
    "explain",
    "explain_all",
    "matches",
    "parse",
    "people",
]
