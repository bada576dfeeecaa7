"""Everything the platform knows, as plain dataclasses that can be written down and read back."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

From = Literal["friend", "account", "system"]
TokenKind = Literal["long-lived", "short-lived", "stateless", "v2.1"]
Via = Literal["reply", "push", "multicast", "broadcast"]


@dataclass
class Entry:
    """One line of a chat."""

    id: str
    at: int
    sender: From
    message: Json
    via: Via | None = None


@dataclass
class Person:
    user_id: str
    name: str
    language: str = "ja"
    phone: str = ""
    picture_url: str = ""
    status_message: str = ""
    friend: bool = False
    """Follows the account and has not blocked it: what LINE calls friendFlag."""
    blocked: bool = False
    consented: bool = True
    menu_id: str | None = None
    """The per-user rich menu."""
    chat: list[Entry] = field(default_factory=list)
    unread: int = 0
    loading_until: int = 0
    last_said_at: int | None = None
    version: int = 0


@dataclass
class RichMenu:
    id: str
    request: Json
    created_at: int
    image: str = ""
    """Base 64; empty until uploaded."""
    content_type: str = ""
    insight: Json | None = None
    """Impressions and clicks, as they were set; None: fewer than 20 people have tapped."""


@dataclass
class Batch:
    """A richmenu/batch that was accepted."""

    accepted_at: int
    completed_at: int | None = None


@dataclass
class Accepted:
    """A send that was taken under a retry key."""

    at: int
    request_id: str
    sent_messages: list[Json] | None


@dataclass
class ReplyToken:
    user_id: str
    event_at: int
    delivered_at: int | None = None
    used: bool = False


@dataclass
class ChannelToken:
    channel_id: str
    expires_at: int | None
    kind: TokenKind


@dataclass
class UserToken:
    user_id: str
    client_id: str
    scope: str
    expires_at: int


@dataclass
class AuthCode:
    user_id: str
    client_id: str
    redirect_uri: str
    expires_at: int
    scope: str
    challenge: str = ""
    nonce: str = ""


@dataclass
class LinkToken:
    user_id: str
    expires_at: int
    used: bool = False


@dataclass
class SigningKey:
    """An ES256 key of LINE Login."""

    kid: str
    pem: str


@dataclass
class Sms:
    to: str
    text: str
    at: int
    id: str = ""


@dataclass
class Webhook:
    url: str = ""
    active: bool = True


@dataclass
class Quota:
    limit: int | None = None
    used: int = 0


@dataclass
class State:
    people: dict[str, Person] = field(default_factory=dict)
    menus: dict[str, RichMenu] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    default_menu: str | None = None
    batches: dict[str, Batch] = field(default_factory=dict)
    resume_keys: dict[str, int] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)
    quota: Quota = field(default_factory=Quota)
    delivered: dict[str, dict[str, int]] = field(default_factory=dict)
    """People reached: by way of sending, then by day in Japan."""
    units: dict[str, list[str]] = field(default_factory=dict)
    """Aggregation units used: by month."""
    retry_keys: dict[str, Accepted] = field(default_factory=dict)
    reply_tokens: dict[str, ReplyToken] = field(default_factory=dict)
    link_tokens: dict[str, LinkToken] = field(default_factory=dict)
    read_tokens: dict[str, str] = field(default_factory=dict)
    contents: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What people sent: content type and base 64, by message id."""
    channel_tokens: dict[str, ChannelToken] = field(default_factory=dict)
    user_tokens: dict[str, UserToken] = field(default_factory=dict)
    codes: dict[str, AuthCode] = field(default_factory=dict)
    keys: list[SigningKey] = field(default_factory=list)
    """The newest last; it signs."""
    liff_apps: dict[str, Json] = field(default_factory=dict)
    sms: list[Sms] = field(default_factory=list)
