"""The platform's own time: the machine's, plus whatever a test has added to it."""

import time
from datetime import UTC, datetime, timedelta, timezone

JAPAN = timezone(timedelta(hours=9))


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        self.ahead += seconds

    def day_in_japan(self) -> str:
        """Today as LINE counts days, yyyyMMdd."""
        return datetime.fromtimestamp(self.now(), JAPAN).strftime("%Y%m%d")


def iso(at_ms: int) -> str:
    """A time as LINE writes it in JSON bodies."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{at_ms % 1000:03d}Z"
    )
