"""What a condition is: a question about a friend whose answer is yes or no, never NULL.

It may speak of `Friend`, of the active `Link` and of its `Member`, which `asking.people` joins;
for a friend who is not linked, every column of the last two is NULL.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, true

from texts import text


@dataclass(frozen=True)
class Moment:
    """When a question is asked, and in which zone its days begin."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


class Condition(ABC):
    @property
    def parts(self) -> tuple["Condition", ...]:
        """The conditions this one is made of; none for a plain question."""
        return ()

    @property
    def private(self) -> bool:
        """Whether the answer tells of somebody what people who may only look see masked."""
        return any(part.private for part in self.parts)

    @abstractmethod
    def sql(self, moment: Moment) -> ColumnElement[bool]:
        """True or false for everybody, also for those about whom nothing is known."""

    @abstractmethod
    def words(self, language: str) -> str:
        """The whole question in words."""

    def within(self, wider: "Condition") -> bool:
        """Whoever this plain question is true of, the wider is too; False when that is not sure.
        segments.implying asks it, and knows of all, any and not."""
        return self == wider

    def heading(self, language: str) -> str:
        """The question without its parts, for a list in which they follow."""
        return self.words(language)


def surely(question: ColumnElement[bool]) -> ColumnElement[bool]:
    """What SQL does not know is false, so that `not` of it is true."""
    return func.coalesce(question, false())


def inside(part: Condition, language: str) -> str:
    """The words of a part, in brackets when it has parts itself."""
    words = part.words(language)
    return text("segments.brackets", language, words=words) if len(part.parts) > 1 else words


@dataclass(frozen=True)
class All(Condition):
    """Every part holds. Of no parts: everyone."""

    conditions: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.conditions

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        return and_(true(), *(part.sql(moment) for part in self.conditions))

    def words(self, language: str) -> str:
        if not self.conditions:
            return text("segments.everyone", language)
        return text("segments.and", language).join(inside(p, language) for p in self.conditions)

    def heading(self, language: str) -> str:
        key = "segments.all_of" if self.conditions else "segments.everyone"
        return text(key, language)


EVERYONE = All(())
