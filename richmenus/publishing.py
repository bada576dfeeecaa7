"""Bringing LINE into the wanted state: plan, apply, roll back.

Row, call, row: killed at any line, the next `apply` looks at LINE, finds what was done under the
names we give, and goes on. Once all is as wanted, `apply` makes no call that changes anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound, TooMany
from core.owed import State
from line.gateway import Line
from models import MenuBook, MenuMove, MenuPicture, MenuRevision, Publication, Revised
from richmenus import book as books
from richmenus import moving, planning, publications, rulebook, trying, wanting
from richmenus.editions import Edition, Page
from richmenus.planning import AtLine, Do, Plan, Step
from segments import Moment

HOLD = timedelta(minutes=1)
"""Of the right to publish; renewed at every step. So long a publisher that died is waited for."""
AN_HOUR, MOST_AN_HOUR = timedelta(hours=1), 100
"""LINE creates 100 rich menus an hour."""
ROUNDS = 5
PATIENCE = 30
"""Seconds that `apply` waits for LINE to move people; the worker sees it through."""


@dataclass(frozen=True)
class Watch:
    """Whoever wants to know how `apply` comes along."""

    planned: Callable[[Plan], None] = lambda todo: None
    """Before anything is done, and whenever it looks anew at what is left."""
    said: Callable[[Step], None] = lambda step: None
    """After each step."""
    published: Callable[[Session, Publication], None] = lambda db, publication: None
    """In the transaction in which it comes into force."""


def plan(database: Database, line: Line, edition: Edition) -> Plan:
    """What `apply` would do, and how LINE differs from what we left there. Changes nothing."""
    at_line = observe(line)
    with database.read() as db:
        return planning.plan(edition, publications.memory(db), at_line)


def changes(
    database: Database, edition: Edition, now: datetime, zone: ZoneInfo
) -> dict[tuple[str, str], int]:
    """How many people the edition's rules would give another menu: from which, to which."""
    keys = {page.key for page in edition.pages}
    rules = rulebook.rules(list(edition.rules), keys, zone)
    in_force = [(n, rule) for n, rule in enumerate(rules) if rule.in_force(now)]
    with database.read() as db:
        return wanting.changes(db, in_force, Moment(now, zone))


def observe(line: Line) -> AtLine:
    menus = {menu.id: menu.name for menu in line.menus()}
    return AtLine(menus, line.menu_aliases(), line.default_menu())


def apply(
    database: Database,
    line: Line,
    edition: Edition,
    clock: Clock,
    *,
    by: str = "",
    restores: int | None = None,
    watch: Watch = Watch(),
    wait: Callable[[float], None] = lambda seconds: None,
) -> Plan:
    """Do what the plan says; `watch` is told of each step. What is left: deletions that wait
    until nobody shows the menu any more (the worker makes them then)."""
    work = _Applying(database, line, edition, clock, by, restores, watch)
    work.hold()
    try:
        for _ in range(ROUNDS):
            todo = plan(database, line, edition)
            if not todo.now:
                break
            work.do(todo)
            _see_through(database, line, clock, wait)
    finally:
        work.release()
    return todo


def rollback(database: Database, *, to: int | None = None) -> tuple[Edition, int]:
    """The edition that was in force before (or publication number `to`), for `apply`."""
    with database.read() as db:
        now = publications.in_force(db)
        if now is None:
            raise NotFound("menus.nothing_published")
        if to is None:
            found = publications.before(db, now.publication)
        else:
            found = publications.numbered(db, to)
        if found is None:
            raise NotFound("menus.nothing_before")
        return publications.edition_of(db, found), found.number


def _see_through(
    database: Database, line: Line, clock: Clock, wait: Callable[[float], None]
) -> None:
    """Start the batch operation, and wait a little for it; the worker may do either."""
    for _ in range(PATIENCE):
        moving.work(database, line, clock)
        with database.read() as db:
            moves = select(func.count()).where(MenuMove.state == State.DUE)
            if not db.scalar(moves):
                return
        wait(1.0)


@dataclass
class _Applying:
    database: Database
    line: Line
    edition: Edition
    clock: Clock
    by: str
    restores: int | None
    watch: Watch
    held_until: datetime | None = None

    def hold(self) -> None:
        """Take, or keep, the right to publish. Raises Conflict when somebody else has it."""
        now = self.clock()
        free = (
            MenuBook.publishing_until.is_(None) | (MenuBook.publishing_until <= now)
            if self.held_until is None
            else MenuBook.publishing_until == self.held_until
        )
        with self.database.begin() as db:
            publications.begin(db)
            mine = (
                update(MenuBook)
                .where(MenuBook.id == books.ONLY, free)
                .values(publishing_until=now + HOLD)
                .returning(MenuBook.publishing_until)
            )
            held = db.scalar(mine)
        if held is None:
            raise Conflict("menus.somebody_publishes", seconds=int(HOLD.total_seconds()))
        self.held_until = held

    def release(self) -> None:
        with self.database.begin() as db:
            db.execute(
                update(MenuBook)
                .where(MenuBook.id == books.ONLY, MenuBook.publishing_until == self.held_until)
                .values(publishing_until=None)
            )

    def do(self, todo: Plan) -> None:
        self.watch.planned(todo)
        with self.database.begin() as db:
            publications.keep(db, self.edition)
        for step in todo.now:
            self.hold()
            self._step(step)
            self.watch.said(step)

    def _step(self, step: Step) -> None:
        match step:
            case Step(do=Do.CREATE, page=Page() as page):
                self._create(page)
            case Step(do=Do.ADOPT, page=Page() as page, menu=menu):
                self._note(page, line_menu_id=menu, state=Revised.CREATED)
            case Step(do=Do.UPLOAD, page=Page() as page):
                self._upload(page)
            case Step(do=Do.ALIAS, name=alias, page=Page() as page):
                self.line.set_menu_alias(alias, self._menu(page))
            case Step(do=Do.DEFAULT, page=Page() as page):
                self.line.set_default_menu(self._menu(page))
            case Step(do=Do.PUBLISH, people=people):
                self._publish(people)
            case Step(do=Do.DROP_ALIAS, name=alias):
                self.line.delete_menu_alias(alias)
            case Step(do=Do.DELETE, menu=menu):
                self.line.delete_menu(menu)
                with self.database.begin() as db:
                    moving.forget(db, menu)

    def _create(self, page: Page) -> None:
        """Not repeatable: after an answer that was lost, the menu is found by its name."""
        with self.database.begin() as db:
            _check_budget(db, self.clock())
        self._note(page, created_at=self.clock(), line_menu_id=None, state=Revised.WANTED)
        menu = self.line.create_menu({**page.body, "name": page.name})
        self._note(page, line_menu_id=menu, state=Revised.CREATED)

    def _upload(self, page: Page) -> None:
        menu = self._menu(page)
        if not self.line.has_menu_image(menu):
            with self.database.read() as db:
                image = db.get_one(MenuPicture, page.picture)
            self.line.upload_menu_image(menu, image.content, image.content_type)
        self._note(page, state=Revised.READY)

    def _publish(self, people: int) -> None:
        """Rules and menus come into force together, and with them the move is owed."""
        at_line = observe(self.line)
        with self.database.begin() as db:
            memory = publications.memory(db)
            old = planning.moves(self.edition, memory, at_line)
            moves = [(source, self._menu_in(db, page)) for source, page in old]
            now = self.clock()
            new = publications.publish(db, self.edition, now, by=self.by, restores=self.restores)
            self.watch.published(db, new)
            moving.put(db, moves, people, now)

    def _menu(self, page: Page) -> str:
        with self.database.read() as db:
            return self._menu_in(db, page)

    def _menu_in(self, db: Session, page: Page) -> str:
        return publications.revision(db, page).line_menu_id or ""

    def _note(self, page: Page, **values: object) -> None:
        with self.database.begin() as db:
            here = MenuRevision.id == publications.revision(db, page).id
            db.execute(update(MenuRevision).where(here).values(**values))


def _check_budget(db: Session, now: datetime) -> None:
    lately = select(func.count()).where(MenuRevision.created_at > now - AN_HOUR)
    if (db.scalar(lately) or 0) + trying.created(db, now) >= MOST_AN_HOUR:
        raise TooMany("menus.too_many_created", seconds=int(AN_HOUR.total_seconds()))
