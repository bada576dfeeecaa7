"""The editor's form: what was typed, as it was typed, and the definition that it means."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from richmenus import gallery, offering
from richmenus.problems import Problem
from richmenus.schema import KEY

MOST_TABS, MOST_AREAS = 10, 20
NAME = re.compile(r"tabs-(\d{1,3})-(?:areas-(\d{1,3})-)?(\w{1,20})")
MAIN = "main"


@dataclass
class Area:
    typed: dict[str, str]

    def get(self, name: str, otherwise: str = "") -> str:
        return self.typed.get(name, otherwise)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """As far as numbers were typed."""
        x, y, width, height = (_number(self.get(side), 0) for side in SIDES)
        return x, y, width, height


SIDES = ("x", "y", "width", "height")


@dataclass
class Tab:
    typed: dict[str, str]
    """`tab` (its key), `called`, `bar`, `selected`, `picture` (its sha256), `width`, `height`."""
    areas: list[Area] = field(default_factory=list)

    def get(self, name: str, otherwise: str = "") -> str:
        return self.typed.get(name, otherwise)

    @property
    def called(self) -> str:
        """By staff; its key when nobody has given it a name."""
        return self.get("called").strip() or self.get("tab")

    @property
    def size(self) -> tuple[int, int]:
        return _number(self.get("width"), 2500), _number(self.get("height"), 1686)

    def resized(self, width: int, height: int) -> None:
        """Another picture: the areas keep their places on it."""
        old = self.size
        self.typed |= {"width": str(width), "height": str(height)}
        if old == (width, height) or not all(old):
            return
        for area in self.areas:
            x, y, wide, high = area.box
            right, bottom = round((x + wide) * width / old[0]), round((y + high) * height / old[1])
            left, top = round(x * width / old[0]), round(y * height / old[1])
            area.typed |= _sides((left, top, right - left, bottom - top))


@dataclass
class Menu:
    name: str
    tabs: list[Tab]

    @property
    def tab_names(self) -> dict[str, str]:
        """What each tab is called, by its key."""
        return {tab.get("tab"): tab.called for tab in self.tabs}


def read(form: Mapping[str, str]) -> Menu:
    """What a browser sent. Numbers in names may have gaps: something was removed there."""
    tabs: dict[int, Tab] = {}
    areas: dict[tuple[int, int], Area] = {}
    for name, value in form.items():
        if found := NAME.fullmatch(name):
            tab = tabs.setdefault(int(found[1]), Tab({}))
            part: Tab | Area = tab
            if found[2]:
                part = areas.setdefault((int(found[1]), int(found[2])), Area({}))
            part.typed[found[3]] = value.replace("\r\n", "\n")
    for (n, _), area in sorted(areas.items(), key=lambda each: each[0]):
        if len(tabs[n].areas) < MOST_AREAS:
            tabs[n].areas.append(area)
    ordered = [tab for _, tab in sorted(tabs.items())][:MOST_TABS]
    return Menu(form.get("name", ""), ordered or [Tab({"tab": MAIN})])


def of(definition: Any, files: Mapping[str, str]) -> Menu:
    """What somebody would have typed for a definition."""
    found = []
    for tab in gallery.tabs(definition):
        typed = {
            "tab": tab.get("tab", MAIN),
            "called": tab.get("name") or "",
            "bar": tab["chatBarText"],
            "selected": "1" if tab.get("selected", True) else "",
            "picture": files.get(tab["image"], ""),
            "width": str(tab["size"]["width"]),
            "height": str(tab["size"]["height"]),
        }
        areas = [
            Area(
                {side: str(area["bounds"][side]) for side in SIDES} | offering.typed(area["action"])
            )
            for area in tab["areas"]
        ]
        found.append(Tab(typed, areas))
    return Menu(definition["name"], found)


def meant(
    menu: Menu, files: Mapping[str, str], kinds: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The definition, and the names of its pictures. `files`: as they were called before;
    `kinds`: their types (`image/png`), by sha256."""
    called = {sha256: name for name, sha256 in files.items()}
    pictures: dict[str, str] = {}
    tabs = []
    for n, tab in enumerate(menu.tabs):
        sha256 = tab.get("picture")
        ending = "png" if kinds.get(sha256) == "image/png" else "jpg"
        stem = tab.get("tab") if KEY.fullmatch(tab.get("tab")) else f"tab{n + 1}"
        name = called.get(sha256) or f"{stem}-{sha256[:8] or 'none'}.{ending}"
        if sha256:
            pictures[name] = sha256
        tabs.append(_tab(tab, name))
    if len(tabs) == 1 and tabs[0]["tab"] == MAIN:
        del tabs[0]["tab"]
        tabs[0].pop("name", None)
        return {"name": menu.name.strip(), **tabs[0]}, pictures
    return {"name": menu.name.strip(), "tabs": tabs}, pictures


def _tab(tab: Tab, image: str) -> dict[str, Any]:
    named = {"name": tab.called} if tab.called != tab.get("tab") else {}
    return {
        "tab": tab.get("tab").strip(),
        **named,
        "image": image,
        "size": {"width": tab.size[0], "height": tab.size[1]},
        "chatBarText": tab.get("bar").strip(),
        "selected": bool(tab.get("selected")),
        "areas": [
            {
                "bounds": {side: _number(area.get(side), area.get(side)) for side in SIDES},
                "action": offering.action(area.typed),
            }
            for area in tab.areas
        ],
    }


def errors(menu: Menu, problems: Iterable[Problem], language: str) -> dict[str, str]:
    """What is wrong, in words, by the name of the field where it stands."""
    found: dict[str, str] = {}
    for problem in problems:
        path = problem.wrong.path if problem.wrong else ()
        found.setdefault(_field(menu, path), problem.said(language))
    return found


def _field(menu: Menu, path: tuple[str | int, ...]) -> str:
    match path:
        case ("tabs", int(n), "areas", int(m), *rest):
            return f"tabs-{n}-areas-{m}-{_area_field(menu.tabs[n].areas[m], rest)}"
        case ("tabs", int(n), *rest):
            name = next((each for each in rest if each in TAB_FIELDS), "")
            return f"tabs-{n}-{TAB_FIELDS.get(str(name), 'areas')}"
        case _:
            return "name"


TAB_FIELDS = {
    "tab": "called",
    "name": "called",
    "image": "file",
    "size": "file",
    "chatBarText": "bar",
}


def _area_field(area: Area, rest: list[str | int]) -> str:
    if not rest:
        return "x"
    last = str(rest[-1])
    if rest[0] == "bounds":
        return last if last in SIDES else "x"
    fields = offering.FIELDS.get(area.get("kind"), {})
    if last in ("inputOption", "fillInText", "label"):
        return last
    return fields.get(last, next(iter(fields.values()), "kind"))


def _sides(box: tuple[int, int, int, int]) -> dict[str, str]:
    return {side: str(value) for side, value in zip(SIDES, box, strict=True)}


def put_layout(tab: Tab, boxes: Iterable[tuple[int, int, int, int]]) -> None:
    """The areas of a layout; what the first ones did, they go on doing."""
    areas = []
    for n, box in enumerate(boxes):
        typed = dict(tab.areas[n].typed) if n < len(tab.areas) else dict(BLANK)
        areas.append(Area(typed | _sides(box)))
    tab.areas = areas


BLANK = {"kind": "reply"}


def add_area(tab: Tab) -> None:
    """In the middle, where it is seen; a fourth of the picture."""
    width, height = tab.size
    if len(tab.areas) < MOST_AREAS:
        box = (width // 4, height // 4, width // 2, height // 2)
        tab.areas.append(Area(BLANK | _sides(box)))


def add_tab(menu: Menu, called: Callable[[int], str]) -> None:
    """Another like the last, to be changed. `called`: what a tab is called until somebody says;
    its key, by which LINE knows it, is made for good."""
    if len(menu.tabs) >= MOST_TABS:
        return
    last, taken = menu.tabs[-1], {tab.get("tab") for tab in menu.tabs}
    name = next(f"tab{n}" for n in range(2, 99) if f"tab{n}" not in taken)
    if len(menu.tabs) == 1 and not last.get("called"):
        last.typed["called"] = called(1)
    names = {tab.called for tab in menu.tabs}
    number = next(n for n in count(len(menu.tabs) + 1) if called(n) not in names)
    areas = [Area(dict(area.typed)) for area in last.areas]
    menu.tabs.append(Tab(last.typed | {"tab": name, "called": called(number)}, areas))


def _number(typed: str, otherwise: Any) -> Any:
    try:
        return int(typed)
    except ValueError:
        return otherwise
