"""One file per type of event. Drop a file into this folder and the inbox knows it.

A function under `@on` applies the event's effect inside the transaction that settles the event, and
says what to answer. What has no file here is kept and ignored.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from bot.answers import Answer, Asked
from core.session import Session

Apply = Callable[[Session, Asked], Answer]


@dataclass(frozen=True)
class Registered:
    kind: str
    """LINE's `type`."""

    apply: Apply
    in_standby: bool
    """Applied although another module has the conversation. It is answered in no case."""

    in_groups: bool


_found: dict[str, Registered] = {}


def on(kind: str, *, in_standby: bool = False, in_groups: bool = False) -> Callable[[Apply], Apply]:
    """Make this function what happens on events of a type."""

    def register(apply: Apply) -> Apply:
        if kind in _found:
            raise ValueError(f"two files for events of type {kind}")
        _found[kind] = Registered(kind, apply, in_standby, in_groups)
        return apply

    return register


@cache
def all_events() -> MappingProxyType[str, Registered]:
    """What happens on each type of event."""
    for module in pkgutil.iter_modules(__path__, prefix=__name__ + "."):
        importlib.import_module(module.name)
    return MappingProxyType(_found)
