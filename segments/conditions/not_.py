"""The condition inside does not hold. Of a comparison: true also where there is no member."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, not_

from segments.condition import Condition, Moment
from segments.kind import Example, Given, Kind, Person, named
from texts import text


@dataclass(frozen=True)
class Not(Condition):
    condition: Condition

    @property
    def parts(self) -> tuple[Condition, ...]:
        return (self.condition,)

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        return not_(self.condition.sql(moment))

    def words(self, language: str) -> str:
        return text("segments.not", language, words=self.condition.words(language))

    def heading(self, language: str) -> str:
        return text("segments.not_so", language)


def parse(given: Given) -> Condition:
    return Not(given.read(given.value, given.path))


KIND = Kind(
    name="not",
    fits=named("not"),
    parse=parse,
    examples=(
        Example(
            {"not": {"member.rank": "gold"}},
            fits=Person(),
            not_fits=Person(member={"rank": "gold"}),
        ),
    ),
)
