"""How the menus stand: what is in force, who should see what, and what LINE shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.owed import State
from members.friendship import IS_REACHABLE
from models import Friend, MenuAssignment, MenuMove
from richmenus import publications, showing


@dataclass(frozen=True)
class TabStatus:
    key: str
    tab: str
    menu: str
    """LINE's id; empty: LINE does not have it."""
    shown: int
    """Friends who have it as their own."""


@dataclass(frozen=True)
class Status:
    number: int
    published_at: datetime
    published_by: str
    restores: int | None
    default: str
    """The key of the menu that everybody sees who has none of their own."""
    tabs: tuple[TabStatus, ...]
    wanted: dict[str, int]
    """Friends who should see a menu, by its key."""
    due: int
    failed: int
    unlooked: int
    """Friends about whom something changed, and whose menu is not computed yet."""
    moving: int


def status(db: Session) -> Status | None:
    """None before the first publication."""
    now = publications.in_force(db)
    if now is None:
        return None
    people = showing.people(db)
    states = _states(db)
    stale = select(func.count()).where(Friend.menu_stale_at.is_not(None))
    moves = select(func.coalesce(func.sum(MenuMove.people), 0)).where(MenuMove.state == State.DUE)
    return Status(
        number=now.publication.number,
        published_at=now.publication.published_at,
        published_by=now.publication.published_by,
        restores=now.publication.restores,
        default=now.edition.default.key,
        tabs=tuple(
            TabStatus(page.key, page.tab, menu, people.get(menu, 0))
            for page, menu in now.ids.items()
        ),
        wanted=wanted(db),
        due=states.get(State.DUE, 0),
        failed=states.get(State.FAILED, 0),
        unlooked=db.scalar(stale) or 0,
        moving=db.scalar(moves) or 0,
    )


def _states(db: Session) -> dict[State, int]:
    row = MenuAssignment
    states = select(row.state, func.count()).group_by(row.state)
    return dict(db.execute(states).all())


def wanted(db: Session) -> dict[str, int]:
    """Friends who should see a menu, by its key."""
    row = MenuAssignment
    statement = (
        select(row.wanted, func.count())
        .join(Friend, Friend.id == row.id)
        .where(IS_REACHABLE)
        .group_by(row.wanted)
    )
    return dict(db.execute(statement).all())
