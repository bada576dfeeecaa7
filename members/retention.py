"""Forgetting what has served its purpose: codes, intents, used tokens, counted attempts, and what
LINE was told of people who withdrew.

In small transactions, so that nobody waits long for one, however much has piled up.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, inspect, select
from sqlalchemy.orm import Session

from core.database import Database
from core.inserting import affected
from core.owed import State
from core.settings import Settings
from members.rules import DAY, HOUR
from models import Attempt, Base, Deauthorization, Intent, OneTimeCode, UsedToken

CHUNK = 1_000
"""Rows in one transaction."""
ROUNDS = 200
"""Transactions for one table in one go; what is left is for the next one."""

CODES_KEPT = DAY
"""To be able to say what became of one."""
INTENTS_KEPT = DAY
ATTEMPTS_KEPT = DAY + HOUR
"""Longer than any window that counts them."""
DEAUTHORIZATIONS_KEPT = timedelta(days=30)


def work(database: Database, now: datetime, _settings: Settings) -> int:
    """Delete what is old enough. How many rows that was."""
    return sum(_sweep(database, table, old) for table, old in _old(now))


def _old(now: datetime) -> list[tuple[type[Base], ColumnElement[bool]]]:
    settled = Deauthorization.state != State.DUE
    return [
        (OneTimeCode, OneTimeCode.expires_at < now - CODES_KEPT),  # and its message with it
        (Intent, Intent.created_at < now - INTENTS_KEPT),
        (UsedToken, UsedToken.expires_at < now),
        (Attempt, Attempt.at < now - ATTEMPTS_KEPT),
        (Deauthorization, settled & (Deauthorization.done_at < now - DEAUTHORIZATIONS_KEPT)),
    ]


def _sweep(database: Database, table: type[Base], old: ColumnElement[bool]) -> int:
    gone = 0
    for _ in range(ROUNDS):
        with database.begin() as db:
            some = _delete_some(db, table, old)
        gone += some
        if some < CHUNK:
            break
    return gone


def _delete_some(db: Session, table: type[Base], old: ColumnElement[bool]) -> int:
    (key,) = inspect(table).primary_key
    some = select(key).where(old).limit(CHUNK)
    statement = delete(table).where(key.in_(some))
    return affected(db.execute(statement.execution_options(synchronize_session=False)))
