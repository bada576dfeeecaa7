"""The public keys by which LINE signs ID tokens: cached, rotated, never asked for in a flood."""

import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from line.gateway import LineError, LineUnavailable
from line.plain import PlainHttp

log = structlog.get_logger()

FRESH = timedelta(hours=1)
"""After this the keys are asked for anew, so that one that LINE withdrew is forgotten."""
PAUSE = timedelta(seconds=30)
"""Between two requests for keys, however many tokens name keys that we do not know."""


class Keys:
    def __init__(self, http: PlainHttp) -> None:
        self._http = http
        self._keys: dict[str, ECKey] = {}
        self._lock = threading.Lock()
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._failed = False

    def find(self, kid: str, now: datetime) -> ECKey | None:
        """The key of that id; None when LINE has none such. Old keys serve while LINE is down.

        Raises LineUnavailable when we do not know the key and cannot ask.
        """
        known = kid in self._keys
        if not known or self._is_stale(now):
            self._refresh(now, wait=not known)
        found = self._keys.get(kid)
        if found is None and self._failed:
            raise LineUnavailable("LINE's keys cannot be had")
        return found

    def _is_stale(self, now: datetime) -> bool:
        return self._fetched_at is None or now - self._fetched_at >= FRESH

    def _refresh(self, now: datetime, *, wait: bool) -> None:
        """Ask for the keys, if nobody has just done so. Whoever knows a key waits for nobody."""
        if not self._lock.acquire(blocking=wait):
            return
        try:
            if self._asked_at is None or now - self._asked_at >= PAUSE:
                self._asked_at = now
                self._fetch(now)
        finally:
            self._lock.release()

    def _fetch(self, now: datetime) -> None:
        try:
            self._keys = _read(self._http.ask("GET", "/oauth2/v2.1/certs").need("keys", list))
        except LineError:
            self._failed = True
        else:
            self._failed, self._fetched_at = False, now


def _read(listed: list[Any]) -> dict[str, ECKey]:
    """The ES256 keys among them; LINE may list others one day."""
    found = {}
    for each in listed:
        try:
            if each["kty"] == "EC" and each["crv"] == "P-256":
                found[str(each["kid"])] = ECKey.import_key(each)
        except (JoseError, KeyError, TypeError, ValueError) as e:
            log.warning("login_key_not_understood", error=type(e).__name__)
    return found
