"""How a message leaves, when it is tried again, and when it is not said any more; and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models import IfLate

LEASE = timedelta(seconds=30)
"""How long a process may hold what it took to say it: longer than one call to LINE may take with
its turn (18 s), and so short that what a dead one held is still worth its reply token."""
REPLY_WAITS = tuple(timedelta(seconds=s) for s in (1, 2, 4, 8, 16))
"""Short: a reply token lives for a minute."""
PUSH_WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600))
"""The last one is repeated for as long as the message is worth saying."""
QUOTA_WAIT = timedelta(hours=1)
"""A spent month mends itself slowly, or when staff buy more."""
KEY_LIFE = timedelta(hours=24)
"""LINE remembers a retry key this long; after it, asking again could say it twice."""

MAYBE_SAID = "unknown: LINE may have said it, and we cannot ask"
TOO_LATE = "too late to be worth saying"
BLOCKED = "the friend has blocked the account"


@dataclass(frozen=True)
class Owing:
    """One owed message, as far as deciding about it goes."""

    attempts: int
    reply_until: datetime | None
    """None: there is no reply token."""

    if_late: IfLate
    reply_tried: bool
    pushed_at: datetime | None
    expires_at: datetime
    reachable: bool
    """Not blocked, as far as we know."""


class Kind(StrEnum):
    """How LINE failed us."""

    UNAVAILABLE = "unavailable"
    """Ask again soon; it may have been done all the same."""
    OUT_OF_QUOTA = "out of quota"
    BAD_REQUEST = "bad request"
    """400: also what a spent or old reply token is answered with."""
    NOT_ALLOWED = "not allowed"
    """401, 403: not about this message, but our channel's token or rights. Staff mend that."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Trouble:
    kind: Kind
    said: str
    wait: timedelta = timedelta()
    """Asking again before this is of no use."""


# Ways to leave


@dataclass(frozen=True)
class Answer:
    """Reply with the token, free of charge."""


@dataclass(frozen=True)
class Push:
    """Send it as one of the month's messages."""


@dataclass(frozen=True)
class Drop:
    """Not said, and that is in order."""

    why: str


@dataclass(frozen=True)
class Fail:
    """Not said, or not surely said: staff should see it."""

    why: str


@dataclass(frozen=True)
class Again:
    """Asked once more at a time."""

    at: datetime
    why: str
    key_is_new: bool = False
    """LINE surely did not take it, so the 24 hours of the retry key have not begun."""


@dataclass(frozen=True)
class PushInstead:
    """The reply token is dead, and was never used by us: at once, without it."""

    why: str


@dataclass(frozen=True)
class Said:
    """LINE took it."""


Way = Answer | Push | Drop | Fail
Outcome = Said | Drop | Fail | Again | PushInstead


def way(owing: Owing, now: datetime) -> Way:
    """How a message that is due leaves."""
    if owing.reply_until and now < owing.reply_until and owing.pushed_at is None:
        return Answer()
    if owing.reply_tried and owing.pushed_at is None:
        return Drop(MAYBE_SAID)
    if owing.pushed_at and now >= owing.pushed_at + KEY_LIFE:
        return Fail(MAYBE_SAID)
    if now >= owing.expires_at:
        return Fail(MAYBE_SAID) if owing.pushed_at else Drop(TOO_LATE)
    if owing.reply_until and owing.if_late is IfLate.DROP:
        return Drop(TOO_LATE)
    return Push() if owing.reachable else Drop(BLOCKED)


def after_reply(owing: Owing, trouble: Trouble | None, now: datetime) -> Outcome:
    """What a try with the reply token led to."""
    match trouble:
        case None:
            return Said()
        case Trouble(Kind.UNAVAILABLE):
            return _reply_again(owing, trouble, now)
        case Trouble(Kind.BAD_REQUEST) if owing.reply_tried:
            return Drop(MAYBE_SAID)  # spent by an earlier try of ours, for all we know
        case Trouble(Kind.BAD_REQUEST | Kind.NOT_ALLOWED, said) if _may_push(owing):
            return PushInstead(said)
        case Trouble(Kind.BAD_REQUEST, said):
            return Drop(f"the reply token is dead: {said}")
        case Trouble(_, said):
            return Fail(said)


def _may_push(owing: Owing) -> bool:
    """No earlier try of ours can have spent the token, and it is worth one of the month's."""
    return owing.if_late is IfLate.PUSH and not owing.reply_tried


def _reply_again(owing: Owing, trouble: Trouble, now: datetime) -> Outcome:
    at = now + max(_wait(REPLY_WAITS, owing.attempts), trouble.wait)
    if owing.reply_until is None or at >= owing.reply_until:
        return Drop(MAYBE_SAID)
    return Again(at, trouble.said)


def after_push(owing: Owing, trouble: Trouble | None, now: datetime) -> Outcome:
    """What a push led to."""
    match trouble:
        case None:
            return Said()
        case Trouble(Kind.UNAVAILABLE, said):
            return Again(now + max(_wait(PUSH_WAITS, owing.attempts), trouble.wait), said)
        case Trouble(Kind.OUT_OF_QUOTA, said):
            return Again(now + QUOTA_WAIT, said, key_is_new=owing.pushed_at is None)
        case Trouble(Kind.NOT_ALLOWED, said):
            wait = _wait(PUSH_WAITS, owing.attempts)
            return Again(now + wait, said, key_is_new=owing.pushed_at is None)
        case Trouble(_, said):
            return Fail(said)


def _wait(waits: tuple[timedelta, ...], attempts: int) -> timedelta:
    """The wait after so many attempts; the last is repeated."""
    return waits[min(attempts, len(waits)) - 1]
