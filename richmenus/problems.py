"""What is wrong with menus or rules: where, and why, in the words of whoever reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from segments import Problem as ConditionProblem
from segments.problems import written
from texts import text

Path = tuple[str | int, ...]
"""Where in a definition something stands: `("tabs", 0, "areas", 2, "action", "uri")`."""
WORDS = "staff_menus.problem"


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong in one definition."""

    path: Path
    reason: str
    """In English, for a terminal, where the path is not seen."""
    key: str = ""
    """Names the words for people who see it at the field: `staff_menus.problem.<key>`."""
    values: Mapping[str, Any] = field(default_factory=dict)
    condition: ConditionProblem | None = None
    """What is wrong inside a condition says so itself."""

    def said(self, language: str) -> str:
        if self.condition:
            return self.condition.said(language)
        return text(f"{WORDS}.{self.key}", language, **self.values) if self.key else self.reason

    def under(self, *steps: str | int) -> "Wrong":
        """The same, in a definition that stands inside another."""
        return Wrong((*steps, *self.path), self.reason, self.key, self.values, self.condition)


@dataclass(frozen=True, order=True)
class Problem:
    file: str
    line: int
    """0: the file as a whole, or no file at all."""
    reason: str
    place: str = ""
    """Where in a definition that stands in no file: `tabs[0].areas[2].action`."""
    wrong: Wrong | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        where = ":".join(str(each) for each in (self.file, self.line or self.place) if each)
        return f"{where}: {self.reason}"

    def said(self, language: str) -> str:
        return self.wrong.said(language) if self.wrong else self.reason


class BadMenus(Exception):
    """The menus cannot be published; `problems` names everything that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def on_the_desk(key: str, wrong: Wrong) -> Problem:
    """A problem of a menu that is no file; an empty key means the rules."""
    return Problem(key or "rules", 0, wrong.reason, written(wrong.path), wrong)
