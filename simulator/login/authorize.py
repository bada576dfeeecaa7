"""The pages on which a person logs in to LINE, and confirms an account link."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template_string, request
from flask.typing import ResponseReturnValue

from simulator import ids
from simulator.errors import LineError
from simulator.login.tokens import ISSUER, LIFF_SCOPE
from simulator.state import AuthCode, Json
from simulator.web import origin, the_world
from simulator.webhooks import events
from simulator.world import World

CODE_LIFE = 10 * 60 * 1000

authorize = Blueprint("authorize", __name__)

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>LINE Login (simulator)</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem}
h1{font-size:1.2rem}a{display:block;margin:.5rem 0;padding:.8rem 1rem;border-radius:.6rem;
background:#06c755;color:#fff;text-decoration:none;font-weight:600}</style>
<h1>Log in to LINE as …</h1>
{% for person in people -%}
<a href="{{ url }}&amp;as={{ person.user_id }}">{{ person.name }}</a>
{% endfor -%}
</html>"""


@authorize.get("/.well-known/openid-configuration")
def configuration() -> ResponseReturnValue:
    here = origin()
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{here}/oauth2/v2.1/authorize",
        "token_endpoint": f"{here}/oauth2/v2.1/token",
        "revocation_endpoint": f"{here}/oauth2/v2.1/revoke",
        "userinfo_endpoint": f"{here}/oauth2/v2.1/userinfo",
        "scopes_supported": ["openid", "profile", "email"],
        "jwks_uri": f"{here}/oauth2/v2.1/certs",
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
    }


@authorize.get("/liff/v1/authorize")
def liff() -> ResponseReturnValue:
    """Where liff.login() leads: back to the app with a code."""
    world = the_world()
    app = _liff_app(world, request.args.get("app_id", ""))
    endpoint = str(app["view"]["url"])
    back = request.args.get("redirect_uri") or endpoint
    if not back.startswith(endpoint):
        raise LineError(400, "redirect_uri must start with the endpoint URL")
    if (chosen := _chosen()) is None:
        return _ask_who(world)
    code = AuthCode(
        user_id=chosen,
        client_id=world.settings.login_channel_id,
        redirect_uri=back,
        expires_at=world.clock.now_ms() + CODE_LIFE,
        scope=" ".join(app.get("scope", LIFF_SCOPE.split())),
        challenge=request.args.get("code_challenge", ""),
    )
    more = {
        "code": _kept(world, code),
        "state": request.args.get("state", ""),
        "liffClientId": world.settings.login_channel_id,
        "liffRedirectUri": back,
    }
    return redirect(_with(back, more))


@authorize.get("/oauth2/v2.1/authorize")
def web() -> ResponseReturnValue:
    """The web log-in."""
    world = the_world()
    said = request.args
    back = said.get("redirect_uri", "")
    if (
        said.get("client_id") != world.settings.login_channel_id
        or not back
        or not said.get("state")
    ):
        raise LineError(400, "INVALID_REQUEST")
    if said.get("response_type") != "code":
        return redirect(_with(back, {"error": "UNSUPPORTED_RESPONSE_TYPE", "state": said["state"]}))
    if (chosen := _chosen()) is None:
        return _ask_who(world)
    code = AuthCode(
        user_id=chosen,
        client_id=world.settings.login_channel_id,
        redirect_uri=back,
        expires_at=world.clock.now_ms() + CODE_LIFE,
        scope=said.get("scope", "profile"),
        challenge=said.get("code_challenge", ""),
        nonce=said.get("nonce", ""),
    )
    return redirect(_with(back, {"code": _kept(world, code), "state": said["state"]}))


@authorize.get("/dialog/bot/accountLink")
def account_link() -> ResponseReturnValue:
    """Links when the token was issued for the person who confirms; once, within ten minutes."""
    world = the_world()
    nonce = request.args.get("nonce", "")
    if not 10 <= len(nonce) <= 255:
        raise LineError(400, "nonce must be 10 to 255 characters")
    if (chosen := _chosen()) is None:
        return _ask_who(world)
    with world.lock:
        token = world.state.link_tokens.get(request.args.get("linkToken", ""))
        if token is None or token.used or token.expires_at <= world.clock.now_ms():
            raise LineError(400, "The link token has expired or was used")
        token.used = True
    events.account_link(world, chosen if chosen == token.user_id else None, nonce)
    return render_template_string("<!doctype html><title>LINE</title><p>Done. Back to the chat.")


def _liff_app(world: World, liff_id: str) -> Json:
    with world.lock:
        app = world.state.liff_apps.get(liff_id)
    if app is None:
        raise LineError(404, "LIFF app not found")
    return app


def _chosen() -> str | None:
    """Who logs in: `as` in the query, which the page's links carry."""
    chosen = request.args.get("as")
    if chosen is not None and chosen not in the_world().state.people:
        raise LineError(404, "There is no such person")
    return chosen


def _ask_who(world: World) -> str:
    with world.lock:
        listed = list(world.state.people.values())
    return render_template_string(PAGE, people=listed, url=request.full_path)


def _kept(world: World, code: AuthCode) -> str:
    with world.lock:
        name = ids.token(15)
        world.state.codes[name] = code
    return name


def _with(url: str, more: dict[str, str]) -> str:
    """The URL with more in its query."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return parts._replace(query=query).geturl()
