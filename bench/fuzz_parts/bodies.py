"""Webhook bodies through the view's own parsing; some all the way to their end in the worker."""

import base64
import hashlib
import hmac
import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from werkzeug.test import Client

from bench.fuzz_parts.events import Events
from bench.fuzz_parts.watch import Watch
from bot import event, inbox, webhook
from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from models import InboxEvent, Outgoing

WHOLE = 100
"""One in so many bodies is also posted, stored, and dealt with."""
SECRET = b"channel-secret"


def fuzz(count: int, seed: str, settings: Settings, database: Database) -> Watch:
    """This many bodies. None may raise anything but a refusal, and none may be left undone."""
    watch, now = Watch(), datetime.now(UTC)
    way = _Way(settings, database, now)
    for n in range(count):
        name = f"{seed}:{n}"
        events = way.events
        events.rng.seed(name)
        body = events.body()
        with watch.one(f"body {name}"):
            _parse(body, now)
            if n % WHOLE == 0:
                way.go(body)
        if n % (WHOLE * 200) == 0:
            way.forget()
    return watch


def _parse(body: bytes, now: datetime) -> None:
    """As bot.webhook does, then as the worker sees each event."""
    try:
        events = webhook._events(body)
    except webhook.Refused:
        return
    for row in webhook._rows(events, now, timedelta(days=30)):
        seen = event.Event.of(InboxEvent(**row))
        _ = (seen.in_private, seen.standby, seen.reply_token, seen.reply_until, seen.text)


class _Way:
    """The whole way: web process, database, worker."""

    def __init__(self, settings: Settings, database: Database, now: datetime) -> None:
        self.settings, self.database, self.line = settings, database, FakeLine()
        self.now = now
        self.events = Events(random.Random(), int(now.timestamp() * 1000))
        self.web = Client(webhook.application(settings, database, lambda _: None, lambda: self.now))

    def go(self, body: bytes) -> None:
        digest = hmac.new(SECRET, body, hashlib.sha256).digest()
        headers = {"x-line-signature": base64.b64encode(digest).decode()}
        status = self.web.post("/webhook", data=body, headers=headers).status_code
        assert status in (200, 400, 413), f"answered {status}"
        self.now += timedelta(seconds=60)
        inbox.work(self.database, self.line, lambda: self.now, self.settings)
        with self.database.read() as db:
            left = db.scalar(
                select(func.count()).select_from(InboxEvent).where(InboxEvent.state != "done")
            )
            error = db.scalar(select(InboxEvent.error).where(InboxEvent.error != "").limit(1))
        if left:
            self.forget()
            raise AssertionError(f"{left} not dealt with: {error}")

    def forget(self) -> None:
        with self.database.begin() as db:
            db.execute(delete(InboxEvent))
            db.execute(delete(Outgoing))
