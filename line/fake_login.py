"""A LINE Login channel whose tokens a test makes: each proves what the test says it proves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from line.faking import Asked
from line.gateway import BadToken, Identity, LiffApp

SKEW = timedelta(seconds=60)


@dataclass
class FakeLogin(Asked):
    apps: list[LiffApp] = field(default_factory=list)
    deauthorized: list[str] = field(default_factory=list)
    """Access tokens, as often as they were given."""
    _identities: dict[str, Identity] = field(default_factory=dict)
    _bad: dict[str, str] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    # What a test makes

    def token_for(
        self, line_user_id: str, *, name: str = "", expires_at: datetime | None = None
    ) -> str:
        """A good ID token, a new one each time; without `expires_at` it never expires."""
        token = f"id-token-{next(self._numbers)}.claims.signature"
        self._identities[token] = Identity(line_user_id, name, expires_at)
        return token

    def bad_token(self, why: str) -> str:
        """An ID token that proves nothing, for a reason as BadToken names it."""
        token = f"bad-token-{next(self._numbers)}"
        self._bad[token] = why
        return token

    def access_token_for(self, line_user_id: str) -> str:
        token = f"access-token-{next(self._numbers)}"
        self._owners[token] = line_user_id
        return token

    # The gateway

    def identify(self, id_token: str, now: datetime) -> Identity:
        with self._asked("identify"):
            if id_token not in self._identities:
                raise BadToken(self._bad.get(id_token, "malformed"))
            found = self._identities[id_token]
            if found.expires_at is not None and found.expires_at + SKEW <= now:
                raise BadToken("expired")
            return found

    def owner(self, access_token: str) -> str:
        with self._asked("owner"):
            if access_token not in self._owners or access_token in self.deauthorized:
                raise BadToken("expired")
            return self._owners[access_token]

    def deauthorize(self, access_token: str) -> None:
        with self._asked("deauthorize"):
            self.deauthorized.append(access_token)

    def liff_apps(self) -> list[LiffApp]:
        with self._asked("liff_apps"):
            return list(self.apps)

    def close(self) -> None:
        """Nothing is open."""
