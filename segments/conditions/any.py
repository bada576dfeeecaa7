"""At least one of the conditions in a list holds."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_

from segments.condition import Condition, Moment, inside
from segments.kind import Example, Given, Kind, Person, named
from segments.listing import parts_of
from texts import text


@dataclass(frozen=True)
class AnyOf(Condition):
    conditions: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.conditions

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        return or_(false(), *(part.sql(moment) for part in self.conditions))

    def words(self, language: str) -> str:
        return text("segments.or", language).join(inside(p, language) for p in self.conditions)

    def heading(self, language: str) -> str:
        return text("segments.any_of", language)


def parse(given: Given) -> Condition:
    return AnyOf(parts_of(given))


KIND = Kind(
    name="any",
    fits=named("any"),
    parse=parse,
    examples=(
        Example(
            {"any": [{"tag": "press"}, {"member.rank": "gold"}]},
            fits=Person(tags=frozenset({"press"})),
            not_fits=Person(member={"rank": "regular"}),
        ),
    ),
)
