"""Which of the members who share a proven number somebody is: told by what only they know."""

from datetime import date, datetime, timedelta
from uuid import UUID

from core.database import Database
from core.settings import Settings
from members import finding, throttle
from members.rules import Window
from models import Member

TRIES = (Window(5, timedelta(hours=1)), Window(10, timedelta(days=1)))
"""Birthdays of a family are few to guess from."""


def choose(
    database: Database, friend_id: UUID, phone: str,
    *, birthday: date | None, number: str | None, now: datetime, settings: Settings,
) -> Member:  # fmt: skip
    """The one member of this proven number whom the answers fit. Every answer costs a try, which
    is committed before it is looked at. Raises Invalid, and TooMany."""
    limits = {
        throttle.subject(settings, "choose.friend", str(friend_id)): TRIES,
        throttle.subject(settings, "choose.phone", phone): TRIES,
    }
    with database.begin() as db:
        throttle.spend(
            db, limits, now, "members.choose_wait_seconds", "members.choose_wait_minutes"
        )
    with database.read() as db:
        return finding.one_of(finding.by_phone(db, phone), birthday=birthday, number=number)
