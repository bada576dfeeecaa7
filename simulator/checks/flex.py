"""LINE's limits on flex messages."""

import json
import re
from collections.abc import Iterator

from simulator.checks import actions
from simulator.checks.urls import content
from simulator.errors import Fault
from simulator.state import Json

BUBBLE_BYTES = 30 * 1024
CAROUSEL_BYTES = 50 * 1024
BUBBLES = 12
COLOR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
COLORS = ("color", "backgroundColor", "borderColor", "startColor", "endColor", "centerColor")
BASELINE = ("text", "icon", "filler", "span")


def faults(container: Json, at: str) -> Iterator[Fault]:
    if container["type"] == "bubble":
        yield from _bubble(container, at)
        return
    bubbles = container["contents"]
    yield from _weight(container, at, CAROUSEL_BYTES)
    if not 1 <= len(bubbles) <= BUBBLES:
        yield Fault(f"Size must be between 1 and {BUBBLES}", f"{at}.contents")
    if len({bubble.get("size", "mega") for bubble in bubbles}) > 1:
        yield Fault("All bubbles must have the same size", f"{at}.contents")
    for n, bubble in enumerate(bubbles):
        yield from _bubble(bubble, f"{at}.contents[{n}]")


def _weight(part: Json, at: str, most: int) -> Iterator[Fault]:
    if len(json.dumps(part, ensure_ascii=False).encode()) > most:
        yield Fault(f"must be at most {most // 1024} KB", at)


def _bubble(bubble: Json, at: str) -> Iterator[Fault]:
    yield from _weight(bubble, at, BUBBLE_BYTES)
    blocks = [name for name in ("header", "hero", "body", "footer") if bubble.get(name)]
    if not blocks:
        yield Fault("At least one block must be specified", at)
    for name in blocks:
        yield from _component(bubble[name], f"{at}.{name}")
    if bubble.get("hero") and bubble["hero"]["type"] not in ("box", "image", "video"):
        yield Fault("must be box, image or video", f"{at}.hero.type")
    if bubble.get("action"):
        yield from actions.faults(bubble["action"], f"{at}.action", actions.FLEX)
    for name, style in (bubble.get("styles") or {}).items():
        yield from _colors(style or {}, f"{at}.styles.{name}")


def _component(part: Json, at: str) -> Iterator[Fault]:
    kind = part["type"]
    yield from _colors(part, at)
    if kind == "box":
        yield from _box(part, at)
    elif kind == "text":
        yield from _text(part, at)
    elif kind == "span" and not part.get("text"):
        yield Fault("must be non-empty text", f"{at}.text")
    elif kind in ("image", "icon", "video"):
        for name in ("url", "previewUrl"):
            if name in part:
                yield from content(part[name], f"{at}.{name}")
    if part.get("altContent"):
        yield from _component(part["altContent"], f"{at}.altContent")
    if part.get("action"):
        place = actions.FLEX_BUTTON if kind == "button" else actions.FLEX
        yield from actions.faults(part["action"], f"{at}.action", place)


def _box(box: Json, at: str) -> Iterator[Fault]:
    baseline = box["layout"] == "baseline"
    for n, each in enumerate(box["contents"]):
        here = f"{at}.contents[{n}]"
        if (each["type"] in BASELINE) < baseline or (each["type"] == "icon" and not baseline):
            yield Fault(f"not allowed in a {box['layout']} box", f"{here}.type")
        yield from _component(each, here)
    if box.get("background"):
        yield from _colors(box["background"], f"{at}.background")


def _text(part: Json, at: str) -> Iterator[Fault]:
    """A text needs words of its own, or spans."""
    if not part.get("text") and not part.get("contents"):
        yield Fault("must be non-empty text", f"{at}.text")
    for n, span in enumerate(part.get("contents") or []):
        yield from _component(span, f"{at}.contents[{n}]")


def _colors(part: Json, at: str) -> Iterator[Fault]:
    for name in COLORS:
        if part.get(name) is not None and not COLOR.fullmatch(part[name]):
            yield Fault("invalid color", f"{at}.{name}")
