"""LINE's limits on actions, which differ by where the action stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator import ids
from simulator.checks import urls
from simulator.checks.text import length
from simulator.errors import Fault
from simulator.state import Json

SCHEMES = ("http", "https", "line", "tel")
COMMON = frozenset({"postback", "message", "uri", "datetimepicker", "clipboard"})
FORMATS = {
    "date": ("%Y-%m-%d",),
    "time": ("%H:%M",),
    "datetime": ("%Y-%m-%dT%H:%M", "%Y-%m-%dt%H:%M"),
}


@dataclass(frozen=True)
class Place:
    """Where an action stands, and what is asked of it there."""

    label: int
    """The most characters a label may have."""
    needs_label: bool = True
    allowed: frozenset[str] = COMMON


RICH_MENU = Place(20, needs_label=False, allowed=COMMON | {"richmenuswitch"})
TEMPLATE = Place(20)
IMAGE_CAROUSEL = Place(12, needs_label=False)
QUICK_REPLY = Place(20, allowed=COMMON | {"camera", "cameraRoll", "location"})
FLEX_BUTTON = Place(40)
FLEX = Place(40, needs_label=False)
ANYWHERE = Place(20, needs_label=False)


def faults(action: Json, at: str, place: Place) -> Iterator[Fault]:
    kind = action["type"]
    if kind not in place.allowed:
        yield Fault(f"Action of type '{kind}' is not allowed here", f"{at}.type")
        return
    yield from _label(action, at, place)
    yield from _KINDS.get(kind, _nothing)(action, at)


def _label(action: Json, at: str, place: Place) -> Iterator[Fault]:
    label = action.get("label")
    if label is None and place.needs_label:
        yield Fault("must be specified", f"{at}.label")
    elif label is not None:
        least = 1 if place.needs_label else 0
        yield from length(label, f"{at}.label", place.label, least=least, visible=True)


def _postback(action: Json, at: str) -> Iterator[Fault]:
    yield from _text(action, at, "data", 300)
    for name in ("displayText", "text", "fillInText"):
        if action.get(name) is not None:
            yield from length(action[name], f"{at}.{name}", 300, visible=True)
    if action.get("displayText") is not None and action.get("text") is not None:
        yield Fault("displayText and text can't be used together", f"{at}.text")
    if action.get("fillInText") is not None and action.get("inputOption") != "openKeyboard":
        yield Fault("fillInText needs inputOption openKeyboard", f"{at}.fillInText")


def _message(action: Json, at: str) -> Iterator[Fault]:
    yield from _text(action, at, "text", 300, visible=True)


def _uri(action: Json, at: str) -> Iterator[Fault]:
    if action.get("uri") is None:
        yield Fault("must be specified", f"{at}.uri")
    elif not valid_uri(action["uri"]):
        yield Fault("invalid uri", f"{at}.uri")
    desktop = (action.get("altUri") or {}).get("desktop")
    if desktop is not None and not valid_uri(desktop):
        yield Fault("invalid uri", f"{at}.altUri.desktop")


def valid_uri(uri: str) -> bool:
    """At most 1,000 characters, in a scheme that LINE opens."""
    parts = urls.split(uri)
    if parts is None or not 1 <= len(uri) <= 1000 or re.search(r"\s", uri):
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc if parts.scheme != "tel" else parts.path)


def _datetimepicker(action: Json, at: str) -> Iterator[Fault]:
    yield from _text(action, at, "data", 300)
    mode = action.get("mode")
    if mode is None:
        yield Fault("must be specified", f"{at}.mode")
        return
    times: dict[str, datetime] = {}
    for name in ("initial", "min", "max"):
        if action.get(name) is not None:
            found = read_time(mode, action[name])
            if found is None:
                yield Fault("invalid date or time format", f"{at}.{name}")
            else:
                times[name] = found
    if "min" in times and "max" in times and times["min"] >= times["max"]:
        yield Fault("must be greater than min", f"{at}.max")


def read_time(mode: str, written: str) -> datetime | None:
    """A date, time or datetime as the picker of that mode writes it."""
    for each in FORMATS.get(mode, ()):
        try:
            return datetime.strptime(written, each).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _richmenuswitch(action: Json, at: str) -> Iterator[Fault]:
    alias = action.get("richMenuAliasId")
    if alias is None:
        yield Fault("must be specified", f"{at}.richMenuAliasId")
    elif not ids.ALIAS_ID.fullmatch(alias):
        yield Fault("invalid richMenuAliasId", f"{at}.richMenuAliasId")
    yield from _text(action, at, "data", 300)


def _clipboard(action: Json, at: str) -> Iterator[Fault]:
    yield from length(action["clipboardText"], f"{at}.clipboardText", 1000)


def _nothing(action: Json, at: str) -> Iterator[Fault]:
    yield from ()


def _text(action: Json, at: str, name: str, most: int, *, visible: bool = False) -> Iterator[Fault]:
    if action.get(name) is None:
        yield Fault("must be specified", f"{at}.{name}")
    else:
        yield from length(action[name], f"{at}.{name}", most, visible=visible)


_KINDS = {
    "postback": _postback,
    "message": _message,
    "uri": _uri,
    "datetimepicker": _datetimepicker,
    "richmenuswitch": _richmenuswitch,
    "clipboard": _clipboard,
}
