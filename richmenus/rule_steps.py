"""Changing the list of rules one step at a time; the last one, which fits all, stays the last."""

from collections.abc import Sequence
from typing import Any

Rules = list[Any]
"""As `rules.yaml` has them."""


def added(rules: Rules, rule: Any) -> Rules:
    """A new rule stands before the last, where it hides no other."""
    return [*rules[:-1], rule, *rules[-1:]]


def replaced(rules: Rules, n: int, rule: Any) -> Rules:
    return [*rules[:n], rule, *rules[n + 1 :]]


def removed(rules: Rules, n: int) -> Rules:
    """Not the last."""
    return [rule for each, rule in enumerate(rules) if each != n or is_last(rules, n)]


def moved(rules: Rules, n: int, by: int) -> Rules:
    """One place up (-1) or down (1), as far as there is one before the last."""
    to = n + by
    if is_last(rules, n) or not 0 <= to < len(rules) - 1:
        return rules
    kept = list(rules)
    kept.insert(to, kept.pop(n))
    return kept


def ordered(rules: Rules, order: Sequence[int]) -> Rules:
    """`order`: the places they had, all but the last. Anything else changes nothing."""
    if sorted(order) != list(range(len(rules) - 1)):
        return rules
    return [rules[n] for n in order] + rules[-1:]


def is_last(rules: Rules, n: int) -> bool:
    return n == len(rules) - 1
