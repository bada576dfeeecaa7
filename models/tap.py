"""How often each area of a menu was tapped: numbers a day, and nothing of whose taps they were."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class MenuTap(Base):
    """Taps on one area of one revision on one day that we saw ourselves.

    Kept for `richmenus.taps.KEPT`, as long as LINE keeps its own."""

    __tablename__ = "menu_tap"
    __table_args__ = (Index("ix_menu_tap_day", "day"),)  # richmenus.taps.forget

    revision_id: Mapped[UUID] = mapped_column(
        ForeignKey("menu_revision.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    """In the brand's zone."""
    area: Mapped[int] = mapped_column(primary_key=True)
    """Counted from 0, as the definition has them."""
    slot: Mapped[int] = mapped_column(primary_key=True)
    """Drawn by lot, so that many taps at once do not wait for one row; summed when read."""
    taps: Mapped[int]


class MenuInsight(Base):
    """What LINE said of one menu when it was last asked; it may be asked 60 times an hour.

    Written over, and gone with the revision."""

    __tablename__ = "menu_insight"

    revision_id: Mapped[UUID] = mapped_column(
        ForeignKey("menu_revision.id", ondelete="CASCADE"), primary_key=True
    )
    line_menu_id: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    found: Mapped[dict[str, Any]]
    """`{"since", "until", "shown": [times, people], "areas": [[bounds, taps, people]]}`, where the
    bounds are `[x, y, width, height]`, days are as LINE writes them and numbers may be null;
    `{"few": true}` when LINE gives no numbers."""
