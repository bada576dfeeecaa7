"""LINE's limits on template messages."""

from collections.abc import Callable, Iterator

from simulator.checks import actions
from simulator.checks.actions import Place
from simulator.checks.text import length
from simulator.checks.urls import content
from simulator.errors import Fault
from simulator.state import Json

COLUMNS = 10


def faults(template: Json, at: str) -> Iterator[Fault]:
    yield from _KINDS[template["type"]](template, at)


def _buttons(template: Json, at: str) -> Iterator[Fault]:
    yield from _head(template, at, alone=160)
    yield from _actions(template, at, most=4)


def _confirm(template: Json, at: str) -> Iterator[Fault]:
    yield from length(template["text"], f"{at}.text", 240, visible=True)
    yield from _actions(template, at, least=2, most=2)


def _carousel(template: Json, at: str) -> Iterator[Fault]:
    columns = template["columns"]
    yield from _column_count(columns, at)
    for n, column in enumerate(columns):
        yield from _head(column, f"{at}.columns[{n}]", alone=120)
        yield from _actions(column, f"{at}.columns[{n}]", most=3)
    for what, alike in (
        ("actions", {len(column["actions"]) for column in columns}),
        ("thumbnailImageUrl", {column.get("thumbnailImageUrl") is None for column in columns}),
        ("title", {column.get("title") is None for column in columns}),
    ):
        if len(alike) > 1:
            yield Fault(f"All columns must have the same {what}", f"{at}.columns")


def _image_carousel(template: Json, at: str) -> Iterator[Fault]:
    columns = template["columns"]
    yield from _column_count(columns, at)
    for n, column in enumerate(columns):
        yield from content(column["imageUrl"], f"{at}.columns[{n}].imageUrl")
        place = actions.IMAGE_CAROUSEL
        yield from actions.faults(column["action"], f"{at}.columns[{n}].action", place)


def _column_count(columns: list[Json], at: str) -> Iterator[Fault]:
    if not 1 <= len(columns) <= COLUMNS:
        yield Fault(f"Size must be between 1 and {COLUMNS}", f"{at}.columns")


def _head(part: Json, at: str, *, alone: int) -> Iterator[Fault]:
    """Picture, title and text; a text that stands alone may be longer."""
    picture, title = part.get("thumbnailImageUrl"), part.get("title")
    if picture is not None:
        yield from content(picture, f"{at}.thumbnailImageUrl")
    if title is not None:
        yield from length(title, f"{at}.title", 40, visible=True)
    most = alone if picture is None and title is None else 60
    yield from length(part["text"], f"{at}.text", most, visible=True)


def _actions(part: Json, at: str, *, most: int, least: int = 1) -> Iterator[Fault]:
    if not least <= len(part["actions"]) <= most:
        yield Fault(f"Size must be between {least} and {most}", f"{at}.actions")
    for n, action in enumerate(part["actions"]):
        yield from actions.faults(action, f"{at}.actions[{n}]", actions.TEMPLATE)
    if part.get("defaultAction") is not None:
        place = Place(20, needs_label=False)
        yield from actions.faults(part["defaultAction"], f"{at}.defaultAction", place)


_KINDS: dict[str, Callable[[Json, str], Iterator[Fault]]] = {
    "buttons": _buttons,
    "confirm": _confirm,
    "carousel": _carousel,
    "image_carousel": _image_carousel,
}
