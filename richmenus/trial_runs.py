"""Drafts on somebody's own LINE: carried out, and taken away again, whatever dies meanwhile.

Row, call, row: until when it is shown is noted before LINE is asked to show it, and what LINE has
of it is found by its names. Killed at any line, it goes on when the lease has ended; in the end the
ordinary assignment has the friend again, and LINE none of the draft's menus.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import case, literal, select, update
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.owed import State
from line.gateway import Line, LineError, LineRefused
from members import friendship
from models import Friend, MenuAssignment, MenuPicture, MenuTrial, Tried
from richmenus import telling, trying
from richmenus.looking import HEAD_START
from richmenus.rules import pause
from richmenus.trials import is_over

log = structlog.get_logger()

SHOWN_FOR = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(minutes=5)
"""Of LINE being out of reach, before it was shown."""
IN_A_MOMENT = timedelta(seconds=1)


class _Lost(Exception):
    """Our lease has ended, and another process has it."""


class _Stopped(Exception):
    """Somebody wants it put back, while we were at showing it."""


def work(
    database: Database,
    line: Line,
    clock: Clock,
    ring: Callable[[str], object] = lambda kind: None,
) -> int:
    """Show and put back what is due; how often something was done."""
    count = 0
    while _is_due(database, clock()):
        with database.begin() as db:
            taken = owed.take(db, MenuTrial, clock())
        for trial in taken:
            _Trying(database, line, clock, ring, trial).go_on()
            count += 1
    return count


def _is_due(database: Database, now: datetime) -> bool:
    """A look that keeps nobody waiting."""
    with database.read() as db:
        return owed.is_due(db, MenuTrial, now)


@dataclass
class _Trying:
    database: Database
    line: Line
    clock: Clock
    ring: Callable[[str], object]
    trial: MenuTrial

    def go_on(self) -> None:
        try:
            if self.trial.ended_at is None and not is_over(self.trial, self.clock()):
                self._show()
            else:
                self._put_back()
        except _Lost:
            log.warning("menu_trial_lost", trial=str(self.trial.id))
        except _Stopped:
            self._again(self.clock())
        except LineError as e:
            self._hindered(e)

    def _show(self) -> None:
        with self.database.begin() as db:
            user = self._ready(db)
        if user is None:
            return
        menus = self._create()
        if len(menus) > 1:
            for n, menu in enumerate(menus):
                self._hold()
                self.line.set_menu_alias(trying.alias(self.trial.id, n), menu)
        self._hold(until=self.trial.until or self.clock() + SHOWN_FOR)
        self.line.link_menu(menus[0], [user])
        with self.database.begin() as db:
            row = MenuTrial
            next_look = case((row.stop, literal(self.clock(), row.due_at.type)), else_=row.until)
            self._note(db, shown_at=self.clock(), due_at=next_look, leased=False, error="")

    def _ready(self, db: Session) -> str | None:
        """Whom to show it. None when it is shown already, or cannot be shown, or not yet."""
        trial, now = self.trial, self.clock()
        friend = db.get(Friend, trial.friend_id)
        if trial.shown_at and trial.until:
            owed.again(db, trial, trial.until, "")
        elif friend is None or friend.menu_epoch != trial.epoch:
            self._note(db, tried=Tried.NOT_FOLLOWING, stop=True, due_at=now, leased=False)
        elif wait := self._must_wait(db, now):
            owed.again(db, trial, wait, "")
        else:
            return friend.line_user_id
        return None

    def _must_wait(self, db: Session, now: datetime) -> datetime | None:
        """Until what somebody else is at with the same friend has ended."""
        trial, row = self.trial, db.get(MenuAssignment, self.trial.friend_id)
        earlier = select(MenuTrial.id).where(
            MenuTrial.friend_id == trial.friend_id,
            MenuTrial.state == State.DUE,
            MenuTrial.ended_at.is_(None),
            (MenuTrial.asked_at < trial.asked_at)
            | ((MenuTrial.asked_at == trial.asked_at) & (MenuTrial.id < trial.id)),
        )
        in_hand = row is not None and row.state == State.DUE and row.leased and row.due_at > now
        if in_hand or db.scalar(earlier.limit(1)):
            return now + IN_A_MOMENT
        # LINE may still be at what it was told in bulk, and do that last.
        return row.sure_at if row and row.sure_at and row.sure_at > now else None

    def _create(self) -> list[str]:
        """The tabs' ids; those that LINE has of us already are found by their names."""
        there = {menu.name: menu.id for menu in self.line.menus()}
        ids = []
        for n, page in enumerate(self.trial.pages):
            name = trying.name(self.trial.id, n)
            self._hold()
            menu = there.get(name) or self.line.create_menu({**page["body"], "name": name})
            if name not in there or not self.line.has_menu_image(menu):
                with self.database.read() as db:
                    image = db.get_one(MenuPicture, page["picture"])
                self._hold()
                self.line.upload_menu_image(menu, image.content, image.content_type)
            ids.append(menu)
        return ids

    def _put_back(self) -> None:
        """The friend first, then LINE's store. Once LINE has none of the draft's menus nothing can
        show them any more, and the friend is looked at once more for what came in between."""
        with self.database.begin() as db:
            self._note(db, ended_at=self.trial.ended_at or self.clock())
            _give_back(db, self.trial, self.clock())
        self.ring("menus")
        self._clear()
        with self.database.begin() as db:
            if not owed.done(db, self.trial, self.clock(), self.trial.error):
                raise _Lost
            _give_back(db, self.trial, self.clock())
        self.ring("menus")

    def _clear(self) -> None:
        """Delete this draft's menus, and those of others that are over, if any were left."""
        menus, aliases = self.line.menus(), self.line.menu_aliases()
        with self.database.read() as db:  # afterwards: whoever has a menu there has a row by now
            going_on = select(MenuTrial.id).where(
                MenuTrial.state == State.DUE, MenuTrial.id != self.trial.id
            )
            others = {trying.mark(each) for each in db.scalars(going_on)}
        for alias in filter(trying.is_ours, aliases):
            if alias.removeprefix(trying.ALIAS).rpartition("-")[0] not in others:
                self.line.delete_menu_alias(alias)
        for menu in menus:
            rest = menu.name.removeprefix(trying.PREFIX)
            if rest != menu.name and rest.partition(":")[0] not in others:
                self._hold()
                self.line.delete_menu(menu.id)

    def _hindered(self, error: LineError) -> None:
        trial, now = self.trial, self.clock()
        if trial.ended_at is None and not is_over(trial, now) and not trial.shown_at:
            late = now - trial.asked_at > GIVE_UP_AFTER
            if isinstance(error, LineRefused) or late:
                why = Tried.REFUSED if isinstance(error, LineRefused) else Tried.UNREACHABLE
                log.warning("menu_trial_failed", trial=str(trial.id), why=why.value)
                with self.database.begin() as db:
                    end = {"tried": why, "stop": True, "due_at": now, "leased": False}
                    self._note(db, **end, error=str(error)[:1000])
                return
        self._again(now + pause(trial.attempts), str(error))

    def _again(self, at: datetime, error: str = "") -> None:
        with self.database.begin() as db:
            owed.again(db, self.trial, at, error)

    def _hold(self, **values: object) -> None:
        """Keep the lease, before each call. Raises when we may not make it any more."""
        with self.database.begin() as db:
            stopped = self._note(db, due_at=self.clock() + owed.LEASE, **values)
        if stopped and self.trial.ended_at is None:
            raise _Stopped

    def _note(self, db: Session, **values: object) -> bool:
        """Whether it is to be put back."""
        trial, row = self.trial, MenuTrial
        mine = (row.id == trial.id) & (row.attempts == trial.attempts) & (row.state == State.DUE)
        noted = update(row).where(mine).values(**values).returning(row.stop)
        stopped = db.scalar(noted.execution_options(synchronize_session=False))
        if stopped is None:
            raise _Lost
        for name in {"until", "ended_at"} & values.keys():
            setattr(trial, name, values[name])
        return stopped


def _give_back(db: Session, trial: MenuTrial, now: datetime) -> None:
    """What LINE shows the friend is unknown, so the ordinary assignment tells it anew."""
    if trial.friend_id is None:
        return
    row = MenuAssignment
    epoch = select(Friend.menu_epoch).where(Friend.id == trial.friend_id).scalar_subquery()
    unknown = {"shown": None, "previous": telling.UNSURE, "epoch": epoch}
    due = {"state": State.DUE, "due_at": now - HEAD_START, "leased": False}
    ours = update(row).where(row.id == trial.friend_id)
    # Whoever has the row in hand settles nothing.
    ours = ours.values(attempts=row.attempts + 1, **unknown, **due)
    db.execute(ours.execution_options(synchronize_session=False))
    friendship.mark_menu_stale(db, [trial.friend_id], now)
