"""What we owe to say in the chat, and what became of it."""

from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.owed import Owed
from core.types import words
from models.base import Base

_next_place = count().__next__


class IfLate(StrEnum):
    """When the free reply token has died before we could use it."""

    DROP = "drop"
    PUSH = "push"


class Outgoing(Owed, Base):
    """One to five messages to one friend. The id is the retry key of a push.

    Deleted by deliveries.outbox.forget some days after it was settled; a coupon's row never is."""

    __tablename__ = "outgoing"
    __table_args__ = (
        Index("ix_outgoing_state_due_at", "state", "due_at"),  # core.owed.take
        # deliveries.outbox: what else of this friend has to leave first
        Index("ix_outgoing_friend_id_state", "friend_id", "state"),
    )

    key: Mapped[str] = mapped_column(String(120), unique=True)
    """What it is for: `reply:<event>`, `thanks:<link>`, `coupon:<member>`. Said once, ever."""

    friend_id: Mapped[UUID] = mapped_column(ForeignKey("friend.id", ondelete="CASCADE"))
    messages: Mapped[list[Any]]
    """LINE message objects, rendered."""

    reply_token: Mapped[str | None] = mapped_column(String(64))
    """None: it is a push from the start."""

    reply_until: Mapped[datetime | None]
    if_late: Mapped[IfLate] = mapped_column(words(IfLate), default=IfLate.DROP)
    reply_tried_at: Mapped[datetime | None]
    """Set before the token is used: a token that LINE then calls invalid may have been spent
    by an earlier try of ours, and is never followed by a push."""

    pushed_at: Mapped[datetime | None]
    """Set before the first push: LINE remembers the retry key for 24 hours from there."""

    expires_at: Mapped[datetime]
    """Not worth saying any more after this."""

    created_at: Mapped[datetime]
    place: Mapped[int] = mapped_column(BigInteger, default=_next_place)
    """Counts what this process put down: of two rows of one instant, the lower leaves first."""
