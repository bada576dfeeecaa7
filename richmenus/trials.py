"""Looking at a draft on one's own LINE: asking for it, ending it, and how it stands.

A row is put down, and the worker carries it out (`richmenus/trial_runs.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, TooMany
from core.inserting import affected
from core.owed import State
from core.settings import Settings
from members import friendship
from models import Friend, MenuTrial, Tried
from richmenus import desk, trying
from richmenus.editions import Page, Source, alias
from richmenus.problems import BadMenus

MOST_AN_HOUR, MOST_MENUS = 10, 20
"""Drafts that are tried within an hour, and their tabs: publishing needs what LINE creates."""
KEPT = timedelta(days=30)


def ask(
    db: Session, key: str, account_id: UUID, friend: Friend, now: datetime, settings: Settings
) -> MenuTrial:
    """Owe the showing of a menu as it lies on the desk; what they look at already is put back.
    Raises NotFound, Invalid, and TooMany."""
    menu = desk.read(db, settings).menu(key)
    if not friendship.reachable(friend):
        raise Invalid("staff_trial.not_following")
    pages = _pages(db, menu.key, menu.definition, menu.pictures, settings)
    _check_budget(db, len(pages), now)
    stop(db, account_id, now, friend_id=friend.id)
    trial = MenuTrial(
        id=uuid4(), due_at=now, account_id=account_id, friend_id=friend.id,
        epoch=friend.menu_epoch, key=key, name=str(menu.definition["name"])[:200], pages=[],
        menus=len(pages), asked_at=now, stop=False, tried=Tried.WELL,
    )  # fmt: skip
    trial.pages = [_kept(page, trial.id, [each.tab for each in pages]) for page in pages]
    db.add(trial)
    db.flush()
    return trial


def _pages(
    db: Session, key: str, definition: Any, files: dict[str, str], settings: Settings
) -> list[Page]:
    alone = [{"menu": key, "because": "-"}]
    try:
        return list(desk.edition_of(db, [Source(key, definition, files)], alone, settings).pages)
    except BadMenus as e:
        raise Invalid("staff_trial.not_good") from e


def _kept(page: Page, trial_id: UUID, tabs: list[str]) -> dict[str, Any]:
    """A tab whose switches lead to tabs of the draft, and not to published ones."""
    to = {alias(page.key, tab): trying.alias(trial_id, n) for n, tab in enumerate(tabs)}
    areas = [area | {"action": _led(area["action"], to)} for area in page.body["areas"]]
    return {"body": {**page.body, "areas": areas}, "picture": page.picture}


def _led(action: dict[str, Any], to: dict[str, str]) -> dict[str, Any]:
    if action["type"] != "richmenuswitch":
        return action
    name = to[action["richMenuAliasId"]]
    return action | {"richMenuAliasId": name, "data": f"1:tab:{name}"}


def _check_budget(db: Session, more: int, now: datetime) -> None:
    lately = select(func.count()).where(MenuTrial.asked_at > now - trying.AN_HOUR)
    often = (db.scalar(lately) or 0) >= MOST_AN_HOUR
    if often or trying.created(db, now) + more > MOST_MENUS:
        raise TooMany("staff_trial.too_many", seconds=int(trying.AN_HOUR.total_seconds()))


def stop(db: Session, account_id: UUID, now: datetime, *, friend_id: UUID | None = None) -> int:
    """Put back what this person, or this friend, looks at; how many drafts that was."""
    row = MenuTrial
    whose = row.account_id == account_id
    if friend_id:
        whose = or_(whose, row.friend_id == friend_id)
    in_hand = row.leased & (row.due_at > now)
    wanted = update(row).where(whose, row.state == State.DUE, row.ended_at.is_(None))
    wanted = wanted.values(
        stop=True, due_at=case((in_hand, row.due_at), else_=literal(now, row.due_at.type))
    )
    return affected(db.execute(wanted.execution_options(synchronize_session=False)))


@dataclass(frozen=True)
class Look:
    """The newest draft that somebody tried, and how that stands."""

    key: str
    name: str
    state: str
    """asked, showing, ending, over, or why it did not go well."""
    until: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in ("asked", "showing", "ending")


def latest(db: Session, account_id: UUID, now: datetime) -> Look | None:
    """None when it was long ago."""
    mine = select(MenuTrial, Friend.menu_epoch).outerjoin(Friend, Friend.id == MenuTrial.friend_id)
    recent = (MenuTrial.account_id == account_id) & (MenuTrial.asked_at > now - trying.AN_HOUR)
    row = db.execute(mine.where(recent).order_by(MenuTrial.asked_at.desc()).limit(1)).first()
    if row is None:
        return None
    trial, epoch = row
    return Look(trial.key, trial.name, _state(trial, epoch, now), trial.until)


def _state(trial: MenuTrial, epoch: int | None, now: datetime) -> str:
    if trial.tried != Tried.WELL:
        return trial.tried.value
    if trial.ended_at or epoch != trial.epoch:
        return "over"
    if is_over(trial, now):
        return "ending"
    return "showing" if trial.shown_at else "asked"


def is_over(trial: MenuTrial, now: datetime) -> bool:
    past = trial.until is not None and trial.until <= now
    return trial.stop or past or trial.friend_id is None


def forget(db: Session, now: datetime) -> int:
    """Delete what ended long ago; how many."""
    row = MenuTrial
    old = delete(row).where(row.state != State.DUE, row.asked_at < now - KEPT)
    return affected(db.execute(old))
