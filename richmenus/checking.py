"""Checking a menu, wherever it comes from: everything that is wrong with it is named at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core.settings import Settings
from richmenus import links, rendering, rulebook
from richmenus.editions import Page, alias, page
from richmenus.images import Fault
from richmenus.problems import Wrong
from richmenus.schema import ALIAS_LIMIT, KEY, Menu, SwitchAction, Tab, UriAction


@dataclass(frozen=True)
class Seen:
    """A picture that a menu names."""

    sha256: str
    faults: Iterable[Fault]
    """Why LINE would not take it for the size that the menu says."""


Look = Callable[[str, int, int], Seen | None]
"""File name, width and height that the menu says. None: there is no such picture."""


@dataclass
class Checked:
    """The pages of a menu, or what is wrong with it."""

    pages: list[Page] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def menu(key: str, given: Any, look: Look, settings: Settings) -> Checked:
    """`given`: what its `menu.yaml` says."""
    if not KEY.fullmatch(key):
        said = "its name must be 1 to 20 of a-z, 0-9 and -"
        return Checked(wrong=[Wrong((), said, "key")])
    try:
        found = Menu.model_validate(given)
    except ValidationError as e:
        return Checked(wrong=[rulebook.wrong(problem) for problem in e.errors()])
    checked = Checked(wrong=list(_tabs(key, found)))
    for n, tab in enumerate(found.tabs):
        seen = look(tab.image, tab.size.width, tab.size.height)
        checked.wrong += _picture(("tabs", n, "image"), tab.image, seen)
        body = rendering.body(key, tab, settings)
        checked.wrong += [wrong.under("tabs", n) for wrong in _links(key, tab, body, settings)]
        checked.pages.append(page(key, tab.tab, body, seen.sha256 if seen else ""))
    return checked


def _picture(path: tuple[str | int, ...], name: str, seen: Seen | None) -> Iterator[Wrong]:
    if seen is None:
        yield Wrong(path, f"there is no file {name} beside it", "no_picture")
        return
    for fault in seen.faults:
        yield Wrong(path, f"{name} {fault}", fault.key, fault.values)


def _links(key: str, tab: Tab, body: Mapping[str, Any], settings: Settings) -> Iterator[Wrong]:
    """Links as LINE would get them, which are longer than what was written."""
    actions = [area.action for area in tab.areas]
    for n, (area, action) in enumerate(zip(body["areas"], actions, strict=True)):
        path, found = ("areas", n, "action", "uri"), len(area["action"].get("uri", ""))
        if found <= links.LONGEST or not isinstance(action, UriAction):
            continue
        if action.tracked:
            most = links.longest(links.Place(key, tab.tab, n), settings)
            said = f"is too long for its taps to be counted; at most {most} characters (ASCII)"
            yield Wrong(path, said, "tracked_long", {"limit": most})
        else:
            said = f"must be 1 to {links.LONGEST} characters as LINE gets it, and is {found}"
            yield Wrong(path, said, "length", {"limit": links.LONGEST, "found": found})


def _tabs(key: str, menu: Menu) -> Iterator[Wrong]:
    names = [tab.tab for tab in menu.tabs]
    for n, tab in enumerate(menu.tabs):
        here = ("tabs", n)
        if names.index(tab.tab) != n:
            said = f"tab {tab.tab!r} is there twice"
            yield Wrong((*here, "tab"), said, "tab_twice", {"tab": tab.tab})
        if len(alias(key, tab.tab)) > ALIAS_LIMIT:
            said = f"folder and tab together are longer than {ALIAS_LIMIT - 1}"
            yield Wrong((*here, "tab"), said, "tab_too_long", {"limit": ALIAS_LIMIT - 1})
        if tab.name and tab.name in [each.name for each in menu.tabs[:n]]:
            said = f"there are two tabs with the name {tab.name!r}"
            yield Wrong((*here, "name"), said, "tab_name_twice", {"name": tab.name})
        for wrong in _areas(tab, names):
            yield wrong.under(*here)


def _areas(tab: Tab, names: list[str]) -> Iterator[Wrong]:
    for n, area in enumerate(tab.areas):
        right = area.bounds.x + area.bounds.width
        bottom = area.bounds.y + area.bounds.height
        if right > tab.size.width or bottom > tab.size.height:
            size = f"{tab.size.width}x{tab.size.height}"
            said = f"reaches to {right}x{bottom}, outside of {size}"
            values = {"found": f"{right}x{bottom}", "size": size}
            yield Wrong(("areas", n), said, "outside", values)
        if isinstance(area.action, SwitchAction) and area.action.tab not in names:
            said = f"there is no tab {area.action.tab!r}; there are {', '.join(names)}"
            path = ("areas", n, "action", "tab")
            yield Wrong(path, said, "no_such_tab", {"tab": area.action.tab})
