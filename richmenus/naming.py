"""What menus and their tabs are called, as staff know them: by a menu's name, and of a tab which
one it is and what is tapped to come to it; and reading LINE's own names of ours that way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from richmenus.editions import PREFIX, Edition, Page, alias


@dataclass(frozen=True)
class Tab:
    key: str
    """The menu's."""
    menu: str
    """What staff call it."""
    number: int
    """Counted from 1; 0: the menu has no other."""
    label: str
    """Its name; where staff have given it none, of a button that leads there; may be empty."""


Tabs = Mapping[tuple[str, str], Tab]
"""By the menu's key and the tab's."""


def menus(edition: Edition) -> Mapping[str, str]:
    """What staff call each menu; its key where nothing else is known."""
    found = {page.key: page.key for page in edition.pages}
    for source in edition.sources:
        name = source.definition.get("name") if isinstance(source.definition, dict) else None
        found[source.key] = str(name or source.key)
    return found


def tabs(*editions: Edition | None) -> Tabs:
    """Of all of these; what the later ones say goes before."""
    found: dict[tuple[str, str], Tab] = {}
    for edition in editions:
        if edition is not None:
            found |= _tabs(edition)
    return found


def _tabs(edition: Edition) -> Tabs:
    names, labels, said = menus(edition), _labels(edition), _said(edition)
    found: dict[tuple[str, str], Tab] = {}
    for page in edition.pages:
        all_ = [each.tab for each in edition.pages if each.key == page.key]
        number = all_.index(page.tab) + 1 if len(all_) > 1 else 0
        found[page.key, page.tab] = Tab(
            page.key, names[page.key], number, said.get(page.alias) or labels.get(page.alias, "")
        )
    return found


def _said(edition: Edition) -> Mapping[str, str]:
    """The names that staff gave to tabs, by LINE's aliases."""
    return {
        alias(each.key, str(tab.get("tab"))): str(tab["name"])
        for each in edition.sources
        for tab in (each.definition.get("tabs", ()) if isinstance(each.definition, dict) else ())
        if tab.get("name")
    }


def _labels(edition: Edition) -> Mapping[str, str]:
    """What is written on a button that leads to a tab, by LINE's alias of it."""
    found: dict[str, str] = {}
    for page in edition.pages:
        for action in _actions(page):
            if action.get("type") == "richmenuswitch" and action.get("label"):
                found.setdefault(str(action.get("richMenuAliasId")), str(action["label"]))
    return found


def _actions(page: Page) -> list[Mapping[str, Any]]:
    return [area.get("action", {}) for area in page.body.get("areas", ())]


AT_LINE = re.compile(rf"{re.escape(PREFIX)}([^:]+):([^:]+):[^:]*")


def at_line(name: str, known: Tabs) -> Tab | None:
    """The tab that is meant by `member/home`, by its alias `member_home`, or by the name of its
    menu at LINE. None: none that is known."""
    if named := AT_LINE.fullmatch(name):
        return known.get((named[1], named[2]))
    key, slash, tab = name.partition("/")
    if slash:
        return known.get((key, tab))
    return next((each for (k, t), each in known.items() if alias(k, t) == name), None)
