"""Webhooks as LINE writes and signs them, ready to be sent."""

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator

_numbers = itertools.count(time.time_ns())


def requests(secret: str, host: str = "127.0.0.1", people: int = 1000) -> Iterator[bytes]:
    """One message of one of so many people each, without end; no event comes twice."""
    key = secret.encode()
    while True:
        number = next(_numbers)
        body = json.dumps(_webhook(number, number % people), separators=(",", ":")).encode()
        mark = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
        head = (
            f"POST /webhook HTTP/1.1\r\nHost: {host}\r\nUser-Agent: LineBotWebhook/2.0\r\n"
            f"Content-Type: application/json; charset=utf-8\r\nx-line-signature: {mark}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _webhook(number: int, person: int) -> dict[str, object]:
    event = {
        "type": "message",
        "message": {
            "type": "text",
            "id": str(number),
            "quoteToken": "q3Plxr4AgKd" + "x" * 30,
            "markAsReadToken": "abcdefghijklmnop",
            "text": "ポイント",
        },
        "webhookEventId": f"01{number:024X}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": time.time_ns() // 1_000_000,
        "source": {"type": "user", "userId": f"U{person:032x}"},
        "replyToken": f"{number:032x}",
        "mode": "active",
    }
    return {"destination": "U" + "0" * 32, "events": [event]}
