"""What an ID token proves. Every malformed, forged or foreign one is a BadToken, nothing else."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from line.gateway import BadToken, Identity
from line.limits import USER_ID

LONGEST = 8 * 1024
"""Characters. LINE's are about a tenth of this."""
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
ISSUER = "https://access.line.me"
SKEW = timedelta(seconds=60)

FindKey = Callable[[str], ECKey | None]


def identify(token: str, audience: str, now: datetime, find_key: FindKey) -> Identity:
    """Who the token says somebody is. Raises BadToken, and whatever `find_key` raises."""
    if len(token) > LONGEST or not SHAPE.fullmatch(token):
        raise BadToken("malformed")
    key = find_key(_key_id(token))
    if key is None:
        raise BadToken("signature")
    return _identity(_proven(token, key), audience, now)


def _key_id(token: str) -> str:
    """The key that the header names. Only LIFF's algorithm passes, whatever the header wants."""
    header = _object(_decoded(token.partition(".")[0]))
    if header.get("alg") != "ES256":
        raise BadToken("signature")
    kid = header.get("kid")
    if not isinstance(kid, str) or "crit" in header:
        raise BadToken("malformed")
    return kid


def _proven(token: str, key: ECKey) -> dict[str, Any]:
    try:
        return _object(jws.deserialize_compact(token, key, algorithms=["ES256"]).payload)
    except (JoseError, ValueError, TypeError) as e:
        raise BadToken("signature") from e


def _identity(claims: dict[str, Any], audience: str, now: datetime) -> Identity:
    if claims.get("iss") != ISSUER:
        raise BadToken("issuer")
    if claims.get("aud") not in (audience, [audience]):
        raise BadToken("audience")
    expires_at, issued_at = _time(claims, "exp"), _time(claims, "iat")
    if expires_at + SKEW <= now:
        raise BadToken("expired")
    if issued_at - SKEW > now:
        raise BadToken("future")
    user, name = claims.get("sub"), claims.get("name", "")
    if not isinstance(user, str) or not USER_ID.fullmatch(user):
        raise BadToken("subject")
    # People name themselves as they like; no database takes a NUL as text.
    return Identity(user, name.replace("\0", "") if isinstance(name, str) else "", expires_at)


def _time(claims: dict[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise BadToken("malformed")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as e:
        raise BadToken("malformed") from e


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError) as e:
        raise BadToken("malformed") from e


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as e:
        raise BadToken("malformed") from e
    if not isinstance(found, dict):
        raise BadToken("malformed")
    return found
