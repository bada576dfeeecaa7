"""What somebody tapped, in the words that staff chose it by."""

from collections.abc import Callable, Mapping

from richmenus import naming, offering
from richmenus.naming import Tabs
from staff.areas.publishing import wording
from texts import LANGUAGES
from web.language import NAMES, t

LANGUAGE, TAB = "1:language:", "1:tab:"


def said(data: str, tabs: Tabs) -> str:
    """`data` of a button of ours; as it is when nothing is known of it."""
    for prefix, words in KNOWN.items():
        if data.startswith(prefix):
            return words(data.removeprefix(prefix), tabs) or data
    return data


def _reply(name: str, _tabs: Tabs) -> str:
    key = f"staff_menus.reply.{name}"
    return t("staff_people.tap.reply", what=t(key)) if key in LANGUAGES["ja"] else ""


def _tag(tag: str, _tabs: Tabs) -> str:
    return t("staff_people.tap.tag", what=tag) if tag else ""


def _language(code: str, _tabs: Tabs) -> str:
    return t("staff_people.tap.language", what=NAMES[code]) if code in NAMES else ""


def _tab(alias: str, tabs: Tabs) -> str:
    one = naming.at_line(alias, tabs)
    return t("staff_people.tap.tab", menu=one.menu, tab=wording.tab(one)) if one else ""


KNOWN: Mapping[str, Callable[[str, Tabs], str]] = {
    offering.REPLY: _reply, offering.TAG: _tag, LANGUAGE: _language, TAB: _tab,
}  # fmt: skip
