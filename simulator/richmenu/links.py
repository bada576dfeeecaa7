"""Linking menus to people, one by one and in bulk."""

from functools import partial

import linebot.v3.messaging.models as sdk
from flask import Blueprint
from flask.typing import ResponseReturnValue

from simulator.checks import body, recipients, requests, richmenus
from simulator.errors import LineError
from simulator.gate import guard_messaging_api
from simulator.richmenu.shown import find_with_image, link
from simulator.web import the_world
from simulator.world import World

links = guard_messaging_api(Blueprint("links", __name__, url_prefix="/v2/bot"))


@links.get("/user/<user_id>/richmenu")
def get(user_id: str) -> ResponseReturnValue:
    recipients.check_one(user_id)
    world = the_world()
    with world.lock:
        person = world.state.people.get(user_id)
        if person is None or person.menu_id is None:
            raise LineError(404, "the user has no richmenu")
        return {"richMenuId": person.menu_id}


@links.post("/user/<user_id>/richmenu/<menu_id>")
def link_one(user_id: str, menu_id: str) -> ResponseReturnValue:
    recipients.check_one(user_id)
    world = the_world()
    with world.lock:
        find_with_image(world.state, menu_id)
        link(world, user_id, menu_id)
    return {}


@links.delete("/user/<user_id>/richmenu")
def unlink_one(user_id: str) -> ResponseReturnValue:
    recipients.check_one(user_id)
    world = the_world()
    with world.lock:
        link(world, user_id, None)
    return {}


@links.post("/richmenu/bulk/link")
def link_many() -> ResponseReturnValue:
    asked = requests.check(sdk.RichMenuBulkLinkRequest, body.json_object())
    recipients.check_many(asked["userIds"], "userIds")
    richmenus.check_id(asked["richMenuId"], "richMenuId")
    world = the_world()
    with world.lock:
        menu = find_with_image(world.state, asked["richMenuId"], "richmenu not found")
    _soon(world, asked["userIds"], menu.id)
    return {}, 202


@links.post("/richmenu/bulk/unlink")
def unlink_many() -> ResponseReturnValue:
    asked = requests.check(sdk.RichMenuBulkUnlinkRequest, body.json_object())
    recipients.check_many(asked["userIds"], "userIds")
    _soon(the_world(), asked["userIds"], None)
    return {}, 202


def _soon(world: World, user_ids: list[str], menu_id: str | None) -> None:
    world.later.after(world.settings.bulk_delay, partial(_link_all, world, user_ids, menu_id))


def _link_all(world: World, user_ids: list[str], menu_id: str | None) -> None:
    """A menu that was deleted meanwhile is linked to nobody."""
    with world.lock:
        if menu_id is None or menu_id in world.state.menus:
            for user_id in user_ids:
                link(world, user_id, menu_id)
