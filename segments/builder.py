"""A condition as a form shows it: groups of plain questions, changed one step at a time.

What no form can show stands among them as it was written and comes back unharmed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from segments import conditions
from segments.form import Answers, Form
from segments.meaning import same
from segments.parsing import kind_of, parse
from segments.problems import BadCondition, bad

DEEPEST = 3
"""Groups inside groups that a form shows, the outermost counted; what is deeper is kept."""
MOST = 60
"""Questions of one form."""
HOWS = ("all", "any")
Place = tuple[int, ...]
"""Which part of which part, counted from 0; empty: the outermost group."""


@dataclass(frozen=True)
class Question:
    subject: str
    answers: Answers
    negated: bool = False


@dataclass(frozen=True)
class Kept:
    """Written by hand, in a way that no form shows."""

    given: object


@dataclass(frozen=True)
class Group:
    how: str = "all"
    parts: tuple["Node", ...] = ()
    negated: bool = False


Node = Question | Kept | Group


def subjects() -> Sequence[tuple[str, Form]]:
    """What may be asked about, in the order of the kinds."""
    forms = [kind.form for kind in conditions.kinds() if kind.form]
    return [(subject, form) for form in forms for subject in form.subjects]


def form_of(subject: str) -> Form:
    return dict(subjects())[subject]


# From a document


def read(given: object) -> Group:
    """A `when` of a rule; None is everyone, a group without parts."""
    if given is None:
        return Group()
    nodes = _nodes(given, 1)
    if len(nodes) == 1 and isinstance(nodes[0], Group):
        return nodes[0]
    tree = Group("all", _nodes(given, 2))
    return tree if same(given, write(tree)) else Group("all", (Kept(given),))


def _nodes(given: object, depth: int) -> tuple[Node, ...]:
    """Of one mapping, whose keys all have to hold; so deep they stand, the outermost group at 1."""
    if not isinstance(given, Mapping):
        return (Kept(given),)
    return tuple(node for key, value in given.items() for node in _each(key, value, depth))


def _each(key: object, value: object, depth: int) -> Iterator[Node]:
    several = isinstance(value, Mapping) and len(value) > 1 and str(key).startswith("member.")
    if isinstance(value, Mapping) and several:
        for operator, compared in value.items():
            yield _node(str(key), {operator: compared}, depth)
    else:
        yield _node(str(key), value, depth)


def _node(key: str, value: object, depth: int) -> Node:
    kept = Kept({key: value})
    if key in HOWS:
        return _group(key, value, depth) or kept
    if key == "not":
        return _negated(value, depth) or kept
    kind = kind_of(key)
    form = kind.form if kind else None
    subject = form.subject(key) if form else None
    answers = form.answers(key, value) if form and subject else None
    if form is None or subject is None or answers is None:
        return kept
    question = Question(subject, answers)
    return question if same(kept.given, form.write(subject, answers)) else kept


def _group(how: str, value: object, depth: int) -> Group | None:
    if not isinstance(value, list) or depth > DEEPEST:
        return None
    return Group(how, tuple(_one(part, depth + 1) for part in value))


def _one(given: object, depth: int) -> Node:
    """A part of a list: several keys are a group of their own."""
    nodes = _nodes(given, depth)
    if len(nodes) == 1:
        return nodes[0]
    return Group("all", _nodes(given, depth + 1)) if depth <= DEEPEST else Kept(given)


def _negated(value: object, depth: int) -> Node | None:
    match _one(value, depth):
        case Question(negated=False) as question:
            return replace(question, negated=True)
        case Group(negated=False) as group:
            return replace(group, negated=True)
        case _:
            return None


# To a document


def write(group: Group) -> object:
    """None for a group in which nothing is asked."""
    return _document(group, outermost=True)


def _document(node: Node, *, outermost: bool = False) -> object:
    match node:
        case Kept(given):
            return given
        case Question(subject, answers, negated):
            asked: object = form_of(subject).write(subject, answers)
        case Group(how, parts, negated):
            written = [each for part in parts if (each := _document(part)) is not None]
            if not written:
                return None
            alone = len(written) == 1 and outermost
            asked = written[0] if alone else {how: written}
    return {"not": asked} if negated else asked


def kept(before: object, group: Group) -> object:
    """What the form says, in the words of what was there when it means the same."""
    now = write(group)
    return before if same(before, now) else now


def problems(group: Group, language: str) -> dict[Place, list[str]]:
    """What is wrong, by the place of the question it is wrong with."""
    found: dict[Place, list[str]] = {}
    for place, node in every(group):
        if isinstance(node, Group):
            if place and not node.parts:
                found[place] = [bad((), "", "empty_group").problems[0].said(language)]
            continue
        try:
            parse(_document(node))
        except BadCondition as e:
            found[place] = list(dict.fromkeys(each.asked(language) for each in e.problems))
    return found


# Steps


def every(node: Node, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    yield place, node
    if isinstance(node, Group):
        for n, part in enumerate(node.parts):
            yield from every(part, (*place, n))


def take_step(group: Group, step: str, place: Place, subject: str = "") -> Group:
    """`ask` a question or add a `group` at the end of the group that is there; `remove`, or move
    `up` or `down`, what is there. What makes no sense changes nothing."""
    if step == "ask" and subject in dict(subjects()):
        return _added(group, place, Question(subject, {}))
    if step == "group" and len(place) + 1 < DEEPEST:
        return _added(group, place, Group("any"))
    if place and step in ("remove", "up", "down"):
        return _changed(group, place[:-1], step, place[-1])
    return group


def _added(group: Group, place: Place, node: Node) -> Group:
    if sum(1 for _ in every(group)) > MOST:
        return group
    return _at(group, place, lambda here: replace(here, parts=(*here.parts, node)))


def _changed(group: Group, place: Place, step: str, n: int) -> Group:
    def change(here: Group) -> Group:
        parts = list(here.parts)
        if n >= len(parts):
            return here
        node = parts.pop(n)
        if step != "remove":
            parts.insert(max(0, n + (1 if step == "down" else -1)), node)
        return replace(here, parts=tuple(parts))

    return _at(group, place, change)


def _at(group: Group, place: Place, change: Callable[[Group], Group]) -> Group:
    if not place:
        return change(group)
    first, rest = place[0], place[1:]
    parts = [
        _at(part, rest, change) if n == first and isinstance(part, Group) else part
        for n, part in enumerate(group.parts)
    ]
    return replace(group, parts=tuple(parts))


# From a page


def from_fields(fields: Mapping[str, str], prefix: str = "when") -> Group:
    """A group as a page posts it: `when.how`, `when.0.is` and so on; see `named`."""
    node = _field_node(fields, prefix, 1)
    return node if isinstance(node, Group) else Group()


def named(place: Place, prefix: str = "when") -> str:
    """How the fields of what stands at a place begin."""
    return ".".join((prefix, *map(str, place)))


def place_of(name: str) -> Place:
    """The place in `when.0.1`."""
    steps = name.split(".")[1:]
    return tuple(int(step) for step in steps if step.isdecimal() and len(step) < 10)


def _field_node(fields: Mapping[str, str], name: str, depth: int) -> Node | None:
    negated = fields.get(f"{name}.not") == "yes"
    if (given := fields.get(f"{name}.kept")) is not None:
        return _unpacked(given)
    subject = fields.get(f"{name}.is")
    if subject is not None:
        form = dict(subjects()).get(subject)
        if form is None:
            return None
        asked = [field.name for field in form.fields(subject)]
        answers = {each: fields[f"{name}.{each}"] for each in asked if f"{name}.{each}" in fields}
        return Question(subject, answers, negated)
    if depth > DEEPEST or f"{name}.how" not in fields:
        return None
    how = fields[f"{name}.how"]
    parts = [_field_node(fields, f"{name}.{n}", depth + 1) for n in range(MOST)]
    return Group(how if how in HOWS else "all", tuple(filter(None, parts)), negated)


def packed(node: Kept) -> str:
    return json.dumps(node.given, ensure_ascii=False, default=str)


def _unpacked(given: str) -> Kept | None:
    try:
        return Kept(json.loads(given))
    except ValueError:
        return None
