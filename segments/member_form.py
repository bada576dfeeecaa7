"""The form of a member's field: what it is compared by depends on what the field holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from segments.form import Answers, Ask, Choice, Field, Form, lines, whole
from segments.values import NAMED
from texts import text

PREFIX, OWN = "member.", "member.extra."
SEVERAL = {"is": ("eq", "in"), "is_not": ("ne", "not_in")}
"""What a form asks by one word, the document says by one of two: of one value, or of several."""
ORDER = ("gte", "lte", "gt", "lt")
FILLED = ("is_set", "is_not_set")
COMPARES: dict[type, tuple[str, ...]] = {
    str: ("is", "is_not", "starts_with", *FILLED),
    int: ("is", "is_not", *ORDER, *FILLED),
    date: ("is", "is_not", *ORDER, *FILLED),
    datetime: FILLED,
}
OFFERED = ("rank", "store", "status", "gender", "language")
"""Fields of few values, which are offered while typing."""


def form(types: Mapping[str, type], label: Callable[[str, str], str]) -> Form:
    """`types`: what each field holds; `label`: its name in a language."""

    def said(subject: str, language: str) -> str:
        if subject == OWN:
            return text("segments.form.own_field", language)
        return label(subject.removeprefix(PREFIX), language)

    def holds(subject: str) -> type:
        return types.get(subject.removeprefix(PREFIX), str)

    return Form(
        subjects=(*(PREFIX + name for name in types), OWN),
        label=said,
        fields=lambda subject: _fields(subject, holds(subject)),
        write=lambda subject, answers: _write(subject, holds(subject), answers),
        answers=lambda key, value: _answers(key, value, holds(key)),
    )


def _fields(subject: str, kind: type) -> Sequence[Field]:
    order = "day" if kind is date else "number"
    own = (*ORDER, *SEVERAL) if kind is date else ORDER
    compares = tuple(
        Choice(each, f"segments.form.{order}_{each}" if each in own else f"segments.form.{each}")
        for each in COMPARES[kind]
    )
    fields = [Field("compare", Ask.CHOICE, "segments.form.compare", compares)]
    if subject == OWN:
        fields.insert(0, Field("field", Ask.WORDS, "segments.form.own_field_name", most=100))
    if kind is not datetime:
        fields.append(_compared_with(subject, kind))
    return fields


def _compared_with(subject: str, kind: type) -> Field:
    name = subject.removeprefix(PREFIX)
    suggests = subject if name in OFFERED else ""
    if name in NAMED:
        choices = tuple(Choice(each, f"segments.value.{name}.{each}") for each in NAMED[name])
        hint = "segments.form.any_pick"
        return Field("value", Ask.TICKS, "segments.form.value", choices, hint, suggests)
    if kind is date:
        return Field("value", Ask.DAY, "segments.form.value")
    hint = "segments.form.numbers" if kind is int else "segments.form.any_line"
    return Field("value", Ask.LINES, "segments.form.value", hint=hint, suggests=suggests)


def _write(subject: str, kind: type, answers: Answers) -> Mapping[str, object]:
    key = OWN + answers.get("field", "").strip() if subject == OWN else subject
    compare = answers.get("compare", COMPARES[kind][0])
    if compare in FILLED:
        return {key: {"is_set": compare == "is_set"}}
    typed = lines(answers.get("value", ""))
    values: list[object] = [whole(each) for each in typed] if kind is int else list(typed)
    if compare in SEVERAL:
        one, many = SEVERAL[compare]
        return {key: {one: values[0]} if len(values) == 1 else {many: values}}
    return {key: {compare: values[0] if len(values) == 1 else values or ""}}


def _answers(key: str, value: object, kind: type) -> Answers | None:
    """None for several comparisons of one field: segments.builder asks for each by itself."""
    if not isinstance(value, Mapping):
        value = {"in" if isinstance(value, list) else "eq": value}
    if len(value) != 1:
        return None
    ((operator, given),) = value.items()
    field = {"field": key.removeprefix(OWN)} if key.startswith(OWN) else {}
    if operator == "is_set" and isinstance(given, bool):
        return field | {"compare": "is_set" if given else "is_not_set"}
    compare = next((word for word, both in SEVERAL.items() if operator in both), operator)
    values = [str(each) for each in (given if isinstance(given, list) else [given])]
    if kind is date and len(values) > 1:
        return None  # one day is asked for
    if compare not in COMPARES[kind] or any(lines(each) != [each] for each in values):
        return None
    return field | {"compare": compare, "value": "\n".join(values)}
