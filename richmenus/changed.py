"""What is different between two editions, thing by thing, for people to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from richmenus.editions import Edition, Page, digest


class What(StrEnum):
    MENU_ADDED = "menu_added"
    MENU_REMOVED = "menu_removed"
    TAB_ADDED = "tab_added"
    TAB_REMOVED = "tab_removed"
    PICTURE = "picture"
    AREAS = "areas"
    BAR_TEXT = "bar_text"
    OPEN = "open"
    RULE_ADDED = "rule_added"
    RULE_REMOVED = "rule_removed"
    RULE_CHANGED = "rule_changed"
    ORDER = "order"


@dataclass(frozen=True)
class Changed:
    what: What
    menu: str = ""
    tab: str = ""
    """Its key; empty where the menu has only one. What people call it: `richmenus.naming`."""
    because: str = ""
    """Of a rule: the reason by which people know it."""


def between(old: Edition | None, new: Edition) -> list[Changed]:
    """From the old to the new; None: there was nothing."""
    pages = _pages(old.pages if old else (), new.pages)
    return [*pages, *_rules(list(old.rules) if old else [], list(new.rules))]


def other_looks(old: Edition | None, new: Edition) -> list[str]:
    """The menus of both that look or do something else in the new."""
    if old is None:
        return []
    before, after = _by_key(old.pages), _by_key(new.pages)
    return [
        key
        for key in before.keys() & after.keys()
        if {tab: page.content_hash for tab, page in before[key].items()}
        != {tab: page.content_hash for tab, page in after[key].items()}
    ]


def _by_key(pages: tuple[Page, ...]) -> dict[str, dict[str, Page]]:
    found: dict[str, dict[str, Page]] = {}
    for page in pages:
        found.setdefault(page.key, {})[page.tab] = page
    return found


def _pages(old: tuple[Page, ...], new: tuple[Page, ...]) -> Iterator[Changed]:
    before, after = _by_key(old), _by_key(new)
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield Changed(What.MENU_ADDED, key)
        elif key not in after:
            yield Changed(What.MENU_REMOVED, key)
        else:
            yield from _tabs(key, before[key], after[key])


def _tabs(key: str, old: Mapping[str, Page], new: Mapping[str, Page]) -> Iterator[Changed]:
    several = len(old) > 1 or len(new) > 1
    for tab in [*new, *(tab for tab in old if tab not in new)]:
        shown = tab if several else ""
        if tab not in old:
            yield Changed(What.TAB_ADDED, key, shown)
        elif tab not in new:
            yield Changed(What.TAB_REMOVED, key, shown)
        else:
            yield from _page(key, shown, old[tab], new[tab])


def _page(key: str, tab: str, old: Page, new: Page) -> Iterator[Changed]:
    parts = {What.AREAS: "areas", What.BAR_TEXT: "chatBarText", What.OPEN: "selected"}
    if old.picture != new.picture:
        yield Changed(What.PICTURE, key, tab)
    for what, part in parts.items():
        if old.body.get(part) != new.body.get(part):
            yield Changed(what, key, tab)


def _rules(old: list[Any], new: list[Any]) -> Iterator[Changed]:
    before, after = [digest(rule) for rule in old], [digest(rule) for rule in new]
    gone = [rule for rule, mark in zip(old, before, strict=True) if mark not in after]
    come = [rule for rule, mark in zip(new, after, strict=True) if mark not in before]
    known = {rule["because"] for rule in gone} & {rule["because"] for rule in come}
    for rule in come:
        what = What.RULE_CHANGED if rule["because"] in known else What.RULE_ADDED
        yield Changed(what, rule["menu"], because=rule["because"])
    for rule in gone:
        if rule["because"] not in known:
            yield Changed(What.RULE_REMOVED, rule["menu"], because=rule["because"])
    if [mark for mark in before if mark in after] != [mark for mark in after if mark in before]:
        yield Changed(What.ORDER)
