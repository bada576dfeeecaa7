"""How long somebody has to wait. Every answer is a plain function of what happened and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NO_WAIT = timedelta(0)


@dataclass(frozen=True)
class Window:
    """At most so many within so long."""

    at_most: int
    per: timedelta


HOUR, DAY = timedelta(hours=1), timedelta(days=1)

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5

RESEND_PAUSES = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 900, 3600))
"""Between two codes to one number or from one person: after the first, the second, …"""
RESEND_MEMORY = HOUR * 3
"""The pauses begin anew after this long without a code."""

CODES_PER_NUMBER = (Window(5, HOUR), Window(10, DAY))
CODES_PER_FRIEND = (Window(5, HOUR), Window(10, DAY))
CODES_PER_ADDRESS = (Window(60, HOUR), Window(300, DAY))
"""Generous: a mobile carrier puts thousands of people behind one address."""
CODES_PER_BLOCK = (Window(30, HOUR), Window(100, DAY))
"""For the 10,000 numbers that differ in the last four digits only: who pumps SMS for money
sends to a rented block, people do not."""

LOGIN_FREE_FAILURES = 5
LOGIN_LONGEST = HOUR
LOGIN_MEMORY = DAY
LOGINS_PER_ADDRESS = (Window(50, HOUR), Window(200, DAY))
LOGINS_PER_FRIEND = (Window(10, HOUR), Window(20, DAY))
"""Nobody has as many names to be logged in by."""

INTENT_LIFE = timedelta(minutes=15)
DEAUTHORIZE_WITHIN = timedelta(hours=12)


def wait_for_windows(
    times: Sequence[datetime], windows: Sequence[Window], now: datetime
) -> timedelta:
    """Until one more is allowed by every window. `times` newest first."""
    full = [window for window in windows if len(times) >= window.at_most]
    waits = [times[window.at_most - 1] + window.per - now for window in full]
    return max([NO_WAIT, *waits])


def wait_for_resend(times: Sequence[datetime], now: datetime) -> timedelta:
    """Until another code may be asked for: the pause grows with each. `times` newest first."""
    recent = [time for time in times if now - time < RESEND_MEMORY]
    if not recent:
        return NO_WAIT
    pause = RESEND_PAUSES[min(len(recent), len(RESEND_PAUSES)) - 1]
    return max(NO_WAIT, recent[0] + pause - now)


def wait_for_login(failures: Sequence[datetime], now: datetime) -> timedelta:
    """Until a name may be tried again: 1 minute after five failures, doubled by each further
    one, an hour at the most. `failures` newest first, of the last LOGIN_MEMORY."""
    over = len(failures) - LOGIN_FREE_FAILURES
    if over < 0:
        return NO_WAIT
    pause = min(LOGIN_LONGEST, timedelta(minutes=2 ** min(over, 10)))
    return max(NO_WAIT, failures[0] + pause - now)


def next_try(attempts: int, now: datetime) -> datetime:
    """When to ask somebody else's server again: 5 s, 10 s, 20 s, … 10 minutes."""
    return now + timedelta(seconds=min(600, 5 * 2 ** min(attempts - 1, 10)))
