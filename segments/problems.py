"""What is wrong with a condition: where, what was given, why it cannot be used, what can."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

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

    def asked(self, language: str) -> str:
        """The same to whoever filled in a form, and never saw a document."""
        key = self._asked_key()
        if not key:
            return replace(self, path=()).said(language)
        return text(f"segments.asked.{key}", language, value=str(self.value)[:60])

    def _asked_key(self) -> str:
        if self.reason == "not_days" and self.value == {}:
            return "no_days"
        if self.reason != "unknown_field" and self.value in (None, "", [], {}):
            return "nothing"
        if isinstance(self.value, list) and self.reason in ("not_str", "not_int", "not_date"):
            return "only_one"
        return ASKED.get(self.reason, "")


ASKED = {
    each: each
    for each in ("unknown_field", "not_int", "not_date", "not_days", "nobody", "not_a_tag")
} | {"not_a_list": "too_many"}
"""What can be wrong with answers; all else only with what is written by hand."""


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
