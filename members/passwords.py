"""Logging in with a member number or e-mail address and a password.

Unknown and wrong are one answer and cost the same work. A try is counted before the password is
looked at, so that a hundred guesses at once are a hundred tries.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Invalid
from core.passwords import HASHER, nobody, verify
from core.settings import Settings
from members import rules, throttle
from members.fields import plain
from members.finding import by_login
from members.throttle import Subject
from models import Member


@dataclass(frozen=True)
class _Known:
    id: UUID
    hash: str


def log_in(
    database: Database, name: str, password: str,
    *, address: str, now: datetime, settings: Settings, friend_id: UUID | None = None,
    hasher: PasswordHasher = HASHER,
) -> Member:  # fmt: skip
    """The member who has this name and password. `friend_id`: who tries, where that is known.
    Raises Invalid, or TooMany when locked out."""
    subjects = _subjects(name, address, friend_id, settings)
    with database.begin() as db:
        noted = _count(db, subjects, now)
        found = by_login(db, name)
        known = _Known(found.id, found.password_hash or "") if found else None
    # No transaction is open here: this is meant to take long.
    right = verify(known.hash if known else nobody(), password, hasher)
    if known is None or not right:
        raise Invalid("members.login_wrong")
    better = hasher.hash(password) if hasher.check_needs_rehash(known.hash) else known.hash
    with database.begin() as db:
        throttle.forget(db, [each for each in subjects if each.kind == "login.name"])
        throttle.take_back(db, noted)  # whoever is right uses up nobody's tries
        member = db.get_one(Member, known.id)
        if member.password_hash == known.hash != better:
            member.password_hash = better
        return member


WINDOWS = {
    "login.address": rules.LOGINS_PER_ADDRESS,
    "login.friend": rules.LOGINS_PER_FRIEND,
}


def _subjects(name: str, address: str, friend_id: UUID | None, settings: Settings) -> list[Subject]:
    subjects = [throttle.subject(settings, "login.name", plain(name).casefold())]
    if address:
        subjects.append(throttle.address(settings, "login.address", address))
    if friend_id:
        subjects.append(throttle.subject(settings, "login.friend", str(friend_id)))
    return subjects


def _count(db: Session, subjects: list[Subject], now: datetime) -> list[UUID]:
    throttle.hold(db, subjects)
    waits = []
    for each in subjects:
        happened = throttle.times(db, each, now, rules.LOGIN_MEMORY)
        waits.append(
            rules.wait_for_login(happened, now)
            if each.kind == "login.name"
            else rules.wait_for_windows(happened, WINDOWS[each.kind], now)
        )
    if max(waits) > rules.NO_WAIT:
        raise throttle.refuse(
            max(waits), "members.login_wait_seconds", "members.login_wait_minutes"
        )
    return throttle.note(db, subjects, now)
