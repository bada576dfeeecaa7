"""How long things of the staff's are good for, and how long somebody has to wait."""

from collections.abc import Sequence
from datetime import datetime, timedelta

NO_WAIT = timedelta(0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

IDLE = timedelta(hours=12)
"""A session that nobody used for so long is over."""
WHOLE = timedelta(days=7)
"""A session is over then, however much it is used."""
SEEN_EVERY = timedelta(minutes=1)
SURE = timedelta(minutes=10)
"""How long it counts that somebody has just proven who they are."""
HALF = timedelta(minutes=10)
"""Between the password and the code of the telephone."""
INVITED = timedelta(days=7)
RESET = DAY

FREE_FAILURES = 5
LONGEST = HOUR
MEMORY = DAY
PER_ADDRESS = ((30, HOUR), (100, DAY))
"""(at most, within): a company is one address."""
LINE_WORDS = ((10, HOUR),)
"""(at most, within): words for one account, and wrong words from one LINE."""
SEARCHES = ((100, HOUR), (400, DAY))
"""(at most, within) of one person, for what they may not see in full."""

PASSWORD_LEAST, PASSWORD_MOST = 12, 256


def wait_for_failures(failures: Sequence[datetime], now: datetime) -> timedelta:
    """1 minute after five failures, doubled by each further one, an hour at the most. `failures`
    newest first, of the last MEMORY."""
    over = len(failures) - FREE_FAILURES
    if over < 0:
        return NO_WAIT
    pause = min(LONGEST, timedelta(minutes=2 ** min(over, 10)))
    return max(NO_WAIT, failures[0] + pause - now)


def wait_until_fewer(
    tries: Sequence[datetime], now: datetime, limits: Sequence[tuple[int, timedelta]]
) -> timedelta:
    """Until there may be one more. `tries` newest first."""
    full = [(most, per) for most, per in limits if len(tries) >= most]
    return max([NO_WAIT, *(tries[most - 1] + per - now for most, per in full)])


def password_problem(password: str, email: str) -> str:
    """The text key of what is wrong with a new password; empty when nothing is."""
    if len(password) < PASSWORD_LEAST:
        return "staff.password_short"
    if len(password) > PASSWORD_MOST:
        return "staff.password_long"
    plain, name = password.casefold(), email.casefold()
    if plain in (name, name.partition("@")[0]) or len(set(plain)) < 4:
        return "staff.password_plain"
    return ""
