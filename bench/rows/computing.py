"""Everybody's menu after a rule change beside one full scan of the same rows, and calls to LINE."""

import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import case, func, select, update

from bench import crowd
from bench.figures import Figure, Goal, Size, at_most, middle, ratios
from bench.serving import plain_settings
from bench.stores import Postgres
from core.clock import now
from core.database import Database, connect
from core.owed import State
from core.settings import Settings
from line.fake import FakeLine
from models import Base, Friend, Member, MenuAssignment
from richmenus import assignment, definitions, looking, publishing
from richmenus import book as books
from segments import people

GOLD = 9_000
"""Points from which one is gold; the change is to another figure."""
CALLS_UP_TO = 100_000
"""Friends of whom LINE is told here: the fake keeps every one of them."""


def rules(points: int) -> list[dict[str, Any]]:
    """Eight rules; from `points` up one sees the gold menu."""
    return [
        {"menu": "birthday", "because": "birthday", "when": {
            "all": [{"linked": True}, {"birthday_month": "this"}]}},
        {"menu": "gold", "because": "rank", "when": {"member.rank": {"in": ["gold", "platinum"]}}},
        {"menu": "gold", "because": "points", "when": {"member.points": {"gte": points}}},
        {"menu": "member", "because": "shop", "when": {"member.store": "渋谷店"}},
        {"menu": "member", "because": "new", "when": {"member.joined_on": {"gte": "2026-01-01"}}},
        {"menu": "member", "because": "some points", "when": {"member.points": {"gte": 500}}},
        {"menu": "member", "because": "linked", "when": {"linked": True}},
        {"menu": "guest", "because": "everybody else"},
    ]  # fmt: skip


def measure(size: Size) -> Iterator[Figure]:
    for name, database in _databases():
        with _book(database) as book:
            crowd.put(database, size.people)
            first = book.compute()
            book.settle()
            crowd.analyse(database)
            ours, theirs, changed = [], [], 0
            for round_ in range(size.rounds):
                theirs.append(scan(database))
                book.publish(GOLD - 500 * (round_ + 1))
                ours.append(book.compute())
                changed = book.due()
                book.settle()
            share = f"{changed / size.people:.1%} changed"
            yield Figure(
                f"everybody's menu computed after a rule change, {size.people:,} friends, 8 rules",
                f"{name}, {share}", middle(ours, " s"), middle(theirs, " s"),
                ratios(ours, theirs), goal=at_most(3),
            )  # fmt: skip
            yield Figure(
                "… when nobody's was known before", name, middle([first], " s"),
                middle(theirs, " s"), [first / sorted(theirs)[len(theirs) // 2]],
            )  # fmt: skip
            if size.people <= CALLS_UP_TO:
                yield book.calls(name)


class Book:
    """Menus in force in one database, with LINE played in this process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings, self.line = database, settings, FakeLine()
        self.publish(GOLD)

    def publish(self, points: int) -> None:
        edition = definitions.read(self.settings)
        edition = type(edition)(edition.pages, tuple(rules(points)), edition.pictures)
        publishing.apply(self.database, self.line, edition, now)

    def compute(self) -> float:
        began = time.perf_counter()
        looking.at_everybody(self.database, self.settings, now())
        return time.perf_counter() - began

    def settle(self) -> None:
        """As if LINE had been told: it shows everybody what they should see."""
        row = MenuAssignment
        with self.database.begin() as db:
            book = books.load(db, self.settings.zone)
            assert book is not None
            shown = {**book.targets, book.default: ""}
            told = update(row).where(row.state == State.DUE)
            shows = {"shown": case(shown, value=row.wanted), "epoch": crowd.EPOCH}
            db.execute(told.values(state=State.DONE, **shows))

    def due(self) -> int:
        with self.database.read() as db:
            return db.scalar(select(func.count()).where(MenuAssignment.state == State.DUE)) or 0

    def calls(self, name: str) -> Figure:
        """Of another change LINE is told, and what it is asked for is counted."""
        self.publish(GOLD + 400)
        self.compute()
        wanted = self._wanted()
        before = len(self.line.calls)
        self._tell()
        made = [call for call in self.line.calls[before:] if call in ("link_menu", "unlink_menu")]
        bound = sum(math.ceil(number / 500) for number in wanted.values())
        return Figure(
            "calls to LINE for it", name, f"{len(made)} calls for {sum(wanted.values()):,}",
            f"{bound}: ⌈changed ÷ 500⌉ per menu", [float(len(made) - bound)], unit="more",
            goal=Goal("equal", lambda more: more <= 0),
        )  # fmt: skip

    def _wanted(self) -> Mapping[str, int]:
        due = MenuAssignment.state == State.DUE
        with self.database.read() as db:
            found = db.execute(
                select(MenuAssignment.wanted, func.count())
                .where(due)
                .group_by(MenuAssignment.wanted)
            )
            return dict(found.tuples().all())

    def _tell(self) -> None:
        while assignment.work(self.database, self.line, now, self.settings):
            pass


def scan(database: Database) -> float:
    """Each row that the rules look at, once."""
    began = time.perf_counter()
    row = MenuAssignment
    with database.read() as db:
        looked = people(
            func.count(), func.sum(Friend.menu_epoch), func.sum(Member.points),
            func.max(Member.rank), func.max(Member.store), func.max(Member.birthday),
            func.max(row.shown), func.max(row.wanted),
        ).outerjoin(row, row.id == Friend.id)  # fmt: skip
        db.execute(looked).one()
    return time.perf_counter() - began


def _databases() -> Iterator[tuple[str, Database]]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="musubi-bench-"))
        for name in ("SQLite", "PostgreSQL"):
            url = f"sqlite:///{folder}/menus.db"
            if name == "PostgreSQL":
                url = stack.enter_context(Postgres()).database("menus")
            database = connect(url)
            Base.metadata.create_all(database.engine)
            yield name, database
            database.close()


@contextmanager
def _book(database: Database) -> Iterator[Book]:
    yield Book(database, plain_settings())
