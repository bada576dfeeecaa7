"""The LIFF server: apps, the tokens the SDK asks for, and opening a LIFF URL."""

import re
import secrets
import string
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from simulator.checks import body
from simulator.checks.urls import secure
from simulator.errors import Fault, LineError, refuse
from simulator.gate import bearer, need_login_token
from simulator.login import tokens
from simulator.login.oauth import LIFF_LIFE, living
from simulator.state import Json, Person
from simulator.web import the_world
from simulator.world import World

MOST_APPS = 30
LIFF_ID = re.compile(r"\d+-[0-9A-Za-z]{8}")
VIEWS = ("compact", "tall", "full")
SCOPES = ("openid", "email", "profile", "chat_message.write")
PROMPTS = ("normal", "aggressive", "none")

liff_server = Blueprint("liff_server", __name__)


@liff_server.get("/liff/v1/apps")
def apps() -> ResponseReturnValue:
    need_login_token()
    world = the_world()
    with world.lock:
        listed = [{"liffId": liff_id} | app for liff_id, app in world.state.liff_apps.items()]
    if not listed:
        raise LineError(404, "no apps")
    return {"apps": listed}


@liff_server.post("/liff/v1/apps")
def add_app() -> ResponseReturnValue:
    need_login_token()
    asked = body.json_object()
    refuse(_faults(asked, complete=True))
    world = the_world()
    alphabet = string.ascii_letters + string.digits
    end = "".join(secrets.choice(alphabet) for _ in range(8))
    liff_id = f"{world.settings.login_channel_id}-{end}"
    usual: Json = {
        "features": {"ble": False, "qrCode": False},
        "permanentLinkPattern": "concat",
        "scope": ["profile", "chat_message.write"],
        "botPrompt": "none",
    }
    with world.lock:
        if len(world.state.liff_apps) >= MOST_APPS:
            raise LineError(400, "The number of LIFF apps has reached the limit")
        world.state.liff_apps[liff_id] = usual | asked
    return {"liffId": liff_id}


@liff_server.put("/liff/v1/apps/<liff_id>")
def change_app(liff_id: str) -> ResponseReturnValue:
    need_login_token()
    asked = body.json_object()
    refuse(_faults(asked, complete=False))
    world = the_world()
    with world.lock:
        app = _app(world, liff_id)
        view = app["view"] | asked.pop("view", {})
        app.update(asked | {"view": view})
    return {}


@liff_server.delete("/liff/v1/apps/<liff_id>")
def delete_app(liff_id: str) -> ResponseReturnValue:
    need_login_token()
    world = the_world()
    with world.lock:
        _app(world, liff_id)
        del world.state.liff_apps[liff_id]
    return {}


def _faults(asked: Json, *, complete: bool) -> list[Fault]:
    view = asked.get("view", {})
    url = view.get("url")
    known = {"view", "description", "features", "permanentLinkPattern", "scope", "botPrompt"}
    wrong = {
        "view.url": (complete and not url) or (url is not None and (not secure(url) or "#" in url)),
        "view.type": (complete or "type" in view) and view.get("type") not in VIEWS,
        "scope": not set(asked.get("scope", [])) <= set(SCOPES),
        "botPrompt": asked.get("botPrompt", "none") not in PROMPTS,
        "permanentLinkPattern": asked.get("permanentLinkPattern", "concat") != "concat",
        "description": "line" in asked.get("description", "").lower(),
    } | {name: True for name in asked if name not in known}
    return [Fault("invalid", name) for name, is_wrong in wrong.items() if is_wrong]


def _app(world: World, liff_id: str) -> Json:
    app = world.state.liff_apps.get(liff_id)
    if app is None:
        raise LineError(404, "not found")
    return app


@liff_server.get("/liff/v2/apps/<liff_id>/contextToken")
def context_token(liff_id: str) -> ResponseReturnValue:
    """Without an access token it is the context of an outside browser, of nobody."""
    world = the_world()
    token = living(world, bearer())
    with world.lock:
        _app(world, liff_id)
        person = world.state.people[token.user_id] if token else None
        return {"contextToken": _context_token(world, liff_id, person, "external")}


@liff_server.get("/liff/v2/apps/<liff_id>/featureToken")
def feature_token(liff_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        _app(world, liff_id)
        return {"featureToken": _feature_token(world, liff_id)}


def _context_token(world: World, liff_id: str, person: Person | None, kind: str) -> str:
    app = _app(world, liff_id)
    said: Json = {
        "type": kind,
        "liffId": liff_id,
        "endpointUrl": app["view"]["url"],
        "permanentLinkPattern": app.get("permanentLinkPattern", "concat"),
        "viewType": app["view"]["type"],
        "scope": app.get("scope", []),
        "availability": {},
        "exp": int(world.clock.now()) + LIFF_LIFE,
    }
    if person is not None:
        said["userId"] = person.user_id
    return tokens.unsigned({"alg": "none", "typ": "JWT"}, said)


def _feature_token(world: World, liff_id: str) -> str:
    said = {"liffId": liff_id, "exp": int(world.clock.now()) + LIFF_LIFE}
    return tokens.unsigned({"alg": "none", "typ": "JWT"}, said)


@liff_server.get("/<liff_id>")
@liff_server.get("/<liff_id>/<path:path>")
def open_liff_url(liff_id: str, path: str = "") -> ResponseReturnValue:
    """https://liff.line.me/{liffId}… in an outside browser: on to the endpoint."""
    if not LIFF_ID.fullmatch(liff_id):
        raise LineError(404, "Not found")
    world = the_world()
    more = request.full_path.partition(liff_id)[2].rstrip("?")
    with world.lock:
        return redirect(primary_url(_app(world, liff_id), more))


def primary_url(app: Json, more: str) -> str:
    """The endpoint URL, with what followed the LIFF id as liff.state."""
    parts = urlsplit(str(app["view"]["url"]))
    state = f"liff.state={quote(more, safe='')}" if more not in ("", "/") else ""
    return parts._replace(query="&".join(filter(None, (parts.query, state)))).geturl()


def in_app_url(world: World, person: Person, liff_id: str, more: str) -> str:
    """What LINE's in-app browser opens: the primary URL with the credentials in its hash."""
    with world.lock:
        app = _app(world, liff_id)
        scope = " ".join(app.get("scope", []))
        hash_parts = {
            "access_token": tokens.access_token(world, person, scope, LIFF_LIFE),
            "context_token": _context_token(world, liff_id, person, "utou"),
            "feature_token": _feature_token(world, liff_id),
            "client_id": world.settings.login_channel_id,
        }
        if "openid" in scope.split():
            said = tokens.claims(world, person, scope)
            hash_parts["id_token"] = tokens.sign(world, said)
        return f"{primary_url(app, more)}#{urlencode(hash_parts)}"


def opened_in_app(world: World, person: Person, url: str) -> str | None:
    """Where a tapped URL leads inside LINE, when it is a LIFF URL of one of our apps."""
    parts = urlsplit(url)
    liff_id, _, path = parts.path.lstrip("/").partition("/")
    with world.lock:
        known = liff_id in world.state.liff_apps
    if not known or parts.scheme not in ("http", "https", "line"):
        return None
    more = "".join(
        (
            f"/{path}" if path else "",
            f"?{parts.query}" if parts.query else "",
            f"#{parts.fragment}" if parts.fragment else "",
        )
    )
    return in_app_url(world, person, liff_id, more)


@liff_server.get("/xlt/manifest.json")
def languages() -> ResponseReturnValue:
    """The SDK's i18n: which file has which language."""
    return {"languages": {"en": "en.json", "ja": "ja.json"}}


@liff_server.get("/xlt/<name>.json")
def texts(name: str) -> ResponseReturnValue:
    return {}
