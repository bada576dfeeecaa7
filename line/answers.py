"""What LINE answered, and which of our errors it amounts to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import orjson
import structlog
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError, MaxRetryError

from core import metrics
from line.gateway import LineError, LineOutOfQuota, LineRefused, LineUnavailable

log = structlog.get_logger()

T = TypeVar("T")

LONGEST = 300
"""Characters of LINE's own words that we keep."""
ACCEPTED_BEFORE = "x-line-accepted-request-id"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: HTTPHeaderDict

    @property
    def request_id(self) -> str:
        return str(self.headers.get("x-line-request-id", ""))

    def need(self, name: str, kind: type[T]) -> T:
        """A field that LINE always gives. Without it this is no answer of LINE's."""
        found = self.json().get(name)
        if not isinstance(found, kind):
            raise LineUnavailable(f"{self.status} without {name}")
        return found

    def each(self, name: str, read: Callable[[Any], T]) -> list[T]:
        """A list that LINE always gives, one by one. What cannot be read is no answer of LINE's."""
        try:
            return [read(one) for one in self.need(name, list)]
        except (AttributeError, LookupError, TypeError) as e:
            raise LineUnavailable(f"{self.status} with odd {name}") from e

    def json(self) -> dict[str, Any]:
        return _object(self.body)


def answer(status: int, body: bytes | str | None, headers: Mapping[str, str] | None) -> Answer:
    raw = body.encode() if isinstance(body, str) else body or b""
    kept = headers if isinstance(headers, HTTPHeaderDict) else HTTPHeaderDict(headers or {})
    return Answer(status, raw, kept)


def checked(given: Answer) -> Answer:
    """The answer, when it says that all is well. Raises LineError otherwise."""
    accepted_before = given.status == 409 and ACCEPTED_BEFORE in given.headers
    if 200 <= given.status < 300 or accepted_before:
        return given
    raise error_for(given)


def note(endpoint: str, given: Answer | None, took: timedelta) -> None:
    """LINE keeps no log for us. Ours names the endpoint, and nobody whom it was about."""
    status = given.status if given else None
    metrics.asked.labels(endpoint, str(status or "none")).inc()
    metrics.answered.labels(endpoint).observe(took.total_seconds())
    usual = status is not None and (status < 400 or status in (404, 409))
    (log.info if usual else log.warning)(
        "line_asked",
        endpoint=endpoint,
        status=status,
        request_id=given.request_id if given else None,
        took_ms=round(took.total_seconds() * 1000),
    )


def unreachable(e: HTTPError) -> LineUnavailable:
    """urllib3's errors hold addresses and URLs; what kind of fault it was is enough."""
    cause = e.reason if isinstance(e, MaxRetryError) and e.reason else e
    return LineUnavailable(type(cause).__name__)


def error_for(given: Answer) -> LineError:
    said = f"{given.status} {words(given.body)}".strip()
    if given.status == 429:
        # The two kinds differ in nothing but their words.
        spent = "monthly" in said.lower()
        return LineOutOfQuota(said) if spent else LineUnavailable(said)
    if 400 <= given.status < 500 and given.status != 408:
        return LineRefused(said, given.status)
    return LineUnavailable(said)


def words(body: bytes) -> str:
    """LINE's reason, in its own words: of the Messaging API or of LINE Login."""
    said = _object(body)
    parts = [said.get("message"), said.get("error"), said.get("error_description")]
    details = said.get("details")
    parts += [
        f"{each.get('property', '')}: {each.get('message', '')}"
        for each in (details if isinstance(details, list) else [])
        if isinstance(each, dict)
    ]
    return "; ".join(str(part) for part in parts if part)[:LONGEST]


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
