"""A LINE that remembers instead of sending, held to the real one's promises by `tests/line`."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from core.database import in_transaction
from line import limits
from line.fake_login import FakeLogin
from line.gateway import (
    BotInfo,
    LineError,
    LineMenu,
    LineOutOfQuota,
    LineRefused,
    LineUnavailable,
    MenuTaps,
    Move,
    Profile,
    WebhookEndpoint,
    WebhookTest,
)
from line.messages import Message

__all__ = ["FakeLine", "FakeLogin", "FakeMenu", "Sent"]

BOT = BotInfo("U" + "b" * 32, "@musubi", "Musubi")
WELL = WebhookTest(ok=True, status=200, reason="OK", detail="200")


@dataclass(frozen=True)
class Sent:
    """One accepted request. `to` is a LINE user id, or the reply token of a reply."""

    how: str
    """`reply` or `push`."""
    to: str
    messages: tuple[Message, ...]
    retry_key: UUID | None = None
    reached: bool = True
    """False: LINE took it, and the person, who had blocked the account, never sees it."""

    @property
    def texts(self) -> list[str]:
        """What its messages say, as far as they are text or have a text to stand for them."""
        return [each.get("text") or each.get("altText") or "" for each in self.messages]


@dataclass
class FakeMenu:
    menu: dict[str, Any]
    image: bytes | None = None
    content_type: str = ""


@dataclass
class FakeLine:
    """Say what LINE knows (`profiles`, `blocked`), let the product work, see what came of it."""

    sent: list[Sent] = field(default_factory=list)
    spent: set[str] = field(default_factory=set)
    """Reply tokens that are of no use: spent, or added by a test as too old."""
    loading: list[tuple[str, int]] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    """Users whom LINE takes messages and menus for, without a word, and gives neither."""
    quota_limit: int | None = None
    quota_used: int = 0

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

    info: BotInfo = BOT
    endpoint: WebhookEndpoint | None = None
    webhook_test: WebhookTest = WELL

    calls: list[str] = field(default_factory=list)
    """Every verb that was asked, in order, failed ones too."""
    fail_with: dict[str, LineError] = field(default_factory=dict)
    """What a verb raises instead of doing anything, until taken out; `*` is every verb."""
    lose_answer: set[str] = field(default_factory=set)
    """Verbs that do what they should, once, and then raise LineUnavailable all the same."""
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What else happens in the world just when a verb is asked; raising is dying there."""
    _keys: set[UUID] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def replies(self) -> list[Sent]:
        return [each for each in self.sent if each.how == "reply"]

    @property
    def pushes(self) -> list[Sent]:
        return [each for each in self.sent if each.how == "push"]

    def texts_to(self, user_or_token: str) -> list[str]:
        """What was pushed to a user, or replied with a token, and seen."""
        return [
            words
            for each in self.sent
            if each.to == user_or_token and each.reached
            for words in each.texts
        ]

    def block(self, user: str) -> None:
        """The user blocks the account, and LINE forgets their own menu."""
        self.blocked.add(user)
        self.own.pop(user, None)

    def unblock(self, user: str) -> None:
        """Their own menu stays forgotten."""
        self.blocked.discard(user)

    # Messages

    def reply(self, token: str, messages: Sequence[Message]) -> None:
        with self._asked("reply"):
            limits.check_messages(messages)
            if not token or token in self.spent:
                raise LineRefused("400 Invalid reply token", 400)
            self.spent.add(token)
            self.sent.append(Sent("reply", token, tuple(messages)))

    def push(self, to: str, messages: Sequence[Message], *, retry_key: UUID) -> None:
        with self._asked("push"):
            limits.check_messages(messages)
            if not limits.USER_ID.fullmatch(to):
                raise LineRefused("400 The property, 'to', in the request body is invalid", 400)
            if retry_key in self._keys:
                return
            if self.quota_limit is not None and self.quota_used >= self.quota_limit:
                raise LineOutOfQuota("429 You have reached your monthly limit.")
            self._keys.add(retry_key)
            reached = to not in self.blocked
            self.quota_used += reached
            self.sent.append(Sent("push", to, tuple(messages), retry_key, reached))

    def show_loading(self, user: str, seconds: int = 20) -> None:
        with self._asked("show_loading"):
            limits.check_loading(seconds)
            self.loading.append((user, seconds))

    def profile(self, user: str) -> Profile | None:
        with self._asked("profile"):
            return None if user in self.blocked else self.profiles.get(user)

    # The account

    def bot_info(self) -> BotInfo:
        with self._asked("bot_info"):
            return self.info

    def webhook_endpoint(self) -> WebhookEndpoint | None:
        with self._asked("webhook_endpoint"):
            return self.endpoint

    def set_webhook_endpoint(self, url: str) -> None:
        with self._asked("set_webhook_endpoint"):
            limits.check_webhook_url(url)
            self.endpoint = WebhookEndpoint(url, active=True)

    def try_webhook(self) -> WebhookTest:
        with self._asked("try_webhook"):
            if self.endpoint is None:
                raise LineRefused("404 Webhook endpoint not found", 404)
            return self.webhook_test

    def quota(self) -> tuple[int | None, int]:
        with self._asked("quota"):
            return self.quota_limit, self.quota_used

    # Rich menus

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
            self.own |= dict.fromkeys(set(users) - self.blocked, menu_id)

    def unlink_menu(self, users: Sequence[str]) -> None:
        with self._asked("unlink_menu"):
            limits.check_bulk(users)
            for user in users:
                self.own.pop(user, None)

    def move_menus(self, moves: Sequence[Move], *, resume_key: str) -> str:
        with self._asked("move_menus"):
            limits.check_moves(moves, resume_key)
            for move in moves:
                self._stored(move.source)
                if move.target is not None:
                    self._need_image(move.target)
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

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def _asked(self, verb: str) -> Iterator[None]:
        if in_transaction():
            raise AssertionError(f"called LINE ({verb}) while holding a transaction open")
        self.calls.append(verb)
        self.meanwhile.get(verb, lambda: None)()
        error = self.fail_with.get(verb) or self.fail_with.get("*")
        if error:
            raise error
        with self._lock:
            yield
        if verb in self.lose_answer:
            self.lose_answer.discard(verb)
            raise LineUnavailable("the answer was lost on the way")

    def _stored(self, menu_id: str) -> FakeMenu:
        if menu_id not in self.menu_store:
            raise LineRefused("404 richmenu not found", 404)
        return self.menu_store[menu_id]

    def _need_image(self, menu_id: str) -> None:
        if self._stored(menu_id).image is None:
            raise LineRefused("400 must upload richmenu image before applying it to user", 400)

    def _move(self, moves: Sequence[Move]) -> None:
        """Each move is of those who had its menu before the whole began."""
        goes = {move.source: move.target for move in moves}
        moved = {user: goes.get(own, own) for user, own in self.own.items()}
        self.own = {user: own for user, own in moved.items() if own is not None}
