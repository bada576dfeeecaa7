"""Takes in what LINE tells us: verified, stored in one commit, answered 200, then worked on."""

import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from bot import event
from core import metrics, owed, session
from core.clock import Clock, now
from core.database import Database
from core.gathered import Gathered
from core.settings import Settings
from models import InboxEvent

log = structlog.get_logger()

Ring = Callable[[str], object]
Row = dict[str, object]


class Refused(Exception):
    """This webhook is turned away; nothing of it is kept."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def blueprint(settings: Settings, database: Database, ring: Ring, clock: Clock = now) -> Blueprint:
    pages = Blueprint("webhook", __name__)
    secret = settings.line_channel_secret.get_secret_value().encode()
    remembered = timedelta(days=settings.inbox_retention_days) - event.AHEAD
    inbox: Gathered[Row] = Gathered(lambda rows: _write(database, rows))

    @pages.post("/webhook")
    def receive() -> Response:
        # `destination` is not looked at: who signs with our channel's secret speaks of our channel.
        body = _read(settings.webhook_max_bytes)
        _verify(secret, body)
        events = _events(body)
        rows = _rows(events, clock(), remembered)
        _store(inbox, rows)
        response = Response(status=200)
        if rows:
            response.call_on_close(lambda: ring("inbox"))
        return response

    @pages.errorhandler(Refused)
    def refuse(e: Refused) -> Response:
        metrics.refused.labels(e.why).inc()
        log.warning("webhook_refused", status=e.status, why=e.why)
        return Response(status=e.status)

    @pages.errorhandler(HTTPException)
    def refuse_early(e: HTTPException) -> Response:
        """Too large, or cut off on the way: noticed while the body is read."""
        return refuse(Refused(e.code or 400, "too_large" if e.code == 413 else "unreadable"))

    return pages


def _read(longest: int) -> bytes:
    """The raw body. Werkzeug cuts a body of unknown length at the limit without a word, so one byte
    more than we take shows that it was too large."""
    request.max_content_length = longest + 1
    body = request.get_data(cache=False)
    if len(body) > longest:
        raise Refused(413, "too_large")
    return body


def _verify(secret: bytes, body: bytes) -> None:
    given = request.headers.get("x-line-signature", "").encode("utf-8", "replace")
    if not hmac.compare_digest(signature(secret, body), given):
        raise Refused(401, "signature")


def signature(secret: bytes, body: bytes) -> bytes:
    return b64encode(hmac.new(secret, body, sha256).digest())


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


def _rows(
    events: list[Any], received_at: datetime, remembered: timedelta
) -> list[dict[str, object]]:
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


def _write(database: Database, rows: list[Row]) -> None:
    """The events of every webhook that came at the same moment, in one commit."""
    with database.begin() as db:
        news = owed.put_many(db, InboxEvent, rows)
    _count(rows, news)
    log.info("events_stored", count=len(rows), new=news)


def _count(rows: list[Row], news: int) -> None:
    label = "yes" if news == len(rows) else "no" if news == 0 else "some"
    for row in rows:
        kind = str(row["kind"])
        metrics.events.labels(kind if kind in event.TYPES else "other", label).inc()
