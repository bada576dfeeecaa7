"""The audit log: one line for everything that somebody did, written with what they did.

Lines are only ever added. Names of things and plain words go into them; never a password, a token,
a telephone number or a LINE id in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from accounts.actors import TERMINAL, Actor
from models import StaffAudit


def note(
    db: Session, who: Actor, act: str, thing: str, thing_id: UUID | str, name: str = "",
    before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Put it down in the transaction of what is done: both happen, or neither.

    `act` such as `menu.saved` has its words in the text `<area>.audit.menu_saved`.
    """
    db.execute(
        insert(StaffAudit).values(
            at=who.at, account_id=who.account_id, who=who.name[:80], address=who.address[:64],
            act=act, thing=thing, thing_id=str(thing_id)[:64], name=name[:200],
            before=_shown(before), after=_shown(after),
        )
    )  # fmt: skip


def _shown(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As JSON can hold it."""
    if values is None:
        return None
    plain = (str, int, float, bool, list, dict, type(None))
    return {key: value if isinstance(value, plain) else str(value) for key, value in values.items()}


@dataclass(frozen=True)
class Wanted:
    """Which lines; what is None does not matter."""

    account_id: UUID | None = None
    terminal: bool = False
    """Only what was done at a terminal, by whoever runs the system."""
    act: str | None = None
    thing: str | None = None
    thing_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def lines(
    db: Session, wanted: Wanted, *, number: int, size: int, oldest_first: bool = False
) -> tuple[Sequence[StaffAudit], int]:
    """One page of them, newest first unless asked otherwise, and how many there are."""
    these = _where(wanted)
    total = db.scalar(select(func.count()).select_from(StaffAudit).where(*these)) or 0
    order = StaffAudit.number.asc() if oldest_first else StaffAudit.number.desc()
    page = select(StaffAudit).where(*these).order_by(order)
    return db.scalars(page.limit(size).offset((number - 1) * size)).all(), total


def next_lines(
    db: Session, wanted: Wanted, *, before: int | None, most: int
) -> Sequence[StaffAudit]:
    """For reading all of it: the next ones older than line `before`."""
    these = _where(wanted)
    if before is not None:
        these.append(StaffAudit.number < before)
    page = select(StaffAudit).where(*these).order_by(StaffAudit.number.desc())
    return db.scalars(page.limit(most)).all()


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    same = ("account_id", "act", "thing", "thing_id")
    asked = [(name, getattr(wanted, name)) for name in same]
    these = [getattr(StaffAudit, name) == value for name, value in asked if value is not None]
    if wanted.terminal:
        these += [StaffAudit.account_id.is_(None), StaffAudit.address == TERMINAL[1]]
        these.append(StaffAudit.who == TERMINAL[0])
    if wanted.since is not None:
        these.append(StaffAudit.at >= wanted.since)
    if wanted.until is not None:
        these.append(StaffAudit.at < wanted.until)
    return these
