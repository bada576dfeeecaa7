"""A tab as `menu.yaml` has it, turned into the rich menu object that LINE is sent."""

from typing import Any

from core.settings import Settings
from richmenus import links
from richmenus.editions import alias
from richmenus.links import Place
from richmenus.schema import PickerAction, SwitchAction, Tab, UriAction

LIFF = "liff:"


def body(key: str, tab: Tab, settings: Settings) -> dict[str, Any]:
    return {
        "size": tab.size.model_dump(),
        "selected": tab.selected,
        "chatBarText": tab.chat_bar_text,
        "areas": [
            {
                "bounds": area.bounds.model_dump(),
                "action": _action(Place(key, tab.tab, n), area.action, settings),
            }
            for n, area in enumerate(tab.areas)
        ],
    }


def _action(place: Place, action: Any, settings: Settings) -> dict[str, Any]:
    plain: dict[str, Any] = action.model_dump(by_alias=True, exclude_none=True, exclude={"tracked"})
    match action:
        case UriAction(uri=uri, tracked=True):
            return plain | {"uri": links.tracked(place, uri, settings)}
        case UriAction(uri=uri) if uri.startswith(LIFF):
            page = f"{settings.liff_url}/{uri.removeprefix(LIFF)}"
            return plain | {"uri": links.marked(page, place)}
        case UriAction(uri=uri):
            return plain | {"uri": links.encoded(uri)}
        case SwitchAction(tab=tab):
            name = alias(place.key, tab)
            del plain["tab"]
            return plain | {"richMenuAliasId": name, "data": f"1:tab:{name}"}
        case PickerAction(mode="datetime"):
            times = {"initial", "max", "min"} & plain.keys()
            return plain | {name: plain[name].replace("T", "t") for name in times}
        case _:
            return plain
