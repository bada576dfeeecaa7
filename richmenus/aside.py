"""What was put aside of rich menus: people whose menu LINE refused to set, and publishing that
stopped."""

from datetime import datetime

from sqlalchemy import ColumnElement, false, update
from sqlalchemy.orm import Session

from core.inserting import affected
from core.owed import Owed, State
from members.aside import Kind
from models import MenuAssignment, PublishRun
from richmenus.looking import HEAD_START

SEEN = "–"
"""Stands where a cancelled run says who cancelled it."""


def _tell_again(db: Session, table: type[Owed], now: datetime, *where: ColumnElement[bool]) -> int:
    """LINE is told anew. The attempts go on counting: by them whoever is late knows that it is."""
    row = MenuAssignment
    due = {"state": State.DUE, "due_at": now - HEAD_START, "error": "", "failures": 0}
    told = update(table).where(~row.leased, *where).values(attempts=row.attempts + 1, **due)
    return affected(db.execute(told.execution_options(synchronize_session=False)))


MENUS = Kind(MenuAssignment, MenuAssignment.wanted, MenuAssignment.id, again=_tell_again)
PUBLISHING = Kind(
    PublishRun,
    PublishRun.stopped,
    hopeful=lambda now: false(),  # what it would do is looked at first, on its own page
    left={"stopped_by": SEEN},
    not_left={"stopped_by": ""},
)
