"""A draft that somebody of the staff looks at on their own LINE, for some minutes."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.owed import Owed
from core.types import words
from models.base import Base


class Tried(StrEnum):
    """How it went."""

    WELL = "well"
    REFUSED = "refused"
    """LINE said no; `error` has its words."""
    UNREACHABLE = "unreachable"
    """LINE could not be had for too long."""
    NOT_FOLLOWING = "not_following"
    """They have blocked the account, and LINE shows them no menu."""


class MenuTrial(Owed, Base):
    """One look at a draft: shown to one friend only, and put back.

    Due until LINE has none of its menus any more. Kept for `richmenus.trials.KEPT` after that."""

    __tablename__ = "menu_trial"
    __table_args__ = (
        Index("ix_menu_trial_state_due_at", "state", "due_at"),  # core.owed.take; trying.held
        Index("ix_menu_trial_account_id_asked_at", "account_id", "asked_at"),  # trials.latest
        Index("ix_menu_trial_asked_at", "asked_at"),  # trying.created; trials.forget
        Index("ix_menu_trial_friend_id", "friend_id"),  # the friend is deleted
    )

    account_id: Mapped[UUID]
    friend_id: Mapped[UUID | None] = mapped_column(ForeignKey("friend.id", ondelete="SET NULL"))
    epoch: Mapped[int]
    """The friend's `menu_epoch` when it was asked for; once that has moved on, LINE has forgotten
    it."""
    key: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    pages: Mapped[list[Any]]
    """`{"body", "picture"}` of each tab as the draft was: LINE's object, and the image's sha256."""
    menus: Mapped[int]
    """How many menus LINE is asked to create; it creates 100 an hour."""
    asked_at: Mapped[datetime]
    until: Mapped[datetime | None]
    """When it is put back. Noted before LINE is asked to show it."""
    shown_at: Mapped[datetime | None]
    stop: Mapped[bool] = mapped_column(default=False)
    """Somebody wants it put back before its time."""
    ended_at: Mapped[datetime | None]
    """From when on the ordinary assignment has the friend again."""
    tried: Mapped[Tried] = mapped_column(words(Tried), default=Tried.WELL)
