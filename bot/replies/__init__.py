"""One file per answer. Drop a file into this folder and the bot knows it.

A file has a docstring, one function under `@reply`, and examples that a test runs: each must reach
its own file and no other.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from bot.answers import Asked, Reply
from bot.menu import offer
from bot.words import plain
from models import IfLate

Write = Callable[[Asked], Reply]


@dataclass(frozen=True)
class Registered:
    name: str
    """The file's; also what a menu's postback calls it: `1:reply:<name>`."""

    write: Write
    when: Callable[[str], bool]
    """Whether the plain words ask for it."""

    examples: tuple[str, ...]
    needs_member: bool
    """Asked by somebody who is not linked, the way to the LIFF page is said instead."""

    slow: bool
    """Takes its time: the friend is shown that we are at it."""


_found: dict[str, Registered] = {}


def reply(
    *,
    when: Callable[[str], bool],
    examples: Sequence[str],
    needs_member: bool = False,
    slow: bool = False,
) -> Callable[[Write], Write]:
    """Make this function the answer to words that `when` is true of."""

    def register(write: Write) -> Write:
        name = write.__module__.rpartition(".")[2]
        if name in _found:
            raise ValueError(f"two answers in bot/replies/{name}.py")
        _found[name] = Registered(name, write, when, tuple(examples), needs_member, slow)
        return write

    return register


@cache
def all_replies() -> MappingProxyType[str, Registered]:
    """Every answer, by name."""
    for module in pkgutil.iter_modules(__path__, prefix=__name__ + "."):
        importlib.import_module(module.name)
    return MappingProxyType(_found)


def find(said: str) -> Registered:
    """The answer to what somebody said; `default` when there is none."""
    words = plain(said)
    known = all_replies()
    return next((each for each in known.values() if each.when(words)), known["default"])


def give(registered: Registered, asked: Asked) -> Reply:
    """The answer, or the way to the LIFF page when only a member can have it."""
    if registered.needs_member and not asked.person.linked:
        return Reply((offer(asked, "link.needed"),), if_late=IfLate.PUSH)
    return registered.write(asked)
