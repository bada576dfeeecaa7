"""Signing in with an e-mail address and a password.

Unknown and wrong are one answer and cost the same work; who tries too often has to wait, and is
told how long. Nothing that was begun with a password is finished once it is another.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit, known, sessions, throttle
from accounts.actors import Actor, stranger
from core.database import Database
from core.errors import Invalid, NotFound
from core.passwords import HASHER, hash_password, nobody, verify
from core.settings import Settings
from models import StaffAccount

SURE = "sure"
"""A kind of try that only whoever is signed in can make, so that no stranger can have it paused."""


@dataclass(frozen=True)
class Proven:
    """Somebody who knows the password."""

    account_id: UUID
    second: bool
    """The code of their telephone is still wanted."""
    by: str
    """Stands for the password; `welcome` looks whether it is still the one."""


def by_password(
    database: Database, email: str, password: str, *, address: str, now: datetime,
    settings: Settings, browser: str = "", kind: str = "password",
) -> Proven:  # fmt: skip
    """Raises Invalid, or TooMany. Owns its transactions: none is open while it computes. `browser`:
    its mark (accounts.known); `kind`: what it is asked for, each counted for itself."""
    typed = plain(email)
    with database.begin() as db:
        account = find(db, typed)
        told = known.told_by(browser, account, settings)
        tried = throttle.tries(settings, kind, f"{typed} {told}".strip(), address)
        noted = throttle.count(db, tried, now)
    right = verify((account and account.password_hash) or nobody(), password)
    if account is None or not right or not may_sign_in(account):
        with database.begin() as db:
            _note_refusal(db, account, address, now)
        raise Invalid("staff.sign_in_wrong")
    kept = _stronger(account, password)
    with database.begin() as db:
        throttle.take_back(db, tried, noted)
        if kept != account.password_hash:
            _keep(db, account, kept)
    return Proven(account.id, account.totp_secret is not None, _of(kept))


def welcome(
    db: Session, account_id: UUID, now: datetime, *, address: str, agent: str, how: str,
    by: str | None = None,
) -> str:  # fmt: skip
    """Begin a session for whoever has proven all there is to prove: its token. `by`: what
    `Proven` said of the password, if it was by one."""
    account = db.get_one(
        StaffAccount, account_id, with_for_update=True, populate_existing=True
    )  # nobody changes the password or puts them away until this transaction ends
    changed = by is not None and by != _of(account.password_hash)
    if changed or not may_sign_in(account):  # since it was proven
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
    tried = (("password", account.email), (SURE, account.email), ("second", str(account.id)))
    for kind, name in tried:
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


def _of(password_hash: str | None) -> str:
    """Stands for a password in a cookie."""
    return hashlib.sha256((password_hash or "").encode()).hexdigest()[:32]


def _stronger(account: StaffAccount, password: str) -> str | None:
    """The hash as it is made now."""
    was = account.password_hash
    return hash_password(password) if was and HASHER.check_needs_rehash(was) else was


def _keep(db: Session, account: StaffAccount, password_hash: str | None) -> None:
    """Unless they have another password by now."""
    mine = update(StaffAccount).where(
        StaffAccount.id == account.id, StaffAccount.password_hash == account.password_hash
    )
    db.execute(mine.values(password_hash=password_hash))
