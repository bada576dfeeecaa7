"""How many people LINE shows each menu, as far as we know."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from members.friendship import IS_REACHABLE
from models import Friend, MenuAssignment


def people(db: Session, menus: Collection[str] | None = None) -> dict[str, int]:
    """By LINE's menu id: friends who have it as their own. Nobody: not in it."""
    row = MenuAssignment
    statement = (
        select(row.shown, func.count())
        .join(Friend, Friend.id == row.id)
        .where(row.shown != "", IS_REACHABLE, Friend.menu_epoch == row.epoch)
        .group_by(row.shown)
    )
    if menus is not None:
        statement = statement.where(row.shown.in_(menus))
    return {menu: number for menu, number in db.execute(statement) if menu is not None}
