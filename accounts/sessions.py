"""Who is signed in where: each browser that is signed in is a row, and no row is no session.

The browser holds a random token, the row its digest. A session is over twelve hours after it was
last used and seven days after it began, whichever is first; and at once when it is ended, or the
account deactivated.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from accounts import rules
from core.database import Database
from models import Role, StaffAccount, StaffSession


@dataclass(frozen=True)
class Standing:
    """An account, as it is while somebody is signed in with it."""

    session_id: UUID
    account_id: UUID
    name: str
    email: str
    role: Role
    language: str
    sure_at: datetime
    has_password: bool
    has_second: bool


def begin(db: Session, account_id: UUID, now: datetime, *, address: str, agent: str) -> str:
    """The token for the browser's cookie; there is no other way to it."""
    token = secrets.token_urlsafe(32)
    db.add(
        StaffSession(
            id=uuid4(), account_id=account_id, digest=_digest(token), created_at=now, seen_at=now,
            sure_at=now, address=address[:64], agent=agent[:200],
        )
    )  # fmt: skip
    return token


def standing(database: Database, token: str, now: datetime) -> Standing | None:
    """Who it is. Looking counts as a sign of life, noted once a minute at the most."""
    with database.read() as db:
        found = db.execute(
            select(StaffSession, StaffAccount)
            .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
            .where(StaffSession.digest == _digest(token), _alive(now))
            .where(StaffAccount.deactivated_at.is_(None))
        ).one_or_none()
    if found is None:
        return None
    session, account = found
    if now - session.seen_at >= rules.SEEN_EVERY:
        with database.begin() as db:
            mine = update(StaffSession).where(StaffSession.id == session.id)
            db.execute(mine.values(seen_at=now))
    return Standing(
        session_id=session.id, account_id=account.id, name=account.name, email=account.email,
        role=account.role, language=account.language, sure_at=session.sure_at,
        has_password=account.password_hash is not None, has_second=account.totp_secret is not None,
    )  # fmt: skip


def make_sure(db: Session, session_id: UUID, now: datetime) -> None:
    """They have just proven again who they are."""
    db.execute(update(StaffSession).where(StaffSession.id == session_id).values(sure_at=now))


def of(db: Session, account_id: UUID, now: datetime) -> Sequence[StaffSession]:
    """All that are alive, the one used last first."""
    mine = select(StaffSession).where(StaffSession.account_id == account_id, _alive(now))
    return db.scalars(mine.order_by(StaffSession.seen_at.desc(), StaffSession.id)).all()


def end(db: Session, account_id: UUID, session_id: UUID) -> bool:
    """Whether the account had such a session."""
    mine = (StaffSession.account_id == account_id) & (StaffSession.id == session_id)
    return bool(db.scalars(delete(StaffSession).where(mine).returning(StaffSession.id)).all())


def end_token(db: Session, token: str) -> None:
    db.execute(delete(StaffSession).where(StaffSession.digest == _digest(token)))


def end_all(db: Session, account_id: UUID, *, but: UUID | None = None) -> int:
    """How many that were."""
    ended = delete(StaffSession).where(StaffSession.account_id == account_id)
    if but:
        ended = ended.where(StaffSession.id != but)
    return len(db.scalars(ended.returning(StaffSession.id)).all())


def _alive(now: datetime) -> ColumnElement[bool]:
    return (StaffSession.seen_at > now - rules.IDLE) & (StaffSession.created_at > now - rules.WHOLE)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
