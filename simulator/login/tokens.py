"""ID tokens, user access tokens and the tokens a LIFF app needs, all as LINE makes them."""

import base64
import json
from typing import Literal

from joserfc import jwt
from joserfc.jwk import OctKey

from simulator import ids
from simulator.login import keys
from simulator.state import Json, Person, UserToken
from simulator.world import World

ISSUER = "https://access.line.me"
HOUR = 3600
LIFF_SCOPE = "openid profile chat_message.write"

Signing = Literal["ES256", "HS256", "none"]


def claims(world: World, person: Person, scope: str, audience: str = "") -> Json:
    """What LINE says about a person who logs in now."""
    now = int(world.clock.now())
    said: Json = {
        "iss": ISSUER,
        "sub": person.user_id,
        "aud": audience or world.settings.login_channel_id,
        "exp": now + HOUR,
        "iat": now,
        "amr": ["linesso"],
    }
    if "profile" in scope.split():
        said["name"] = person.name
        if person.picture_url:
            said["picture"] = person.picture_url
    return said


def sign(world: World, said: Json, signing: Signing = "ES256", kid: str = "") -> str:
    """An ID token; in other ways than LINE's for tests that must see it refused."""
    if signing == "none":
        return unsigned({"alg": "none", "typ": "JWT"}, said)
    if signing == "HS256":
        secret = OctKey.import_key(world.settings.login_channel_secret)
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, said, secret)
    key = world.state.keys[-1]
    header = {"alg": "ES256", "typ": "JWT", "kid": kid or key.kid}
    return jwt.encode(header, said, keys.private(key))


def unsigned(header: Json, said: Json) -> str:
    """A token nobody verifies: LIFF's context and feature tokens are read, not checked."""
    return f"{_part(header)}.{_part(said)}."


def _part(said: Json) -> str:
    written = json.dumps(said, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def access_token(world: World, person: Person, scope: str, life: int) -> str:
    """A user access token of the login channel; `life` in seconds."""
    with world.lock:
        token = "eyJhbGciOiJIUzI1NiJ9." + ids.token(48)
        world.state.user_tokens[token] = UserToken(
            person.user_id,
            world.settings.login_channel_id,
            scope,
            world.clock.now_ms() + life * 1000,
        )
        person.consented = True
    return token
