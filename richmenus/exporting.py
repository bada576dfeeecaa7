"""Writing menus and rules as the folders that `definitions` reads; a round trip changes nothing."""

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict
from models import MenuPicture
from richmenus.definitions import MENU, RULES
from richmenus.editions import Source

ORDER = (
    "name", "tabs", "tab", "image", "size", "chatBarText", "selected", "areas", "bounds", "action",
    "x", "y", "width", "height", "type", "uri", "tracked", "data", "text", "label", "displayText",
    "menu", "because", "when", "from", "until",
)  # fmt: skip
"""As people read a definition; what is not named comes after, by the alphabet."""


def write(db: Session, sources: tuple[Source, ...], rules: list[Any], folder: Path) -> list[Path]:
    """The files written. Raises Conflict when something is in the folder already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("menus.folder_not_empty", folder=folder)
    written = [_put(folder / RULES, _yaml(rules))]
    for each in sources:
        written.append(_put(folder / each.key / MENU, _yaml(each.definition)))
        for name, sha256 in sorted(each.pictures.items()):
            content = select(MenuPicture.content).where(MenuPicture.sha256 == sha256)
            written.append(_put(folder / each.key / name, db.scalars(content).one()))
    return written


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _yaml(given: Any) -> bytes:
    said: str = yaml.safe_dump(_in_order(given), allow_unicode=True, sort_keys=False, width=100)
    return said.encode()


def _in_order(given: Any) -> Any:
    if isinstance(given, list):
        return [_in_order(each) for each in given]
    if isinstance(given, dict):
        return {key: _in_order(given[key]) for key in sorted(given, key=_place)}
    return given


def _place(key: str) -> tuple[int, str]:
    return (ORDER.index(key) if key in ORDER else len(ORDER), key)
