"""What a tap does, in the words of the person who looks."""

from collections.abc import Mapping
from typing import Any

from richmenus import offering
from texts import LANGUAGES
from web.language import t


def tap(typed: Mapping[str, Any]) -> str:
    """`typed` as the editor has it: the kind, and the one thing that says most of it."""
    kind = typed.get("kind", "")
    if kind not in offering.FIELDS:
        return t("staff_menus.no_tap")
    field = next(iter(offering.FIELDS[kind].values()))
    return t("staff_menus.tap", kind=t(f"staff_menus.kind.{kind}"), what=_what(kind, typed[field]))


def _what(kind: str, value: str) -> str:
    key = {"reply": "staff_menus.reply", "liff": "staff_menus.page"}.get(kind)
    return t(f"{key}.{value}") if key and f"{key}.{value}" in LANGUAGES["ja"] else value


def area_name(typed: Mapping[str, Any]) -> str:
    return str(typed.get("label") or tap(typed))
