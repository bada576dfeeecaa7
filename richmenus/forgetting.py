"""Forgetting what the desk no longer needs: old states, and pictures that came to nothing."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from core.database import Database
from core.settings import Settings
from members.inserting import affected
from models import DeskSave, MenuDraft, MenuPicture, MenuRevision
from richmenus.drafts import KEPT

UNUSED_KEPT = timedelta(days=3)
"""How long a picture waits for being saved in a menu."""


def work(database: Database, now: datetime, settings: Settings) -> int:
    """Delete what is old enough. How many rows that was."""
    with database.begin() as db:
        return _states(db, now) + _pictures(db, now)


def _states(db: Session, now: datetime) -> int:
    """The newest of each menu, and of the rules, stays for ever."""
    other = aliased(DeskSave)
    newest = select(func.max(other.version)).where(other.key == DeskSave.key).scalar_subquery()
    old = delete(DeskSave).where(DeskSave.at < now - KEPT, DeskSave.version < newest)
    return affected(db.execute(old.execution_options(synchronize_session=False)))


def _pictures(db: Session, now: datetime) -> int:
    row = MenuPicture
    published = select(MenuRevision.id).where(MenuRevision.picture == row.sha256).exists()
    asked = select(row.sha256).where(row.taken_at < now - UNUSED_KEPT, ~published)
    unsure = set(db.scalars(asked))
    if not unsure:
        return 0
    for table in (MenuDraft, DeskSave):
        for pictures in db.scalars(select(table.pictures)):
            unsure -= set(pictures.values())
    return affected(db.execute(delete(row).where(row.sha256.in_(unsure)))) if unsure else 0
