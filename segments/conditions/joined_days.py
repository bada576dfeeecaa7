"""For how many days the member has been one: `{at_least: 30, at_most: 365}`, or either."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_

from models import Member
from segments.condition import Condition, Moment, surely
from segments.conditions.linked import Linked
from segments.form import Answers, Ask, Field, Form, whole
from segments.kind import Example, Given, Kind, Person, named
from segments.problems import bad
from segments.values import day, is_whole
from texts import text

LONGEST = 36_500
BOUNDS = ("at_least", "at_most")
ALLOWED = f"{', '.join(BOUNDS)} (0-{LONGEST})"


@dataclass(frozen=True)
class JoinedDays(Condition):
    """Counted in days of the brand's zone; the day of joining is day 0."""

    at_least: int | None
    at_most: int | None

    def within(self, wider: Condition) -> bool:
        if not isinstance(wider, JoinedDays):
            return wider == Linked(wanted=True)
        low = wider.at_least is None or (
            self.at_least is not None and self.at_least >= wider.at_least
        )
        high = wider.at_most is None or (self.at_most is not None and self.at_most <= wider.at_most)
        return low and high

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        bounds = []
        if self.at_least is not None:
            bounds.append(Member.joined_on <= moment.today - timedelta(days=self.at_least))
        if self.at_most is not None:
            bounds.append(Member.joined_on >= moment.today - timedelta(days=self.at_most))
        return surely(and_(*bounds))

    def words(self, language: str) -> str:
        if self.at_most is None:
            return text("segments.joined_at_least", language, least=self.at_least)
        if self.at_least is None:
            return text("segments.joined_at_most", language, most=self.at_most)
        return text("segments.joined_between", language, least=self.at_least, most=self.at_most)


def parse(given: Given) -> Condition:
    bounds = given.value
    if not isinstance(bounds, Mapping) or not bounds:
        raise bad(given.path, bounds, "not_days", ALLOWED)
    for key, days in bounds.items():
        if key not in BOUNDS:
            raise bad(given.path, key, "not_days", ALLOWED)
        if not is_whole(days) or not 0 <= days <= LONGEST:
            raise bad((*given.path, key), days, "not_days", f"0-{LONGEST}")
    least, most = bounds.get("at_least"), bounds.get("at_most")
    if least is not None and most is not None and least > most:
        raise bad(given.path, dict(bounds), "nobody")
    return JoinedDays(least, most)


FIELDS = tuple(
    Field(
        name, Ask.NUMBER, f"segments.form.days_{name}", hint="segments.form.or_empty", most=LONGEST
    )
    for name in BOUNDS
)


def _write(subject: str, answers: Answers) -> Mapping[str, object]:
    given = {name: answers.get(name, "").strip() for name in BOUNDS}
    return {"joined_days": {name: whole(days) for name, days in given.items() if days}}


def _answers(key: str, value: object) -> Answers | None:
    if not isinstance(value, Mapping) or not all(name in BOUNDS for name in value):
        return None
    return {name: str(days) for name, days in value.items()}


FORM = Form(
    subjects=("joined_days",),
    label=lambda subject, language: text("segments.kind.joined_days", language),
    fields=lambda subject: FIELDS,
    write=_write,
    answers=_answers,
)

KIND = Kind(
    name="joined_days",
    fits=named("joined_days"),
    parse=parse,
    form=FORM,
    examples=(
        Example(
            {"joined_days": {"at_most": 30}},
            fits=Person(member={"joined_on": day("2026-03-02")}),
            not_fits=Person(member={"joined_on": day("2026-03-01")}),
        ),
        Example(
            {"joined_days": {"at_least": 365, "at_most": 730}},
            fits=Person(member={"joined_on": day("2025-04-01")}),
            not_fits=Person(member={"joined_on": day("2025-04-02")}),
        ),
    ),
)
