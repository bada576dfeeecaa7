"""One webhook: signed, posted, and how it was answered within two seconds."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

import urllib3

from simulator.settings import Settings
from simulator.state import Json

TIMEOUT = 2.0


@dataclass(frozen=True)
class Answer:
    """The status, or none; and LINE's word for how it went."""

    status: int | None
    reason: str

    @property
    def ok(self) -> bool:
        return self.reason == "OK"


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class Post:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = urllib3.PoolManager(maxsize=16, retries=False)

    def send(self, url: str, events: list[Json]) -> Answer:
        whole = {"destination": self._settings.bot_user_id, "events": events}
        body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": signature(self._settings.channel_secret, body),
        }
        try:
            answer = self._http.request(
                "POST", url, body=body, headers=headers, timeout=TIMEOUT, redirect=False
            )
        except urllib3.exceptions.NewConnectionError:
            return Answer(None, "COULD_NOT_CONNECT")
        except urllib3.exceptions.TimeoutError:
            return Answer(None, "REQUEST_TIMEOUT")
        except urllib3.exceptions.HTTPError:
            return Answer(None, "COULD_NOT_CONNECT")
        taken = 200 <= answer.status < 300
        return Answer(answer.status, "OK" if taken else "ERROR_STATUS_CODE")
