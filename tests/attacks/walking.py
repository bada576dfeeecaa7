"""Every address that the app answers, from its own map: what nobody thought of is walked, too."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from web import assets

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
    filled = {name: FILLED.get(name, "1") for name in rule.arguments}
    built = rule.build(filled)
    assert built is not None, f"{rule} has a blank that tests.attacks.walking does not fill"
    return built[1]
