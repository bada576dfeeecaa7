"""What somebody has to show before a link is made: intents, used tokens, codes, attempts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.owed import Owed
from models.base import Base, Id


class Intent(Base):
    """One opening of the LIFF page. An ID token is accepted against it once."""

    __tablename__ = "intent"
    __table_args__ = (Index("ix_intent_created_at", "created_at"),)  # members.retention

    id: Mapped[Id]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UsedToken(Base):
    """An ID token that has signed somebody in, and the browser that may bring it again."""

    __tablename__ = "used_token"
    __table_args__ = (Index("ix_used_token_expires_at", "expires_at"),)  # members.retention

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what is signed in the token (header and claims), in hex."""

    device: Mapped[str] = mapped_column(String(64))
    """The browser's own random mark, from our signed cookie."""

    expires_at: Mapped[datetime]


class OneTimeCode(Base):
    """A code on its way to a phone number. The digits themselves are kept nowhere: they are
    derived from this id under the secret key (members/codes.py)."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        # members.codes: those of a friend that are alive; members.leaving: those of a number
        Index("ix_one_time_code_friend_id_sent_at", "friend_id", "sent_at"),
        Index("ix_one_time_code_phone_sent_at", "phone", "sent_at"),
        Index("ix_one_time_code_expires_at", "expires_at"),  # members.retention
    )

    id: Mapped[Id]
    friend_id: Mapped[UUID] = mapped_column(ForeignKey("friend.id", ondelete="CASCADE"))
    phone: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Sms(Owed, Base):
    """A text message owed to a phone number."""

    __tablename__ = "sms"
    __table_args__ = (Index("ix_sms_state_due_at", "state", "due_at"),)  # core.owed.take

    code_id: Mapped[UUID] = mapped_column(
        ForeignKey("one_time_code.id", ondelete="CASCADE"), unique=True
    )
    language: Mapped[str] = mapped_column(String(16))


class Attempt(Base):
    """Something that is counted to be throttled: a code asked for, a log-in that failed."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_kind_subject_at", "kind", "subject", "at"),  # members.throttle
        Index("ix_attempt_at", "at"),  # members.retention
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    """A keyed digest of the number, name or address: countable, not readable."""

    at: Mapped[datetime]


class Deauthorization(Owed, Base):
    """LINE still has to be told that a friend unlinked (a duty of LINE's guidelines)."""

    __tablename__ = "deauthorization"
    __table_args__ = (Index("ix_deauthorization_state_due_at", "state", "due_at"),)

    link_id: Mapped[UUID] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"), unique=True)
    token: Mapped[str]
    """The friend's access token, encrypted under the secret key; emptied when settled."""

    give_up_at: Mapped[datetime]
    """LINE's access token is dead by then, and nothing is left to tell."""
