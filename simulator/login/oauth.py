"""The OAuth endpoints: channel tokens for servers, user tokens and ID tokens for people."""

import base64
import hashlib
import hmac

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from simulator import ids
from simulator.errors import LoginError
from simulator.gate import within_limit
from simulator.login import keys, tokens
from simulator.state import AuthCode, ChannelToken, Json, TokenKind, UserToken
from simulator.web import the_world
from simulator.world import World

DAY = 24 * 3600
LIFF_LIFE = 12 * 3600
STATELESS_LIFE = 900

oauth = Blueprint("oauth", __name__)
oauth.before_request(within_limit)


@oauth.post("/oauth2/v3/token")
def stateless() -> ResponseReturnValue:
    channel_id = _channel()
    return _issued(channel_id, "stateless", STATELESS_LIFE)


@oauth.post("/v2/oauth/accessToken")
def short_lived() -> ResponseReturnValue:
    channel_id = _channel()
    return _issued(channel_id, "short-lived", 30 * DAY)


@oauth.post("/v2/oauth/verify")
def verify_short_lived() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        found = world.state.channel_tokens.get(request.form.get("access_token", ""))
    now = world.clock.now_ms()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        raise LoginError(400, "invalid_request", "invalid access token")
    left = 0 if found.expires_at is None else (found.expires_at - now) // 1000
    return {"client_id": found.channel_id, "expires_in": left, "scope": "P CM"}


@oauth.post("/v2/oauth/revoke")
def revoke_short_lived() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        world.state.channel_tokens.pop(request.form.get("access_token", ""), None)
    return {}


@oauth.post("/oauth2/v2.1/revoke")
def revoke() -> ResponseReturnValue:
    world = the_world()
    token = request.form.get("access_token", "")
    with world.lock:
        world.state.user_tokens.pop(token, None)
        world.state.channel_tokens.pop(token, None)
    return ""


def _channel() -> str:
    """The channel whose credentials these are."""
    if request.form.get("grant_type") != "client_credentials":
        raise LoginError(400, "unsupported_grant_type", "grant_type is not supported")
    channel_id = request.form.get("client_id", "")
    secret = the_world().settings.secrets.get(channel_id)
    if secret is None or not hmac.compare_digest(
        secret.encode(), request.form.get("client_secret", "").encode()
    ):
        raise LoginError(400, "invalid_client", "invalid client_secret")
    return channel_id


def _issued(channel_id: str, kind: TokenKind, life: int) -> Json:
    world = the_world()
    token = ids.token(96)
    with world.lock:
        world.state.channel_tokens[token] = ChannelToken(
            channel_id, world.clock.now_ms() + life * 1000, kind
        )
    return {"token_type": "Bearer", "access_token": token, "expires_in": life}


@oauth.post("/oauth2/v2.1/token")
def user_token() -> ResponseReturnValue:
    if request.form.get("grant_type") != "authorization_code":
        raise LoginError(400, "unsupported_grant_type", "grant_type is not supported")
    world = the_world()
    with world.lock:
        code = world.state.codes.pop(request.form.get("code", ""), None)
    if code is None or code.expires_at <= world.clock.now_ms():
        raise LoginError(400, "invalid_grant", "invalid authorization code")
    _check_client(world, code)
    return _logged_in(world, code)


def _check_client(world: World, code: AuthCode) -> None:
    if request.form.get("client_id") != code.client_id:
        raise LoginError(400, "invalid_request", "client_id is invalid")
    if request.form.get("redirect_uri", "") != code.redirect_uri:
        raise LoginError(400, "invalid_grant", "redirect_uri does not match")
    if code.challenge:
        _check_verifier(code.challenge, request.form.get("code_verifier", ""))
    elif request.form.get("client_secret") != world.settings.login_channel_secret:
        raise LoginError(400, "invalid_client", "invalid client_secret")


def _check_verifier(challenge: str, verifier: str) -> None:
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not 43 <= len(verifier) <= 128 or not hmac.compare_digest(computed, challenge):
        raise LoginError(400, "invalid_grant", "invalid code_verifier")


def _logged_in(world: World, code: AuthCode) -> Json:
    """LIFF asks for a key of the JWKS; a web log-in's ID token is signed with the secret."""
    with world.lock:
        person = world.state.people[code.user_id]
        liff = bool(request.form.get("appId"))
        life = LIFF_LIFE if liff else 30 * DAY
        answer: Json = {
            "access_token": tokens.access_token(world, person, code.scope, life),
            "expires_in": life,
            "refresh_token": ids.token(16),
            "scope": code.scope,
            "token_type": "Bearer",
        }
        if "openid" in code.scope.split():
            said = tokens.claims(world, person, code.scope)
            if code.nonce:
                said["nonce"] = code.nonce
            by_key = request.form.get("id_token_key_type") == "JWK"
            answer["id_token"] = tokens.sign(world, said, "ES256" if by_key else "HS256")
    return answer


@oauth.get("/oauth2/v2.1/certs")
def certs() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return {"keys": [keys.public(key) for key in reversed(world.state.keys)]}


@oauth.get("/oauth2/v2.1/verify")
def verify_access_token() -> ResponseReturnValue:
    world = the_world()
    found = living(world, request.args.get("access_token", ""))
    if found is None:
        raise LoginError(400, "invalid_request", "The access token expired")
    left = (found.expires_at - world.clock.now_ms()) // 1000
    return {"scope": found.scope, "client_id": found.client_id, "expires_in": left}


def living(world: World, token: str) -> UserToken | None:
    with world.lock:
        found = world.state.user_tokens.get(token)
    return found if found and found.expires_at > world.clock.now_ms() else None


@oauth.post("/oauth2/v2.1/verify")
def verify_id_token() -> ResponseReturnValue:
    world = the_world()
    said = _decoded(world, request.form.get("id_token", ""))
    expected = {
        "Invalid IdToken Issuer.": said.get("iss") == tokens.ISSUER,
        "IdToken expired.": int(said.get("exp", 0)) > world.clock.now(),
        "Invalid IdToken Audience.": said.get("aud") == request.form.get("client_id"),
        "Invalid IdToken Nonce.": _as_expected("nonce", said.get("nonce")),
        "Invalid IdToken Subject Identifier.": _as_expected("user_id", said.get("sub")),
    }
    for description, holds in expected.items():
        if not holds:
            raise LoginError(400, "invalid_request", description)
    return said


def _as_expected(name: str, value: object) -> bool:
    return name not in request.form or request.form[name] == value


def _decoded(world: World, token: str) -> Json:
    """The claims of a token that is signed by one of our keys or by the channel's secret."""
    with world.lock:
        published = KeySet([keys.named(key) for key in world.state.keys])
    secret = OctKey.import_key(world.settings.login_channel_secret)
    for key, algorithm in ((published, "ES256"), (secret, "HS256")):
        try:
            return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
        except (JoseError, ValueError):
            continue
    raise LoginError(400, "invalid_request", "Invalid IdToken.")
