"""Publishing that staff asked for: put down as a row, carried out by the worker, whatever dies.

What was asked for is what is published: menus and rules are kept as they were at that moment.
A run that was cut off falls due again and goes on; one that had come into force is never put in
force a second time, and one that somebody else overtook is not put over theirs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, Invalid, NotFound, TooMany
from core.inserting import affected
from core.owed import State
from line.gateway import Line, LineError, LineRefused
from models import MenuBook, MenuMove, MenuRevision, Publication, PublishRun, Stopped
from richmenus import book as books
from richmenus import moving, publications, publishing, trying
from richmenus.costing import Left
from richmenus.editions import Edition
from richmenus.planning import Plan, Step
from richmenus.rules import pause

log = structlog.get_logger()

KEPT = timedelta(days=400)
"""How long runs that have ended are kept."""
MOST_SCHEDULED = 20
SOON = timedelta(seconds=10)
"""Until it tries again when somebody else is publishing."""
BUDGET_AGAIN = timedelta(minutes=5)
"""Until it tries again when LINE creates no more menus this hour."""
GIVE_UP_AFTER = timedelta(hours=6)
"""Of LINE being out of reach."""
LONGEST_AHEAD = timedelta(days=366)


class _Lost(Exception):
    """Our lease has ended, and another process carries the run out."""


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


def latest(db: Session, limit: int = 10) -> Sequence[PublishRun]:
    newest = select(PublishRun).order_by(PublishRun.asked_at.desc())
    return db.scalars(newest.limit(limit)).all()


def elsewhere_until(db: Session, now: datetime) -> datetime | None:
    """Until when somebody holds the right to publish; None: nobody does."""
    book = db.get(MenuBook, books.ONLY)
    until = book.publishing_until if book else None
    return until if until and until > now else None


# Carrying out


def work(
    database: Database,
    line: Line,
    clock: Clock,
    ring: Callable[[str], object] = lambda kind: None,
) -> int:
    """Carry out what is due; how many runs came to an end."""
    ended = 0
    while True:
        with database.begin() as db:
            taken = owed.take(db, PublishRun, clock())
            for run in taken:
                run.started_at = run.started_at or clock()
        if not taken:
            return ended
        ended += sum(_carry_out(database, line, clock, run) for run in taken)
        ring("menus")  # who gets another menu is computed there


def _carry_out(database: Database, line: Line, clock: Clock, run: PublishRun) -> bool:
    """True when the run has ended."""
    with database.begin() as db:
        edition, in_force = publications.edition_of(db, run), publications.in_force(db)
        number = in_force.publication.number if in_force else 0
        if run.publication and run.publication != number:
            return owed.done(db, run, clock())  # it was in force; somebody has published since
        if not run.publication and not run.scheduled and number != run.over:
            return _stop(db, run, clock(), Stopped.OVERTAKEN, "")
    progress = _Progress(database, clock, run)
    watch = publishing.Watch(progress.planned, progress.said, progress.published)
    how = {"by": run.asked_by[:64], "restores": run.restores}
    try:
        publishing.apply(database, line, edition, clock, watch=watch, **how)  # type: ignore[arg-type]
    except _Lost:
        log.warning("publish_run_lost", run=str(run.id))
        return False
    except (Conflict, TooMany, LineError) as e:
        return _hindered(database, clock(), run, e)
    with database.begin() as db:
        if run.publication is None:  # it was in force already, or is since we died
            now = publications.in_force(db)
            values = {"publication": now.publication.number if now else None}
            db.execute(update(PublishRun).where(_mine(run)).values(**values))
        return owed.done(db, run, clock())


def _hindered(
    database: Database, now: datetime, run: PublishRun, error: Conflict | TooMany | LineError
) -> bool:
    with database.begin() as db:
        if isinstance(error, LineRefused):
            return _stop(db, run, now, Stopped.REFUSED, str(error))
        if isinstance(error, LineError):
            if now - (run.started_at or now) > GIVE_UP_AFTER:
                return _stop(db, run, now, Stopped.UNREACHABLE, str(error))
            owed.again(db, run, now + pause(run.attempts), str(error))
        else:
            wait = SOON if isinstance(error, Conflict) else BUDGET_AGAIN
            owed.again(db, run, now + wait, error.key)
        return False


def _stop(db: Session, run: PublishRun, now: datetime, why: Stopped, error: str) -> bool:
    log.warning("publish_run_stopped", run=str(run.id), why=why.value)
    db.execute(update(PublishRun).where(_mine(run)).values(stopped=why))
    return owed.failed(db, run, now, error)


def _mine(run: PublishRun) -> ColumnElement[bool]:
    return (PublishRun.id == run.id) & (PublishRun.attempts == run.attempts)


@dataclass
class _Progress:
    """Notes how far a run is, and keeps its lease while there is something to note."""

    database: Database
    clock: Clock
    run: PublishRun

    def planned(self, todo: Plan) -> None:
        with self.database.begin() as db:
            self._note(db, all_steps=self.run.done_steps + len(todo.now))

    def said(self, step: Step) -> None:
        told = [*self.run.said, [step.do.value, step.name, step.people]]
        with self.database.begin() as db:
            self._note(db, said=told, done_steps=self.run.done_steps + 1)

    def published(self, db: Session, publication: Publication) -> None:
        self._note(db, publication=publication.number)

    def _note(self, db: Session, **values: object) -> None:
        later = self.clock() + owed.LEASE
        noted = update(PublishRun).where(_mine(self.run), PublishRun.state == State.DUE)
        noted = noted.values(due_at=later, **values).execution_options(synchronize_session=False)
        if not affected(db.execute(noted)):
            raise _Lost
        for name, value in values.items():
            setattr(self.run, name, value)


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
