"""A tab as `menu.yaml` has it, turned into the rich menu object that LINE is sent."""

from typing import Any

from members.funnel import FROM
from models import Entry
from richmenus.editions import alias
from richmenus.schema import PickerAction, SwitchAction, Tab, UriAction

LIFF = "liff:"


def body(key: str, tab: Tab, liff_url: str) -> dict[str, Any]:
    return {
        "size": tab.size.model_dump(),
        "selected": tab.selected,
        "chatBarText": tab.chat_bar_text,
        "areas": [
            {"bounds": area.bounds.model_dump(), "action": _action(key, area.action, liff_url)}
            for area in tab.areas
        ],
    }


def _action(key: str, action: Any, liff_url: str) -> dict[str, Any]:
    plain: dict[str, Any] = action.model_dump(by_alias=True, exclude_none=True)
    match action:
        case UriAction(uri=uri) if uri.startswith(LIFF):
            page = f"{liff_url}/{uri.removeprefix(LIFF)}"
            return plain | {"uri": f"{page}?{FROM}={Entry.MENU}"}  # counted by members.funnel
        case SwitchAction(tab=tab):
            name = alias(key, plain.pop("tab"))
            return plain | {"richMenuAliasId": name, "data": f"1:tab:{alias(key, tab)}"}
        case PickerAction(mode="datetime"):
            times = {"initial", "max", "min"} & plain.keys()
            return plain | {name: plain[name].replace("T", "t") for name in times}
        case _:
            return plain
