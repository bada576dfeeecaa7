"""Links by which somebody chooses the password of their account: to join, or when it is lost.

A link is signed and sealed with the secret key, good for a time and once. It is shown to whoever
made it, who hands it on; nothing is sent.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from accounts import audit, rules, sessions
from accounts.actors import Actor
from accounts.team import LINKS_MADE, hashed, one
from core.database import Database
from core.errors import Conflict, Invalid
from core.keys import derive
from core.settings import Settings
from models import StaffAccount, StaffInvitation


@dataclass(frozen=True)
class Link:
    token: str
    """Safe in a URL."""

    expires_at: datetime


@dataclass(frozen=True)
class Opened:
    """Whose password is chosen."""

    invitation_id: UUID
    account_id: UUID
    name: str
    email: str
    language: str
    joining: bool
    """For the first time."""


def issue(db: Session, who: Actor, account_id: UUID, settings: Settings) -> Link:
    """Links made before for this account are worth nothing any more."""
    account = one(db, account_id)
    if account.deactivated_at is not None:
        raise Conflict("staff.account_inactive")
    withdraw(db, account_id)
    life = rules.RESET if account.joined_at else rules.INVITED
    row = StaffInvitation(
        id=uuid4(), account_id=account_id, created_at=who.at, expires_at=who.at + life
    )
    db.add(row)
    act = LINKS_MADE[1] if account.joined_at else LINKS_MADE[0]
    audit.note(db, who, act, "account", account.id, account.name)
    sealed = _box(settings).encrypt_at_time(row.id.bytes, int(who.at.timestamp()))
    return Link(sealed.decode().rstrip("="), row.expires_at)


def withdraw(db: Session, account_id: UUID) -> None:
    mine = StaffInvitation.account_id == account_id
    db.execute(delete(StaffInvitation).where(mine, StaffInvitation.used_at.is_(None)))


def opened(db: Session, token: str, now: datetime, settings: Settings) -> Opened:
    """What to show before somebody chooses. Spends nothing; raises Invalid."""
    row = db.get(StaffInvitation, _read(token, now, settings))
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise Invalid("staff.invitation_dead")
    account = db.get_one(StaffAccount, row.account_id)
    if account.deactivated_at is not None:
        raise Invalid("staff.invitation_dead")
    return Opened(
        row.id, account.id, account.name, account.email, account.language, account.joined_at is None
    )


def take(
    database: Database, token: str, password: str,
    *, address: str, now: datetime, settings: Settings,
) -> Opened:  # fmt: skip
    """Choose the password: whoever was signed in with this account is signed out. Owns its
    transactions; of two at once, one is taken."""
    with database.read() as db:
        found = opened(db, token, now, settings)
    secret = hashed(password, found.email)
    with database.begin() as db:
        _spend(db, found.invitation_id, now)
        account = one(db, found.account_id)
        account.password_hash = secret
        account.joined_at = account.joined_at or now
        sessions.end_all(db, account.id)
        who = Actor(account.id, account.name, address, now)
        act = "account.joined" if found.joining else "account.password"
        audit.note(db, who, act, "account", account.id, account.name)
    return found


def _spend(db: Session, invitation_id: UUID, now: datetime) -> None:
    mine = update(StaffInvitation).where(
        StaffInvitation.id == invitation_id, StaffInvitation.used_at.is_(None)
    )
    if not db.execute(mine.values(used_at=now).returning(StaffInvitation.id)).all():
        raise Invalid("staff.invitation_dead")


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive(settings, "staff invitation")))


def _read(token: str, now: datetime, settings: Settings) -> UUID:
    padded = token + "=" * (-len(token) % 4)
    try:
        inside = _box(settings).decrypt_at_time(
            padded.encode(), int(rules.INVITED.total_seconds()), int(now.timestamp())
        )
    except InvalidToken:
        raise Invalid("staff.invitation_dead") from None
    return UUID(bytes=inside)
