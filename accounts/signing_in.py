"""Signing in with an e-mail address and a password.

Unknown and wrong are one answer and cost the same work; who tries too often has to wait, and is
told how long.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit, sessions, throttle
from accounts.actors import Actor, stranger
from core.database import Database
from core.errors import Invalid, NotFound
from core.passwords import HASHER, hash_password, nobody, verify
from core.settings import Settings
from models import StaffAccount


@dataclass(frozen=True)
class Proven:
    """Somebody who knows the password."""

    account_id: UUID
    second: bool
    """The code of their telephone is still wanted."""


def by_password(
    database: Database, email: str, password: str, *, address: str, now: datetime,
    settings: Settings,
) -> Proven:  # fmt: skip
    """Raises Invalid, or TooMany. Owns its transactions: none is open while it computes."""
    typed = plain(email)
    tried = throttle.tries(settings, "password", typed, address)
    with database.begin() as db:
        noted = throttle.count(db, tried, now)
        account = find(db, typed)
    right = verify((account and account.password_hash) or nobody(), password)
    if account is None or not right or not may_sign_in(account):
        with database.begin() as db:
            _note_refusal(db, account, address, now)
        raise Invalid("staff.sign_in_wrong")
    with database.begin() as db:
        throttle.take_back(db, tried, noted)
        _keep_strong(db, account, password)
    return Proven(account.id, account.totp_secret is not None)


def welcome(
    db: Session, account_id: UUID, now: datetime, *, address: str, agent: str, how: str
) -> str:
    """Begin a session for whoever has proven all there is to prove: its token."""
    account = db.get_one(StaffAccount, account_id)
    if not may_sign_in(account):  # since it was proven
        raise Invalid("staff.sign_in_wrong")
    account.signed_in_at = now
    who = Actor(account.id, account.name, address, now)
    audit.note(db, who, "session.begun", "account", account.id, account.name, after={"how": how})
    return sessions.begin(db, account_id, now, address=address, agent=agent)


def unlock(db: Session, who: Actor, email: str, settings: Settings) -> str:
    """Forget the wrong tries at this account, of the password and of the code: its name."""
    account = find(db, plain(email))
    if account is None:
        raise NotFound("staff.no_such_account")
    for kind, name in (("password", account.email), ("second", str(account.id))):
        throttle.forget(db, throttle.tries(settings, kind, name, ""))
    audit.note(db, who, "account.unlocked", "account", account.id, account.name)
    return account.name


def plain(email: str) -> str:
    return email.replace("\0", "").strip().casefold()


def find(db: Session, email: str) -> StaffAccount | None:
    return db.scalars(select(StaffAccount).where(StaffAccount.email == email)).one_or_none()


def may_sign_in(account: StaffAccount) -> bool:
    return account.joined_at is not None and account.deactivated_at is None


def _note_refusal(db: Session, account: StaffAccount | None, address: str, now: datetime) -> None:
    """What was typed is not kept: it may be a password in the wrong field."""
    thing_id, name = (account.id, account.name) if account else ("", "")
    audit.note(db, stranger(address, now), "session.refused", "account", thing_id, name)


def _keep_strong(db: Session, account: StaffAccount, password: str) -> None:
    if account.password_hash and HASHER.check_needs_rehash(account.password_hash):
        db.get_one(StaffAccount, account.id).password_hash = hash_password(password)
