"""Publishing that staff ask for, now or at a time: put down as a row, cancelled, looked at.

What was asked for is what is published: menus and rules are kept as they were at that moment. The
worker carries it out (`richmenus/carrying_out.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound
from core.inserting import affected
from core.owed import State
from models import MenuBook, MenuMove, MenuRevision, Publication, PublishRun, Stopped
from richmenus import book as books
from richmenus import moving, publications, publishing, trying
from richmenus.costing import Left
from richmenus.editions import Edition

KEPT = timedelta(days=400)
"""How long runs that have ended are kept."""
MOST_SCHEDULED = 20
LONGEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Asked:
    """Who asks for what."""

    by: str
    account_id: UUID | None
    people: int = 0
    """Who will see something else, as they were told."""
    restores: int | None = None


# Asking


def ask(
    db: Session, edition: Edition, asked: Asked, now: datetime, *, at: datetime | None = None
) -> PublishRun:
    """Owe the publishing of an edition, now or `at` a time. Raises Conflict when another one is
    being carried out, Invalid when the time cannot be."""
    over = _hold(db)
    if at is None and running(db):
        raise Conflict("staff_publish.somebody_publishes")
    if at is not None:
        _check_time(db, at, now)
    publications.keep(db, edition)
    run = PublishRun(
        id=uuid4(),
        due_at=at or now,
        pages=[[p.key, p.tab, str(publications.revision(db, p).id)] for p in edition.pages],
        rules=list(edition.rules),
        menus=[source.kept() for source in edition.sources],
        fingerprint=edition.fingerprint,
        asked_at=now,
        asked_by=asked.by,
        account_id=asked.account_id,
        scheduled=at is not None,
        scheduled_for=at,
        restores=asked.restores,
        over=over,
        people=asked.people,
    )
    db.add(run)
    db.flush()
    return run


def _hold(db: Session) -> int:
    """One asks at a time; the number of the publication in force."""
    publications.begin(db)
    book = select(MenuBook).where(MenuBook.id == books.ONLY).with_for_update()
    row = db.scalars(book.execution_options(populate_existing=True)).one()
    return _number(db, row.publication_id)


def _number(db: Session, publication_id: UUID | None) -> int:
    number = select(Publication.number).where(Publication.id == publication_id)
    return (db.scalar(number) if publication_id else None) or 0


def _check_time(db: Session, at: datetime, now: datetime) -> None:
    if not now < at <= now + LONGEST_AHEAD:
        raise Invalid("staff_publish.time_past" if at <= now else "staff_publish.time_far")
    if len(scheduled(db)) >= MOST_SCHEDULED:
        raise Invalid("staff_publish.too_many_scheduled", limit=MOST_SCHEDULED)


def cancel(db: Session, run_id: UUID, *, by: str, now: datetime) -> PublishRun:
    """Raises Conflict when it has ended, or is being carried out at this moment."""
    run = get(db, run_id, hold=True)
    if run.state != State.DUE:
        raise Conflict("staff_publish.has_ended")
    if (run.leased and run.due_at > now) or run.publication:
        raise Conflict("staff_publish.is_running")
    run.attempts += 1  # whoever wakes up with it in hand settles nothing
    run.leased = False
    run.state, run.done_at = State.FAILED, now
    run.stopped, run.stopped_by = Stopped.CANCELLED, by
    db.flush()
    return run


def schedule_again(db: Session, run_id: UUID, now: datetime) -> tuple[PublishRun, bool]:
    """What was cancelled is owed again at its time; False when it is already. Raises Conflict when
    it ended otherwise, Invalid when its time has gone."""
    _hold(db)
    run = get(db, run_id, hold=True)
    if run.state == State.DUE:
        return run, False
    if run.stopped != Stopped.CANCELLED or run.scheduled_for is None:
        raise Conflict("staff_publish.has_ended")
    _check_time(db, run.scheduled_for, now)
    run.attempts += 1
    run.state, run.done_at, run.due_at = State.DUE, None, run.scheduled_for
    run.stopped, run.stopped_by, run.error = Stopped.NOT, "", ""
    db.flush()
    return run, True


# Looking


def get(db: Session, run_id: UUID, *, hold: bool = False) -> PublishRun:
    row = select(PublishRun).where(PublishRun.id == run_id)
    run = db.scalar(row.with_for_update() if hold else row)
    if run is None:
        raise NotFound("staff_publish.no_such_run")
    return run


def running(db: Session) -> PublishRun | None:
    """The one that is owed now: under way, or about to be."""
    begun = PublishRun.started_at.is_not(None) | ~PublishRun.scheduled
    open_one = select(PublishRun).where(PublishRun.state == State.DUE, begun)
    return db.scalar(open_one.order_by(PublishRun.asked_at).limit(1))


def scheduled(db: Session) -> Sequence[PublishRun]:
    """Those that wait for their time, the soonest first."""
    waiting = (PublishRun.state == State.DUE) & PublishRun.scheduled
    rows = select(PublishRun).where(waiting, PublishRun.started_at.is_(None))
    return db.scalars(rows.order_by(PublishRun.scheduled_for)).all()


def elsewhere_until(db: Session, now: datetime) -> datetime | None:
    """Until when somebody holds the right to publish; None: nobody does."""
    book = db.get(MenuBook, books.ONLY)
    until = book.publishing_until if book else None
    return until if until and until > now else None


def forget(db: Session, now: datetime) -> int:
    """Delete runs that ended long ago; how many."""
    old = delete(PublishRun).where(PublishRun.state != State.DUE, PublishRun.asked_at < now - KEPT)
    return affected(db.execute(old))


def left(db: Session, now: datetime) -> Left:
    """What LINE still takes within this hour."""
    created = select(func.count()).where(MenuRevision.created_at > now - publishing.AN_HOUR)
    moved = select(func.count()).where(MenuMove.put_at > now - moving.AN_HOUR)
    return Left(
        max(0, publishing.MOST_AN_HOUR - (db.scalar(created) or 0) - trying.created(db, now)),
        max(0, moving.MOST_AN_HOUR - (db.scalar(moved) or 0)),
    )
