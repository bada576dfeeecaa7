"""Forgetting what menus no longer need: old states of the desk, pictures that came to nothing, and
what was once published, moved, tried and tapped."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from core.database import Database
from core.inserting import affected
from core.owed import State
from core.settings import Settings
from models import DeskSave, MenuDraft, MenuMove, MenuPicture, MenuRevision, RulesDraft
from richmenus import publish_runs, taps, trials
from richmenus.desk import ONLY
from richmenus.drafts import KEPT

UNUSED_KEPT = timedelta(days=3)
"""How long a picture waits for being saved in a menu."""
MOVES_KEPT = timedelta(days=30)
"""How long a batch operation that has ended can be looked at."""


def work(database: Database, now: datetime, _settings: Settings) -> int:
    """Delete what is old enough. How many rows that was."""
    gone = 0
    for forget in (_states, _pictures, _moves, publish_runs.forget, trials.forget, taps.forget):
        with database.begin() as db:
            gone += forget(db, now)
    return gone


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
    # Nobody saves a menu with one of them while we look.
    db.execute(select(RulesDraft.id).where(RulesDraft.id == ONLY).with_for_update())
    for table in (MenuDraft, DeskSave):
        for pictures in db.scalars(select(table.pictures)):
            unsure -= set(pictures.values())
    return affected(db.execute(delete(row).where(row.sha256.in_(unsure)))) if unsure else 0


def _moves(db: Session, now: datetime) -> int:
    ended = delete(MenuMove).where(MenuMove.state != State.DUE, MenuMove.put_at < now - MOVES_KEPT)
    return affected(db.execute(ended.execution_options(synchronize_session=False)))
