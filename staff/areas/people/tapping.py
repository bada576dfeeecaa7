"""What somebody tapped, in the words that staff chose it by."""

from collections.abc import Callable, Mapping

from richmenus import offering
from texts import LANGUAGES
from web.language import NAMES, t

LANGUAGE, TAB = "1:language:", "1:tab:"


def said(data: str, menus: Mapping[str, str]) -> str:
    """`data` of a button of ours; as it is when nothing is known of it. `menus`: their names."""
    for prefix, words in KNOWN.items():
        if data.startswith(prefix):
            return words(data.removeprefix(prefix), menus) or data
    return data


def _reply(name: str, _menus: Mapping[str, str]) -> str:
    key = f"staff_menus.reply.{name}"
    return t("staff_people.tap.reply", what=t(key)) if key in LANGUAGES["ja"] else ""


def _tag(tag: str, _menus: Mapping[str, str]) -> str:
    return t("staff_people.tap.tag", what=tag) if tag else ""


def _language(code: str, _menus: Mapping[str, str]) -> str:
    return t("staff_people.tap.language", what=NAMES[code]) if code in NAMES else ""


def _tab(alias: str, menus: Mapping[str, str]) -> str:
    """Of aliases such as `member_points`; the longest key, as one may begin with another."""
    of = [key for key in menus if alias.startswith(f"{key}_")]
    menu = max(of, key=len, default="")
    return t("staff_people.tap.tab", menu=menus[menu], tab=alias[len(menu) + 1 :]) if menu else ""


KNOWN: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    offering.REPLY: _reply, offering.TAG: _tag, LANGUAGE: _language, TAB: _tab,
}  # fmt: skip
