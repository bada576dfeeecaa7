"""The phone: the page on which one is a person, and what it asks and does."""

import base64
from dataclasses import asdict
from pathlib import Path

from flask import Blueprint, Response, send_from_directory
from flask.typing import ResponseReturnValue

from simulator import people
from simulator.control.people import chat
from simulator.errors import LineError
from simulator.phone.stream import stream_of
from simulator.richmenu.shown import shown
from simulator.sms import same_number
from simulator.state import Json, Person
from simulator.web import asked_json, origin, the_world
from simulator.world import World

STATIC = Path(__file__).parent / "static"
SDK = Path(__file__).parent.parent / "sdk"

phone = Blueprint("phone", __name__)


@phone.get("/phone/")
def page() -> ResponseReturnValue:
    return _fresh(STATIC, "index.html")


@phone.get("/phone/static/<path:name>")
def static(name: str) -> ResponseReturnValue:
    return _fresh(STATIC, name)


@phone.get("/liff/edge/2/sdk.js")
def sdk() -> ResponseReturnValue:
    """static.line-scdn.net's path, with the stand-in for the LIFF SDK behind it."""
    answer = _fresh(SDK, "sdk.js")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _fresh(folder: Path, name: str) -> Response:
    answer = send_from_directory(folder, name, max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@phone.get("/phone/api/config")
def config() -> ResponseReturnValue:
    world = the_world()
    settings = world.settings
    return {
        "account": {"name": settings.account_name},
        "liffId": settings.liff_id,
        "liffBase": f"{origin()}/{settings.liff_id}",
        "webhookUrl": world.state.webhook.url,
    }


@phone.get("/phone/api/people")
def listed() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return [_described(person) for person in world.state.people.values()]


@phone.post("/phone/api/people")
def add() -> ResponseReturnValue:
    return _described(people.add(the_world(), asked_json())), 201


@phone.get("/phone/api/people/<user_id>")
def get(user_id: str) -> ResponseReturnValue:
    world = the_world()
    person = people.find(world, user_id)
    with world.lock:
        return {
            "person": _described(person),
            "chat": chat(person),
            "richMenu": _menu(world, person),
            "sms": [asdict(s) for s in world.state.sms if same_number(person.phone, s.to)],
            "loading": person.loading_until > world.clock.now_ms(),
            "version": person.version,
        }


@phone.get("/phone/api/people/<user_id>/stream")
def stream(user_id: str) -> ResponseReturnValue:
    world = the_world()
    return stream_of(world, people.find(world, user_id).user_id)


@phone.post("/phone/api/people/<user_id>/<any(follow, block, unblock):what>")
def friendship(user_id: str, what: str) -> ResponseReturnValue:
    world = the_world()
    person = people.find(world, user_id)
    {"follow": people.follow, "block": people.block, "unblock": people.unblock}[what](world, person)
    return _described(person)


@phone.post("/phone/api/people/<user_id>/say")
def say(user_id: str) -> ResponseReturnValue:
    world = the_world()
    text = str(asked_json().get("text", ""))
    if not text:
        raise LineError(400, "Say something")
    message = {"type": "text", "text": text}
    return {"id": people.say(world, people.find(world, user_id), message)}


@phone.post("/phone/api/people/<user_id>/act")
def act(user_id: str) -> ResponseReturnValue:
    world, asked = the_world(), asked_json()
    person = people.find(world, user_id)
    return people.act(world, person, asked.get("action") or {}, asked.get("params"))


@phone.post("/phone/api/people/<user_id>/open")
def open_url(user_id: str) -> ResponseReturnValue:
    world = the_world()
    return people.opened(world, people.find(world, user_id), str(asked_json().get("url", "")))


@phone.post("/phone/api/people/<user_id>/read")
def read(user_id: str) -> ResponseReturnValue:
    world = the_world()
    person = people.find(world, user_id)
    with world.lock:
        if person.unread:
            person.unread = 0
            world.touch(person)
    return {}


@phone.get("/phone/api/richmenus/<menu_id>/image")
def image(menu_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        menu = world.state.menus.get(menu_id)
    if menu is None or not menu.image:
        raise LineError(404, "There is no such image")
    answer = Response(base64.b64decode(menu.image), mimetype=menu.content_type)
    answer.headers["Cache-Control"] = "max-age=31536000, immutable"
    return answer


def _described(person: Person) -> Json:
    return {
        "userId": person.user_id,
        "name": person.name,
        "language": person.language,
        "phone": person.phone,
        "friend": person.friend,
        "blocked": person.blocked,
        "unread": person.unread,
    }


def _menu(world: World, person: Person) -> Json | None:
    menu = shown(world.state, person)
    if menu is None:
        return None
    return (
        {"richMenuId": menu.id}
        | menu.request
        | {"imageUrl": f"/phone/api/richmenus/{menu.id}/image"}
    )
