"""Takes in what LINE tells us: verified, stored in one commit, answered 200, then worked on.

It is an application of its own, plain WSGI: nothing that is done for pages is done here.
"""

import hmac
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

from bot import event
from core import metrics, session
from core.clock import Clock, now
from core.database import Database
from core.gathered import Gathered
from core.prepared import Prepared
from core.settings import Settings
from models import InboxEvent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

Ring = Callable[[str], object]
Row = dict[str, object]
STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
EMPTY = ("Content-Length", "0")


class Refused(Exception):
    """This webhook is turned away; nothing of it is kept."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def application(
    settings: Settings, database: Database, ring: Ring, clock: Clock = now
) -> "WSGIApplication":
    """What answers at /webhook, whatever the address was."""
    secret = settings.line_channel_secret.get_secret_value().encode()
    longest = settings.webhook_max_bytes
    remembered = timedelta(days=settings.inbox_retention_days) - event.AHEAD
    inbox = Gathered(_writer(database, ring), settings.web_threads)

    def take(environ: "WSGIEnvironment") -> None:
        # `destination` is not looked at: who signs with our channel's secret speaks of our channel.
        if environ["REQUEST_METHOD"] != "POST":
            raise Refused(405, "method")
        body = _read(environ, longest)
        _verify(secret, body, environ.get("HTTP_X_LINE_SIGNATURE", ""))
        _store(inbox, _rows(_events(body), clock(), remembered))

    def receive(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            take(environ)
        except Refused as e:
            metrics.refused.labels(e.why).inc()
            log.warning("webhook_refused", status=e.status, why=e.why)
            more = [("Allow", "POST")] if e.status == 405 else []
            start_response(STATUS[e.status], [EMPTY, *more])
        else:
            start_response("200 OK", [EMPTY])
        return ()

    return receive


def _read(environ: "WSGIEnvironment", longest: int) -> bytes:
    """The raw body. One byte more than we take shows that one of unknown length is too large."""
    try:
        if int(environ.get("CONTENT_LENGTH") or 0) > longest:
            raise Refused(413, "too_large")
        if environ.get("wsgi.input_terminated"):  # gunicorn says so: it ends where the body does
            body: bytes = environ["wsgi.input"].read(longest + 1)
        else:
            body = get_input_stream(environ).read()
    except (HTTPException, ValueError) as e:  # cut off on the way, or of no length
        raise Refused(400, "unreadable") from e
    if len(body) > longest:
        raise Refused(413, "too_large")
    return body


def _verify(secret: bytes, body: bytes, given: str) -> None:
    if not hmac.compare_digest(signature(secret, body), given.encode("utf-8", "replace")):
        raise Refused(401, "signature")


def signature(secret: bytes, body: bytes) -> bytes:
    return b64encode(hmac.digest(secret, body, "sha256"))


def _events(body: bytes) -> list[Any]:
    """The events of a webhook. None at all is how LINE tries whether we are there."""
    try:
        whole = event.loads(body)
    except event.NotJson as e:
        raise Refused(400, "not_json") from e
    if not isinstance(whole, dict):
        raise Refused(400, "not_an_object")
    events = whole.get("events")
    if events is None:
        return []  # signed by LINE, and says nothing that we know of
    if not isinstance(events, list):
        raise Refused(400, "events_is_no_list")
    return events


def _rows(events: list[Any], received_at: datetime, remembered: timedelta) -> list[Row]:
    """The inbox rows: each event once, nothing that is no event, and nothing so old that we may
    have dealt with it and forgotten that we did: somebody could be replaying it."""
    found = [event.to_keep(each, received_at) for each in events]
    if odd := found.count(None):
        log.warning("odd_events_left_out", count=odd)
    rows = {row["webhook_event_id"]: row for row in found if row}
    young = [row for row in rows.values() if event.age(row) < remembered]
    if old := len(rows) - len(young):
        log.warning("old_events_left_out", count=old)
    return young


def _store(inbox: Gathered[Row], rows: list[Row]) -> None:
    if not rows:
        return
    try:
        inbox.put(rows)
    except session.DOWN as e:
        raise Refused(503, "database") from e


def _writer(database: Database, ring: Ring) -> Callable[[list[Row]], None]:
    """Puts down the events of every webhook that came at the same moment, in one commit."""
    inbox = Prepared(database, InboxEvent, event.KEPT)

    def write(rows: list[Row]) -> None:
        news = inbox.put(rows)
        ring("inbox")
        _count(rows, news)
        log.debug("events_stored", count=len(rows), new=news)

    return write


def _count(rows: list[Row], news: int) -> None:
    label = "yes" if news == len(rows) else "no" if news == 0 else "some"
    kinds = Counter(str(row["kind"]) for row in rows)
    for kind, count in kinds.items():
        metrics.events.labels(kind if kind in event.TYPES else "other", label).inc(count)
