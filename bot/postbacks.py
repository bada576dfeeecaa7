"""Our own postback data: `1:<what>[:<argument>…]`, at most 300 bytes.

The 1 is a version: buttons stay in chats for years, and are answered kindly when we have moved on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.event import storable

DATA = re.compile(r"1:[a-z_]+(:[^:]*)*")
LONGEST = 300


@dataclass(frozen=True)
class Postback:
    what: str = ""
    """Empty: none of ours, or of another version."""

    arguments: tuple[str, ...] = ()
    chosen: str = ""
    """The date and time picked, when the button was a picker."""

    switched_to: str = ""
    """The alias of the rich menu that a tab led to, and LINE did switch."""

    is_switch: bool = False

    @property
    def argument(self) -> str:
        return self.arguments[0] if self.arguments else ""


def build(what: str, *arguments: str) -> str:
    made = ":".join(("1", what, *arguments))
    if not DATA.fullmatch(made) or len(made.encode()) > LONGEST:
        raise ValueError(f"no postback data: {made[:LONGEST]!r}")
    return made


def read(postback: Mapping[str, Any]) -> Postback:
    """The `postback` object of an event, whatever is in it."""
    words = storable(postback.get("data"))
    _version, what, *arguments = words.split(":") if DATA.fullmatch(words) else ("", "")
    params = postback.get("params")
    params = params if isinstance(params, dict) else {}
    picked = next((params[k] for k in ("datetime", "date", "time") if k in params), "")
    alias = storable(params.get("newRichMenuAliasId"))
    return Postback(
        what=what,
        arguments=tuple(arguments),
        chosen=storable(picked),
        switched_to=alias if params.get("status", "SUCCESS") == "SUCCESS" else "",
        is_switch=bool(alias) or "status" in params,
    )
