"""Channel access tokens: the long-lived one that was set, or short ones issued as LINE advises."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from core.clock import Clock
from core.settings import Settings
from line.answers import Answer
from line.gateway import LineRefused
from line.plain import PlainHttp

KEPT = timedelta(minutes=10)
"""A stateless token lives for fifteen minutes; it is used for this long."""


class Tokens(Protocol):
    def current(self) -> str:
        """A token to ask with. Raises LineError."""

    def renew(self, refused: str) -> str | None:
        """Another one, since LINE refused this. None when there is no other."""


class LongLived:
    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def renew(self, refused: str) -> str | None:
        return None


class Stateless:
    """Issued from a channel's ID and secret, one at a time, and shared by all threads."""

    def __init__(self, http: PlainHttp, channel_id: str, secret: str, clock: Clock) -> None:
        self._http, self._clock = http, clock
        self._credentials = {"client_id": channel_id, "client_secret": secret}
        self._lock = threading.Lock()
        self._token = ""
        self._stale_at: datetime | None = None

    def current(self) -> str:
        with self._lock:
            if self._stale_at is None or self._clock() >= self._stale_at:
                self._issue()
            return self._token

    def renew(self, refused: str) -> str | None:
        with self._lock:
            if self._token == refused:  # otherwise another thread has done it
                self._issue()
            return self._token

    def _issue(self) -> None:
        asked_at = self._clock()
        fields = {"grant_type": "client_credentials"} | self._credentials
        given = self._http.ask("POST", "/oauth2/v3/token", fields=fields)
        lives = timedelta(seconds=given.need("expires_in", int))
        self._token = given.need("access_token", str)
        self._stale_at = asked_at + min(KEPT, lives * 2 / 3)


def asked_with(tokens: Tokens, ask: Callable[[str], Answer]) -> Answer:
    """Ask with a token; once more with another, when LINE takes the first no more."""
    token = tokens.current()
    try:
        return ask(token)
    except LineRefused as e:
        other = tokens.renew(token) if e.status == 401 else None
        if other is None:
            raise
    return ask(other)


def messaging_tokens(settings: Settings, http: PlainHttp, clock: Clock) -> Tokens:
    if token := settings.line_channel_access_token.get_secret_value():
        return LongLived(token)
    secret = settings.line_channel_secret.get_secret_value()
    return Stateless(http, settings.line_channel_id, secret, clock)


def login_tokens(settings: Settings, http: PlainHttp, clock: Clock) -> Tokens:
    secret = settings.line_login_channel_secret.get_secret_value()
    return Stateless(http, settings.line_login_channel_id, secret, clock)
