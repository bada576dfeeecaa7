"""What the audit log keeps of a change to a menu: names and numbers, no definitions."""

from typing import Any

from accounts import audit
from core.session import Session
from models import MenuDraft, RulesDraft
from richmenus import gallery
from staff import access


def summary(menu: MenuDraft | None) -> dict[str, Any] | None:
    if menu is None:
        return None
    tabs = gallery.tabs(menu.definition)
    return {
        "name": menu.definition["name"],
        "bar": tabs[0]["chatBarText"],
        "tabs": len(tabs),
        "areas": sum(len(tab["areas"]) for tab in tabs),
        "pictures": [sha256[:8] for sha256 in sorted(menu.pictures.values())],
        "version": menu.version,
    }


def note(
    db: Session, act: str, menu: MenuDraft | RulesDraft, before: dict[str, Any] | None = None
) -> None:
    who = access.me().actor
    if isinstance(menu, MenuDraft):
        name = str(menu.definition["name"])
        audit.note(db, who, act, "menu", menu.key, name, before, summary(menu))
    else:
        audit.note(db, who, act, "rules", "", "", before, {"version": menu.version})
