"""What went wrong, as a status and a page in the person's language: one mapping for all."""

from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, request
from flask import render_template as render
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException

from core import session
from core.errors import Conflict, Invalid, MusubiError, NotAllowed, NotFound, TooMany
from texts import LANGUAGES
from web.language import current, t

log = structlog.get_logger()

PAUSE = 60
"""Seconds that web/limits.py counts in."""
SHORTLY = 5
"""Seconds after which a database that was restarted is back."""

STATUS: dict[type[MusubiError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 400,
    TooMany: 429,
}


def install(app: Flask) -> None:
    app.config.setdefault("WAYS_BACK", {})
    app.config.setdefault("DRESSES", {})
    app.register_error_handler(MusubiError, _told)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _by_status)
    for kind in session.DOWN:
        app.register_error_handler(kind, _without_database)


def way_back(pages: Blueprint, path: str, key: str) -> None:
    """Where an error page of this surface offers to go on, and what the button says."""
    pages.record(
        lambda state: state.app.config.setdefault("WAYS_BACK", {}).update(
            {pages.url_prefix: (path, key)}
        )
    )


def dress(pages: Blueprint, template: str) -> None:
    """An error of this surface looks as its pages do. The template is given `title`, `words`,
    `status` and `back`, and must bear that nobody is signed in."""
    pages.record(
        lambda state: state.app.config.setdefault("DRESSES", {}).update(
            {pages.url_prefix: template}
        )
    )


def words(error: MusubiError) -> str:
    """The error as a sentence; seconds to wait are said in minutes where the text asks for them."""
    values = dict(error.values)
    seconds = values.get("seconds")
    if isinstance(seconds, int | float):
        values["seconds"] = max(1, round(seconds))
        values["minutes"] = max(1, -(-round(seconds) // 60))
    return t(error.key, **values)


def status_of(error: MusubiError) -> int:
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def page(status: int, title: str, said: str) -> Response:
    """An error as the one who asked can read it: a page, or JSON for a script."""
    if isinstance(request.routing_exception, BadHost):
        return Response(title, status, mimetype="text/plain")  # a page could link nowhere
    if wants_json():
        response = jsonify({"title": title, "words": said})
    else:
        response = make_response(
            render(
                _of_surface("DRESSES", "web/error.html"),
                title=title,
                words=said,
                status=status,
                back=_of_surface("WAYS_BACK", None),
            )
        )
    response.status_code = status
    return response


def _of_surface(what: str, otherwise: Any) -> Any:
    """What the surface that the address belongs to has said, even when it has no such page."""
    said: dict[str, Any] = current_app.config[what]
    return next(
        (each for prefix, each in said.items() if f"{request.path}/".startswith(f"{prefix}/")),
        otherwise,
    )


def wants_json() -> bool:
    """Whether a script of ours asked, and not a person's browser."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def _told(error: MusubiError) -> Response:
    status = status_of(error)
    log.info("asker_told", key=error.key, status=status)
    response = page(status, _title(status), words(error))
    seconds = error.values.get("seconds")
    if isinstance(error, TooMany) and isinstance(seconds, int | float):
        response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


def _stale(_error: CSRFError) -> Response:
    """The form is from another visit, or the browser keeps no cookies."""
    return page(400, t("web.stale.title"), t("web.stale.words"))


def _without_database(error: Exception) -> Response:
    """It is being restarted, or out of reach: nothing was done, and it will pass."""
    log.error("database_down", error=type(error).__name__, said=str(error).partition("\n")[0])
    response = page(503, _title(503), _said(503))
    response.headers["Retry-After"] = str(SHORTLY)
    return response


def _by_status(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())  # a redirect says all it has to say
    response = page(error.code, _title(error.code), _said(error.code))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers.setdefault("Retry-After", str(PAUSE))
    return response


def _title(status: int) -> str:
    return t(f"web.{_known(status)}.title")


def _said(status: int) -> str:
    return t(f"web.{_known(status)}.words")


def _known(status: int) -> str:
    """The status whose page fits: its own, or the plain one of its class."""
    if f"web.{status}.title" in LANGUAGES[current()]:
        return str(status)
    return "500" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "400"
