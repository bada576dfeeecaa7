"""Which friend is which member, and every tie there ever was."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.types import words
from models.base import Base, Id

ACTIVE = text("ended_at IS NULL")


class How(StrEnum):
    PHONE = "phone"
    LOGIN = "login"
    REGISTER = "register"
    TICKET = "ticket"
    ACCOUNT_LINK = "account_link"
    """LINE's own account link. We give no nonces, so no link of ours has come by it."""
    IMPORT = "import"
    """Told by the brand. Members are imported, and ties are not, so none has come by it either."""


class Ended(StrEnum):
    UNLINKED = "unlinked"
    """The friend asked."""
    MOVED = "moved"
    """The member was linked anew to another friend, who proved to be them."""
    REPLACED = "replaced"
    """The friend linked to another member."""
    STAFF = "staff"
    ERASED = "erased"


class Link(Base):
    """One tie. Never changed but by ending it, so that the rows are the history."""

    __tablename__ = "link"
    __table_args__ = (
        # At most one active link per friend and one per member, whatever races.
        Index(
            "uq_link_active_friend",
            "friend_id",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        Index(
            "uq_link_active_member",
            "member_id",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        # Only an erased member leaves a link without its member.
        CheckConstraint("ended_at IS NOT NULL OR member_id IS NOT NULL", name="active_has_member"),
        # members.story, members.leaving: every tie of a friend, of a member
        Index("ix_link_friend_id_started_at", "friend_id", "started_at"),
        Index("ix_link_member_id", "member_id"),
        Index("ix_link_started_at_id", "started_at", "id"),  # members.searching, members.funnel
    )

    id: Mapped[Id]
    friend_id: Mapped[UUID] = mapped_column(ForeignKey("friend.id", ondelete="CASCADE"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    """None once the member was erased: that there was a tie stays, whose it was does not."""

    how: Mapped[How] = mapped_column(words(How))
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(String(64), default="friend")
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[Ended | None] = mapped_column(words(Ended))
    ended_by: Mapped[str] = mapped_column(String(64), default="")
