"""Folders of menus, people, and a LINE that dies at a call of one's choice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from models import Ended, Friend, How, Link, Member, MenuAssignment
from richmenus import assignment, definitions, publishing
from richmenus.editions import Edition

WRITES = {
    "create_menu", "upload_menu_image", "delete_menu", "set_default_menu", "link_menu",
    "unlink_menu", "move_menus", "set_menu_alias", "delete_menu_alias",
}  # fmt: skip

RULES: list[Any] = [
    {"menu": "gold", "because": "gold member", "when": {"member.rank": "gold"}},
    {"menu": "member", "because": "linked", "when": {"linked": True}},
    {"menu": "guest", "because": "not linked yet"},
]


def picture(color: str = "white", size: tuple[int, int] = (800, 540), kind: str = "PNG") -> bytes:
    kept = BytesIO()
    Image.new("RGB", size, color).save(kept, kind)
    return kept.getvalue()


def tab(**given: Any) -> dict[str, Any]:
    area = {"bounds": {"x": 0, "y": 0, "width": 800, "height": 540}}
    action = {"type": "uri", "uri": "liff:link", "label": "連携"}
    plain = {
        "image": "menu.png",
        "size": {"width": 800, "height": 540},
        "chatBarText": "メニュー",
        "areas": [{**area, "action": action}],
    }
    return plain | given


def switch(to: str) -> list[dict[str, Any]]:
    bounds = {"x": 0, "y": 0, "width": 800, "height": 540}
    return [{"bounds": bounds, "action": {"type": "richmenuswitch", "tab": to}}]


MENUS: dict[str, Any] = {
    "guest": {"name": "Guest", **tab()},
    "member": {
        "name": "Member",
        "tabs": [tab(tab="home", areas=switch("shop")), tab(tab="shop", areas=switch("home"))],
    },
    "gold": {"name": "Gold", **tab(chatBarText="ゴールド")},
}


def plain_settings() -> Settings:
    return Settings.load(
        None,
        line_channel_secret="secret",
        line_channel_access_token="token",
        line_login_channel_id="2000000002",
        line_login_channel_secret="secret",
        liff_id="2000000002-AbCdEfGh",
        public_url="http://localhost",
        secret_key="a-key-for-tests-and-nothing-but-tests",
    )


class Folder:
    """A folder of menus, to be changed and read again."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self.settings = settings.model_copy(update={"menus_dir": root})
        for key, menu in MENUS.items():
            self.write(key, menu)
        self.rules(RULES)

    def write(self, key: str, menu: dict[str, Any], color: str = "white") -> None:
        folder = self.root / key
        folder.mkdir(parents=True, exist_ok=True)
        said = yaml.safe_dump(menu, allow_unicode=True, sort_keys=False)
        (folder / "menu.yaml").write_text(said, "utf-8")
        (folder / "menu.png").write_bytes(picture(color))

    def paint(self, key: str, color: str) -> None:
        (self.root / key / "menu.png").write_bytes(picture(color))

    def rules(self, rules: list[Any]) -> None:
        said = yaml.safe_dump(rules, allow_unicode=True, sort_keys=False)
        (self.root / "rules.yaml").write_text(said, "utf-8")

    def read(self) -> Edition:
        return definitions.read(self.settings)


class Account:
    """A database, a LINE and a folder of menus, with short words for what happens to them."""

    def __init__(self, database: Database, line: FakeLine, folder: Folder, clock: Any) -> None:
        self.database, self.line, self.folder, self.clock = database, line, folder, clock
        self.settings = folder.settings

    def apply(self, edition: Edition | None = None, **how: Any) -> publishing.Plan:
        given = edition or self.folder.read()
        how = {"wait": self.wait} | how
        return publishing.apply(self.database, self.line, given, self.clock, **how)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    def plan(self) -> publishing.Plan:
        return publishing.plan(self.database, self.line, self.folder.read())

    def work(self) -> int:
        return assignment.work(self.database, self.line, self.clock, self.settings)

    def friend(self, **changes: Any) -> Friend:
        with self.database.begin() as db:
            return put_friend(db, self.clock(), **changes)

    def linked(self, **member: Any) -> Friend:
        with self.database.begin() as db:
            friend = put_friend(db, self.clock())
            put_link(db, friend.id, put_member(db, self.clock(), **member), self.clock())
            return friend

    def link(self, friend: Friend, **member: Any) -> UUID:
        with self.database.begin() as db:
            member_id = put_member(db, self.clock(), **member)
            put_link(db, friend.id, member_id, self.clock())
            stale(db, friend, self.clock())
            return member_id

    def unlink(self, friend: Friend) -> None:
        with self.database.begin() as db:
            end = update(Link).where(Link.friend_id == friend.id)
            db.execute(end.values(ended_at=self.clock(), ended_why=Ended.UNLINKED))
            stale(db, friend, self.clock())

    def change(self, friend: Friend, **values: Any) -> None:
        with self.database.begin() as db:
            member = select(Link.member_id).where(Link.friend_id == friend.id)
            db.execute(update(Member).where(Member.id.in_(member)).values(**values))
            stale(db, friend, self.clock())

    def follow(self, friend: Friend) -> None:
        """As `members.friendship.followed` leaves the row: LINE has forgotten their menu."""
        self.line.blocked.discard(friend.line_user_id)
        with self.database.begin() as db:
            mine = update(Friend).where(Friend.id == friend.id)
            epoch, at = Friend.menu_epoch + 1, self.clock()
            turned = {"following": True, "friendship_at": at}
            db.execute(mine.values(menu_epoch=epoch, menu_stale_at=at, **turned))

    def block(self, friend: Friend) -> None:
        self.line.block(friend.line_user_id)
        with self.database.begin() as db:
            mine = update(Friend).where(Friend.id == friend.id)
            epoch, at = Friend.menu_epoch + 1, self.clock()
            turned = {"following": False, "friendship_at": at}
            db.execute(mine.values(menu_epoch=epoch, menu_stale_at=at, **turned))

    def hears_of_tab(self, friend: Friend, alias: str, at: datetime | None = None) -> None:
        """LINE tells us of a tab that was tapped, just now or `at` an earlier time."""
        with self.database.begin() as db:
            assignment.switched(db, friend.id, alias, at or self.clock(), self.clock())

    def work_with_a_late_line(self) -> Callable[[], None]:
        """LINE says yes to all that it is told meanwhile, and does it when the answer is called."""
        told, late = self.line.link_menu, list[Any]()
        self.line.link_menu = lambda *link: late.append(link)  # type: ignore[method-assign]
        self.work()
        self.line.link_menu = told  # type: ignore[method-assign]

        def do_it() -> None:
            for link in late:
                told(*link)

        return do_it

    def work_and_die(self) -> None:
        """Just when LINE has done what it was told of somebody."""
        told = self.line.link_menu

        def dies(menu: str, users: Any) -> None:
            told(menu, users)
            raise Killed

        self.line.link_menu = dies  # type: ignore[method-assign]
        with pytest.raises(Killed):
            self.work()
        self.line.link_menu = told  # type: ignore[method-assign]

    def row(self, friend: Friend) -> MenuAssignment:
        with self.database.read() as db:
            return db.get_one(MenuAssignment, friend.id)

    def sees(self, friend: Friend) -> str:
        """The place of the menu that LINE shows: `member/home`."""
        menu = self.line.own.get(friend.line_user_id) or self.line.default
        assert menu
        _, key, tab, _ = self.line.menu_store[menu].menu["name"].split(":")
        return f"{key}/{tab}"

    def names(self) -> list[str]:
        return sorted(each.menu["name"] for each in self.line.menu_store.values())

    def writes(self) -> list[str]:
        """What LINE was asked to change since the last time this was asked."""
        asked = [call for call in self.line.calls if call in WRITES]
        self.line.calls.clear()
        return asked


def put_friend(db: Session, now: datetime, **changes: Any) -> Friend:
    plain = {
        "line_user_id": f"U{uuid4().hex}",
        "following": True,
        "friendship_at": now,
        "menu_epoch": 1,
        "menu_stale_at": now,
    }
    friend = Friend(id=uuid4(), created_at=now, **plain | changes)
    db.add(friend)
    db.flush()
    return friend


def put_member(db: Session, now: datetime, **columns: Any) -> UUID:
    plain = {"number": uuid4().hex, "joined_on": date(2025, 1, 1)}
    member = Member(id=uuid4(), created_at=now, updated_at=now, **plain | columns)
    db.add(member)
    db.flush()
    return member.id


def put_link(db: Session, friend_id: UUID, member_id: UUID, now: datetime) -> None:
    db.add(Link(friend_id=friend_id, member_id=member_id, how=How.PHONE, started_at=now))
    db.flush()


def stale(db: Session, friend: Friend, now: datetime) -> None:
    db.execute(update(Friend).where(Friend.id == friend.id).values(menu_stale_at=now))


class Killed(BaseException):
    """The process died here."""


def deaths(calls: int, every: int) -> list[tuple[str, int]]:
    """At which of so many calls to die: at each on SQLite, at one of `every` on PostgreSQL, where
    commits come at the same places."""
    everywhere = [("sqlite", n) for n in range(1, calls + 1)]
    return everywhere + [("postgresql", n) for n in range(1, calls + 1, every)]


class DyingLine(FakeLine):
    """Dies at its `dies_at`-th call, before LINE does it or after."""

    dies_at = 0
    after = False
    count = 0

    @contextmanager
    def _asked(self, verb: str) -> Iterator[None]:
        self.count += 1
        dies = self.count == self.dies_at
        if dies and not self.after:
            raise Killed(verb)
        with super()._asked(verb):
            yield
        if dies:
            raise Killed(verb)
