"""Publishing that staff have asked for: now or at a time, as the desk was when they asked."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.owed import Owed
from core.types import words
from models.base import Base


class Stopped(StrEnum):
    """Why a run ended without doing what was asked."""

    NOT = "not"
    CANCELLED = "cancelled"
    OVERTAKEN = "overtaken"
    """Somebody else had published before its turn came."""
    REFUSED = "refused"
    """LINE said no; `error` has its words."""
    UNREACHABLE = "unreachable"
    """LINE could not be had for too long."""


class PublishRun(Owed, Base):
    """One publishing: what, when, by whom, how far it is and how it ended.

    Due at `due_at`; cut off, it falls due again and goes on. Kept for
    `richmenus.publish_runs.KEPT` after it has ended."""

    __tablename__ = "publish_run"
    __table_args__ = (
        Index("ix_publish_run_state_due_at", "state", "due_at"),  # core.owed.take
        Index("ix_publish_run_asked_at", "asked_at"),  # richmenus.publish_runs: running, forget
    )

    pages: Mapped[list[Any]]
    """As `Publication.pages`: `[key, tab, revision id]`."""
    rules: Mapped[list[Any]]
    menus: Mapped[list[Any]]
    """As `Publication.menus`."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of the edition, to be compared with the desk as it is now."""
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    account_id: Mapped[UUID | None]
    scheduled: Mapped[bool] = mapped_column(default=False)
    """For a time that staff chose."""
    scheduled_for: Mapped[datetime | None]
    """`due_at` as it was chosen; that moves while the run is carried out."""
    restores: Mapped[int | None]
    """The number of the publication that it brings back."""
    over: Mapped[int] = mapped_column(default=0)
    """The number in force when it was asked for; 0: none."""
    people: Mapped[int] = mapped_column(default=0)
    """Who would see something else, as it was said to whoever asked."""
    started_at: Mapped[datetime | None]
    done_steps: Mapped[int] = mapped_column(default=0)
    all_steps: Mapped[int] = mapped_column(default=0)
    """0: not known yet."""
    said: Mapped[list[Any]] = mapped_column(default=list)
    """`[what, name, people]` of each step that was done."""
    publication: Mapped[int | None]
    """The number it was given, noted together with coming into force."""
    stopped: Mapped[Stopped] = mapped_column(words(Stopped), default=Stopped.NOT)
    stopped_by: Mapped[str] = mapped_column(String(200), default="")
