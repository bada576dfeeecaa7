"""People under control: making them, seeing their phones, acting as them, and their tokens."""

import base64
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from simulator import liff_server, people
from simulator.control.blueprint import control
from simulator.errors import LineError
from simulator.login import tokens
from simulator.login.oauth import LIFF_LIFE
from simulator.richmenu.shown import shown
from simulator.state import Json, Person
from simulator.web import asked_json, the_world


@control.get("/people")
def listed() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return {"people": [_short(person) for person in world.state.people.values()]}


@control.post("/people")
def add() -> ResponseReturnValue:
    """One person, or as many as `count` says (for benchmarks), friends at once with `friend`."""
    asked = asked_json()
    world = the_world()
    with world.lock:
        added = [people.add(world, asked) for _ in range(int(asked.get("count", 1)))]
        for person in added:
            person.friend = bool(asked.get("friend"))
    if "count" in asked:
        return {"userIds": [person.user_id for person in added]}, 201
    return _short(added[0]), 201


@control.get("/people/<user_id>")
def get(user_id: str) -> ResponseReturnValue:
    world = the_world()
    person = people.find(world, user_id)
    with world.lock:
        seen = shown(world.state, person)
        menu = world.state.menus.get(person.menu_id or "")
        return _short(person) | {
            "menu": {"richMenuId": menu.id, "name": menu.request["name"]} if menu else None,
            "shown": {"richMenuId": seen.id, "name": seen.request["name"]} if seen else None,
            "chat": chat(person),
            "loading": person.loading_until > world.clock.now_ms(),
            "consented": person.consented,
        }


def _short(person: Person) -> Json:
    return {
        "userId": person.user_id,
        "name": person.name,
        "language": person.language,
        "phone": person.phone,
        "friend": person.friend,
        "blocked": person.blocked,
        "unread": person.unread,
        "version": person.version,
    }


def chat(person: Person) -> list[Json]:
    return [
        {"id": e.id, "at": e.at, "from": e.sender, "message": e.message, "via": e.via}
        for e in person.chat
    ]


@control.post("/people/<user_id>/<any(follow, block, unblock):what>")
def friendship(user_id: str, what: str) -> ResponseReturnValue:
    world = the_world()
    person = people.find(world, user_id)
    mode = str(asked_json().get("mode", "active"))
    {"follow": people.follow, "block": people.block, "unblock": people.unblock}[what](
        world, person, mode
    )
    return _short(person)


@control.post("/people/<user_id>/say")
def say(user_id: str) -> ResponseReturnValue:
    """`text`, a whole `message` object, or a file of a `type` with its `content` in base 64."""
    world, asked = the_world(), asked_json()
    person = people.find(world, user_id)
    if "content" in asked:
        kind, content_type = (
            str(asked.get("type", "image")),
            str(asked.get("contentType", "image/png")),
        )
        content = base64.b64decode(asked["content"])
        return {"messageId": people.send_file(world, person, kind, content, content_type)}
    message: Json = asked.get("message") or {"type": "text", "text": str(asked.get("text", ""))}
    return {"messageId": people.say(world, person, message, str(asked.get("mode", "active")))}


@control.post("/people/<user_id>/postback")
def postback(user_id: str) -> ResponseReturnValue:
    world, asked = the_world(), asked_json()
    mode = str(asked.get("mode", "active"))
    person = people.find(world, user_id)
    people.postback(world, person, str(asked.get("data", "")), asked.get("params"), mode)
    return {}


@control.post("/people/<user_id>/tap")
def tap(user_id: str) -> ResponseReturnValue:
    """An `area` of the shown rich menu by its index, or any `action` object."""
    world, asked = the_world(), asked_json()
    person = people.find(world, user_id)
    if "action" in asked:
        return people.act(world, person, asked["action"], asked.get("params"))
    return people.tap(world, person, int(asked.get("area", -1)), asked.get("params"))


@control.post("/people/<user_id>/unsend")
def unsend(user_id: str) -> ResponseReturnValue:
    world, asked = the_world(), asked_json()
    person = people.find(world, user_id)
    people.unsend(world, person, str(asked.get("messageId", "")))
    return {}


@control.get("/people/<user_id>/id-token")
def id_token(user_id: str) -> ResponseReturnValue:
    """An ID token, or one that is wrong in the way asked for."""
    world, asked = the_world(), request.args
    person = people.find(world, user_id)
    with world.lock:
        said = tokens.claims(world, person, tokens.LIFF_SCOPE, asked.get("aud", ""))
        _spoil(said, asked)
        signing: Any = asked.get("alg", "ES256")
        if signing not in ("ES256", "HS256", "none"):
            raise LineError(400, "alg is ES256, HS256 or none")
        return {"idToken": tokens.sign(world, said, signing, asked.get("kid", "")), "claims": said}


def _spoil(said: Json, asked: Any) -> None:
    """Shift or replace claims: expired=1, iat_offset=seconds, iss=…, nonce=…"""
    offset = asked.get("iat_offset", 0, type=int)
    if asked.get("expired"):
        offset -= 2 * tokens.HOUR
    said["iat"] += offset
    said["exp"] += offset
    for name in ("iss", "nonce"):
        if name in asked:
            said[name] = asked[name]


@control.get("/people/<user_id>/access-token")
def access_token(user_id: str) -> ResponseReturnValue:
    """A user access token, as a LIFF app would hold."""
    world = the_world()
    person = people.find(world, user_id)
    scope = request.args.get("scope", tokens.LIFF_SCOPE)
    life = request.args.get("life", LIFF_LIFE, type=int)
    return {"accessToken": tokens.access_token(world, person, scope, life)}


@control.get("/people/<user_id>/in-app")
def in_app(user_id: str) -> ResponseReturnValue:
    """The URL that LINE's in-app browser opens for the LIFF URL with this path."""
    world = the_world()
    person = people.find(world, user_id)
    more = request.args.get("path", "")
    liff_id = request.args.get("liffId", world.settings.liff_id)
    return {"url": liff_server.in_app_url(world, person, liff_id, more)}
