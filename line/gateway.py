"""What we ask of LINE, and the ways it can fail us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from line.messages import Message


class LineError(Exception):
    """LINE did not do what we asked. Its text holds LINE's status and words, and no secret."""


class LineUnavailable(LineError):
    """Ask again soon: a network fault, a 5xx, or too many requests at once."""

    def __init__(self, said: str, wait: float = 0.0) -> None:
        super().__init__(said)
        self.wait = wait
        """Seconds before which asking again is of no use, as far as we know."""


class LineOutOfQuota(LineError):
    """This month's messages are spent. Asking again soon only makes noise."""


class LineRefused(LineError):
    """Asking again will not help: LINE understood, and said no."""

    def __init__(self, said: str, status: int = 0) -> None:
        super().__init__(said)
        self.status = status
        """LINE's HTTP status; 0 when we did not even ask."""


class BadToken(Exception):
    """An ID or access token that proves nothing. `why` is a word for logs and texts:
    `malformed`, `signature`, `issuer`, `audience`, `expired`, `future`, `subject`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Identity:
    """Who a verified ID token says somebody is."""

    line_user_id: str
    name: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Profile:
    line_user_id: str
    name: str
    language: str = ""


@dataclass(frozen=True)
class BotInfo:
    line_user_id: str
    basic_id: str
    name: str
    chat_mode: str = "bot"


@dataclass(frozen=True)
class WebhookEndpoint:
    url: str
    active: bool


@dataclass(frozen=True)
class WebhookTest:
    ok: bool
    status: int
    reason: str
    detail: str


@dataclass(frozen=True)
class LiffApp:
    liff_id: str
    endpoint_url: str
    scopes: tuple[str, ...] = ()
    bot_prompt: str = "none"


@dataclass(frozen=True)
class LineMenu:
    """A rich menu as LINE has it."""

    id: str
    name: str


@dataclass(frozen=True)
class AreaTaps:
    """Taps on one area, as LINE counts them. None: LINE does not say."""

    bounds: tuple[int, int, int, int]
    """x, y, width, height."""
    taps: int | None
    people: int | None


@dataclass(frozen=True)
class MenuTaps:
    """What LINE saw of one menu between two days, in Japan's time."""

    since: str
    until: str
    """As LINE writes them: 20260213. Not all days that were asked for may have been counted."""
    shown: int | None
    shown_people: int | None
    areas: tuple[AreaTaps, ...]


@dataclass(frozen=True)
class Move:
    """Everybody whose own menu is `source` gets `target`; None takes the menu away."""

    source: str
    target: str | None


class Line(Protocol):
    """The Messaging API. Every call raises LineError; none may be made inside a transaction."""

    def reply(self, token: str, messages: Sequence[Message]) -> None:
        """Answer an event, free of charge. A token is good once: spent or old is LineRefused."""

    def push(self, to: str, messages: Sequence[Message], *, retry_key: UUID) -> None:
        """Send once, however often it is called with the same `retry_key` within 24 hours."""

    def show_loading(self, user: str, seconds: int = 20) -> None: ...
    def profile(self, user: str) -> Profile | None:
        """None when LINE does not tell: not a friend, blocked, or gone."""

    def bot_info(self) -> BotInfo: ...
    def webhook_endpoint(self) -> WebhookEndpoint | None:
        """None when none is set."""

    def set_webhook_endpoint(self, url: str) -> None: ...
    def try_webhook(self) -> WebhookTest: ...
    def quota(self) -> tuple[int | None, int]:
        """Messages this month: how many may be sent (None: no limit), how many were."""

    # Rich menus
    def menus(self) -> list[LineMenu]: ...
    def create_menu(self, menu: Mapping[str, Any]) -> str:
        """The new menu's id. Not repeatable: asking twice makes two."""

    def upload_menu_image(self, menu_id: str, image: bytes, content_type: str) -> None: ...
    def has_menu_image(self, menu_id: str) -> bool: ...
    def delete_menu(self, menu_id: str) -> None:
        """Gone afterwards; that it was gone before is no error."""

    def default_menu(self) -> str | None:
        """None when there is none, or it is another channel's."""

    def set_default_menu(self, menu_id: str | None) -> None: ...
    def menu_of(self, user: str) -> str | None: ...
    def link_menu(self, menu_id: str, users: Sequence[str]) -> None:
        """Give 1-500 users this menu. One: at once. More: LINE does it within seconds."""

    def unlink_menu(self, users: Sequence[str]) -> None: ...
    def move_menus(self, moves: Sequence[Move], *, resume_key: str) -> str:
        """Start one batch operation (3 an hour); the request id to ask its progress by."""

    def move_progress(self, request_id: str) -> str:
        """`ongoing`, `succeeded` or `failed`."""

    def menu_aliases(self) -> dict[str, str]:
        """Alias to menu id."""

    def set_menu_alias(self, alias: str, menu_id: str) -> None:
        """Create it, or point it elsewhere."""

    def delete_menu_alias(self, alias: str) -> None: ...
    def menu_taps(self, menu_id: str, since: date, until: date) -> MenuTaps | None:
        """None while fewer than 20 people have tapped: then LINE says nothing. May be asked 60
        times an hour, for at most 396 days, the last three years."""

    def close(self) -> None: ...


class Login(Protocol):
    """The LINE Login channel: who somebody is, and letting them go."""

    def identify(self, id_token: str, now: datetime) -> Identity:
        """Verify an ID token (ES256, issuer, audience, expiry). Raises BadToken, or
        LineUnavailable when LINE's keys cannot be had."""

    def owner(self, access_token: str) -> str:
        """The LINE user id an access token of our channel belongs to. Raises BadToken."""

    def deauthorize(self, access_token: str) -> None:
        """Tell LINE that this user withdrew. Already done is no error."""

    def liff_apps(self) -> list[LiffApp]: ...
    def close(self) -> None: ...
