"""People who have met the account in LINE, linked or not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, LineUserId


class Friend(Base):
    __tablename__ = "friend"
    __table_args__ = (
        # richmenus.assignment: whose menu must be looked at again
        Index("ix_friend_menu_stale_at", "menu_stale_at"),
        # members.searching: the newest, those who blocked last, and what begins with some letters
        Index("ix_friend_created_at_id", "created_at", "id"),
        Index(
            "ix_friend_blocked",
            "friendship_at",
            "id",
            sqlite_where=text("following = 0 AND friendship_at IS NOT NULL"),
            postgresql_where=text("NOT following AND friendship_at IS NOT NULL"),
        ),
        Index(
            "ix_friend_display_name_id",
            "display_name",
            "id",
            postgresql_ops={"display_name": "text_pattern_ops"},
        ),
    )

    id: Mapped[Id]
    line_user_id: Mapped[LineUserId] = mapped_column(unique=True)
    following: Mapped[bool] = mapped_column(default=False)
    """Added the account and has not blocked it, as far as LINE's events tell."""

    friendship_at: Mapped[datetime | None]
    """LINE's time of the newest follow or unfollow applied. An older event changes nothing."""

    followed_at: Mapped[datetime | None]
    """LINE's time of the first follow."""

    display_name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(16), default="")
    """A language of `texts`; empty until we learn it, then the brand's default is used."""

    signed_in_at: Mapped[datetime | None]
    """When they last proved on our page, through the LINE Login channel, who they are."""

    created_at: Mapped[datetime]
    menu_stale_at: Mapped[datetime | None]
    """Set by whoever changes what decides this friend's rich menu; cleared by the assignment."""

    menu_epoch: Mapped[int] = mapped_column(default=0)
    """Counts the times LINE forgot this friend's menu (block, unblock). What we believe LINE
    shows holds for the epoch it was noted in, and for no other."""


class FriendTag(Base):
    __tablename__ = "friend_tag"

    friend_id: Mapped[UUID] = mapped_column(
        ForeignKey("friend.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    created_at: Mapped[datetime]
