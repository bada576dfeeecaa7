"""LINE's rate limits: a token bucket per endpoint, and the peak that each endpoint saw."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

SECOND, MINUTE, HOUR = 1, 60, 3600

LIMITS: dict[str, tuple[int, int]] = {
    "POST /v2/bot/message/narrowcast": (60, HOUR),
    "POST /v2/bot/message/broadcast": (60, HOUR),
    "GET /v2/bot/followers/ids": (60, HOUR),
    "POST /v2/bot/channel/webhook/test": (60, HOUR),
    "PUT /v2/bot/channel/webhook/endpoint": (1000, MINUTE),
    "GET /v2/bot/channel/webhook/endpoint": (1000, MINUTE),
    "POST /v2/bot/richmenu": (100, HOUR),
    "DELETE /v2/bot/richmenu/{}": (100, HOUR),
    "DELETE /v2/bot/richmenu/alias/{}": (100, HOUR),
    "GET /v2/bot/richmenu/progress/batch": (100, HOUR),
    "POST /v2/bot/richmenu/batch": (3, HOUR),
    "GET /v2/bot/richmenu/list": (10, SECOND),
    "GET /v2/bot/insight/richmenu/{}/summary": (60, HOUR),
    "POST /v2/bot/message/multicast": (200, SECOND),
    "POST /v2/bot/chat/loading/start": (100, SECOND),
    "POST /v2/oauth/accessToken": (370, SECOND),
}
OTHERWISE = (2000, SECOND)


@dataclass
class Bucket:
    limit: int
    per: int
    tokens: float
    at: float
    asked: int = 0
    refused: int = 0
    peak: int = 0
    """The most requests seen within any one period."""
    _recent: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> bool:
        self._see(now)
        filled = self.tokens + max(0.0, now - self.at) * self.limit / self.per
        self.tokens, self.at = min(float(self.limit), filled), now
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True

    def _see(self, now: float) -> None:
        self.asked += 1
        self._recent.append(now)
        while self._recent[0] <= now - self.per:
            self._recent.popleft()
        self.peak = max(self.peak, len(self._recent))


class Limits:
    """Guarded by the world's lock."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, endpoint: str, now: float) -> bool:
        """Whether a request to an endpoint ("POST /v2/bot/richmenu/{}") is within its limit."""
        bucket = self._buckets.get(endpoint)
        if bucket is None:
            limit, per = LIMITS.get(endpoint, OTHERWISE)
            bucket = self._buckets[endpoint] = Bucket(limit, per, float(limit), now)
        return bucket.take(now)

    def clear(self) -> None:
        self._buckets.clear()

    def seen(self) -> dict[str, dict[str, Any]]:
        return {
            endpoint: {
                "limit": bucket.limit,
                "per_seconds": bucket.per,
                "asked": bucket.asked,
                "refused": bucket.refused,
                "peak": bucket.peak,
            }
            for endpoint, bucket in sorted(self._buckets.items())
        }
