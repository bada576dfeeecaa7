"""A part of the site may keep a session of its own: its own cookie, signed apart, for its own time.

Whoever signs in or out on the members' pages changes nothing for the staff site in the same
browser, and no cookie of one is worth anything to the other.
"""

from datetime import datetime, timedelta

from flask import Flask, Request, Response, request
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
    SessionMixin,
)
from itsdangerous import BadSignature

from core import clock


class Own(SecureCookieSessionInterface):
    """`name` is added to the cookie's; a cookie is good for `lifetime` after it was last set."""

    def __init__(self, name: str, lifetime: timedelta) -> None:
        self.name, self.lifetime = name, lifetime
        self.salt = f"cookie-session {name}"

    def get_cookie_name(self, app: Flask) -> str:
        return f"{super().get_cookie_name(app)}-{self.name}"

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        return clock.now() + self.lifetime if session.permanent else None

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        signer = self.get_signing_serializer(app)
        sent = request.cookies.get(self.get_cookie_name(app))
        if signer is None or not sent:
            return self.session_class() if signer else None
        try:
            kept = signer.loads(sent, max_age=int(self.lifetime.total_seconds()))
        except BadSignature:
            return self.session_class()
        return self.session_class(kept)


class ByPath(SecureCookieSessionInterface):
    """The session of the part that the address belongs to; `others` for all the rest."""

    def __init__(self, prefix: str, own: SessionInterface, others: SessionInterface) -> None:
        self._prefix, self._own, self._others = prefix, own, others

    def _at(self, path: str) -> SessionInterface:
        within = path == self._prefix or path.startswith(f"{self._prefix}/")
        return self._own if within else self._others

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        opened = self._at(request.path).open_session(app, request)
        assert opened is None or isinstance(opened, SecureCookieSession)  # noqa: S101 - for mypy
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        self._at(request.path).save_session(app, session, response)
