"""Putting what the surfaces share into an app, before any surface is registered."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Flask
from flask_limiter import Limiter
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from core.settings import Settings
from web import assets, brand, errors, headers, language, limits

SESSION = timedelta(hours=2)
FORM_MAX_BYTES = 64_000


@dataclass(frozen=True)
class Shared:
    """What is in place; `exempt` is for a door of machines, which brings its own proof."""

    csrf: CSRFProtect
    limiter: Limiter

    def exempt(self, blueprint: Blueprint) -> None:
        """No form token and no limit per address: the webhook, the API."""
        self.csrf.exempt(blueprint)
        self.limiter.exempt(blueprint)


def install(app: Flask, settings: Settings) -> Shared:
    _configure(app, settings)
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
    return Shared(csrf=CSRFProtect(app), limiter=limits.install(app, settings))


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
        # The token lives as long as its session. Referrers are not asked: proxies rewrite hosts,
        # and the session's cookie cannot be planted (above).
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_FORM_MEMORY_SIZE=FORM_MAX_BYTES,
    )
