"""LINE's side of a chat, for tests: signed webhooks of one's own making."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import datetime
from typing import Any

from werkzeug.test import Client, TestResponse

from bot import inbox, webhook
from core.database import Database
from core.settings import Settings
from deliveries import outbox
from line.fake import FakeLine
from tests.conftest import SettableClock

ALICE = "U" + "a" * 32
BOB = "U" + "b" * 32
_numbers = itertools.count(1)


def sign(body: bytes, key: str = "channel-secret") -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def event(kind: str, at: datetime, user: str | None = ALICE, **more: Any) -> dict[str, Any]:
    """An event as LINE sends it, one to one; `more` adds to it or takes its place."""
    n = next(_numbers)
    plain: dict[str, Any] = {
        "type": kind,
        "mode": "active",
        "timestamp": int(at.timestamp() * 1000),
        "webhookEventId": f"01HZ{n:022d}",
        "deliveryContext": {"isRedelivery": False},
    }
    if user:
        plain["source"] = {"type": "user", "userId": user}
    if kind in ("message", "follow", "postback"):
        plain["replyToken"] = f"token-{n}"
    return plain | more


def text(words: str, at: datetime, user: str = ALICE, **more: Any) -> dict[str, Any]:
    said = {"type": "text", "id": f"4{next(_numbers):017d}", "text": words, "quoteToken": "q"}
    return event("message", at, user, message=said, **more)


class Chat:
    """Everything between LINE's webhook and the gateway, wired as the processes wire it."""

    def __init__(
        self, settings: Settings, database: Database, line: FakeLine, clock: SettableClock
    ) -> None:
        self.settings, self.database, self.line, self.clock = settings, database, line, clock
        self.rung: list[str] = []
        self.web = Client(webhook.application(settings, database, self.rung.append, clock))

    def post(self, body: bytes, signature: str | None = None, **how: Any) -> TestResponse:
        headers = {"x-line-signature": sign(body) if signature is None else signature}
        how.setdefault("headers", headers)
        with self.web.post(
            "/webhook", data=body, content_type="application/json; charset=utf-8", **how
        ) as response:
            return response

    def tell(self, *events: object) -> TestResponse:
        """What LINE posts."""
        body = {"destination": "U" + "d" * 32, "events": list(events)}
        return self.post(json.dumps(body).encode())

    def work(self) -> int:
        """The worker: deal with events, then send."""
        count = inbox.work(self.database, self.line, self.clock, self.settings)
        return count + outbox.work(self.database, self.line, self.clock)

    def hear(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Tell, work; every message that was said because of it."""
        before = len(self.line.sent)
        assert self.tell(*events).status_code == 200
        self.work()
        return [message for sent in self.line.sent[before:] for message in sent.messages]
