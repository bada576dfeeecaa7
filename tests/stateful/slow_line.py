"""A LINE in no hurry: what it took for many at once it does later, and anything may happen meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from core.clock import Clock
from line.fake import FakeLine, FakeMenu
from line.gateway import Move
from richmenus.rules import LINE_TAKES

OF_PEOPLE = ("link_menu", "unlink_menu", "move_menus", "move_progress", "delete_menu")
"""The calls in the middle of which something may happen."""


@dataclass
class Moving:
    """A batch operation: whom LINE saw when it began, and where they go."""

    people: dict[str, str | None]
    phase: str = "ongoing"


@dataclass
class SlowLine(FakeLine):
    clock: Clock = field(kw_only=True)
    late: list[tuple[datetime, str, str | None]] = field(default_factory=list)
    """By when, whom, and which menu: of bulk calls that LINE has answered and not done."""
    moving: dict[str, Moving] = field(default_factory=dict)
    """By request id."""
    resumes: dict[str, str] = field(default_factory=dict)
    then: tuple[str, Callable[[], object]] | None = None
    """What happens at the next call, `before` LINE has done it or `after`."""
    told: list[str] = field(default_factory=list)
    """Everybody that LINE was told about, each time."""

    def _takes(self, users: Sequence[str], menu: str | None) -> None:
        """One is done at once, many within seconds."""
        self.told += users
        if len(users) == 1:
            self.shows(users[0], menu)
        else:
            self.late += [(self.clock() + LINE_TAKES, user, menu) for user in users]

    def shows(self, user: str, menu: str | None) -> None:
        if menu is None:
            self.own.pop(user, None)
        elif user not in self.blocked and menu in self.menu_store:
            self.own[user] = menu

    def move_menus(self, moves: Sequence[Move], *, resume_key: str) -> str:
        with self._asked("move_menus"):
            self._check_moves(moves, resume_key)
            if resume_key not in self.resumes:
                goes = {move.source: move.target for move in moves}
                saw = {user: goes[own] for user, own in self.own.items() if own in goes}
                self.resumes[resume_key] = str(uuid4())
                self.moving[self.resumes[resume_key]] = Moving(saw)
            return self.resumes[resume_key]

    def move_progress(self, request_id: str) -> str:
        with self._asked("move_progress"):
            return self.moving[request_id].phase

    # What it does in its own time

    def does_one(self, which: int) -> None:
        """Of what is late, in any order."""
        if self.late:
            _, user, menu = self.late.pop(which % len(self.late))
            self.shows(user, menu)

    def does_what_it_must(self) -> None:
        """By then, at the latest."""
        overdue = [each for each in self.late if each[0] <= self.clock()]
        self.late = [each for each in self.late if each not in overdue]
        for _, user, menu in overdue:
            self.shows(user, menu)

    def moves_on(self, people: int, *, fails: bool = False) -> None:
        """Moves so many; when nobody is left, or it fails, that is the end of it."""
        for each in self.moving.values():
            if each.phase != "ongoing":
                continue
            for user in list(each.people)[:people]:
                self.shows(user, each.people.pop(user))
            if fails or not each.people:
                each.phase = "failed" if fails else "succeeded"

    def begin_anew(
        self, menus: Mapping[str, FakeMenu], aliases: Mapping[str, str], default: str | None
    ) -> None:
        """With these menus; nobody shows any of their own."""
        self.menu_store, self.aliases, self.default = dict(menus), dict(aliases), default
        self.own, self.blocked, self.then = {}, set(), None
        self.late, self.moving, self.resumes = [], {}, {}
        self.calls, self.told = [], []

    @contextmanager
    def _asked(self, verb: str) -> Iterator[None]:
        when, happens = "", None
        if verb in OF_PEOPLE and self.then:
            (when, happens), self.then = self.then, None
        if happens and when == "before":
            happens()
        with super()._asked(verb):
            yield
        if happens and when == "after":
            happens()
