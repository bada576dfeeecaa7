"""Which menus at LINE, and which friends, belong to a draft that staff try on their own LINE.

Their names do not begin as those of published menus do, so that publishing neither takes them for
its own, nor for strangers, nor deletes them.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.owed import State
from models import Friend, MenuTrial

PREFIX = "musubi-trial:"
ALIAS = "trial-"
"""An alias of a published tab has an underscore, and none of ours has."""
AN_HOUR = timedelta(hours=1)
LATER = timedelta(seconds=30)
"""Between looks whether a friend who tries a draft may be told of another menu again."""


def name(trial_id: UUID, tab: int) -> str:
    """A menu's name at LINE: by it a menu is found again when the answer was lost."""
    return f"{PREFIX}{mark(trial_id)}:{tab}"


def alias(trial_id: UUID, tab: int) -> str:
    return f"{ALIAS}{mark(trial_id)}-{tab}"


def mark(trial_id: UUID) -> str:
    return trial_id.hex[:16]


def is_ours(alias: str) -> bool:
    return alias.startswith(ALIAS) and "_" not in alias


def held(db: Session) -> frozenset[UUID]:
    """Friends who are looking at a draft: LINE is not told of another menu for them until that
    has ended. Whose menus LINE has forgotten meanwhile is not looking any more."""
    looking = (
        select(MenuTrial.friend_id)
        .join(Friend, Friend.id == MenuTrial.friend_id)
        .where(
            MenuTrial.state == State.DUE,
            MenuTrial.ended_at.is_(None),
            Friend.menu_epoch == MenuTrial.epoch,
        )
    )
    return frozenset(each for each in db.scalars(looking) if each)


def created(db: Session, now: datetime) -> int:
    """Of the 100 menus that LINE creates within an hour, those that drafts have taken."""
    lately = select(func.sum(MenuTrial.menus)).where(MenuTrial.asked_at > now - AN_HOUR)
    return int(db.scalar(lately) or 0)
