"""Telling LINE whose menu is another now: in bulk, remembered, and again when it did not go well.

Before LINE is asked, the row says that we do not know what it shows; afterwards, what it shows.
So a process that dies in between leaves a row that is taken up again, and never a wrong belief.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, case, false, func, select, tuple_, update
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.inserting import affected
from core.owed import State
from core.settings import Settings
from line.gateway import Line, LineError, LineRefused
from members import friendship
from models import Friend, MenuAssignment
from richmenus import book as books
from richmenus import trying
from richmenus.book import Book
from richmenus.looking import HEAD_START
from richmenus.rules import LINE_TAKES, NEVER, Call, Noted, Shows, pause, still_shown

log = structlog.get_logger()

BULK = 500
"""Users in one call to LINE."""
HAND = 4 * BULK
"""People taken at once: what can surely be told within a lease."""
UNSURE = "?"
"""What is noted instead of LINE's id of a menu when we do not know what somebody saw before."""
MOST_REFUSED = 40
"""Refusals of one chunk before we stop looking for the people they are about."""


_FRIENDS = select(
    Friend.id, Friend.line_user_id, Friend.following, Friend.menu_epoch, Friend.friendship_at
)
"""What we ask of friends. Thousands of whole ones would be the most that a worker ever holds."""


@dataclass(frozen=True)
class Told:
    """One friend whom LINE is told about."""

    id: UUID
    attempts: int
    failures: int
    line_user_id: str
    sure_at: datetime | None = None
    """LINE may still be at what it was told before, and do that last. None: it is not."""


Hand = Mapping[str, Sequence[Told]]
"""Whom to tell LINE about, by its menu id; empty: their own menu is taken away."""


def tell(database: Database, line: Line, settings: Settings, clock: Clock) -> int:
    """Take a handful of people and tell LINE about those whom it shows the wrong menu."""
    hand, number = _take(database, settings, clock())
    telling = _Telling(database, line, settings, clock)
    for menu, people in hand.items():
        for start in range(0, len(people), BULK):
            telling.refused = 0
            telling.tell(menu, people[start : start + BULK])
    return number


def _take(database: Database, settings: Settings, now: datetime) -> tuple[Hand, int]:
    """Whom to tell LINE about; those who need nothing are settled on the spot."""
    with database.begin() as db:
        book = books.load(db, settings.zone, hold=True)
        rows = owed.take(db, MenuAssignment, now, limit=HAND) if book else []
        if book is None or not rows:
            return {}, 0
        friends = {
            friend.id: friend
            for friend in db.execute(_FRIENDS.where(Friend.id.in_([row.id for row in rows])))
        }
        hand: dict[str, list[Told]] = defaultdict(list)
        nothing, held, later = [], trying.held(db), []
        for row in rows:
            friend = friends[row.id]
            pending = row.sure_at if row.sure_at and row.sure_at > now else None
            told = Told(row.id, row.attempts, row.failures, friend.line_user_id, pending)
            if row.id in held:
                later.append(told)
                continue
            shows = _shows(row, friend)
            match book.call(row.wanted, shows):
                case Call.NOTHING:
                    nothing.append(told)
                case Call.LINK:
                    hand[book.targets[row.wanted]].append(told)
                case Call.UNLINK:
                    hand[""].append(told)
        _settle(db, nothing, now, state=State.DONE, done_at=now)
        _settle(db, later, now, due_at=now + trying.LATER)
        _unknown(db, [told.id for people in hand.values() for told in people])
        return hand, len(rows)


def _shows(row: MenuAssignment, friend: Any) -> Shows:
    noted = Noted(row.shown, row.epoch, row.sure_at)
    now = still_shown(noted, epoch=friend.menu_epoch, friendship_at=friend.friendship_at)
    return Shows(friendship.reachable(friend), now)


def _unknown(db: Session, ids: Sequence[UUID]) -> None:
    """From here until the answer is noted, we do not know what LINE shows."""
    row = MenuAssignment
    never_asked = row.epoch == NEVER
    previous = case((never_asked, ""), else_=func.coalesce(row.shown, UNSURE))
    _change(db, row.id.in_(ids), previous=previous, shown=None, epoch=_epoch())


def _epoch() -> ColumnElement[int]:
    found = select(Friend.menu_epoch).where(Friend.id == MenuAssignment.id)
    return found.correlate(MenuAssignment).scalar_subquery()


@dataclass
class _Telling:
    database: Database
    line: Line
    settings: Settings
    clock: Clock
    outage: str = ""
    """What LINE said when it could not be had; then nobody else is tried in this go."""
    refused: int = 0

    def tell(self, menu: str, chunk: Sequence[Told]) -> None:
        if self.outage or self.refused > MOST_REFUSED:
            self._again(chunk, self.outage or "too many were refused at once")
            return
        try:
            self._call(menu, [told.line_user_id for told in chunk])
        except LineRefused as e:
            self._refused(menu, chunk, e)
        except LineError as e:
            self.outage = str(e)
            self._again(chunk, self.outage)
        else:
            self._told(menu, chunk)

    def _call(self, menu: str, users: Sequence[str]) -> None:
        if menu:
            self.line.link_menu(menu, users)
        else:
            self.line.unlink_menu(users)

    def _refused(self, menu: str, chunk: Sequence[Told], error: LineRefused) -> None:
        """One odd id makes LINE refuse all: halve, until it is alone with its refusal."""
        self.refused += 1
        if error.status not in (0, 400):  # about the channel or the menu, not about somebody
            self._again(chunk, str(error))
        elif len(chunk) > 1:
            half = len(chunk) // 2
            self.tell(menu, chunk[:half])
            self.tell(menu, chunk[half:])
        else:
            log.warning("menu_refused", friend=str(chunk[0].id), status=error.status)
            with self.database.begin() as db:
                now = self.clock()
                _settle(db, chunk, now, state=State.FAILED, done_at=now, error=str(error)[:1000])

    def _told(self, menu: str, chunk: Sequence[Told]) -> None:
        with self.database.begin() as db:
            now = self.clock()
            book = books.load(db, self.settings.zone, hold=True)
            right = _right(book, menu)
            well = {"failures": 0, "error": "", "done_at": now}
            soon, sure_at = now - HEAD_START, now if len(chunk) == 1 else now + LINE_TAKES
            _settle(
                db,
                [told for told in chunk if told.sure_at is None],
                now,
                shown=menu,
                sure_at=sure_at,
                due_at=soon,
                state=case((right, State.DONE.value), else_=State.DUE.value),
                **well,
            )
            if again := [told for told in chunk if told.sure_at]:
                # LINE may yet do what it was told before: once more, when that is over.
                over = max(sure_at, *(told.sure_at for told in again if told.sure_at))
                when = case((right, over), else_=soon)
                _settle(db, again, now, sure_at=over, due_at=when, state=State.DUE, **well)

    def _again(self, chunk: Sequence[Told], error: str) -> None:
        log.warning("menus_not_told", people=len(chunk))
        wait = pause(max(told.failures for told in chunk) + 1)
        with self.database.begin() as db:
            now, failures = self.clock(), MenuAssignment.failures + 1
            _settle(
                db,
                chunk,
                now,
                due_at=now + wait,
                sure_at=now + LINE_TAKES,
                failures=failures,
                error=error[:1000],
            )


def _right(book: Book | None, menu: str) -> ColumnElement[bool]:
    """What LINE was told is still what is wanted, and LINE has not forgotten it since."""
    if book is None:
        return false()
    keys = [key for key, accepted in book.accepted.items() if menu in accepted]
    wanted = keys if menu else [book.default]
    return and_(MenuAssignment.wanted.in_(wanted), MenuAssignment.epoch == _epoch())


def _settle(db: Session, chunk: Sequence[Told], now: datetime, **values: object) -> None:
    """Say how it went, of those whom no other process has taken over since.

    Of the others nobody knows whose call reached LINE last. They are left alone until whoever is
    at them has ended, and told anew then.
    """
    row = MenuAssignment
    if not chunk:
        return
    # In one order everywhere, so that two who lock many rows cannot lock each other out.
    ours = select(row.id).where(row.id.in_([told.id for told in chunk])).order_by(row.id)
    db.execute(ours.with_for_update())
    mine = tuple_(row.id, row.attempts).in_([(told.id, told.attempts) for told in chunk])
    if _change(db, mine, leased=False, **values) == len(chunk):
        return
    log.warning("menus_told_too_late")
    _change(
        db,
        row.id.in_([told.id for told in chunk]) & ~mine,
        shown=None,
        state=State.DUE,
        due_at=now + owed.LEASE,
        leased=True,
        attempts=row.attempts + 1,
    )


def _change(db: Session, which: ColumnElement[bool], **values: object) -> int:
    statement = update(MenuAssignment).where(which).values(**values)
    return affected(db.execute(statement.execution_options(synchronize_session=False)))
