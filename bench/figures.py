"""A line of the table: ours, the yardstick, their ratio over several rounds, the goal."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How much is measured: small enough for ten minutes, or what the goals speak of."""

    full: bool
    rounds: int
    seconds: float
    """Of one round of load."""
    people: int
    """Friends of whom menus are computed, and members in the file."""


REDUCED = Size(full=False, rounds=3, seconds=2.0, people=100_000)
FULL = Size(full=True, rounds=5, seconds=6.0, people=1_000_000)


@dataclass(frozen=True)
class Goal:
    """What is asked for: at least, or at most, so much."""

    words: str
    met: Callable[[float], bool]


def at_least(bound: float, words: str = "") -> Goal:
    return Goal(words or f"≥ {bound:g}", lambda value: value >= bound)


def at_most(bound: float, words: str = "") -> Goal:
    return Goal(words or f"≤ {bound:g}", lambda value: value <= bound)


@dataclass(frozen=True)
class Figure:
    """One line of the table. `values` are what the goal speaks of, one for each round."""

    what: str
    where: str
    ours: str
    yardstick: str
    values: Sequence[float]
    unit: str = "×"
    goal: Goal | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if self.goal.met(self.median) else "**not met**"

    def line(self) -> str:
        spread = f"{short(min(self.values))} – {short(max(self.values))}"
        cells = [
            self.what, self.where, self.ours, self.yardstick,
            f"{short(self.median)} {self.unit}", spread if len(self.values) > 1 else "",
            self.goal.words if self.goal else "", self.verdict,
        ]  # fmt: skip
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| what | on | ours | yardstick | median | spread | goal | |\n|---|---|---|---|---|---|---|---|"
)


def short(value: float) -> str:
    """Three figures are as many as a measurement is good for."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def middle(values: Iterable[float], unit: str = "") -> str:
    return f"{short(statistics.median(values))}{unit}"


def percentile(values: Iterable[float], part: float) -> float:
    """The value that `part` (0 to 1) of all do not exceed."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * part))]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round: what slows the machine slows both."""
    return [mine / yours for mine, yours in zip(ours, theirs, strict=True)]
