"""What is wrong with a condition: where, what was given, why it cannot be used, what can."""

from collections.abc import Iterable
from dataclasses import dataclass

from segments.kind import Path
from texts import text


@dataclass(frozen=True)
class Problem:
    path: Path
    value: object
    reason: str
    """Names a text: `segments.problem.<reason>`."""
    allowed: str = ""

    @property
    def where(self) -> str:
        return written(self.path)

    def said(self, language: str) -> str:
        """Where and why, in one line."""
        shown = repr(self.value)
        shown = shown if len(shown) <= 60 else shown[:57] + "…"
        why = text(f"segments.problem.{self.reason}", language, value=shown)
        if self.allowed:
            why += text("segments.problem.allowed", language, allowed=self.allowed)
        return f"{self.where}: {why}" if self.path else why


class BadCondition(ValueError):
    """The condition cannot be used; `problems` names everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.said("en") for problem in self.problems))


def bad(path: Path, value: object, reason: str, allowed: str = "") -> BadCondition:
    return BadCondition([Problem(path, value, reason, allowed)])


def written(path: Path) -> str:
    """`("all", 0, "tag")` as `all[0].tag`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")
