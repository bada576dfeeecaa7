"""Aliases: the lasting names behind which menus change."""

import linebot.v3.messaging.models as sdk
from flask import Blueprint
from flask.typing import ResponseReturnValue

from simulator import ids
from simulator.checks import body, requests, richmenus
from simulator.errors import LineError
from simulator.gate import guard_messaging_api
from simulator.richmenu.shown import find_with_image
from simulator.state import Json, State
from simulator.web import the_world

MOST_ALIASES = 1000

aliases = guard_messaging_api(Blueprint("aliases", __name__, url_prefix="/v2/bot/richmenu/alias"))


@aliases.post("")
def create() -> ResponseReturnValue:
    asked = requests.check(sdk.CreateRichMenuAliasRequest, body.json_object())
    alias = _well_formed(asked["richMenuAliasId"])
    world = the_world()
    with world.lock:
        _check_target(world.state, asked)
        if alias in world.state.aliases:
            raise LineError(400, "conflict richmenu alias id")
        if len(world.state.aliases) >= MOST_ALIASES:
            raise LineError(400, "You have reached the maximum number of rich menu aliases")
        world.state.aliases[alias] = asked["richMenuId"]
    return {}


@aliases.get("/list")
def listed() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return {"aliases": [_described(*each) for each in world.state.aliases.items()]}


@aliases.get("/<alias>")
def get(alias: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return _described(alias, _find(world.state, alias))


@aliases.post("/<alias>")
def update(alias: str) -> ResponseReturnValue:
    asked = requests.check(sdk.UpdateRichMenuAliasRequest, body.json_object())
    world = the_world()
    with world.lock:
        _find(world.state, alias)
        _check_target(world.state, asked)
        world.state.aliases[alias] = asked["richMenuId"]
    return {}


@aliases.delete("/<alias>")
def delete(alias: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        _find(world.state, alias)
        del world.state.aliases[alias]
    return {}


def _well_formed(alias: str) -> str:
    if not ids.ALIAS_ID.fullmatch(alias):
        raise LineError(400, "Invalid richMenuAliasId")
    return alias


def _find(state: State, alias: str) -> str:
    menu_id = state.aliases.get(_well_formed(alias))
    if menu_id is None:
        raise LineError(404, "richmenu alias not found")
    return menu_id


def _check_target(state: State, asked: Json) -> None:
    """Unlike elsewhere, a menu that does not exist is a 400 here."""
    richmenus.check_id(asked["richMenuId"], "richMenuId")
    try:
        find_with_image(state, asked["richMenuId"], "richmenu not found")
    except LineError as error:
        raise LineError(400, error.message) from error


def _described(alias: str, menu_id: str) -> Json:
    return {"richMenuAliasId": alias, "richMenuId": menu_id}
