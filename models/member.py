"""The brand's member records."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Member(Base):
    __tablename__ = "member"
    __table_args__ = (
        # members.finding.by_phone, by_email
        Index("ix_member_phone", "phone"),
        Index("ix_member_email", "email"),
        # members.searching: the newest, and what begins with some letters
        Index("ix_member_created_at_id", "created_at", "id"),
        Index("ix_member_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_member_kana_id", "kana", "id", postgresql_ops={"kana": "text_pattern_ops"}),
        Index("ix_member_number_prefix", "number", postgresql_ops={"number": "text_pattern_ops"}),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(64), unique=True)
    """The brand's own member number, as printed on the card."""

    phone: Mapped[str | None] = mapped_column(String(16))
    """E.164. Families share one, so it is not unique."""

    email: Mapped[str | None] = mapped_column(String(254))
    """Lower case."""

    name: Mapped[str] = mapped_column(String(100), default="")
    kana: Mapped[str] = mapped_column(String(100), default="")
    birthday: Mapped[date | None]
    gender: Mapped[str] = mapped_column(String(16), default="")
    rank: Mapped[str] = mapped_column(String(32), default="regular")
    points: Mapped[int] = mapped_column(default=0)
    store: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[str] = mapped_column(String(16), default="active")
    """`active`, `withdrawn`, or a word of the brand's own. Only active members can be linked."""

    joined_on: Mapped[date]
    language: Mapped[str] = mapped_column(String(16), default="")
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What else the brand's file has, by its own column names; text values."""

    password_hash: Mapped[str | None] = mapped_column(String(255))
    """argon2id. None: this member cannot log in with a password."""

    consented_at: Mapped[datetime | None]
    """When terms and privacy policy were agreed to on our page."""

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MemberTag(Base):
    __tablename__ = "member_tag"

    member_id: Mapped[UUID] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    created_at: Mapped[datetime]
