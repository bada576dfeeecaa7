"""Moving everybody from an old revision to the new by one batch operation, then clearing up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.owed import State
from line.gateway import Line, LineError, LineRefused, Move
from models import MenuAssignment, MenuBook, MenuMove, MenuRevision, Publication, Revised
from richmenus import book as books
from richmenus import showing, telling
from richmenus.looking import HEAD_START
from richmenus.rules import pause

log = structlog.get_logger()

AN_HOUR, MOST_AN_HOUR = timedelta(hours=1), 3
"""LINE takes three batch operations an hour."""
GIVE_UP_AFTER = 4
"""Attempts to start one; then people are moved by bulk links."""
FIRST_LOOK, LONGEST_LOOK = timedelta(seconds=1), timedelta(seconds=60)
"""Between looks at how far LINE is; it may be asked 100 times an hour."""


def put(db: Session, moves: Sequence[tuple[str, str]], people: int, now: datetime) -> bool:
    """Owe a batch operation. False when bulk links do it instead: LINE takes no more this hour,
    or is still at one, which could move people back."""
    lately = select(func.count()).where(MenuMove.put_at > now - AN_HOUR)
    under_way = select(MenuMove.id).where(MenuMove.state == State.DUE).limit(1)
    if not moves or (db.scalar(lately) or 0) >= MOST_AN_HOUR or db.scalar(under_way):
        return False
    plain = [list(move) for move in moves]
    owed.put(db, MenuMove(moves=plain, people=people, put_at=now, due_at=now))
    return True


def work(database: Database, line: Line, clock: Clock) -> int:
    """Start the operation that is due, or ask how far it is. 1 when one was ended, else 0."""
    with database.begin() as db:
        taken = owed.take(db, MenuMove, clock())
        for row in taken:
            row.started_at = row.started_at or clock()
    return sum(_advance(database, line, clock, row) for row in taken)


def _advance(database: Database, line: Line, clock: Clock, row: MenuMove) -> int:
    try:
        if not row.request_id:
            moves = [Move(source, target) for source, target in row.moves]
            request_id = line.move_menus(moves, resume_key=row.id.hex)
            phase = "ongoing"
        else:
            request_id, phase = row.request_id, line.move_progress(row.request_id)
    except LineError as e:
        return _failed(database, clock(), row, e)
    with database.begin() as db:
        now = clock()
        if phase == "ongoing":
            _ask_later(db, row, request_id, now)
            return 0
        return _ended(db, row, now, "" if phase == "succeeded" else f"LINE says {phase}")


def _ask_later(db: Session, row: MenuMove, request_id: str, now: datetime) -> None:
    wait = min(FIRST_LOOK * 2 ** min(row.attempts - 1, 6), LONGEST_LOOK)
    if owed.again(db, row, now + wait, ""):
        db.execute(update(MenuMove).where(MenuMove.id == row.id).values(request_id=request_id))


def _failed(database: Database, now: datetime, row: MenuMove, error: LineError) -> int:
    """A start that keeps failing is given up; a question about progress never is."""
    hopeless = isinstance(error, LineRefused) or row.attempts >= GIVE_UP_AFTER
    with database.begin() as db:
        if hopeless and (not row.request_id or isinstance(error, LineRefused)):
            log.warning("menu_move_given_up", move=str(row.id), error=str(error))
            return _ended(db, row, now, str(error))
        owed.again(db, row, now + pause(row.attempts), str(error))
        return 0


def _ended(db: Session, row: MenuMove, now: datetime, error: str) -> int:
    """Note that LINE shows the new; after an `error` we do not know whom it had moved by then, and
    bulk links do the rest. Either way, whoever was given a menu while LINE was moving, or so
    shortly before that LINE may not have done it when it began, is told anew: LINE moves people by
    what it saw when it began."""
    if not (owed.failed(db, row, now, error) if error else owed.done(db, row, now)):
        return 0
    goes = dict(row.moves)
    assignment = MenuAssignment
    # Those who may have shown one of these when LINE began.
    perhaps = assignment.previous.in_([*goes, telling.UNSURE]) | assignment.shown.in_(goes)
    ours = select(assignment.id).where(perhaps)
    db.execute(ours.order_by(assignment.id).with_for_update())
    _update(
        db,
        update(assignment)
        .where(perhaps, (assignment.sure_at >= row.started_at) | assignment.leased)
        .values(
            shown=None,
            state=State.DUE,
            due_at=now - HEAD_START,
            leased=False,
            attempts=assignment.attempts + 1,  # who has them in hand settles nothing
        ),
    )
    if not error:
        moved = case(goes, value=assignment.shown)
        _update(db, update(assignment).where(assignment.shown.in_(goes)).values(shown=moved))
    return 1


def _update(db: Session, statement: object) -> None:
    db.execute(statement.execution_options(synchronize_session=False))  # type: ignore[attr-defined]


def delete_unshown(database: Database, line: Line, clock: Clock) -> int:
    """Delete at LINE what an earlier publication had and nobody shows any more; how many."""
    with database.read() as db:
        old = _old_and_unshown(db, clock())
    for revision_id, menu in old:
        try:
            line.delete_menu(menu)
        except LineError as e:  # LINE deletes 100 an hour; the rest goes another time
            log.warning("menu_not_deleted", revision=str(revision_id), error=str(e))
            return 0
        with database.begin() as db:
            forget(db, menu)
    return len(old)


def forget(db: Session, menu: str) -> None:
    """LINE has this menu no more."""
    gone = update(MenuRevision).where(MenuRevision.line_menu_id == menu)
    _update(db, gone.values(line_menu_id=None, state=Revised.WANTED))


def _revisions(pages: Sequence[tuple[str, str, str]]) -> set[UUID]:
    return {UUID(each) for _, _, each in pages}


def _old_and_unshown(db: Session, now: datetime) -> list[tuple[UUID, str]]:
    book = db.get(MenuBook, books.ONLY)
    if book is None or book.publication_id is None:
        return []
    if book.publishing_until and book.publishing_until > now:
        return []  # what is not in force yet may be in a moment
    current = _revisions(db.get_one(Publication, book.publication_id).pages)
    has_menu = MenuRevision.line_menu_id.is_not(None)
    rows = db.execute(select(MenuRevision.id, MenuRevision.line_menu_id).where(has_menu))
    others = {key: menu for key, menu in rows if menu and key not in current}
    if not others:
        return []
    # What belongs to no publication yet is somebody's who was cut off and may come back.
    earlier = {
        each for pages in db.scalars(select(Publication.pages)) for each in _revisions(pages)
    }
    moves = db.scalars(select(MenuMove.moves).where(MenuMove.state == State.DUE))
    under_way = {menu for each in moves for move in each for menu in move}
    old = {key: menu for key, menu in others.items() if key in earlier}
    if not old or showing.unsure(db):
        return []
    shown = showing.people(db, list(old.values()))
    return [(key, menu) for key, menu in old.items() if menu not in shown and menu not in under_way]
