"""What is counted of the whole account: each day's figures, and how far people come in linking."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.types import words
from models.base import Base


class Entry(StrEnum):
    """Where somebody was when they set out to link."""

    GREETING = "greeting"
    """The message to whoever added the account."""
    REPLY = "reply"
    """Any other message of the bot's."""
    MENU = "menu"
    """The rich menu."""
    TICKET = "ticket"
    """The brand's own site (a ticket)."""
    OTHER = "other"
    """A QR code, an old link, or we cannot tell."""


class Step(StrEnum):
    """How far somebody came, in order."""

    OFFERED = "offered"
    OPENED = "opened"
    """The page knows who they are, and they are not linked."""
    PHONE = "phone"
    """A number was entered that a code could be sent to."""
    PROVEN = "proven"
    """The code came back."""
    LINKED = "linked"
    """By a phone number."""
    DIRECT = "direct"
    """Linked from the page at once, without a phone number: logged in, or brought a ticket."""


class DailyFigures(Base):
    """How the account stood at the end of a day of the brand's. One row a day, kept for good; it
    names nobody. None: it cannot be known any more."""

    __tablename__ = "daily_figures"

    day: Mapped[date] = mapped_column(primary_key=True)
    friends: Mapped[int | None]
    """Who had added the account, those who blocked it since among them."""
    reachable: Mapped[int | None]
    """Who followed and had not blocked."""
    linked: Mapped[int | None]
    linked_reachable: Mapped[int | None]
    """Those of the linked who had not blocked."""
    counted_at: Mapped[datetime]


class FunnelMark(Base):
    """That somebody came as far as a step today; who, it does not tell. The worker turns the marks
    of past days into counts, and deletes them."""

    __tablename__ = "funnel_mark"
    __table_args__ = (Index("ix_funnel_mark_day", "day"),)  # members.funnel: count, and fold

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Person, day, entry and step under a key of ours: the same step counts once a day."""

    day: Mapped[date]
    entry: Mapped[Entry] = mapped_column(words(Entry))
    step: Mapped[Step] = mapped_column(words(Step))


class FunnelCount(Base):
    """How many people came as far as a step on a day. Kept for good; it names nobody."""

    __tablename__ = "funnel_count"

    day: Mapped[date] = mapped_column(primary_key=True)
    entry: Mapped[Entry] = mapped_column(words(Entry), primary_key=True)
    step: Mapped[Step] = mapped_column(words(Step), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)
