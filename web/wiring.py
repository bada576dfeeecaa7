"""Putting what the surfaces share into an app, before any surface is registered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, abort, current_app, request
from flask.json.provider import DefaultJSONProvider
from flask_limiter import Limiter
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from core.settings import Settings
from web import assets, bodies, brand, errors, headers, language, limits
from web.bodies import ReadToTheEnd

SESSION = timedelta(hours=2)
FORM_MAX_BYTES = 64_000


class Number(IntegerConverter):
    """No larger than what a database holds."""

    regex = r"[0-9]{1,9}"


class Json(DefaultJSONProvider):
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """What is nested too deep is no JSON, and not our fault."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as e:
            raise ValueError("nested too deep") from e


@dataclass(frozen=True)
class Shared:
    """What is in place; `exempt` is for a door of machines, which brings its own proof."""

    csrf: CSRFProtect
    limiter: Limiter
    machines: set[str]

    def exempt(self, blueprint: Blueprint) -> None:
        """No form token, no limit per address, its own limit of size: the webhook, the API."""
        self.csrf.exempt(blueprint)
        self.limiter.exempt(blueprint)
        self.machines.add(blueprint.name)


def install(app: Flask, settings: Settings, *, pages: str = limits.PAGES) -> Shared:
    """`pages`: how often one address may ask."""
    _configure(app, settings)
    app.json = Json(app)
    app.url_map.converters["int"] = Number
    app.url_map.merge_slashes = False  # it would redirect to whatever host the request named
    app.wsgi_app = ReadToTheEnd(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    app.register_blueprint(Blueprint("web", __name__, template_folder="templates"))
    headers.install(app, settings)
    language.install(app, settings)
    errors.install(app)
    assets.install(app)
    brand.install(app, settings)
    machines: set[str] = set()
    app.before_request(lambda: _small(machines))
    app.before_request(lambda: _named(machines))
    app.teardown_request(lambda _: request.close())  # files that were sent do not wait for a sweep
    limiter = limits.install(app, settings, pages)  # counts before a form token can fail
    return Shared(CSRFProtect(app), limiter, machines)


def _small(machines: set[str]) -> None:
    """Nobody types more than this into a form. A view that takes a file says how large it may be:
    its `most_bytes`, and with `most_bytes_for` from whom."""
    if request.blueprint in machines:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    may = getattr(view, "most_bytes_for", lambda: True)()
    most = getattr(view, "most_bytes", FORM_MAX_BYTES) if may else FORM_MAX_BYTES
    if most > FORM_MAX_BYTES:
        request.environ[bodies.ALLOWED] = bodies.MOST_OF_A_FILE
    request.max_content_length = most
    if (request.content_length or 0) > most:
        abort(413)


def _named(machines: set[str]) -> None:
    """Multipart parts may lack a name; what reads the form after us expects one."""
    if request.blueprint not in machines and None in request.form:
        abort(400)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        # A cookie of this name is taken from this very host over HTTPS only, so that nobody on a
        # neighbouring host or an open network can plant a session of theirs.
        SESSION_COOKIE_NAME="__Host-musubi" if settings.secure_cookies else "musubi",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION,
        # Sent when it changes, and never along with a style sheet that any cache may keep.
        SESSION_REFRESH_EACH_REQUEST=False,
        # The token lives as long as its session. Referrers are not asked: proxies rewrite hosts,
        # and the session's cookie cannot be planted (above).
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
