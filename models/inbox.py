"""What LINE told us, kept until it has been dealt with."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.owed import Owed
from models.base import Base


class InboxEvent(Owed, Base):
    __tablename__ = "inbox_event"
    __table_args__ = (
        Index("ix_inbox_event_state_due_at", "state", "due_at"),  # core.owed.take
        # bot.inbox: what else of this person is unfinished
        Index("ix_inbox_event_line_user_id_state", "line_user_id", "state"),
        Index("ix_inbox_event_message_id", "message_id"),  # bot.events.unsend
        Index("ix_inbox_event_received_at", "received_at"),  # retention
    )

    webhook_event_id: Mapped[str] = mapped_column(String(64), unique=True)
    """LINE's own id. LINE may send an event twice; we keep it once."""

    kind: Mapped[str] = mapped_column(String(32))
    line_user_id: Mapped[str] = mapped_column(String(33), default="")
    """Empty when the event names nobody."""

    message_id: Mapped[str | None] = mapped_column(String(64))
    occurred_at: Mapped[datetime]
    """LINE's time. Events of one person are dealt with in this order."""

    received_at: Mapped[datetime]
    """Ours. A reply token lives a minute from here."""

    raw: Mapped[str]
    """The event as LINE sent it (JSON)."""
