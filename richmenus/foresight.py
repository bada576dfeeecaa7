"""What publishing would do, before anybody presses a button: in words, people, calls and time."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.database import Database
from line.gateway import Line, LineError
from models import Publication
from richmenus import (
    changed,
    costing,
    naming,
    planning,
    publications,
    publish_runs,
    publishing,
    reach,
    rulebook,
)
from richmenus.changed import Changed
from richmenus.costing import Cost
from richmenus.editions import Edition
from richmenus.naming import Tabs
from richmenus.planning import AtLine, Do, Plan
from richmenus.reach import Reach
from segments import Moment

SURE_ABOVE = 1_000
"""People who would see something else, above which staff type the number before it is done."""
NEAR = 0.9
"""The typed number still counts when this share of the people was known to whoever typed it."""


@dataclass(frozen=True)
class Foresight:
    edition: Edition
    names: Mapping[str, str]
    """What staff call the menus, of before and of after, by key."""
    tabs: Tabs
    changes: Sequence[Changed]
    """What is different from what is in force."""
    reach: Reach
    people: int
    """Who would see something else than now."""
    over: int
    """The number in force; 0: none."""
    plan: Plan | None
    """None: LINE could not be asked."""
    cost: Cost | None
    line_said: str
    """Why LINE could not be asked."""

    @property
    def anything(self) -> bool:
        return bool(self.changes) or bool(self.plan and self.plan.steps)

    @property
    def must_be_typed(self) -> bool:
        return self.people > SURE_ABOVE

    @property
    def summary(self) -> list[tuple[str, int, int]]:
        """What is done, how often, and with how many people, in the order in which it is done."""
        steps = self.plan.steps if self.plan else ()
        found = [
            (do.value, sum(step.do == do for step in steps), 0)
            for do in (Do.CREATE, Do.ADOPT, Do.UPLOAD, Do.ALIAS, Do.DEFAULT)
        ]
        moved = sum(step.people for step in steps if step.do == Do.PUBLISH)
        deleted = [step.people for step in steps if step.do == Do.DELETE]
        found += [
            ("publish", sum(step.do == Do.PUBLISH for step in steps), 0),
            ("move", int(moved > 0), moved),
            ("change", int(self.reach.changed > 0), self.reach.changed),
            ("drop_alias", sum(step.do == Do.DROP_ALIAS for step in steps), 0),
            ("delete", sum(not people for people in deleted), 0),
            ("delete_later", sum(people > 0 for people in deleted), sum(deleted)),
        ]
        return [each for each in found if each[1]]


def look(
    database: Database, line: Line, edition: Edition, now: datetime, zone: ZoneInfo
) -> Foresight:
    at_line, said = _asked(line)
    with database.read() as db:
        in_force = publications.in_force(db)
        plan = planning.plan(edition, publications.memory(db), at_line) if at_line else None
        left = publish_runs.left(db, now)
        found = _reached(db, edition, now, zone)
    old = in_force.edition if in_force else None
    names = {**(naming.menus(old) if old else {}), **naming.menus(edition)}
    people = found.sees_anew(changed.other_looks(old, edition)) if old else found.everybody
    return Foresight(
        edition=edition,
        names=names,
        tabs=naming.tabs(old, edition),
        changes=changed.between(old, edition),
        reach=found,
        people=people,
        over=in_force.publication.number if in_force else 0,
        plan=plan,
        cost=costing.cost(plan, found.changes, left) if plan else None,
        line_said=said,
    )


def confirmed(people: int, typed: str) -> bool:
    """The number was typed as it was shown, and has not grown much since."""
    plain = unicodedata.normalize("NFKC", typed).replace(",", "").strip()
    said = int(plain) if plain.isdecimal() and len(plain) < 12 else 0
    return people <= SURE_ABOVE or said >= people * NEAR


def people(db: Session, edition: Edition, now: datetime, zone: ZoneInfo) -> int:
    """Who would see something else than now."""
    in_force = publications.in_force(db)
    found = _reached(db, edition, now, zone)
    if in_force is None:
        return found.everybody
    return found.sees_anew(changed.other_looks(in_force.edition, edition))


def _asked(line: Line) -> tuple[AtLine | None, str]:
    try:
        return publishing.observe(line), ""
    except LineError as e:
        return None, str(e)


def _reached(db: Session, edition: Edition, now: datetime, zone: ZoneInfo) -> Reach:
    keys = {page.key for page in edition.pages}
    rules = rulebook.rules(list(edition.rules), keys, zone)
    return reach.of(db, rules, Moment(now, zone))


@dataclass(frozen=True)
class Past:
    """A publication, and what it changed."""

    publication: Publication
    edition: Edition
    names: Mapping[str, str]
    tabs: Tabs
    changes: Sequence[Changed]
    in_force: bool


def past(
    db: Session, *, limit: int, offset: int = 0, oldest_first: bool = False
) -> tuple[list[Past], int]:
    """Publications, the newest first unless asked otherwise, and how many there are."""
    if oldest_first:
        _, total = publications.listed(db, limit=0)
        limit = max(0, min(limit, total - offset))
        found, _ = past(db, limit=limit, offset=max(0, total - offset - limit))
        return found[::-1], total
    rows, total = publications.listed(db, limit=limit + 1, offset=offset)
    editions = publications.editions_of(db, rows)
    current = publications.current_number(db)
    found = []
    for n, row in enumerate(rows[:limit]):
        edition = editions[row.number]
        before = editions[rows[n + 1].number] if n + 1 < len(rows) else None
        names = {**(naming.menus(before) if before else {}), **naming.menus(edition)}
        tabs, changes = naming.tabs(before, edition), changed.between(before, edition)
        found.append(Past(row, edition, names, tabs, changes, row.number == current))
    return found, total
