"""Asking the company's own sign-in (OpenID Connect) who somebody is, by Authlib.

State, nonce and PKCE are Authlib's; what it leaves to us is checked here: that there was an ID
token at all, signed by a public key, of a provider that names itself.
"""

import re
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug import Response

from accounts.openid import Claims
from core.errors import Invalid
from core.settings import Settings

log = structlog.get_logger()

PATIENCE = 10
"""Seconds for each question to the provider."""
SIGNED_BY = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
ALGORITHMS = "id_token_signing_alg_values_supported"
WRONG = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, RuntimeError)
"""What a provider, or whoever plays one, can bring about; the last three are Authlib's way of
saying that an answer has not the shape it should have."""


class Provider:
    """What is learnt of it is kept; one for each process."""

    def __init__(self, settings: Settings) -> None:
        self._back = f"{settings.public_url}/staff/openid/back"
        self._app = FlaskOAuth2App(
            FlaskIntegration("staff"),
            "staff",
            client_id=settings.staff_openid_client_id,
            client_secret=settings.staff_openid_client_secret.get_secret_value() or None,
            server_metadata_url=settings.staff_openid_url,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
            },
        )

    def ask(self, *, again: bool) -> Response:
        """Lead the browser there. `again`: they must prove anew who they are."""
        try:
            self._metadata()
            more = {"max_age": 0, "prompt": "login"} if again else {}
            asked: Response = self._app.authorize_redirect(self._back, **more)
        except WRONG as e:
            raise _failed(e) from e
        return asked

    def answer(self) -> tuple[Claims, int]:
        """Who came back, verified, and when they last proved it there (0: it does not say)."""
        try:
            metadata = self._metadata()
            token: dict[str, Any] = self._app.authorize_access_token()
            said: dict[str, Any] = token["userinfo"]
            claims = Claims(
                str(metadata["issuer"]), str(said["sub"]), str(said.get("email") or ""),
                said.get("email_verified") is True,
            )  # fmt: skip
            return claims, int(said.get("auth_time") or 0)
        except WRONG as e:
            raise _failed(e) from e

    def _metadata(self) -> dict[str, Any]:
        known: dict[str, Any] = self._app.load_server_metadata()
        offered = set(known.get(ALGORITHMS) or ["RS256"])
        known[ALGORITHMS] = sorted(offered & SIGNED_BY)
        known["issuer"]
        return known


CODE = re.compile(r"[a-z_]{1,40}")
"""The provider's own word for what went wrong. Its sentences may be anybody's: they stand in the
address."""


def _failed(error: Exception) -> Invalid:
    code = str(getattr(error, "error", ""))
    said = code if CODE.fullmatch(code) else ""
    log.warning("openid_failed", why=type(error).__name__, said=said)
    return Invalid("staff.openid_failed")
