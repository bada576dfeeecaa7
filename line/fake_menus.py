"""The rich menus of a LINE that remembers, beside `line/menus.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from line import limits
from line.faking import Asked
from line.gateway import LineMenu, LineRefused, MenuTaps, Move


@dataclass
class FakeMenu:
    menu: dict[str, Any]
    image: bytes | None = None
    content_type: str = ""


@dataclass
class FakeMenus(Asked):
    blocked: set[str] = field(default_factory=set)
    """Users whom LINE takes messages and menus for, without a word, and gives neither."""
    menu_store: dict[str, FakeMenu] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    own: dict[str, str] = field(default_factory=dict)
    """Each user's own menu."""
    batches: dict[str, tuple[Move, ...]] = field(default_factory=dict)
    """Batch operations by request id."""
    batch_phase: str = "succeeded"
    """What `move_progress` says; anything but `succeeded` also leaves everybody where they are."""

    menu_taps_of: dict[str, MenuTaps] = field(default_factory=dict)
    """What LINE has counted, by menu; of others, too few people have tapped."""

    def block(self, user: str) -> None:
        """The user blocks the account, and LINE forgets their own menu."""
        self.blocked.add(user)
        self.own.pop(user, None)

    def unblock(self, user: str) -> None:
        """Their own menu stays forgotten."""
        self.blocked.discard(user)

    def menus(self) -> list[LineMenu]:
        with self._asked("menus"):
            return [LineMenu(key, str(each.menu["name"])) for key, each in self.menu_store.items()]

    def create_menu(self, menu: Mapping[str, Any]) -> str:
        with self._asked("create_menu"):
            if not {"size", "selected", "name", "chatBarText", "areas"} <= menu.keys():
                raise LineRefused("400 The request body has errors", 400)
            if len(self.menu_store) >= limits.MENUS:
                raise LineRefused("400 The number of rich menus is at its maximum", 400)
            menu_id = f"richmenu-{uuid4().hex}"
            self.menu_store[menu_id] = FakeMenu(dict(menu))
            return menu_id

    def upload_menu_image(self, menu_id: str, image: bytes, content_type: str) -> None:
        with self._asked("upload_menu_image"):
            limits.check_image(image, content_type)
            stored = self._stored(menu_id)
            if stored.image is not None:
                raise LineRefused("400 An image has already been uploaded to the richmenu", 400)
            stored.image, stored.content_type = image, content_type

    def has_menu_image(self, menu_id: str) -> bool:
        with self._asked("has_menu_image"):
            stored = self.menu_store.get(menu_id)
            return stored is not None and stored.image is not None

    def delete_menu(self, menu_id: str) -> None:
        with self._asked("delete_menu"):
            self.menu_store.pop(menu_id, None)
            self.own = {user: own for user, own in self.own.items() if own != menu_id}
            self.default = None if self.default == menu_id else self.default

    def default_menu(self) -> str | None:
        with self._asked("default_menu"):
            return self.default

    def set_default_menu(self, menu_id: str | None) -> None:
        with self._asked("set_default_menu"):
            if menu_id is not None:
                self._need_image(menu_id)
            self.default = menu_id

    def menu_of(self, user: str) -> str | None:
        with self._asked("menu_of"):
            return self.own.get(user)

    def menu_taps(self, menu_id: str, since: date, until: date) -> MenuTaps | None:
        with self._asked("menu_taps"):
            if menu_id not in self.menu_store:
                raise LineRefused("404 Not found", 404)
            if since > until or (until - since).days > 396:
                raise LineRefused("400 from and to", 400)
            return self.menu_taps_of.get(menu_id)

    def link_menu(self, menu_id: str, users: Sequence[str]) -> None:
        with self._asked("link_menu"):
            limits.check_bulk(users)
            self._need_image(menu_id)
            self._takes(users, menu_id)

    def unlink_menu(self, users: Sequence[str]) -> None:
        with self._asked("unlink_menu"):
            limits.check_bulk(users)
            self._takes(users, None)

    def move_menus(self, moves: Sequence[Move], *, resume_key: str) -> str:
        with self._asked("move_menus"):
            self._check_moves(moves, resume_key)
            request_id = str(uuid4())
            self.batches[request_id] = tuple(moves)
            if self.batch_phase == "succeeded":
                self._move(moves)
            return request_id

    def move_progress(self, request_id: str) -> str:
        with self._asked("move_progress"):
            if request_id not in self.batches:
                raise LineRefused("404 Not found", 404)
            return self.batch_phase

    def menu_aliases(self) -> dict[str, str]:
        with self._asked("menu_aliases"):
            return dict(self.aliases)

    def set_menu_alias(self, alias: str, menu_id: str) -> None:
        with self._asked("set_menu_alias"):
            limits.check_alias(alias)
            self._need_image(menu_id)
            self.aliases[alias] = menu_id

    def delete_menu_alias(self, alias: str) -> None:
        with self._asked("delete_menu_alias"):
            self.aliases.pop(alias, None)

    def _stored(self, menu_id: str) -> FakeMenu:
        if menu_id not in self.menu_store:
            raise LineRefused("404 richmenu not found", 404)
        return self.menu_store[menu_id]

    def _need_image(self, menu_id: str) -> None:
        if self._stored(menu_id).image is None:
            raise LineRefused("400 must upload richmenu image before applying it to user", 400)

    def _takes(self, users: Sequence[str], menu: str | None) -> None:
        """Shows them the menu, or none of their own, at once."""
        if menu is not None:
            self.own |= dict.fromkeys(set(users) - self.blocked, menu)
            return
        for user in users:
            self.own.pop(user, None)

    def _check_moves(self, moves: Sequence[Move], resume_key: str) -> None:
        limits.check_moves(moves, resume_key)
        for move in moves:
            self._stored(move.source)
            if move.target is not None:
                self._need_image(move.target)

    def _move(self, moves: Sequence[Move]) -> None:
        """Each move is of those who had its menu before the whole began."""
        goes = {move.source: move.target for move in moves}
        moved = {user: goes.get(own, own) for user, own in self.own.items()}
        self.own = {user: own for user, own in moved.items() if own is not None}
