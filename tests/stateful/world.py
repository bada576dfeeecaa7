"""A brand, its LINE and its database, in which any order of things can be tried."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import hypothesis
from hypothesis import HealthCheck, Phase
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import inbox
from bot.event import to_keep
from core import owed
from core.database import Database
from core.errors import MusubiError
from core.settings import Settings
from deliveries import outbox
from line.fake import FakeLine
from models import Friend, InboxEvent, Link, Member, MenuAssignment, Outgoing
from richmenus import assignment
from richmenus import book as books
from richmenus.rules import first_fit
from segments import Moment, matches
from tests.conftest import NOON, SettableClock

COUPON = "はじめての連携クーポン"
OF_PEOPLE = (Outgoing, InboxEvent, MenuAssignment, Link, Friend, Member)
"""What an example leaves behind; the menus stay published. Other rows go with these."""

LONG = "long"
"""For `--hypothesis-profile=long`, by hand: other examples each time, and many."""

Did = MusubiError | object
"""What came of something: a row, or why it was refused."""


def so_often(examples: int, *, steps: int) -> hypothesis.settings:
    """For a machine: the same few examples each time, or as many others as somebody asks for."""
    long = hypothesis.settings.get_current_profile_name() == LONG
    return hypothesis.settings(
        max_examples=hypothesis.settings().max_examples if long else examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not long,
        database=None,
        phases=[Phase.generate],  # making it smaller takes minutes, and a race may be won then
        suppress_health_check=list(HealthCheck),
    )


@dataclass(frozen=True)
class Tie:
    """A link as it stands in the history."""

    friend: UUID
    member: UUID | None
    how: str
    began: datetime
    ended: datetime | None
    why: str | None


class World:
    def __init__(self, database: Database, settings: Settings, line: FakeLine) -> None:
        self.database, self.settings, self.line = database, settings, line
        self.clock = SettableClock()

    def begin_anew(self) -> None:
        with self.database.begin() as db:
            for table in OF_PEOPLE:
                db.execute(delete(table))
        self.clock.now = NOON
        for kept in (self.line.own, self.line.blocked, self.line.sent, self.line.spent):
            kept.clear()

    # What happens

    def member(self, number: str, rank: str = "regular") -> UUID:
        row = Member(
            id=uuid4(), number=number, name="山田 花子", rank=rank, joined_on=date(2025, 1, 1),
            created_at=self.clock(), updated_at=self.clock(),
        )  # fmt: skip
        with self.database.begin() as db:
            db.add(row)
        return row.id

    def deliver(self, event: dict[str, Any]) -> bool:
        """As the webhook stores it. Whether it was news."""
        row = to_keep(event, self.clock())
        assert row is not None
        with self.database.begin() as db:
            return owed.put_many(db, InboxEvent, [row]) == 1

    def work(self) -> None:
        """The worker, until nothing is due."""
        now, line, settings = self.clock, self.line, self.settings
        while (
            inbox.work(self.database, line, now, settings)
            + outbox.work(self.database, line, now)
            + assignment.work(self.database, line, now, settings)
        ):
            pass

    def at_once(self, actions: Sequence[Callable[[Session], object]]) -> list[Did]:
        """Each in a transaction and a thread of its own, at the same instant."""
        outcomes: list[Did] = [None] * len(actions)
        gate = threading.Barrier(len(actions))

        def act(n: int) -> None:
            gate.wait(10)
            outcomes[n] = self.do(actions[n])

        threads = [threading.Thread(target=act, args=(n,)) for n in range(len(actions))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert all(outcomes), "one of them died of something that is no answer"
        return outcomes

    def do(self, action: Callable[[Session], object]) -> Did:
        """What it gave, or why it was refused; then nothing of it has happened."""
        try:
            with self.database.begin() as db:
                return action(db) or "done"
        except MusubiError as e:
            return e

    # What is

    def ties(self) -> dict[UUID, Tie]:
        with self.database.read() as db:
            return {
                row.id: Tie(
                    row.friend_id, row.member_id, row.how, row.started_at, row.ended_at,
                    row.ended_why,
                )
                for row in db.scalars(select(Link))
            }  # fmt: skip

    def friends(self) -> dict[str, Friend]:
        with self.database.read() as db:
            return {row.line_user_id: row for row in db.scalars(select(Friend))}

    def menu_that_fits(self, friend_id: UUID) -> str:
        """What the rules give, asked one by one about one person."""
        with self.database.read() as db:
            book = books.load(db, self.settings.zone)
            assert book is not None
            moment = Moment(self.clock(), self.settings.zone)
            fits = first_fit(
                book.rules, lambda rule: matches(db, rule.when, friend_id, moment), self.clock()
            )
            return book.rules[fits].menu

    def menu_shown(self, user: str) -> str:
        """What LINE shows them: their own, or the default."""
        menu = self.line.own.get(user) or self.line.default
        assert menu
        return str(self.line.menu_store[menu].menu["name"]).split(":")[1]

    def coupons(self) -> int:
        """That reached LINE, whoever got them."""
        return sum(COUPON in said for each in self.line.sent for said in each.texts)
