"""Says what is in hand, several at once, and notes what became of it.

Row, call, row: whoever hands a call over has committed what it may lead to (the token was tried,
the retry key is in use), so that a process may die at any line and nothing is lost or said twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.together import Together
from deliveries import rules
from line.gateway import Line, LineOutOfQuota, LineRefused, LineUnavailable
from models import Outgoing

log = structlog.get_logger()

AT_ONCE = 8
"""Calls under way with which nobody begins more, however much waits."""
TOGETHER = 0.02
"""Seconds that one which has ended waits for others, to be written down in the same commit."""
REFUSALS = {
    400: rules.Kind.BAD_REQUEST,
    401: rules.Kind.NOT_ALLOWED,
    403: rules.Kind.NOT_ALLOWED,
}


@dataclass(frozen=True)
class Call:
    """One row that is to be said: as it was before it was marked as tried, and how it goes."""

    row: Outgoing
    owing: rules.Owing
    way: rules.Answer | rules.Push
    to: str

    def by(self, line: Line) -> Callable[[], None]:
        if isinstance(self.way, rules.Answer):
            return partial(line.reply, self.row.reply_token or "", self.row.messages)
        return partial(line.push, self.to, self.row.messages, retry_key=self.row.id)

    def outcome(self, trouble: rules.Trouble | None, now: datetime) -> rules.Outcome:
        decide = rules.after_reply if isinstance(self.way, rules.Answer) else rules.after_push
        return decide(self.owing, trouble, now)


class Saying:
    """What one thread has in hand. It goes on with its work while LINE is asked."""

    def __init__(self, database: Database, line: Line, clock: Clock) -> None:
        self._database, self._line, self._clock = database, line, clock
        self._calls: Together[Call, None] = Together()

    def start(self, calls: Sequence[Call]) -> None:
        if len(calls) == 1 and not self._calls.under_way:  # needs no thread
            self._note([(calls[0], _trouble(calls[0].by(self._line)))])
            return
        for call in calls:
            self._calls.start(call, call.by(self._line))

    def settle(self) -> None:
        """Write down what has ended, in one commit; with much under way, wait for some of it."""
        while self._settle(leave=AT_ONCE) and self._calls.under_way > AT_ONCE:
            pass

    def finish(self) -> bool:
        """Settle all. False when nothing was under way."""
        had = self._calls.under_way > 0
        while self._settle(leave=0):
            pass
        return had

    def _settle(self, *, leave: int) -> bool:
        ended = self._calls.ended(leave=leave, patience=TOGETHER)
        said = [(call, _trouble(outcome)) for call, outcome in ended]
        self._note(said)
        return bool(said)

    def _note(self, said: Sequence[tuple[Call, rules.Trouble | None]]) -> None:
        now = self._clock()
        outcomes = [(call.row, call.outcome(trouble, now)) for call, trouble in said]
        well = [(row, "") for row, outcome in outcomes if isinstance(outcome, rules.Said)]
        if len(well) > 1 and self._all_well(well, now):
            for row, _ in well:
                tell(row, rules.Said(), ours=True)
            outcomes = [each for each in outcomes if not isinstance(each[1], rules.Said)]
        if not outcomes:
            return
        with self._database.begin(alone=len(outcomes) == 1) as db:
            ours = [settle(db, row, outcome, now) for row, outcome in outcomes]
        for (row, outcome), is_ours in zip(outcomes, ours, strict=True):
            tell(row, outcome, ours=is_ours)

    def _all_well(self, rows: Sequence[tuple[Outgoing, str]], now: datetime) -> bool:
        """At once, what is said at once. False, and nothing is done, when one is not ours."""
        try:
            with self._database.begin() as db:
                _all_done(db, rows, now)
        except _Lost:
            return False
        return True


class _Lost(Exception):
    """Another process has one of these."""


def _all_done(db: Session, rows: Sequence[tuple[Outgoing, str]], now: datetime) -> None:
    if not owed.all_done(db, rows, now):
        raise _Lost


def _trouble(outcome: Callable[[], None]) -> rules.Trouble | None:
    """What went wrong, in the words our rules know."""
    try:
        outcome()
    except LineUnavailable as e:
        return rules.Trouble(rules.Kind.UNAVAILABLE, str(e), timedelta(seconds=e.wait))
    except LineOutOfQuota as e:
        return rules.Trouble(rules.Kind.OUT_OF_QUOTA, str(e))
    except LineRefused as e:
        return rules.Trouble(REFUSALS.get(e.status, rules.Kind.REFUSED), str(e))
    return None


def settle(db: Session, row: Outgoing, outcome: rules.Outcome, now: datetime) -> bool:
    """Write down, in one statement, what became of it. False when another process has it now."""
    match outcome:
        case rules.Said():
            return owed.done(db, row, now)
        case rules.Drop(why):
            return owed.done(db, row, now, why)
        case rules.Fail(why):
            return owed.failed(db, row, now, why)
        case rules.PushInstead(why):
            return owed.again(
                db, row, now, why, reply_token=None, reply_until=None, reply_tried_at=None
            )
        case rules.Again(at, why, key_is_new):
            key = {"pushed_at": None} if key_is_new else {}
            return owed.again(db, row, at, why, **key)


def tell(row: Outgoing, outcome: rules.Outcome, *, ours: bool) -> None:
    known = log.bind(outgoing=str(row.id), purpose=row.key.partition(":")[0], tries=row.attempts)
    match outcome:
        case _ if not ours:
            known.warning("message_lost_to_another_worker")
        case rules.Said():
            known.info("message_sent")
        case rules.Drop(why):
            known.info("message_dropped", why=why)
        case rules.Fail(why):
            known.error("message_failed", why=why)
        case rules.Again(at, why):
            known.warning("message_put_off", until=at.isoformat(), why=why)
        case rules.PushInstead(why):
            known.info("message_pushed_instead", why=why)
