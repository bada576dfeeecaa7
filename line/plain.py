"""HTTP for what the SDK has no client for: the token endpoints and LINE Login."""

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from core.clock import Clock
from core.per_process import PerProcess
from line.answers import Answer, answer, checked, note, unreachable
from line.gateway import LineRefused

TIMEOUT = Timeout(connect=3.0, read=5.0)
"""Seconds. Somebody sits before a page and waits."""

# These write whole URLs and bodies at DEBUG: user ids and access tokens among them.
for chatty in ("urllib3", "linebot"):
    logging.getLogger(chatty).setLevel(logging.WARNING)


class PlainHttp:
    def __init__(self, base_url: str, clock: Clock, *, connections: int = 8) -> None:
        self._base_url, self._clock = base_url, clock
        self._pool = PerProcess(lambda: PoolManager(maxsize=connections, retries=Retry(0)))

    def ask(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, str] | None = None,
        json: Any = None,
        token: str = "",
    ) -> Answer:
        """The answer, when all is well; `fields` go in the URL of a GET and are the form of a POST.

        Raises LineError.
        """
        sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"} if token else {}}
        if json is not None:
            sent["headers"]["Content-Type"] = "application/json"
            sent["body"] = orjson.dumps(json)
        elif fields is not None:
            sent["fields"] = dict(fields)
            sent |= {"encode_multipart": False} if method == "POST" else {}
        began = self._clock()
        given: Answer | None = None
        try:
            given = self._once(method, path, sent)
        finally:
            note(f"{method} {path}", given, self._clock() - began)
        return checked(given)

    def _once(self, method: str, path: str, sent: dict[str, Any]) -> Answer:
        try:
            got = self._pool.get().request(
                method, self._base_url + path, timeout=TIMEOUT, redirect=False, **sent
            )
        except HTTPError as e:
            raise unreachable(e) from e
        except ValueError as e:  # a token that no header can carry
            raise LineRefused("not sent: the request cannot be written") from e
        return answer(got.status, got.data, got.headers)

    def close(self) -> None:
        if pool := self._pool.take():
            pool.clear()
