"""Requests against the SDK's models, which LINE generates from its own OpenAPI description.

The models themselves ignore what they do not know; here an unknown field is a fault, so that a
typo does not pass.
"""

from collections.abc import Iterator
from typing import Any, cast

import linebot.v3.messaging.models as sdk
from pydantic.v1 import BaseModel
from pydantic.v1.fields import SHAPE_DICT, SHAPE_LIST, ModelField

from simulator.errors import Fault

Model = type[BaseModel]


def faults(model: Model, said: object, at: str = "") -> Iterator[Fault]:
    """What is wrong with `said`, each with the path LINE would name ("messages[0].text")."""
    if not isinstance(said, dict):
        yield Fault("Must be an object", at)
        return
    kinds = _kinds(model)
    if kinds:
        name = kinds.get(str(said.get("type")))
        if name is None:
            yield Fault(
                f"Must be one of the following values: [{', '.join(kinds)}]", _in(at, "type")
            )
            return
        model = cast(Model, getattr(sdk, name))
    yield from _fields(model, said, at)


def without_nulls(said: Any) -> Any:
    """The same, but that what is null is not there at all."""
    if isinstance(said, dict):
        return {name: without_nulls(each) for name, each in said.items() if each is not None}
    if isinstance(said, list):
        return [without_nulls(each) for each in said]
    return said


def _kinds(model: Model) -> dict[Any, str]:
    """The subclasses by `type`, when the model is the base of several."""
    name = f"_{model.__name__}__discriminator_value_class_map"
    return cast(dict[Any, str], model.__dict__.get(name, {}))


def _fields(model: Model, said: dict[str, Any], at: str) -> Iterator[Fault]:
    fields = {field.alias: field for field in model.__fields__.values()}
    kind = fields["type"].default if "type" in fields else None
    if isinstance(kind, str) and said.get("type", kind) != kind:
        yield Fault(f"Must be {kind}", _in(at, "type"))
        return
    for name in said:
        if name not in fields:
            yield Fault("Unknown field", _in(at, name))
    for name, field in fields.items():
        if said.get(name) is not None:
            yield from _field(model, field, said[name], _in(at, name))
        elif field.required:
            yield Fault("May not be null" if name in said else "May not be empty", _in(at, name))


def _field(model: Model, field: ModelField, value: Any, at: str) -> Iterator[Fault]:
    if not (isinstance(field.type_, type) and issubclass(field.type_, BaseModel)):
        yield from _leaf(model, field, value, at)
    elif field.shape == SHAPE_LIST:
        yield from _list(field, value, at)
    elif field.shape == SHAPE_DICT:
        yield from _map(field, value, at)
    else:
        yield from faults(field.type_, value, at)


def _leaf(model: Model, field: ModelField, value: Any, at: str) -> Iterator[Fault]:
    _, errors = field.validate(value, {}, loc=field.alias, cls=model)
    for error in errors if isinstance(errors, list) else [errors] if errors else []:
        yield Fault(str(getattr(error, "exc", error)), at)


def _list(field: ModelField, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault("Must be an array", at)
        return
    least = getattr(field.outer_type_, "min_items", None) or 0
    most = getattr(field.outer_type_, "max_items", None)
    if len(value) < least or (most is not None and len(value) > most):
        yield Fault(f"Size must be between {least} and {most}", at)
        return
    for n, each in enumerate(value):
        yield from faults(field.type_, each, f"{at}[{n}]")


def _map(field: ModelField, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault("Must be an object", at)
        return
    for name, each in value.items():
        yield from faults(field.type_, each, _in(at, name))


def _in(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
