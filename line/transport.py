"""One funnel to the Messaging API through the SDK's client: token, turn, timeout, our errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from linebot.v3.messaging import ApiClient, ApiException, Configuration
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from core.clock import Clock
from core.limits import Limits, TooLong
from core.per_process import PerProcess
from core.settings import Settings
from core.together import AT_ONCE
from line.answers import Answer, answer, checked, note, unreachable
from line.gateway import LineRefused, LineUnavailable
from line.rates import limit_for
from line.tokens import Tokens, asked_with

log = structlog.get_logger()

TIMEOUT = (3.0, 10.0)
"""Seconds to connect, to read. The SDK waits for ever unless told otherwise, on every call."""
LONGEST_TURN = 5.0
"""Seconds that a request waits for its turn; beyond, its row may as well fall due again."""
AS_IT_IS = {str(status): "bytearray" for status in range(200, 300)}
"""No models: they cost more than the call, and break on an enum value that LINE adds tomorrow."""


class _Client(ApiClient):  # type: ignore[misc]  # it has no types
    """The SDK's, given nothing but what JSON knows."""

    def sanitize_for_serialization(self, obj: Any) -> Any:
        """It would walk through every value in search of models, and copy the rest."""
        return obj


@dataclass
class _Clients:
    """The SDK's base URL is its client's, so each host has its own. Sockets are kept in these."""

    api: ApiClient
    blob: ApiClient

    def of(self, path: str) -> ApiClient:
        """LINE keeps images and other contents on a host of their own."""
        return self.blob if path.endswith("/content") else self.api


class Transport:
    def __init__(self, settings: Settings, limits: Limits, tokens: Tokens, clock: Clock) -> None:
        self._settings, self._limits, self._tokens = settings, limits, tokens
        self._clock = clock
        self._clients = PerProcess(self._open)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, when all is well. Raises LineError.

        `fields` fill the path; those that it does not name are the query.
        """
        given = list((fields or {}).items())
        if not all(value for _, value in given):
            raise LineRefused("not sent: an id is empty")
        request = {
            "resource_path": path,
            "method": method,
            "path_params": {name: value for name, value in given if f"{{{name}}}" in path},
            "query_params": [each for each in given if f"{{{each[0]}}}" not in path],
            "body": body,
        }
        usual = {"Content-Type": "application/json"} if body is not None else {}
        sent = usual | dict(headers or {})
        return asked_with(
            self._tokens, lambda token: self._once(f"{method} {path}", request, sent, token)
        )

    def close(self) -> None:
        if clients := self._clients.take():
            for client in (clients.api, clients.blob):
                client.close()
                client.rest_client.pool_manager.clear()

    def _once(
        self,
        endpoint: str,
        request: dict[str, Any],
        headers: Mapping[str, str],
        token: str,
    ) -> Answer:
        self._wait(endpoint)
        client = self._clients.get().of(request["resource_path"])
        began = self._clock()
        given: Answer | None = None
        try:
            given = _call(client, request, dict(headers), token)
        finally:
            note(endpoint, given, self._clock() - began)
        return checked(given)

    def _wait(self, endpoint: str) -> None:
        try:
            self._limits.wait(endpoint, limit_for(endpoint), longest=LONGEST_TURN)
        except TooLong as e:
            log.warning("line_turn_too_far", endpoint=endpoint, wait=round(e.wait))
            raise LineUnavailable(f"our own rate limit: {e}", e.wait) from e

    def _open(self) -> _Clients:
        return _Clients(_client(self._settings.line_api_url), _client(self._settings.line_data_url))


def _client(host: str) -> ApiClient:
    configuration = Configuration(host=host, access_token="-")  # noqa: S106 - each call brings its own
    configuration.retries = Retry(0)  # the row decides when to ask again, not urllib3
    configuration.connection_pool_maxsize = AT_ONCE  # beyond, each call would open its own
    return _Client(configuration)


def _call(
    client: ApiClient, request: dict[str, Any], headers: dict[str, str], token: str
) -> Answer:
    """One request. The SDK lets urllib3's errors through, and others of its own making."""
    try:
        given = client.call_api(
            **request,
            header_params=headers,
            response_types_map=AS_IT_IS,
            auth_settings=["Bearer"],
            _request_auth=_bearer(token),
            _request_timeout=TIMEOUT,
        )
    except ApiException as e:
        if not e.status:  # TLS
            raise LineUnavailable(str(e.reason)) from e
        return answer(e.status, e.body, e.headers)
    except HTTPError as e:
        raise unreachable(e) from e
    except UnicodeDecodeError as e:  # the body of an error that is not LINE's
        raise LineUnavailable("an answer that cannot be read") from e
    except ValueError as e:
        raise LineRefused("not sent: the request cannot be written") from e
    return answer(given.status_code, bytes(given.raw_data or b""), given.headers)


def _bearer(token: str) -> dict[str, str]:
    """For one call: setting the client's own would be seen by other threads."""
    value = f"Bearer {token}"
    return {"type": "bearer", "in": "header", "key": "Authorization", "value": value}
