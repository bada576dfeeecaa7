"""The real gateway, over line-bot-sdk: LINE's paths and fields behind our verbs."""

from collections.abc import Sequence
from uuid import UUID

from core.clock import Clock, now
from core.limits import Limits
from core.settings import Settings
from line.gateway import BotInfo, Profile, WebhookEndpoint, WebhookTest
from line.limits import check_loading, check_messages, check_webhook_url
from line.menus import Menus
from line.messages import Message
from line.plain import PlainHttp
from line.tokens import messaging_tokens
from line.transport import Transport


class SdkLine(Menus):
    """Make one and share it: it opens its connections when first asked, in each process anew."""

    def __init__(self, settings: Settings, limits: Limits, *, clock: Clock = now) -> None:
        self._http = PlainHttp(settings.line_api_url, clock)
        tokens = messaging_tokens(settings, self._http, clock)
        super().__init__(Transport(settings, limits, tokens, clock))

    # Messages

    def reply(self, token: str, messages: Sequence[Message]) -> None:
        check_messages(messages)
        body = {"replyToken": token, "messages": list(messages)}
        self._line.ask("POST", "/v2/bot/message/reply", body=body)

    def push(self, to: str, messages: Sequence[Message], *, retry_key: UUID) -> None:
        check_messages(messages)
        self._line.ask(
            "POST",
            "/v2/bot/message/push",
            body={"to": to, "messages": list(messages)},
            headers={"X-Line-Retry-Key": str(retry_key)},
        )

    def show_loading(self, user: str, seconds: int = 20) -> None:
        check_loading(seconds)
        body = {"chatId": user, "loadingSeconds": seconds}
        self._line.ask("POST", "/v2/bot/chat/loading/start", body=body)

    def profile(self, user: str) -> Profile | None:
        found = self._find("/v2/bot/profile/{user}", user=user)
        if found is None:
            return None
        language = str(found.json().get("language", ""))
        return Profile(found.need("userId", str), found.need("displayName", str), language)

    # The account

    def bot_info(self) -> BotInfo:
        found = self._line.ask("GET", "/v2/bot/info")
        return BotInfo(
            line_user_id=found.need("userId", str),
            basic_id=found.need("basicId", str),
            name=found.need("displayName", str),
            chat_mode=str(found.json().get("chatMode", "bot")),
        )

    def webhook_endpoint(self) -> WebhookEndpoint | None:
        found = self._find("/v2/bot/channel/webhook/endpoint")
        if found is None:
            return None
        return WebhookEndpoint(found.need("endpoint", str), found.need("active", bool))

    def set_webhook_endpoint(self, url: str) -> None:
        check_webhook_url(url)
        self._line.ask("PUT", "/v2/bot/channel/webhook/endpoint", body={"endpoint": url})

    def try_webhook(self) -> WebhookTest:
        tried = self._line.ask("POST", "/v2/bot/channel/webhook/test", body={})
        said = tried.json()
        return WebhookTest(
            ok=tried.need("success", bool),
            status=int(said.get("statusCode") or 0),
            reason=str(said.get("reason", "")),
            detail=str(said.get("detail", "")),
        )

    def quota(self) -> tuple[int | None, int]:
        allowed = self._line.ask("GET", "/v2/bot/message/quota")
        used = self._line.ask("GET", "/v2/bot/message/quota/consumption")
        limited = allowed.need("type", str) == "limited"
        return (allowed.need("value", int) if limited else None), used.need("totalUsage", int)

    def close(self) -> None:
        self._line.close()
        self._http.close()
