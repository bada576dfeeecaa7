"""A field of the member record: `member.rank: gold`, `member.points: {gte: 100, lt: 500}`.

Where there is no member, or the field is empty, no comparison holds; `is_set: false` asks for a
member whose field is empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_

from core.types import UtcTime
from models import Member
from segments.condition import All, Condition, Moment, surely
from segments.conditions.linked import Linked
from segments.kind import Example, Given, Kind, Path, Person
from segments.member_form import PREFIX, form
from segments.narrowing import narrower
from segments.problems import BadCondition, Problem, bad
from segments.values import MOST_VALUES, day, is_text, is_whole, listed, named
from texts import text

EXTRA = "extra."

Column = ColumnElement[Any]
Value = str | int | bool | date | tuple[Any, ...]
OPERATORS: dict[str, Callable[[Column, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column != value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "in": lambda column, value: column.in_(value),
    "not_in": lambda column, value: column.not_in(value),
    # Not LIKE: SQLite's does not tell a from A.
    "starts_with": lambda column, value: func.substr(column, 1, len(value)) == value,
}
EQUALITY = ("eq", "ne", "in", "not_in")
ALLOWED: dict[type, tuple[str, ...]] = {
    str: (*EQUALITY, "starts_with", "is_set"),
    int: (*EQUALITY, "lt", "lte", "gt", "gte", "is_set"),
    date: (*EQUALITY, "lt", "lte", "gt", "gte", "is_set"),
    datetime: ("is_set",),
}
MASKED = {"number", "name", "kana", "phone", "email", "birthday"}
"""What a person's page shows to editors only, or in part; of the brand's own fields, all."""
HIDDEN = {"id", "extra", "password_hash", "created_at", "updated_at"}
FIELDS: dict[str, type] = {
    column.key: datetime if isinstance(column.type, UtcTime) else column.type.python_type
    for column in Member.__table__.columns
    if column.key not in HIDDEN
}


@dataclass(frozen=True)
class Comparison(Condition):
    field: str
    """A column of Member, or `extra.` and a name of the brand's own."""
    operator: str
    value: Value

    @property
    def private(self) -> bool:
        if self.field.startswith(EXTRA):
            return True
        return self.field in MASKED and self.operator != "is_set"

    def within(self, wider: Condition) -> bool:
        if not isinstance(wider, Comparison):
            return wider == Linked(wanted=True)
        mine, its = (self.operator, self.value), (wider.operator, wider.value)
        return self.field == wider.field and narrower(mine, its)

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        column = _column(self.field)
        filled: ColumnElement[bool] = column.is_not(None)
        if _type(self.field) is str:
            filled = and_(filled, column != "")
        if self.operator == "is_set":
            wanted = filled if self.value else not_(filled)
            return surely(and_(Member.id.is_not(None), wanted))
        compared = OPERATORS[self.operator](column, self.value)
        return surely(and_(filled, compared))

    def words(self, language: str) -> str:
        key = f"segments.compare.{self.operator}"
        if self.operator == "is_set" and not self.value:
            key = "segments.compare.is_not_set"
        if isinstance(self.value, date) and self.operator in ("lt", "lte", "gt", "gte"):
            key = f"segments.compare.day_{self.operator}"
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        said = listed((named(self.field, each, language) for each in values), language)
        return text(key, language, field=_field_words(self.field, language), value=said)


def parse(given: Given) -> Condition:
    field = given.key.removeprefix(PREFIX)
    kind = _type(field)
    if kind is None:
        known = [*FIELDS, EXTRA + "<key>"]
        raise bad(given.path, field, "unknown_field", ", ".join(known))
    asked = _spelled_out(given.value)
    if not asked:
        raise bad(given.path, given.value, "no_comparison", ", ".join(ALLOWED[kind]))
    found, problems = [], []
    for operator, value in asked.items():
        try:
            found.append(Comparison(field, operator, _value(kind, operator, value, given.path)))
        except BadCondition as e:
            problems += list[Problem](e.problems)
    if problems:
        raise BadCondition(problems)
    return found[0] if len(found) == 1 else All(tuple(found))


def _spelled_out(value: object) -> Mapping[Any, object]:
    """`gold` is short for `{eq: gold}`, a list for `{in: […]}`."""
    if isinstance(value, Mapping):
        return value
    return {"in": value} if isinstance(value, list) else {"eq": value}


def _value(kind: type, operator: object, value: object, path: Path) -> Value:
    if operator not in ALLOWED[kind]:
        raise bad(path, operator, "unknown_comparison", ", ".join(ALLOWED[kind]))
    here = (*path, str(operator))
    if operator == "is_set":
        if not isinstance(value, bool):
            raise bad(here, value, "not_yes_or_no", "true, false")
        return value
    if operator not in ("in", "not_in"):
        return _single(kind, value, here)
    if not isinstance(value, list) or not 0 < len(value) <= MOST_VALUES:
        raise bad(here, value, "not_a_list")
    return tuple(_single(kind, each, (*here, n)) for n, each in enumerate(value))


def _single(kind: type, value: object, path: Path) -> str | int | date:
    if kind is str and is_text(value) and value:
        return value
    if kind is int and is_whole(value):
        return value
    if kind is date and (when := day(value)):
        return when
    raise bad(path, value, f"not_{kind.__name__}")


def _type(field: str) -> type | None:
    if field.startswith(EXTRA):
        name = field.removeprefix(EXTRA)
        usable = is_text(name) and 0 < len(name) <= 100 and '"' not in name and "\\" not in name
        return str if usable else None
    return FIELDS.get(field)


def _column(field: str) -> Column:
    if field.startswith(EXTRA):
        extra: Column = Member.extra[field.removeprefix(EXTRA)].as_string()
        return extra
    column: Column = Member.__table__.columns[field]
    return column


def _field_words(field: str, language: str) -> str:
    if field.startswith(EXTRA):
        return text("segments.quote", language, value=field.removeprefix(EXTRA))
    return _label(field, language)


def _label(field: str, language: str) -> str:
    return text(f"segments.field.{field}", language)


KIND = Kind(
    name="member",
    fits=lambda key: key.startswith(PREFIX),
    parse=parse,
    form=form(FIELDS, _label),
    written="member.<field>",
    examples=(
        Example({"member.rank": "gold"}, Person({"rank": "gold"}), Person({"rank": "Gold"})),
        Example({"member.rank": {"ne": "gold"}}, Person({"rank": "silver"}), Person()),
        Example(
            {"member.rank": ["gold", "platinum"]},
            Person({"rank": "platinum"}),
            Person({"rank": "silver"}),
        ),
        Example({"member.rank": {"not_in": ["gold"]}}, Person({"rank": "silver"}), Person()),
        Example(
            {"member.points": {"gte": 100, "lt": 500}},
            Person({"points": 100}),
            Person({"points": 500}),
        ),
        Example({"member.points": {"gt": 0}}, Person({"points": 1}), Person({"points": 0})),
        Example(
            {"member.birthday": {"lte": "2006-04-01"}},
            Person({"birthday": date(2006, 4, 1)}),
            Person({"birthday": None}),
        ),
        Example(
            {"member.phone": {"starts_with": "+81"}},
            Person({"phone": "+819012345678"}),
            Person({"phone": "+886912345678"}),
        ),
        Example(
            {"member.email": {"is_set": False}}, Person({"email": None}), Person({"email": "a@b.c"})
        ),
        Example(
            {"member.extra.好きな店": "渋谷"},
            Person({"extra": {"好きな店": "渋谷"}}),
            Person({"extra": {}}),
        ),
    ),
)
