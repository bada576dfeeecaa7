"""Telling whoever did something what happened, on the page they come to, and how to undo it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from flask import flash

from web.language import t


@dataclass(frozen=True)
class Undo:
    """A form with one button: posted to `url`, with `fields`."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    key: str = "staff.undo"
    """The text on the button."""
    icon: str = "arrow-counterclockwise"


def say(key: str, undo: Undo | None = None, *, kind: str = "success", **values: object) -> None:
    """`kind`: success, info, warning or danger."""
    told = {"words": t(key, **values), "undo": asdict(undo) if undo else None}
    flash(told, kind)  # type: ignore[arg-type]  # the session keeps what JSON can hold
