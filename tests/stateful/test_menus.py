"""Everybody's menu in any order of things: what is heard late or never, what LINE does late, tabs,
publishing, and workers that die or sleep at a call.

Whatever happens: in the end LINE shows everybody what the rules give, and is asked nothing more.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, insert, select, update

from core.database import Database
from core.errors import Conflict
from core.owed import State
from core.settings import Settings
from line.gateway import LineError, LineUnavailable
from members import friendship
from models import (
    Ended,
    Friend,
    Link,
    Member,
    MenuAssignment,
    MenuBook,
    MenuMove,
    MenuRevision,
    Publication,
)
from richmenus import assignment, publishing
from richmenus.editions import Edition
from tests.richmenus.situations import (
    RULES,
    WRITES,
    Folder,
    Killed,
    put_link,
    put_member,
    tab,
)
from tests.stateful.slow_line import SlowLine
from tests.stateful.world import World, so_often

HEARD, UNHEARD, BEFORE_US, STRANGER = USERS = [f"U{n:032x}" for n in range(4)]
TABLES = [each.__table__ for each in (MenuRevision, Publication, MenuBook, MenuMove)]
"""What publishing writes."""
EXAMPLES, STEPS = 30, 12
PUBLICATIONS = 5
"""In one example: LINE creates 100 menus an hour."""
PERIOD = {"from": "2026-04-01 12:05", "until": "2026-04-01 12:20"}
REST = 12
"""Rounds of eleven minutes, longer than any pause, after which nothing may be left to do."""

users = st.sampled_from(USERS)
places = st.integers(0, 5)
then = st.sampled_from(["", "works", "all is heard", "all is heard, works"])
standings = st.sampled_from([None, "regular", "gold"])
given = st.tuples(*[standings] * len(USERS))


class Menus(RuleBasedStateMachine):
    """Keeps what happened in LINE, and what of it we have not heard."""

    def __init__(self, begun: "Begun", editions: list[Edition]) -> None:
        super().__init__()
        self.begun, self.world, self.line, self.editions = begun, begun.world, begun.line, editions
        self.edition = editions[0]
        self.on_the_way: list[tuple[Any, ...]] = []
        self.follows: dict[str, bool] = {}
        self.published = 0

    @initialize(first=given, then=given)
    def begin(self, first: Sequence[str | None], then: Sequence[str | None]) -> None:
        """All have opened our page and been shown a menu, one of them before we hear that they had
        followed; and something has changed since."""
        self.begun.again()
        self.line.blocked |= {HEARD, UNHEARD, STRANGER}
        self.follows[BEFORE_US] = True
        self.line.own[BEFORE_US] = self.begun.stray
        for user in (HEARD, UNHEARD):
            self.follow_or_block(user)
        self._hear(0)
        for standings in (first, then):
            self.works()
            for user, standing in zip(USERS, standings, strict=True):
                self._become(user, standing)

    # In LINE, and on the way from there

    @rule(user=users)
    def follow_or_block(self, user: str) -> None:
        follows = self.follows[user] = not self.follows.get(user, False)
        if follows:
            self.line.unblock(user)
        else:
            self.line.block(user)
        heard = friendship.followed if follows else friendship.unfollowed
        self.on_the_way.append((user, heard, self._at()))

    def _at(self) -> Any:
        return self.world.clock.advance(milliseconds=10)

    @rule(user=users, alias=st.sampled_from(["member_home", "member_shop"]))
    def taps(self, user: str, alias: str) -> None:
        """A tab of a menu that they see, or saw a moment ago."""
        menu = self.line.aliases.get(alias)
        if menu and self.follows.get(user) and user in self.line.own:
            self.line.shows(user, menu)
            self.on_the_way.append((user, alias, self._at()))

    @rule(which=st.integers(-3, 3), works=st.booleans())
    @precondition(lambda self: self.on_the_way)
    def hears(self, which: int, works: bool) -> None:
        """Of any of those on the way."""
        self._hear(which)
        if works:
            self.works()

    def _hear(self, which: int) -> None:
        if not self.on_the_way:
            return
        user, what, at = self.on_the_way.pop(which % len(self.on_the_way))
        with self.world.database.begin() as db:
            if callable(what):
                what(db, user, at, self.world.clock())
            elif friend := self.world.friends().get(user):
                assignment.switched(db, friend.id, what, at, self.world.clock())

    @rule(which=places)
    @precondition(lambda self: self.on_the_way)
    def never_hears(self, which: int) -> None:
        """Of a block: somebody who follows again says so by that."""
        _, what, _ = self.on_the_way[which % len(self.on_the_way)]
        if what is friendship.unfollowed:
            del self.on_the_way[which % len(self.on_the_way)]

    # At the brand

    @rule(who=st.sets(users, min_size=1, max_size=3), standing=standings, then=then)
    def become(self, who: set[str], standing: str | None, then: str) -> None:
        """Linked or not, and of which rank."""
        for user in sorted(who):
            self._become(user, standing)
        while "heard" in then and self.on_the_way:
            self._hear(-1)
        if "works" in then:
            self.works()

    @rule(user=users, then=then)
    def unlinks(self, user: str, then: str) -> None:
        self.become({user}, None, then)

    def _become(self, user: str, standing: str | None) -> None:
        now = self.world.clock()
        with self.world.database.begin() as db:
            friend = friendship.friend_for(db, user, now)
            mine = (Link.friend_id == friend.id) & Link.ended_at.is_(None)
            if standing is None:
                db.execute(update(Link).where(mine).values(ended_at=now, ended_why=Ended.UNLINKED))
            elif member := db.query(Link.member_id).where(mine).scalar():
                db.execute(update(Member).where(Member.id == member).values(rank=standing))
            else:
                put_link(db, friend.id, put_member(db, now, rank=standing), now)
            friendship.mark_menu_stale(db, [friend.id], now)

    @rule(edition=places, at_once=st.booleans())
    @precondition(lambda self: self.published < PUBLICATIONS)
    def publishes(self, edition: int, at_once: bool) -> None:
        self.published += 1
        self.edition = self.editions[edition % len(self.editions)]
        self._publish()
        if at_once:
            self.line.moves_on(len(USERS))

    def _publish(self) -> bool:
        database, clock = self.world.database, self.world.clock
        try:
            left = publishing.apply(database, self.line, self.edition, clock, wait=self._pass)
        except (Killed, LineError, Conflict):
            return False
        return not left.now

    # The worker, LINE, and time

    @rule()
    def works(self) -> None:
        try:
            self._work()
        except Killed:
            return

    def _work(self) -> None:
        world = self.world
        while assignment.work(world.database, self.line, world.clock, world.settings):
            pass

    @rule(seconds=st.sampled_from([1, 3, 20, 130, 600, 4000]))
    def time_passes(self, seconds: int) -> None:
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.world.clock.advance(seconds=seconds)
        self.line.does_what_it_must()

    @rule(which=places)
    @precondition(lambda self: self.line.late)
    def line_does(self, which: int) -> None:
        self.line.does_one(which)

    @rule(people=st.integers(0, 3), fails=st.booleans())
    @precondition(lambda self: any(m.phase == "ongoing" for m in self.line.moving.values()))
    def line_moves(self, people: int, fails: bool) -> None:
        self.line.moves_on(people, fails=fails)

    @rule(
        when=st.sampled_from(["before", "after"]),
        what=st.sampled_from(
            ["dies", "unheard", "another", "sleeps", "hears", "taps", "becomes", "turns", "moves"]
        ),
        user=users,
        standing=standings,
        which=places,
    )
    def at_the_next_call(
        self, when: str, what: str, user: str, standing: str | None, which: int
    ) -> None:
        """What happens just then, of which the worker at that call knows nothing."""
        self.line.then = (
            when,
            {
                "dies": partial(_raise, Killed("here")),
                "unheard": partial(_raise, LineUnavailable("nobody answers")),
                "another": self._work,
                "sleeps": self._sleep,
                "hears": partial(self._hear, which),
                "taps": partial(self.taps, user, "member_shop"),
                "becomes": partial(self._become, user, standing),
                "turns": partial(self.follow_or_block, user),
                "moves": partial(self.line.moves_on, which),
            }[what],
        )

    def _sleep(self) -> None:
        """Past its lease, while another works."""
        self._pass(300)
        self._work()

    # And in the end

    def teardown(self) -> None:
        """All is heard, LINE has done all, nobody dies any more."""
        self.line.then = None
        while self.on_the_way:
            self._hear(-1)
        self._work()
        if self.published:
            assert any(self._publish() or self._pass(130) for _ in range(3))
        for _ in range(REST):
            self.line.moves_on(len(USERS))
            self._pass(660)
            self._work()
            if not self._is_owed() and not self.line.late:
                break
        assert not self._is_owed()
        self._is_right()
        self.line.calls.clear()
        with self.world.database.begin() as db:
            db.execute(update(Friend).values(menu_stale_at=self.world.clock()))
        self._work()
        assert [call for call in self.line.calls if call in WRITES] == []

    def _is_right(self) -> None:
        friends = self.world.friends()
        for user in USERS:
            if user in friends and self.follows.get(user):
                fits = self.world.menu_that_fits(friends[user].id)
                assert self.world.menu_shown(user) == fits, (user, friends[user].id)

    def _is_owed(self) -> bool:
        """Whether the worker has anything left to do, now or later."""
        with self.world.database.read() as db:
            told = select(MenuAssignment.id).where(MenuAssignment.state != State.DONE)
            moved = select(MenuMove.id).where(MenuMove.state == State.DUE)
            return db.scalar(told.limit(1)) is not None or db.scalar(moved.limit(1)) is not None


class Begun:
    """A brand whose first menus are published, as often as somebody wants to begin with it."""

    def __init__(self, world: World, line: SlowLine, edition: Edition) -> None:
        self.world, self.line = world, line
        body = {"size": {}, "selected": True, "chatBarText": "", "areas": []}
        self.stray = line.create_menu({"name": "of an earlier system", **body})
        publishing.apply(world.database, line, edition, world.clock)
        with world.database.read() as db:
            self.rows = {table: db.execute(select(table)).mappings().all() for table in TABLES}
        self.at_line = dict(line.menu_store), dict(line.aliases), line.default

    def again(self) -> None:
        self.world.begin_anew()
        with self.world.database.begin() as db:
            for table in reversed(TABLES):
                db.execute(delete(table))
            for table, rows in self.rows.items():
                if rows:
                    db.execute(insert(table), [dict(row) for row in rows])
        self.line.begin_anew(*self.at_line)


def _raise(error: BaseException) -> None:
    raise error


@pytest.fixture
def editions(make_settings: Callable[..., Settings], tmp_path: Path) -> list[Edition]:
    """Plain; with another picture; with a period; by other rules; and with less of everything."""
    folder = Folder(tmp_path / "menus", make_settings())
    found = [folder.read()]
    folder.paint("member", "red")
    found.append(folder.read())
    folder.rules([{"menu": "gold", "because": "fair", **PERIOD}, *RULES])
    found.append(folder.read())
    folder.rules([RULES[0], {"menu": "member", "because": "everybody"}])
    found.append(folder.read())
    (folder.root / "gold" / "menu.yaml").unlink()
    folder.write("member", {"name": "Member", **tab(tab="home", chatBarText="会員")})
    folder.rules(RULES[1:])
    return [*found, folder.read()]


def test_whatever_happens(
    fresh_database: Database, settings: Settings, editions: list[Edition]
) -> None:
    line = SlowLine(clock=lambda: world.clock())  # noqa: PLW0108 (it comes with the world)
    world = World(fresh_database, settings, line)
    begun = Begun(world, line, editions[0])
    run_state_machine_as_test(
        lambda: Menus(begun, editions),
        settings=so_often(EXAMPLES, steps=STEPS),
    )
