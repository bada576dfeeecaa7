"""Headers that every answer carries: a strict Content-Security-Policy, and its companions.

Nothing inline runs and nothing foreign loads, but what a surface names for its own pages.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence

from flask import Flask, Response, g

from core.settings import Settings

HSTS = "max-age=31536000"

Sources = Mapping[str, Sequence[str]]
"""Directive (`script-src`) to the origins a surface needs there."""


def nonce() -> str:
    """This answer's own word: an inline script or style that says it may run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    word: str = g.csp_nonce
    return word


def allow(sources: Sources) -> None:
    """Let the page being answered load from these origins too."""
    g.csp_sources = sources


def policy(frame_ancestors: str, sources: Sources, nonce_: str) -> str:
    """The Content-Security-Policy, directive by directive."""
    own = {
        "default-src": ["'none'"],
        "script-src": ["'self'", f"'nonce-{nonce_}'"],
        "style-src": ["'self'", f"'nonce-{nonce_}'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": [frame_ancestors],
    }
    for directive, origins in sources.items():
        own[directive] = list(dict.fromkeys([*own.get(directive, []), *origins]))
    return "; ".join(f"{name} {' '.join(values)}" for name, values in own.items())


def install(app: Flask, settings: Settings) -> None:
    fixed = _fixed(settings)

    def protect(response: Response) -> Response:
        sources: Sources = g.get("csp_sources", {})
        response.headers["Content-Security-Policy"] = policy(
            settings.frame_ancestors, sources, nonce()
        )
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(protect)
    app.jinja_env.globals["csp_nonce"] = nonce


def without_pages(settings: Settings) -> Callable[[], list[tuple[str, str]]]:
    """The same headers, for an application that is not Flask's and shows nothing."""
    fixed = list(_fixed(settings).items())
    around = policy(settings.frame_ancestors, {}, "\0").split("\0")

    def headers() -> list[tuple[str, str]]:
        own = secrets.token_urlsafe(16).join(around)
        return [("Content-Security-Policy", own), *fixed]

    return headers


def _fixed(settings: Settings) -> dict[str, str]:
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cache-Control": "no-store",
    }
    # The older header can say only these two; any other choice is frame-ancestors' alone.
    older = {"'none'": "DENY", "'self'": "SAMEORIGIN"}.get(settings.frame_ancestors.strip())
    if older:
        headers["X-Frame-Options"] = older
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = HSTS
    return headers
