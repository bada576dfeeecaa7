"""Every address that the app answers, from its own map: what nobody thought of is walked, too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from werkzeug.routing import (
    AnyConverter,
    BaseConverter,
    IntegerConverter,
    Rule,
    UUIDConverter,
)

from web import assets

NOBODY = UUID("00000000-0000-4000-8000-000000000000")
FILLED = {
    "place": "me",
    "ticket": "no-ticket",
    "code": "no-code",
}


@dataclass(frozen=True)
class Address:
    endpoint: str
    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses(app: Flask) -> Iterator[Address]:
    """Each rule of the map, with something for each of its blanks, by each of its methods."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Address(rule.endpoint, _path(app, rule), method)


def _path(app: Flask, rule: Rule) -> str:
    if rule.endpoint == "asset":
        asset = next(iter(assets.of(app).by_name.values()))
        return f"/assets/{asset.mark}/{asset.name}"
    filled = {name: fill(name, blank) for name, blank in rule._converters.items()}
    built = rule.build(filled)
    assert built is not None, f"{rule} has a blank that tests.attacks.walking does not fill"
    return built[1]


def fill(name: str, blank: BaseConverter) -> str | int | UUID:
    """Something that the blank of an address takes."""
    if name in FILLED:
        return FILLED[name]
    if isinstance(blank, AnyConverter):
        return min(blank.items)
    if isinstance(blank, UUIDConverter):
        return NOBODY
    if isinstance(blank, IntegerConverter):
        return 1
    return next(each for each in ("1", "0" * 64) if re.fullmatch(blank.regex, each))
