"""The staff site as one blueprint: its areas, who may see them, how they look and speak."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import flask_bootstrap
from flask import Blueprint, Flask, g, request, session
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from accounts import rules
from accounts.team import LANGUAGES
from models import Role
from staff import access, areas, browsers, dates, icons, listing
from staff.parts import Nav, Parts, at, go
from web import assets, brand, errors, language, sessions

PREFIX = "/staff"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
FILES = {
    "bootstrap/bootstrap.css": BOOTSTRAP / "css" / "bootstrap.min.css",
    "bootstrap/popper.js": BOOTSTRAP / "umd" / "popper.min.js",
    "bootstrap/bootstrap.js": BOOTSTRAP / "js" / "bootstrap.min.js",
}
"""Bootstrap-Flask brings Bootstrap; we serve it under addresses of our own."""

NAMES = {code: language.NAMES[code] for code in LANGUAGES}


def blueprint(parts: Parts) -> Blueprint:
    pages = Blueprint("staff", __name__, url_prefix=PREFIX, template_folder="templates")
    found = list(_areas())
    for area in found:
        area.install(pages, parts)
    nav = sorted((area.NAV for area in found if area.NAV), key=lambda each: each.order)
    _front(pages, nav)
    pages.app_url_value_preprocessor(lambda *_: _speak(parts))
    pages.before_request(lambda: access.guard(parts))
    pages.app_context_processor(lambda: _for_every_page(parts, nav))
    errors.dress(pages, "staff/error.html")
    errors.way_back(pages, PREFIX, "staff.back")
    pages.record_once(lambda state: _install(state, parts))
    return pages


def _front(pages: Blueprint, nav: list[Nav]) -> None:
    @pages.get("", strict_slashes=False)
    @access.needs(Role.VIEWER)
    def home() -> ResponseReturnValue:
        """The first area that whoever asks may see."""
        mine = (each.endpoint for each in nav if access.me().may(each.needs))
        return go(next(mine, "me"))


def _areas() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(areas.__path__):
        yield importlib.import_module(f"staff.areas.{module.name}")


def _install(state: BlueprintSetupState, parts: Parts) -> None:
    app: Flask = state.app  # type: ignore[assignment]  # Flask's sans-io parent
    access.declared(app)
    kept = assets.of(app)
    for name, path in FILES.items():
        kept.put(name, path.read_bytes())
    kept.put_folder("staff", Path(__file__).parent / "static")
    colour = brand.readable_on(parts.settings.brand_color, brand.LIGHT)
    painted = f":root{{--brand:{colour};--on-brand:{brand.text_on(colour)}}}\n".encode()
    kept.put("staff/staff.css", painted + kept.by_name["staff/staff.css"].body)
    app.jinja_env.globals.update(icon=icons.icon, onward=access.onward)
    app.jinja_env.filters.update(browser=browsers.called)
    app.session_interface = sessions.ByPath(
        PREFIX, sessions.Own("staff", rules.WHOLE), app.session_interface
    )


def _speak(parts: Parts) -> None:
    """The staff site speaks fewer languages than the members' pages."""
    if not _is_ours():
        return
    asked = (request.args.get("lang"), session.get(access.LANGUAGE), request.cookies.get("lang"))
    browser = request.accept_languages.best_match(LANGUAGES)
    wished = (*asked, browser, parts.settings.default_language)
    g.language = next((each for each in wished if each in LANGUAGES), "en")


def _is_ours() -> bool:
    """Whether the address is one of ours, even when there is no such page."""
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def _for_every_page(parts: Parts, nav: list[Nav]) -> dict[str, Any]:
    if not _is_ours():
        return {}
    if "signed" not in g:  # there is no such page, or it was too much: nobody has looked who asks
        access.look(parts)
    signed = access.somebody()
    mine = [each for each in nav if signed and signed.may(each.needs)]
    return {
        "me": signed,
        "company": bool(parts.settings.staff_openid_url),
        "nav": mine,
        "nav_at": _is_at,
        "at": at,
        "here": listing.here,
        "asked_as_here": listing.asked_as_here,
        "came_from": access.came_from,
        "staff_languages": NAMES,
        "when": lambda moment: dates.when(moment, parts.settings.zone),
        "clock_time": lambda moment: dates.clock_time(moment, parts.settings.zone),
        "day": lambda moment: dates.day(moment, parts.settings.zone),
    }


def _is_at(each: Nav) -> bool:
    """Whether the page shown belongs to this line: its address begins with the line's."""
    path = at(each.endpoint)
    return request.path == path or request.path.startswith(f"{path}/")
