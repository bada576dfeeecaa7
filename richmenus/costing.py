"""What a plan costs: calls to LINE, and the time that LINE's limits make it take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from richmenus.planning import Do, Plan

BULK = 500
"""People in one call that gives them another menu."""
CREATIONS, BATCHES = 100, 3
"""LINE allows so many in an hour."""
AN_HOUR = 3_600
SECONDS: Mapping[str, float] = {"upload": 1.5, "batch": 20.0, "bulk": 0.6}
"""About how long one takes; anything else takes `A_CALL`."""
A_CALL = 0.3
LOOKS = 6
"""Questions to LINE before and after."""


@dataclass(frozen=True)
class Left:
    """What LINE still allows within this hour."""

    creations: int = CREATIONS
    batches: int = BATCHES


@dataclass(frozen=True)
class Cost:
    calls: Mapping[str, int]
    """By what is asked: create, upload, alias, default, batch, bulk, delete, look."""
    seconds: int
    """About; from pressing the button until everybody sees it."""
    waits_for_creations: int
    """Menus that LINE will not create within this hour."""
    by_bulk: bool
    """LINE takes no batch operation any more this hour, so people are moved in calls of 500."""

    @property
    def total(self) -> int:
        return sum(self.calls.values())


def cost(plan: Plan, changes: Mapping[tuple[str, str], int], left: Left) -> Cost:
    """`changes`: people who get another menu, from which to which."""
    steps = [step.do for step in plan.steps]
    moved = sum(step.people for step in plan.steps if step.do == Do.PUBLISH)
    by_bulk = bool(moved) and left.batches <= 0
    targets: dict[str, int] = {}
    for (_, menu), people in changes.items():
        targets[menu] = targets.get(menu, 0) + people
    bulk = sum(_calls(people) for people in targets.values()) + (_calls(moved) if by_bulk else 0)
    calls = {
        "look": LOOKS if steps else 3,
        "create": steps.count(Do.CREATE),
        "upload": 2 * steps.count(Do.UPLOAD),
        "alias": 2 * steps.count(Do.ALIAS) + steps.count(Do.DROP_ALIAS),
        "default": steps.count(Do.DEFAULT),
        "batch": int(bool(moved) and not by_bulk),
        "bulk": bulk,
        "delete": steps.count(Do.DELETE),
    }
    waits = max(0, calls["create"] - left.creations)
    plain = sum(number * SECONDS.get(what, A_CALL) for what, number in calls.items())
    hours = -(-waits // CREATIONS)
    return Cost(
        {what: number for what, number in calls.items() if number},
        round(plain) + hours * AN_HOUR,
        waits,
        by_bulk,
    )


def _calls(people: int) -> int:
    return -(-people // BULK)
