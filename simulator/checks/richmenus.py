"""LINE's limits on rich menus and on batches of them."""

import re
from collections import Counter
from collections.abc import Iterator

import linebot.v3.messaging.models as sdk

from simulator.checks import actions, requests
from simulator.checks.text import graphemes
from simulator.errors import Fault, LineError, refuse
from simulator.state import Json, RichMenu

MENU_ID = re.compile(r"richmenu-[0-9a-f]{32}")
REQUIRED = ("size", "selected", "name", "chatBarText", "areas")


def menu(asked: Json) -> Json:
    refuse([Fault("must be specified", name) for name in REQUIRED if asked.get(name) is None])
    sound = requests.check(sdk.RichMenuRequest, asked)
    refuse(list(_size(sound["size"])))
    refuse([*_texts(sound), *_areas(sound)])
    return sound


def _size(size: Json) -> Iterator[Fault]:
    width, height = size.get("width", 0), size.get("height", 0)
    if not 800 <= width <= 2500:
        yield Fault("must be between 800 and 2500", "size.width")
    if height < 250:
        yield Fault("must be greater than or equal to 250", "size.height")
    elif width / height < 1.45:
        yield Fault("aspect ratio (width / height) must be at least 1.45", "size")


def _texts(asked: Json) -> Iterator[Fault]:
    for name, most in (("name", 300), ("chatBarText", 14)):
        if not 1 <= graphemes(asked[name]) <= most:
            yield Fault(f"Length must be between 1 and {most}", name)


def _areas(asked: Json) -> Iterator[Fault]:
    areas, size = asked["areas"], asked["size"]
    if len(areas) > 20:
        yield Fault("Size must be between 0 and 20", "areas")
    for n, area in enumerate(areas):
        yield from _bounds(area.get("bounds"), size, f"areas[{n}].bounds")
        if area.get("action") is None:
            yield Fault("must be specified", f"areas[{n}].action")
        else:
            yield from actions.faults(area["action"], f"areas[{n}].action", actions.RICH_MENU)


def _bounds(bounds: Json | None, size: Json, at: str) -> Iterator[Fault]:
    missing = [name for name in ("x", "y", "width", "height") if (bounds or {}).get(name) is None]
    for name in missing:
        yield Fault("must be specified", f"{at}.{name}")
    if bounds is None or missing:
        return
    if bounds["x"] + bounds["width"] > size["width"]:
        yield Fault("must be inside the rich menu", f"{at}.width")
    if bounds["y"] + bounds["height"] > size["height"]:
        yield Fault("must be inside the rich menu", f"{at}.height")


def check_id(menu_id: str, at: str) -> None:
    if not MENU_ID.fullmatch(menu_id):
        refuse([Fault("invalid richMenuId", at)])


def batch(asked: Json, menus: dict[str, RichMenu]) -> Json:
    sound = requests.check(sdk.RichMenuBatchRequest, asked)
    operations: list[Json] = sound["operations"]
    refuse([*_ids(operations), *_together(operations)])
    lost = [
        Fault(f"Richmenu ({each[name]}) is not found", f"operations[{n}].{name}")
        for n, each in enumerate(operations)
        for name in ("from", "to")
        if name in each and each[name] not in menus
    ]
    if lost:
        raise LineError(404, f"The request body has {len(lost)} error(s)", lost)
    refuse(
        [
            Fault(
                f"'to' richmenu ({each['to']}) must have image but it doesn't",
                f"operations[{n}].to",
            )
            for n, each in enumerate(operations)
            if "to" in each and not menus[each["to"]].image
        ]
    )
    return sound


def _ids(operations: list[Json]) -> Iterator[Fault]:
    for n, each in enumerate(operations):
        for name in ("from", "to"):
            if name in each and not MENU_ID.fullmatch(each[name]):
                yield Fault("invalid richMenuId", f"operations[{n}].{name}")


def _together(operations: list[Json]) -> Iterator[Fault]:
    if not operations:
        yield Fault("Size must be between 1 and 1000", "operations")
    for menu_id, times in Counter(each.get("from") for each in operations).items():
        if menu_id and times > 1:
            yield Fault(f"from richmenu ({menu_id}) is duplicated", "operations[].from")
    types = {each["type"] for each in operations}
    if "unlinkAll" in types and len(types) > 1:
        yield Fault("'unlinkAll' type can't be combined with other type", "operations[].type")
