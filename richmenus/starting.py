"""What the desk begins with: what is in force, or else the folder of menus."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from core.settings import Settings
from richmenus import definitions, links, publications
from richmenus.editions import Edition, Page, Source
from richmenus.problems import BadMenus
from richmenus.rendering import LIFF


def edition(db: Session, settings: Settings) -> Edition:
    """Without pages when there is nothing yet."""
    now = publications.in_force(db)
    if now is not None and now.edition.sources:
        return now.edition
    try:
        folder = definitions.read(settings)
    except BadMenus:
        folder = Edition((), ())
    if now is None or folder.fingerprint == now.edition.fingerprint:
        return folder
    sources = sources_of(now.edition, settings)
    return Edition(now.edition.pages, now.edition.rules, sources=sources)


def sources_of(edition: Edition, settings: Settings) -> tuple[Source, ...]:
    """What it was made from; if it was published before that was kept, what somebody could have
    written to get it."""
    return edition.sources or tuple(
        _source(key, list(pages), settings)
        for key, pages in groupby(edition.pages, lambda page: page.key)
    )


def _source(key: str, pages: Sequence[Page], settings: Settings) -> Source:
    tabs, files = [], {}
    for page in pages:
        name = f"{page.tab}.jpg"
        files[name] = page.picture
        areas = [
            {"bounds": area["bounds"], "action": _action(key, area["action"], settings)}
            for area in page.body["areas"]
        ]
        tabs.append({"tab": page.tab, "image": name} | dict(page.body) | {"areas": areas})
    return Source(key, {"name": key, "tabs": tabs}, files)


def _action(key: str, action: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """`rendering._action`, backwards."""
    plain = dict(action)
    if plain["type"] == "richmenuswitch":
        del plain["data"]
        return plain | {"tab": plain.pop("richMenuAliasId").removeprefix(f"{key}_")}
    uri = plain.get("uri", "")
    if link := links.of(uri):
        return plain | {"uri": link.target, "tracked": True}
    if uri.startswith(f"{settings.liff_url}/"):
        page, _, _ = uri.removeprefix(f"{settings.liff_url}/").partition("?")
        return plain | {"uri": LIFF + page}
    return plain
