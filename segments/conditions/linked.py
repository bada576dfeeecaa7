"""Whether the friend is tied to a member record."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from models import Link
from segments.condition import Condition, Moment
from segments.form import Answers, Ask, Choice, Field, Form
from segments.kind import Example, Given, Kind, Person, named
from segments.problems import bad
from texts import text


@dataclass(frozen=True)
class Linked(Condition):
    wanted: bool

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        return Link.id.is_not(None) if self.wanted else Link.id.is_(None)

    def words(self, language: str) -> str:
        return text("segments.linked" if self.wanted else "segments.not_linked", language)


def parse(given: Given) -> Condition:
    if not isinstance(given.value, bool):
        raise bad(given.path, given.value, "not_yes_or_no", "true, false")
    return Linked(given.value)


FIELD = Field(
    "linked",
    Ask.CHOICE,
    "segments.kind.linked",
    (Choice("yes", "segments.linked"), Choice("no", "segments.not_linked")),
)


def _answers(key: str, value: object) -> Answers | None:
    return {"linked": "yes" if value else "no"} if isinstance(value, bool) else None


FORM = Form(
    subjects=("linked",),
    label=lambda subject, language: text("segments.kind.linked", language),
    fields=lambda subject: (FIELD,),
    write=lambda subject, answers: {"linked": answers.get("linked", "yes") == "yes"},
    answers=_answers,
)

KIND = Kind(
    name="linked",
    fits=named("linked"),
    parse=parse,
    form=FORM,
    examples=(
        Example({"linked": True}, fits=Person(member={}), not_fits=Person()),
        Example({"linked": False}, fits=Person(), not_fits=Person(member={})),
    ),
)
