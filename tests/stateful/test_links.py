"""The tie in any order of things: follow, block, link, relink, unlink, erase, twice, late, at once.

Whatever happens: at most one link for each friend and member, a history that only grows, one coupon
for each member, and in the end the menu that the rules give.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, MusubiError, NotFound
from core.settings import Settings
from line.fake import FakeLine
from members import friendship, leaving, linking, profile
from models import How
from richmenus import publishing
from tests.richmenus.situations import Folder
from tests.stateful.world import COUPON, Tie, World, so_often

USERS = [f"U{n:032x}" for n in range(3)]
NUMBERS = ["M1", "M2", "M3"]
RANKS = ["regular", "gold", "platinum"]

users, numbers = st.sampled_from(USERS), st.sampled_from(NUMBERS)
hows = st.sampled_from([How.PHONE, How.LOGIN, How.REGISTER, How.TICKET])
ACTS = ("link", "unlink", "erase", "hear", "meet", "rank")
REFUSABLE = ("link", "unlink", "erase", "rank")
"""What the other of two at once may have made impossible."""
acts = st.tuples(st.sampled_from(ACTS), users, numbers)
EXAMPLES = 15
works = st.sampled_from(["not", "before", "after", "before; all arrives; after"])
"""When the worker has its turn, beside something on the pages."""


class Ties(RuleBasedStateMachine):
    """Keeps what happened in LINE, and every link it has ever seen."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.on_the_way: list[dict[str, Any]] = []
        self.delivered: list[dict[str, Any]] = []
        self.follows: dict[str, bool] = {}
        self.seen: dict[UUID, Tie] = {}
        self.ever_linked: set[UUID] = set()
        self.members: dict[str, UUID] = {}
        self.events = 0

    @initialize(linked=st.sets(users), unlinked=st.sets(users))
    def begin(self, linked: set[str], unlinked: set[str]) -> None:
        """All follow, and of two of them we hear only later, when they have been on our page."""
        self.world.begin_anew()
        self.members = {number: self.world.member(number) for number in NUMBERS}
        for user in USERS:
            self.follow_or_block(user)
        self.world.deliver(self.on_the_way.pop())
        for user in sorted(linked):
            self._links(user, NUMBERS[USERS.index(user)], How.LOGIN)
        self.worker()
        for user in sorted(unlinked):
            self.unlink(user, "not")

    # In LINE, and on the way from there

    @rule(user=users)
    def follow_or_block(self, user: str) -> None:
        follows = self.follows[user] = not self.follows.get(user, False)
        line = self.world.line
        if follows:
            line.unblock(user)
        else:
            line.block(user)
        self.on_the_way.append(self._event(user, "follow" if follows else "unfollow"))

    @rule(user=users)
    @precondition(lambda self: any(self.follows.values()))
    def say(self, user: str) -> None:
        if self.follows.get(user):
            said = {"message": {"type": "text", "id": str(self.events), "text": "ポイント"}}
            self.on_the_way.append(self._event(user, "message") | said)

    def _event(self, user: str, kind: str) -> dict[str, Any]:
        self.events += 1
        at = self.world.clock.advance(milliseconds=10)
        token = {} if kind == "unfollow" else {"replyToken": f"token-{self.events}"}
        return {
            "type": kind, "webhookEventId": f"EVENT{self.events}", "mode": "active",
            "timestamp": round(at.timestamp() * 1000),
            "source": {"type": "user", "userId": user}, **token,
        }  # fmt: skip

    @rule(which=st.integers(-3, 3), works=st.booleans())
    @precondition(lambda self: self.on_the_way)
    def arrives(self, which: int, works: bool) -> None:
        """Any of those on the way: later ones may come, and be dealt with, before earlier ones."""
        event = self.on_the_way.pop(which % len(self.on_the_way))
        assert self.world.deliver(event)
        self.delivered.append(event)
        if works:
            self.world.work()

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.delivered)
    def arrives_again(self, which: int) -> None:
        assert not self.world.deliver(self.delivered[which % len(self.delivered)])

    @rule(seconds=st.sampled_from([1, 6, 6, 6, 3_600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    @rule()
    def worker(self) -> None:
        self.world.work()
        self._menus_are_right()

    @contextmanager
    def _worker(self, works: str) -> Iterator[None]:
        if "before" in works:
            self.worker()
        yield
        while "arrives" in works and self.on_the_way:
            self.arrives(0, works=False)
        if "after" in works:
            self.worker()

    # On the pages, and at the brand

    @rule(user=users, number=numbers, how=hows, works=works)
    def link(self, user: str, number: str, how: How, works: str) -> None:
        with self._worker(works):
            self._links(user, number, how)

    def _links(self, user: str, number: str, how: How) -> None:
        member, before = self.members[number], self._active()
        outcome = self.world.do(partial(self._link, user, member, how))
        if isinstance(outcome, MusubiError):
            assert isinstance(outcome, Conflict)
            assert before.get(member) not in (None, user), "nobody was first"
            assert self._active() == before
            return
        self.ever_linked.add(member)
        rest = {m: u for m, u in before.items() if m != member and u != user}
        assert self._active() == rest | {member: user}

    def _link(self, user: str, member: UUID, how: How, db: Session) -> object:
        friend = friendship.friend_for(db, user, self.world.clock())
        db.flush()
        return linking.link(
            db, friend.id, member, how, self.world.clock(), settings=self.world.settings
        )

    @rule(user=users, works=works)
    def unlink(self, user: str, works: str) -> None:
        before = self._active()
        with self._worker(works):
            outcome = self.world.do(partial(self._unlink, user))
        assert isinstance(outcome, NotFound) == (user not in before.values())
        assert self._active() == {m: u for m, u in before.items() if u != user}

    def _unlink(self, user: str, db: Session) -> object:
        friend = friendship.friend_for(db, user, self.world.clock())
        return linking.unlink(db, friend.id, self.world.clock(), settings=self.world.settings)

    @rule(number=numbers)
    def erase(self, number: str) -> None:
        member, before = self.members[number], self._active()
        outcome = self.world.do(partial(self._erase, member))
        assert not isinstance(outcome, MusubiError)
        assert self._active() == {m: u for m, u in before.items() if m != member}
        self.members[number] = self.world.member(number)

    def _erase(self, member: UUID, db: Session) -> object:
        return leaving.erase(db, member, self.world.clock(), self.world.settings)

    @rule(number=numbers, rank=st.sampled_from(RANKS))
    def rank(self, number: str, rank: str) -> None:
        outcome = self.world.do(partial(self._rank, number, rank))
        assert not isinstance(outcome, MusubiError)

    def _rank(self, number: str, rank: str, db: Session) -> object:
        world = self.world
        return profile.change(db, number, {"rank": rank}, world.clock(), world.settings)

    @rule(one=acts, other=acts)
    def two_at_once(self, one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
        before, pair = self._active(), (one, other)
        outcomes = self.world.at_once([self._act(*each) for each in pair])
        for (what, _, number), outcome in zip(pair, outcomes, strict=True):
            refused = isinstance(outcome, MusubiError)
            assert not refused or what in REFUSABLE, (what, outcome)
            if what == "link" and not refused:
                self.ever_linked.add(self.members[number])
        users, members = {each[1] for each in pair}, {self.members[each[2]] for each in pair}
        others = {m: u for m, u in before.items() if u not in users and m not in members}
        assert others.items() <= self._active().items(), "they touched somebody else's link"
        for number in {number for what, _, number in pair if what == "erase"}:
            self.members[number] = self.world.member(number)

    def _act(self, what: str, user: str, number: str) -> Callable[[Session], object]:
        member, now = self.members[number], self.world.clock.advance(milliseconds=10)
        # What LINE says is what is so; before somebody follows anew, it has forgotten their menu.
        if what == "hear":
            self.world.line.own.pop(user, None)
        heard = friendship.followed if self.follows.get(user) else friendship.unfollowed
        return {
            "link": partial(self._link, user, member, How.LOGIN),
            "unlink": partial(self._unlink, user),
            "erase": partial(self._erase, member),
            "hear": lambda db: heard(db, user, now, now),
            "meet": lambda db: friendship.friend_for(db, user, now),
            "rank": partial(self._rank, number, "gold"),
        }[what]

    # What must always be so

    def _active(self) -> dict[UUID, str]:
        """Who is linked, by member."""
        users = {row.id: user for user, row in self.world.friends().items()}
        ties = self.world.ties().values()
        return {t.member: users[t.friend] for t in ties if t.ended is None and t.member}

    @invariant()
    def at_most_one_link_for_each(self) -> None:
        active = [tie for tie in self.world.ties().values() if tie.ended is None]
        for whose in ("friend", "member"):
            counted = Counter(getattr(tie, whose) for tie in active)
            assert all(times == 1 for times in counted.values()), (whose, counted)
        assert all(tie.member for tie in active)

    @invariant()
    def history_only_grows(self) -> None:
        now = self.world.ties()
        for key, then in self.seen.items():
            assert key in now, f"the history has lost {then}"
            was, this = then, now[key]
            assert (was.friend, was.how, was.began) == (this.friend, this.how, this.began)
            assert this.member in (was.member, None), "an erased member, at the most"
            if was.ended is not None:
                assert (was.ended, was.why) == (this.ended, this.why)
        for tie in now.values():
            assert (tie.ended is None) == (tie.why is None)
            assert tie.ended is None or tie.began <= tie.ended
        self.seen = now
        self.ever_linked |= {tie.member for tie in now.values() if tie.member}

    @invariant()
    def a_coupon_once_for_each_member(self) -> None:
        assert self.world.coupons() <= len(self.ever_linked)

    # And in the end

    def teardown(self) -> None:
        """Everything arrives, the worker comes to rest, and LINE shows what the rules give."""
        for event in reversed(self.on_the_way):  # the oldest last, when newer ones are settled
            self.world.deliver(event)
            self.world.work()
        self.on_the_way.clear()
        self.world.clock.advance(seconds=1)
        self.world.work()
        for user, friend in self.world.friends().items():
            if user in self.follows:
                assert friend.following == self.follows[user], user
        self._menus_are_right()
        self.history_only_grows()
        self.a_coupon_once_for_each_member()

    def _menus_are_right(self) -> None:
        """Of all who follow, and from whom nothing is on the way."""
        unheard = {event["source"]["userId"] for event in self.on_the_way}
        for user, friend in self.world.friends().items():
            if friend.following and self.follows.get(user) and user not in unheard:
                fits = self.world.menu_that_fits(friend.id)
                assert self.world.menu_shown(user) == fits, user


@pytest.fixture
def world(
    fresh_database: Database, make_settings: Callable[..., Settings], tmp_path: Path
) -> World:
    folder = Folder(tmp_path / "menus", make_settings(welcome_coupon=f"text:{COUPON}"))
    world = World(fresh_database, folder.settings, FakeLine())
    publishing.apply(fresh_database, world.line, folder.read(), world.clock)
    return world


def test_whatever_the_order(world: World) -> None:
    run_state_machine_as_test(
        lambda: Ties(world),
        settings=so_often(EXAMPLES, steps=30),
    )
