"""When an event that failed is tried again, when we stop, and when we say that we are at it."""

from datetime import datetime, timedelta

MOST_TAKEN = 30
"""Times that an event is taken without coming to an end: for a quarter of an hour whoever takes it
dies. It stands in a handful, so it may be a neighbour that kills."""
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600))

LEASE = timedelta(seconds=30)
"""How long a process may hold the events it took: longer than LINE may take to answer the question
who somebody is (18 s with its turn), and shorter than the reply token of an event lives."""

PATIENCE = timedelta(seconds=1.5)
"""A friend who has waited this long is shown that we are at it."""


def next_try(attempts: int, now: datetime) -> datetime | None:
    """The time of the next attempt after `attempts` failures, or None to give up."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None


def is_spent(attempts: int) -> bool:
    """Taken so often, and never brought to an end: whoever took it died of it."""
    return attempts > MOST_TAKEN


def shows_loading(received_at: datetime, now: datetime, *, slow: bool) -> bool:
    return slow or now - received_at > PATIENCE
