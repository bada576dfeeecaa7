"""Who looks after the account: their sign-ins and sessions, and everything they did."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DDL,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.types import words
from models.base import Base, Id


class Role(StrEnum):
    """What somebody may do; each may do all that those before it may."""

    VIEWER = "viewer"
    """Look; personal details are masked."""
    EDITOR = "editor"
    """Change menus, rules, tags."""
    PUBLISHER = "publisher"
    """Let customers see it."""
    ADMIN = "admin"
    """Say who may do what; erase."""

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def covers(self, needed: "Role") -> bool:
        return self.rank >= needed.rank


class StaffAccount(Base):
    """Somebody of the staff. Never deleted, so that the audit log can always say who it was;
    deactivated instead."""

    __tablename__ = "staff_account"
    __table_args__ = (UniqueConstraint("openid_issuer", "openid_subject"),)  # accounts.openid

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In small letters: what they sign in with."""

    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role] = mapped_column(words(Role))
    language: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(Text)
    """None for whoever signs in at the company's own sign-in, or has not taken the invitation."""

    created_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    """When they took their invitation. Until then nobody can sign in with this account."""

    deactivated_at: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]
    openid_issuer: Mapped[str | None] = mapped_column(String(255))
    openid_subject: Mapped[str | None] = mapped_column(String(255))
    totp_secret: Mapped[str | None] = mapped_column(Text)
    """Sealed under the secret key (accounts/second.py)."""

    totp_pending: Mapped[str | None] = mapped_column(Text)
    """Sealed; shown as a QR code and not yet proven with a code."""

    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last time step whose code was used: none is good twice."""


class StaffSession(Base):
    """One browser that is signed in. Deleted on signing out, and by accounts.retention when its
    time is over."""

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("ix_staff_session_account_id", "account_id"),  # accounts.sessions: all of one
        Index("ix_staff_session_created_at", "created_at"),  # accounts.retention
        Index("ix_staff_session_seen_at", "seen_at"),  # accounts.retention
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the browser's cookie, which is kept nowhere else."""

    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """To the minute."""

    sure_at: Mapped[datetime]
    """When whoever sits there last proved who they are."""

    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))
    """What the browser says it is."""


class StaffRecoveryCode(Base):
    """Stands in, once, for the code of a telephone that is lost. A new set replaces them."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = (Index("ix_staff_recovery_code_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class StaffInvitation(Base):
    """A link by which somebody sets the password of their account, once. The link is signed with
    the secret key, so that whoever reads this table has none. Deleted by accounts.retention."""

    __tablename__ = "staff_invitation"
    __table_args__ = (
        Index("ix_staff_invitation_account_id", "account_id"),  # accounts.invitations: the open one
        Index("ix_staff_invitation_expires_at", "expires_at"),  # accounts.retention
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffLine(Base):
    """Whose LINE is whose: proven by a word sent from it. Deleted when it is undone."""

    __tablename__ = "staff_line"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("staff_account.id", ondelete="CASCADE"), primary_key=True
    )
    friend_id: Mapped[UUID] = mapped_column(
        ForeignKey("friend.id", ondelete="CASCADE"), unique=True
    )
    tied_at: Mapped[datetime]


class StaffLineWord(Base):
    """The word by which somebody of the staff shows which LINE is theirs: good once, and soon not
    at all. A new one replaces it; accounts.retention deletes those that are over."""

    __tablename__ = "staff_line_word"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("staff_account.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """A keyed digest of the word, which is kept nowhere."""

    expires_at: Mapped[datetime]


class StaffAudit(Base):
    """Who did what to which thing. Rows are added and never changed or deleted (triggers refuse
    it); they are kept for good, name staff, and never hold a customer's details in full."""

    __tablename__ = "staff_audit"
    __table_args__ = (
        Index("ix_staff_audit_account_id_number", "account_id", "number"),  # by person
        Index("ix_staff_audit_act_number", "act", "number"),  # by what was done
        Index("ix_staff_audit_thing_thing_id_number", "thing", "thing_id", "number"),  # by thing
        Index("ix_staff_audit_at", "at"),  # by day
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    """Who; None for a stranger, and for the terminal."""

    who: Mapped[str] = mapped_column(String(80))
    """Their name as it was then."""

    address: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(64))
    """Such as `menu.saved`; its words are the text `audit.menu_saved` of one of staff's areas."""

    thing: Mapped[str] = mapped_column(String(32))
    thing_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    """The thing's name as it was then."""

    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER staff_audit_no_{what} BEFORE {what.upper()} ON staff_audit "
        "BEGIN SELECT RAISE(ABORT, 'staff_audit is append-only'); END"
        for what in ("update", "delete")
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION staff_audit_append_only() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'staff_audit is append-only'; END $$""",
        """CREATE TRIGGER staff_audit_append_only BEFORE UPDATE OR DELETE ON staff_audit
        FOR EACH ROW EXECUTE FUNCTION staff_audit_append_only()""",
    ],
}
"""What makes the database itself refuse. The migration holds the same statements."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        _rule = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(StaffAudit.__table__, "after_create", _rule)
