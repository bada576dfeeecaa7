"""LINE's limits on messages, kind by kind."""

import re
from collections.abc import Callable, Iterator

from simulator.checks import actions, flex, templates
from simulator.checks.text import length, units
from simulator.checks.urls import content
from simulator.errors import Fault
from simulator.state import Json

PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
KEY = re.compile(r"[0-9a-zA-Z_]{1,20}")
TRACKING = re.compile(r"[a-zA-Z0-9\-.=,+*()%$&;:@{}!?<>\[\]]{1,100}")
QUICK_REPLIES = 13


def faults(messages: list[Json]) -> Iterator[Fault]:
    """For messages that fit the SDK's models already."""
    for n, message in enumerate(messages):
        at = f"messages[{n}]"
        yield from _KINDS.get(message["type"], _nothing)(message, at)
        yield from _quick_reply(message.get("quickReply"), f"{at}.quickReply")
        yield from _sender(message.get("sender"), f"{at}.sender")


def _text(message: Json, at: str) -> Iterator[Fault]:
    text = message["text"]
    yield from length(text, f"{at}.text", 5000)
    emojis = message.get("emojis") or []
    if len(emojis) > 20:
        yield Fault("Size must be between 0 and 20", f"{at}.emojis")
    for n, emoji in enumerate(emojis):
        if not _is_dollar(text, emoji.get("index")):
            yield Fault("must be the index of a $", f"{at}.emojis[{n}].index")


def _is_dollar(text: str, index: int | None) -> bool:
    """Whether the UTF-16 unit at the index is a dollar sign."""
    return index is not None and any(
        character == "$" and units(text[:n]) == index for n, character in enumerate(text)
    )


def _text_v2(message: Json, at: str) -> Iterator[Fault]:
    yield from length(message["text"], f"{at}.text", 5000)
    given = message.get("substitution") or {}
    if len(given) > 100:
        yield Fault("Size must be between 0 and 100", f"{at}.substitution")
    for key, each in given.items():
        if not KEY.fullmatch(key):
            yield Fault("invalid key", f"{at}.substitution.{key}")
        if each["type"] == "mention":
            yield Fault("A mention is for groups only", f"{at}.substitution.{key}")
    for found in PLACEHOLDER.finditer(message["text"]):
        if found[0] not in ("{{", "}}") and found[1] not in given:
            yield Fault("has a brace without a substitution", f"{at}.text")


def _image(message: Json, at: str) -> Iterator[Fault]:
    for name in ("originalContentUrl", "previewImageUrl"):
        yield from content(message[name], f"{at}.{name}")


def _video(message: Json, at: str) -> Iterator[Fault]:
    yield from _image(message, at)
    if message.get("trackingId") is not None and not TRACKING.fullmatch(message["trackingId"]):
        yield Fault("invalid trackingId", f"{at}.trackingId")


def _audio(message: Json, at: str) -> Iterator[Fault]:
    yield from content(message["originalContentUrl"], f"{at}.originalContentUrl")
    if message["duration"] < 1:
        yield Fault("must be greater than 0", f"{at}.duration")


def _location(message: Json, at: str) -> Iterator[Fault]:
    for name in ("title", "address"):
        yield from length(message[name], f"{at}.{name}", 100)
    for name, most in (("latitude", 90), ("longitude", 180)):
        if not -most <= message[name] <= most:
            yield Fault(f"must be between -{most} and {most}", f"{at}.{name}")


def _imagemap(message: Json, at: str) -> Iterator[Fault]:
    yield from content(message["baseUrl"], f"{at}.baseUrl")
    yield from length(message["altText"], f"{at}.altText", 1500)
    if message["baseSize"]["width"] != 1040:
        yield Fault("must be 1040", f"{at}.baseSize.width")
    if len(message["actions"]) > 50:
        yield Fault("Size must be between 0 and 50", f"{at}.actions")
    for n, action in enumerate(message["actions"]):
        if action["type"] == "uri" and not actions.valid_uri(action["linkUri"]):
            yield Fault("invalid uri", f"{at}.actions[{n}].linkUri")
        elif action["type"] == "message":
            yield from length(action["text"], f"{at}.actions[{n}].text", 400)


def _sticker(message: Json, at: str) -> Iterator[Fault]:
    for name in ("packageId", "stickerId"):
        if not message[name].isdecimal():
            yield Fault("invalid", f"{at}.{name}")


def _template(message: Json, at: str) -> Iterator[Fault]:
    yield from length(message["altText"], f"{at}.altText", 1500)
    yield from templates.faults(message["template"], f"{at}.template")


def _flex(message: Json, at: str) -> Iterator[Fault]:
    yield from length(message["altText"], f"{at}.altText", 1500)
    yield from flex.faults(message["contents"], f"{at}.contents")


def _quick_reply(quick_reply: Json | None, at: str) -> Iterator[Fault]:
    if quick_reply is None:
        return
    items = quick_reply.get("items") or []
    if not 1 <= len(items) <= QUICK_REPLIES:
        yield Fault(f"Size must be between 1 and {QUICK_REPLIES}", f"{at}.items")
    for n, item in enumerate(items):
        if item.get("imageUrl") is not None:
            yield from content(item["imageUrl"], f"{at}.items[{n}].imageUrl")
        if item.get("action") is None:
            yield Fault("must be specified", f"{at}.items[{n}].action")
        else:
            yield from actions.faults(
                item["action"], f"{at}.items[{n}].action", actions.QUICK_REPLY
            )


def _sender(sender: Json | None, at: str) -> Iterator[Fault]:
    name, icon = (sender or {}).get("name"), (sender or {}).get("iconUrl")
    if name is not None:
        yield from length(name, f"{at}.name", 20)
        if "line" in name.lower():
            yield Fault("contains a word that may not be used", f"{at}.name")
    if icon is not None:
        yield from content(icon, f"{at}.iconUrl")


def _nothing(message: Json, at: str) -> Iterator[Fault]:
    yield from ()


_KINDS: dict[str, Callable[[Json, str], Iterator[Fault]]] = {
    "text": _text,
    "textV2": _text_v2,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "location": _location,
    "imagemap": _imagemap,
    "sticker": _sticker,
    "template": _template,
    "flex": _flex,
}
