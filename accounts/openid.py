"""Whose account it is that somebody proved at the company's own sign-in (OpenID Connect).

It makes no accounts: who is not on the team, or invited to it, stays outside.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors import Actor, stranger
from accounts.signing_in import find, may_sign_in, plain
from core.database import Database
from core.errors import NotAllowed
from models import StaffAccount


@dataclass(frozen=True)
class Claims:
    """What the company's sign-in says, verified."""

    issuer: str
    subject: str
    email: str
    email_verified: bool


def recognise(
    database: Database, claims: Claims, domain: str, *, address: str, now: datetime
) -> UUID:
    """The account: the one that has signed in by this subject before, or else the one that has
    this e-mail address, of our domain and verified. Raises NotAllowed."""
    with database.begin() as db:
        account = _known(db, claims) or _met(db, claims, domain, address, now)
        account_id = account.id if account and may_sign_in(account) else None
        if account_id is None:
            thing_id, name = (account.id, account.name) if account else ("", "")
            who = stranger(address, now)
            audit.note(
                db, who, "session.refused", "account", thing_id, name, after={"how": "openid"}
            )
    if account_id is None:
        raise NotAllowed("staff.openid_unknown")
    return account_id


def _known(db: Session, claims: Claims) -> StaffAccount | None:
    mine = select(StaffAccount).where(
        StaffAccount.openid_issuer == claims.issuer, StaffAccount.openid_subject == claims.subject
    )
    return db.scalars(mine).one_or_none()


def _met(
    db: Session, claims: Claims, domain: str, address: str, now: datetime
) -> StaffAccount | None:
    """Somebody who comes by this way for the first time; from now on it is known who."""
    email = claims.email.strip()
    if not claims.email_verified or not email.isascii():
        return None  # letters that only fold into ours may be another's address there
    email = plain(email)
    if email.rpartition("@")[2] != domain.casefold():
        return None
    account = find(db, email)
    if account is None or account.deactivated_at or account.openid_subject:
        return None
    account.openid_issuer, account.openid_subject = claims.issuer, claims.subject
    account.joined_at = account.joined_at or now
    who = Actor(account.id, account.name, address, now)
    audit.note(db, who, "account.openid", "account", account.id, account.name)
    return account
