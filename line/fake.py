"""A LINE that remembers instead of sending, held to the real one's promises by `tests/line`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from line import limits
from line.fake_login import FakeLogin
from line.fake_menus import FakeMenu, FakeMenus
from line.gateway import (
    BotInfo,
    LineOutOfQuota,
    LineRefused,
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
class FakeLine(FakeMenus):
    """Say what LINE knows (`profiles`, `blocked`), let the product work, see what came of it."""

    sent: list[Sent] = field(default_factory=list)
    spent: set[str] = field(default_factory=set)
    """Reply tokens that are of no use: spent, or added by a test as too old."""
    loading: list[tuple[str, int]] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)
    quota_limit: int | None = None
    quota_used: int = 0
    info: BotInfo = BOT
    endpoint: WebhookEndpoint | None = None
    webhook_test: WebhookTest = WELL
    _keys: set[UUID] = field(default_factory=set)

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

    def close(self) -> None:
        """Nothing is open."""
