"""Rich menus: what was published, what LINE has of it, and which one each friend should see."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.owed import Owed
from core.types import words
from models.base import Base, Id


class MenuPicture(Base):
    """The image of a menu, kept so that an earlier publication can be brought back."""

    __tablename__ = "menu_picture"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_type: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int | None]
    height: Mapped[int | None]
    """Noted when it was taken, so that nobody decodes it again. None: taken before that was so."""
    recipe: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What it was composed from on the staff site, so that it can be edited again."""
    taken_at: Mapped[datetime | None]
    """When staff brought it; what nothing shows is forgotten some days after that."""


class Revised(StrEnum):
    """How far a revision has come at LINE."""

    WANTED = "wanted"
    CREATED = "created"
    """LINE has the menu, perhaps without its image."""
    READY = "ready"


class MenuRevision(Base):
    """One tab of one menu as it looked at a time. Never changed: a change is another revision."""

    __tablename__ = "menu_revision"
    __table_args__ = (UniqueConstraint("key", "tab", "content_hash"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(32))
    tab: Mapped[str] = mapped_column(String(32))
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of `body` and the image together."""
    body: Mapped[dict[str, Any]]
    """LINE's rich menu object, without its name."""
    picture: Mapped[str] = mapped_column(ForeignKey("menu_picture.sha256"))
    state: Mapped[Revised] = mapped_column(words(Revised), default=Revised.WANTED)
    line_menu_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    """None while LINE has no such menu: not yet, or no longer."""
    created_at: Mapped[datetime | None]
    """When LINE was last asked to create it; LINE allows 100 an hour."""


class Publication(Base):
    """Menus and rules that were put in force together."""

    __tablename__ = "publication"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    rules: Mapped[list[Any]]
    """As `rules.yaml` had them."""
    pages: Mapped[list[Any]]
    """`[key, tab, revision id]` of each tab; a menu's first tab comes first."""
    menus: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Each menu as its author wrote it: `{"key", "definition", "pictures": {file: sha256}}`.
    Empty: published before this was kept."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(64), default="")
    restores: Mapped[int | None]
    """The number of the publication that this one brought back."""


class MenuBook(Base):
    """The one row that says which publication is in force, and who looks after what."""

    __tablename__ = "menu_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[UUID | None] = mapped_column(ForeignKey("publication.id"))
    marker: Mapped[str] = mapped_column(String(64), default="")
    """What everybody's menu was last computed from: rules, menus at LINE, and the date."""
    looked_until: Mapped[UUID | None]
    """Up to which friend everybody's menu has been computed anew; None when all are."""
    publishing_until: Mapped[datetime | None]
    """Somebody is publishing, and has it until then."""


class MenuMove(Owed, Base):
    """One batch operation: everybody who shows an old revision gets the new one.

    Kept for `richmenus.forgetting.MOVES_KEPT` after that."""

    __tablename__ = "menu_move"
    __table_args__ = (Index("ix_menu_move_state_due_at", "state", "due_at"),)  # core.owed.take

    moves: Mapped[list[Any]]
    """`[source, target]`, LINE's menu ids."""
    people: Mapped[int]
    """As far as we knew when it was put down."""
    put_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    """Noted before LINE was asked. LINE allows three an hour."""
    request_id: Mapped[str] = mapped_column(default="")


class MenuAssignment(Owed, Base):
    """Which menu a friend should see and why, and which one LINE shows. Due: LINE must be told."""

    __tablename__ = "menu_assignment"
    __table_args__ = (
        Index("ix_menu_assignment_state_due_at", "state", "due_at"),  # core.owed.take
        # richmenus.showing: how many show a menu; richmenus.moving: those on an old revision
        Index("ix_menu_assignment_shown", "shown"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("friend.id", ondelete="CASCADE"), primary_key=True)
    """The friend's own id."""
    wanted: Mapped[str] = mapped_column(String(32))
    """The key of the menu that fits."""
    rule: Mapped[int]
    """Which rule fitted, counted from 0."""
    because: Mapped[str]
    shown: Mapped[str | None] = mapped_column(String(64))
    """LINE's id of the friend's own menu. Empty: none, so LINE shows the default. None: we do not
    know, because we have asked LINE for a change and not noted the answer, or never asked."""
    epoch: Mapped[int] = mapped_column(default=-1)
    """The friend's `menu_epoch` when LINE was last asked; once that has moved on, LINE shows none.
    -1: LINE was never asked (`richmenus.rules.NEVER`)."""
    sure_at: Mapped[datetime | None]
    """By then LINE has done what it was last told: it takes its time with many at once."""
    previous: Mapped[str] = mapped_column(String(64), default="")
    """What `shown` was before LINE was last asked; `?` when we did not know then either."""
    failures: Mapped[int] = mapped_column(default=0)
    """Refused or unanswered since it last went well."""
