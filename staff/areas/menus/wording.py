"""What a tap does, in the words of the person who looks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from richmenus import offering
from texts import LANGUAGES
from web.language import t


def tap(typed: Mapping[str, Any], tabs: Mapping[str, str]) -> str:
    """`typed` as the editor has it: the kind, and the one thing that says most of it. `tabs`: what
    they are called, by their keys."""
    kind = typed.get("kind", "")
    if kind not in offering.FIELDS:
        return t("staff_menus.no_tap")
    field = next(iter(offering.FIELDS[kind].values()))
    value = typed[field]
    if kind == "picker" and not value:
        kind, value = "reply", typed["answer"]
    what = _what(kind, value, tabs)
    return t("staff_menus.tap", kind=t(f"staff_menus.kind.{typed['kind']}"), what=what)


def _what(kind: str, value: str, tabs: Mapping[str, str]) -> str:
    if kind == "tab":
        return tabs.get(value, value)
    key = {"reply": "staff_menus.reply", "liff": "staff_menus.page"}.get(kind)
    return t(f"{key}.{value}") if key and f"{key}.{value}" in LANGUAGES["ja"] else value


PLACE = re.compile(r"tabs-(\d+)-(?:areas-(\d+)-)?(\w+)")
CELL = re.compile(r"cells-(\d+)-(\w+)")
FIELDS = {
    "file": "picture",
    "areas": "add_area",
    "inputOption": "input_option",
    "fillInText": "fill_in",
    "called": "tab_name",
}


def told(name: str, words: str, tabs: Sequence[str]) -> str:
    """An error as it stands above a form, away from its field: with the field's own name."""
    if found := CELL.fullmatch(name):
        field = t(f"staff_menus.compose.{found[2]}")
        return t("staff_menus.compose.of_cell", number=int(found[1]) + 1, field=field, words=words)
    place = PLACE.fullmatch(name)
    if place is None:
        key = f"staff_menus.edit.{name}"
        field = t(key) if key in LANGUAGES["ja"] else name
        return t("staff_menus.edit.of_menu", field=field, words=words)
    key = FIELDS.get(place[3], place[3])
    field = t(f"staff_menus.edit.{key}")
    if place[2]:
        number = int(place[2]) + 1
        return t("staff_menus.edit.of_area", number=number, field=field, words=words)
    if len(tabs) > 1:
        return t("staff_menus.edit.of_tab", tab=tabs[int(place[1])], field=field, words=words)
    return t("staff_menus.edit.of_menu", field=field, words=words)
