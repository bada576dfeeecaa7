"""Forgetting sessions, invitations and words whose time is over. The audit log is kept."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from accounts import rules
from core.database import Database
from core.settings import Settings
from models import StaffInvitation, StaffLineWord, StaffSession


def work(database: Database, now: datetime, _settings: Settings) -> int:
    """How many rows that was: staff are few, so all at once."""
    with database.begin() as db:
        return _sessions(db, now) + _invitations(db, now) + _words(db, now)


def _sessions(db: Session, now: datetime) -> int:
    over = (StaffSession.seen_at <= now - rules.IDLE) | (
        StaffSession.created_at <= now - rules.WHOLE
    )
    return len(db.scalars(delete(StaffSession).where(over).returning(StaffSession.id)).all())


def _invitations(db: Session, now: datetime) -> int:
    over = StaffInvitation.expires_at <= now
    return len(db.scalars(delete(StaffInvitation).where(over).returning(StaffInvitation.id)).all())


def _words(db: Session, now: datetime) -> int:
    over = delete(StaffLineWord).where(StaffLineWord.expires_at <= now)
    return len(db.scalars(over.returning(StaffLineWord.account_id)).all())
