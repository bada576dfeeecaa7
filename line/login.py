"""The real LINE Login channel: who somebody is, and letting them go."""

import re
from datetime import datetime
from typing import Any

from core.clock import Clock, now
from core.settings import Settings
from line import id_tokens
from line.answers import Answer
from line.gateway import BadToken, Identity, LiffApp, LineRefused
from line.keys import Keys
from line.limits import USER_ID
from line.plain import PlainHttp
from line.tokens import asked_with, login_tokens

TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
"""What can be an access token at all, and go into a header."""


class SdkLogin:
    """Make one and share it. The SDK has no client for LINE Login, so this speaks HTTP itself."""

    def __init__(self, settings: Settings, *, clock: Clock = now) -> None:
        self._channel = settings.line_login_channel_id
        threads = max(settings.web_threads, settings.worker_threads)
        self._http = PlainHttp(settings.line_api_url, clock, connections=threads)
        self._tokens = login_tokens(settings, self._http, clock)
        self._keys = Keys(self._http)

    def identify(self, id_token: str, now: datetime) -> Identity:
        return id_tokens.identify(
            id_token, self._channel, now, lambda kid: self._keys.find(kid, now)
        )

    def owner(self, access_token: str) -> str:
        verified = self._of_user("/oauth2/v2.1/verify", access_token, in_url=True)
        if verified.need("client_id", str) != self._channel:
            raise BadToken("audience")
        if verified.need("expires_in", int) <= 0:
            raise BadToken("expired")
        if "profile" in verified.need("scope", str).split():
            user = self._of_user("/v2/profile", access_token).need("userId", str)
        else:
            user = self._of_user("/oauth2/v2.1/userinfo", access_token).need("sub", str)
        if not USER_ID.fullmatch(user):
            raise BadToken("subject")
        return user

    def deauthorize(self, access_token: str) -> None:
        try:
            self._of_channel("POST", "/user/v1/deauthorize", {"userAccessToken": access_token})
        except LineRefused as e:
            if not (e.status == 400 and "token" in str(e).lower()):
                raise  # otherwise the token is no longer one: it was done before, or by the user

    def liff_apps(self) -> list[LiffApp]:
        try:
            return self._of_channel("GET", "/liff/v1/apps").each("apps", _app)
        except LineRefused as e:
            if e.status == 404:
                return []
            raise

    def close(self) -> None:
        self._http.close()

    def _of_user(self, path: str, access_token: str, *, in_url: bool = False) -> Answer:
        """Ask with a user's token. One that LINE does not take is a BadToken."""
        if not TOKEN.fullmatch(access_token):
            raise BadToken("malformed")
        try:
            if in_url:
                return self._http.ask("GET", path, fields={"access_token": access_token})
            return self._http.ask("GET", path, token=access_token)
        except LineRefused as e:
            if e.status in (400, 401):
                raise BadToken("expired") from e
            raise

    def _of_channel(self, method: str, path: str, json: Any = None) -> Answer:
        """Ask with the channel's own token."""
        return asked_with(
            self._tokens, lambda token: self._http.ask(method, path, json=json, token=token)
        )


def _app(listed: dict[str, Any]) -> LiffApp:
    return LiffApp(
        liff_id=listed["liffId"],
        endpoint_url=listed["view"]["url"],
        scopes=tuple(listed.get("scope", ())),
        bot_prompt=listed.get("botPrompt", "none"),
    )
