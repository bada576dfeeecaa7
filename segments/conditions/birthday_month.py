"""The month of the member's birthday: a number, or `this` month where the brand is."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, extract

from models import Member
from segments.condition import Condition, Moment, surely
from segments.conditions.linked import Linked
from segments.form import Answers, Ask, Choice, Field, Form
from segments.kind import Example, Given, Kind, Person, named
from segments.problems import bad
from segments.values import day, is_whole
from texts import text


@dataclass(frozen=True)
class BirthdayMonth(Condition):
    month: int | None
    """None: the month it is now."""

    @property
    def private(self) -> bool:
        return True

    def within(self, wider: Condition) -> bool:
        return wider in (self, Linked(wanted=True))

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


THIS = Choice("this", "segments.form.this_month")
MONTHS = tuple(Choice(str(n), f"segments.month.{n}") for n in range(1, 13))
FIELD = Field("month", Ask.CHOICE, "segments.kind.birthday_month", (THIS, *MONTHS))


def _write(subject: str, answers: Answers) -> Mapping[str, object]:
    month = answers.get("month", "this")
    return {"birthday_month": int(month) if month.isdecimal() and len(month) < 3 else month}


def _answers(key: str, value: object) -> Answers | None:
    return {"month": str(value)} if value == "this" or is_whole(value) else None


FORM = Form(
    subjects=("birthday_month",),
    label=lambda subject, language: text("segments.kind.birthday_month", language),
    fields=lambda subject: (FIELD,),
    write=_write,
    answers=_answers,
)

KIND = Kind(
    name="birthday_month",
    fits=named("birthday_month"),
    parse=parse,
    form=FORM,
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
