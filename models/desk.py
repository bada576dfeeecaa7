"""The desk: menus and rules in the making, and every state in which somebody saved them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.types import words
from models.base import Base, Id

ANY_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class MenuDraft(Base):
    """A menu as it lies on the desk. Its row stays when it is removed, so that versions go on."""

    __tablename__ = "menu_draft"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    definition: Mapped[Any] = mapped_column(ANY_JSON)
    """What its `menu.yaml` says, in plain JSON."""
    pictures: Mapped[dict[str, Any]]
    """The picture's sha256 by the file name that the definition calls it by."""
    version: Mapped[int]
    """Counts saves; whoever saves says which one they have seen."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(200), default="")
    removed: Mapped[bool] = mapped_column(default=False)


class RulesDraft(Base):
    """The one row of the rules on the desk. Whoever changes anything on the desk holds it."""

    __tablename__ = "rules_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[Any]]
    """What `rules.yaml` says, in plain JSON."""
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(200), default="")


class Saved(StrEnum):
    """What somebody did to the desk."""

    LAID = "laid"
    """Put there from a folder, or from what was published."""
    SAVED = "saved"
    REMOVED = "removed"
    BROUGHT_BACK = "brought_back"


class DeskSave(Base):
    """One state of one menu, or of the rules, as somebody saved it. Never changed.

    Kept for `richmenus.drafts.KEPT`, and the newest of each for ever."""

    __tablename__ = "desk_save"
    __table_args__ = (
        UniqueConstraint("key", "version"),  # richmenus.drafts.history: of one menu, newest first
        Index("ix_desk_save_at", "at"),  # richmenus.drafts.history: of all; forget
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(32))
    """The menu's; empty: the rules."""
    version: Mapped[int]
    what: Mapped[Saved] = mapped_column(words(Saved))
    definition: Mapped[Any] = mapped_column(ANY_JSON)
    """The menu's definition, or the rules."""
    pictures: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200), default="")
