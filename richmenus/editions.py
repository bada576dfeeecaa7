"""An edition: menus as LINE is to have them, and the rules that share them out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from richmenus.images import Picture

PREFIX = "musubi:"
"""How the names of our menus at LINE begin; what else LINE has is none of our business."""


@dataclass(frozen=True)
class Page:
    """One tab of one menu. Two pages are the same when everything that LINE is told is."""

    key: str
    tab: str
    body: Mapping[str, Any] = field(compare=False, repr=False)
    """LINE's rich menu object, without its name."""
    picture: str
    """sha256 of the image."""
    content_hash: str

    @property
    def name(self) -> str:
        """By this name a menu is found again at LINE when the answer to creating it was lost."""
        return f"{PREFIX}{self.key}:{self.tab}:{self.content_hash[:8]}"

    @property
    def alias(self) -> str:
        return alias(self.key, self.tab)

    @property
    def place(self) -> str:
        return f"{self.key}/{self.tab}"


def alias(key: str, tab: str) -> str:
    """LINE's alias of a tab, the same in every edition."""
    return f"{key}_{tab}"


def page(key: str, tab: str, body: Mapping[str, Any], picture: str) -> Page:
    return Page(key, tab, body, picture, digest([body, picture]))


@dataclass(frozen=True)
class Source:
    """A menu as its author wrote it."""

    key: str
    definition: Any
    """What its `menu.yaml` says, in plain JSON."""
    pictures: Mapping[str, str]
    """sha256 by the file name that the definition calls it by."""

    def kept(self) -> dict[str, Any]:
        """As a publication keeps it."""
        return {"key": self.key, "definition": self.definition, "pictures": dict(self.pictures)}


@dataclass(frozen=True)
class Edition:
    pages: tuple[Page, ...]
    """A menu's first tab comes first."""
    rules: tuple[Any, ...]
    """As `rules.yaml` has them, in plain JSON."""
    pictures: Mapping[str, Picture] = field(default_factory=dict, compare=False, repr=False)
    """By sha256. Empty when the edition comes from the database, which has them."""
    sources: tuple[Source, ...] = field(default=(), compare=False, repr=False)
    """What the pages were made from; empty: published before that was kept."""

    @cached_property
    def fingerprint(self) -> str:
        pages = [[page.key, page.tab, page.content_hash] for page in self.pages]
        return digest([pages, self.rules])

    @property
    def default(self) -> Page:
        """What people see who have no menu of their own: the menu of the last rule."""
        return self.first(self.rules[-1]["menu"])

    def first(self, key: str) -> Page:
        return next(page for page in self.pages if page.key == key)

    @property
    def aliases(self) -> dict[str, Page]:
        """Of menus with several tabs only; the others need none."""
        keys = [page.key for page in self.pages]
        return {page.alias: page for page in self.pages if keys.count(page.key) > 1}


def digest(value: object) -> str:
    said = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
