"""How often somebody may search for what they see masked, or only on request.

Who is asked for by how a name or number begins, is found out sign by sign: a search is an answer,
too. There are enough of them for a day at the counter, and too few to find out what is hidden.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import rules, throttle
from core.settings import Settings

KIND = "staff-search"


def count(db: Session, account_id: UUID, now: datetime, settings: Settings) -> None:
    """One more. Raises TooMany."""
    mine = throttle.subject(settings, KIND, str(account_id))
    throttle.hold(db, [mine])
    tries = throttle.times(db, KIND, mine, now)
    wait = rules.wait_until_fewer(tries, now, rules.SEARCHES)
    if wait > rules.NO_WAIT:
        raise throttle.refusal(wait, "staff.searches_seconds", "staff.searches_minutes")
    throttle.note(db, [(KIND, mine)], now)
