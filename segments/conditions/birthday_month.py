"""The month of the member's birthday: a number, or `this` month where the brand is."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, extract

from models import Member
from segments.condition import Condition, Moment, surely
from segments.kind import Example, Given, Kind, Person, named
from segments.problems import bad
from segments.values import day, is_whole
from texts import text


@dataclass(frozen=True)
class BirthdayMonth(Condition):
    month: int | None
    """None: the month it is now."""

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        month = self.month or moment.today.month
        return surely(extract("month", Member.birthday) == month)

    def words(self, language: str) -> str:
        if self.month is None:
            return text("segments.birthday_this_month", language)
        month = text(f"segments.month.{self.month}", language)
        return text("segments.birthday_month", language, month=month)


def parse(given: Given) -> Condition:
    if given.value == "this":
        return BirthdayMonth(None)
    if is_whole(given.value) and 1 <= given.value <= 12:
        return BirthdayMonth(given.value)
    raise bad(given.path, given.value, "not_a_month", "this, 1-12")


KIND = Kind(
    name="birthday_month",
    fits=named("birthday_month"),
    parse=parse,
    examples=(
        Example(
            {"birthday_month": "this"},
            fits=Person(member={"birthday": day("1990-04-30")}),
            not_fits=Person(member={"birthday": day("1990-05-01")}),
        ),
        Example(
            {"birthday_month": 12},
            fits=Person(member={"birthday": day("1964-12-01")}),
            not_fits=Person(member={}),
        ),
    ),
)
