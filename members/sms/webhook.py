"""Short messages by the brand's own carrier: each is posted to a URL of theirs, signed.

The body is `{"id", "to", "text"}`; `X-Musubi-Signature` is `sha256=` and the hex HMAC-SHA256,
under SMS_WEBHOOK_SECRET, of `X-Musubi-Timestamp` (unix seconds), a dot and the raw body. The same
id may come twice, and is one message. 2xx: taken; 408, 425, 429, 5xx: tried again; else: given up.
"""

import hashlib
import hmac
from uuid import UUID

import orjson
import urllib3

from core import clock
from core.settings import Settings
from members.sms.sender import SmsUnavailable, check, pool


class Sender:
    def __init__(self, settings: Settings) -> None:
        self._url = settings.sms_webhook_url
        self._secret = settings.sms_webhook_secret.get_secret_value().encode()
        self._pool = pool()

    def send(self, message_id: UUID, to: str, words: str) -> None:
        body = orjson.dumps({"id": str(message_id), "to": to, "text": words})
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Musubi-Timestamp": timestamp,
            "X-Musubi-Signature": signature(self._secret, timestamp, body),
        }
        try:
            answer = self._pool.request("POST", self._url, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as e:
            raise SmsUnavailable(type(e).__name__) from e
        check(answer)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    mac = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={mac.hexdigest()}"
