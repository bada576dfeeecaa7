"""Carries out the publishing that staff asked for (`richmenus/publish_runs.py`), whatever dies.

A run that was cut off falls due again and goes on; one that had come into force is never put in
force a second time, and one that somebody else overtook is not put over theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from core import owed
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, TooMany
from core.inserting import affected
from core.owed import State
from line.gateway import Line, LineError, LineRefused
from models import Publication, PublishRun, Stopped
from richmenus import publications, publishing
from richmenus.planning import Plan, Step
from richmenus.rules import pause

log = structlog.get_logger()

SOON = timedelta(seconds=10)
"""Until it tries again when somebody else is publishing."""
BUDGET_AGAIN = timedelta(minutes=5)
"""Until it tries again when LINE creates no more menus this hour."""
GIVE_UP_AFTER = timedelta(hours=6)
"""Of LINE being out of reach."""


class _Lost(Exception):
    """Our lease has ended, and another process carries the run out."""


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
