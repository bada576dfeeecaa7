"""What we ask of whoever carries short messages, and the ways they can fail us."""

from typing import Protocol
from uuid import UUID

import urllib3

TIMEOUT = urllib3.Timeout(connect=3.0, read=8.0)


class SmsError(Exception):
    """It was not sent. The text holds a status, and neither number nor words."""


class SmsUnavailable(SmsError):
    """Ask again soon."""


class SmsRefused(SmsError):
    """Asking again will not help."""


class SmsSender(Protocol):
    def send(self, message_id: UUID, to: str, words: str) -> None:
        """Send once; `to` is E.164. The same `message_id` again is the same message again.
        Raises SmsError."""


def pool() -> urllib3.PoolManager:
    """Connections that neither wait for ever nor send twice of themselves."""
    return urllib3.PoolManager(maxsize=8, timeout=TIMEOUT, retries=urllib3.Retry(0, redirect=0))


def check(answer: urllib3.BaseHTTPResponse) -> None:
    """Raise what this answer means, if it means failure."""
    if 200 <= answer.status < 300:
        return
    said = f"HTTP {answer.status}"
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise SmsUnavailable(said)
    raise SmsRefused(said)
