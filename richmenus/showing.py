"""How many people LINE shows each menu, as far as we know."""

from collections.abc import Collection

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.owed import State
from members.friendship import IS_REACHABLE
from models import Friend, MenuAssignment
from richmenus.telling import UNSURE


def people(db: Session, menus: Collection[str] | None = None) -> dict[str, int]:
    """By LINE's menu id: friends who have it as their own. Nobody: not in it. Who is being told of
    another counts where they were, until it is known to have gone well."""
    row = MenuAssignment
    told = and_(row.state == State.DUE, row.shown.is_(None))
    shown = case((told, row.previous), else_=row.shown).label("menu")
    statement = (
        select(shown, func.count())
        .join(Friend, Friend.id == row.id)
        .where(shown.not_in(("", UNSURE)), IS_REACHABLE, Friend.menu_epoch == row.epoch)
        .group_by("menu")
    )
    if menus is not None:  # said so that indexes lead to them
        statement = statement.where(or_(row.shown.in_(menus), and_(told, row.previous.in_(menus))))
    return dict(db.execute(statement).all())


def unsure(db: Session) -> bool:
    """Whether somebody may show anything: LINE was told more than once, and never answered."""
    row = MenuAssignment
    lost = and_(row.state == State.DUE, row.shown.is_(None), row.previous == UNSURE)
    return db.scalar(select(row.id).where(lost).limit(1)) is not None
