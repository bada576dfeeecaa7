"""Rich menus and their images, and the default menu."""

import base64
from datetime import date

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from simulator import ids
from simulator.checks import body, images, richmenus
from simulator.errors import LineError
from simulator.gate import guard_messaging_api
from simulator.richmenu.shown import find, find_with_image
from simulator.state import Json, RichMenu
from simulator.web import the_world

MOST_MENUS = 1000
LONGEST_INSIGHT = 396

menus = guard_messaging_api(Blueprint("menus", __name__, url_prefix="/v2/bot"))


@menus.post("/richmenu")
def create() -> ResponseReturnValue:
    asked = richmenus.menu(body.json_object())
    world = the_world()
    with world.lock:
        if len(world.state.menus) >= MOST_MENUS:
            raise LineError(400, "You have reached the maximum number of rich menus")
        menu = RichMenu(ids.rich_menu_id(), asked, world.clock.now_ms())
        world.state.menus[menu.id] = menu
    return {"richMenuId": menu.id}


@menus.post("/richmenu/validate")
def validate() -> ResponseReturnValue:
    richmenus.menu(body.json_object())
    return {}


@menus.get("/richmenu/list")
def listed() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return {"richmenus": [described(menu) for menu in world.state.menus.values()]}


@menus.get("/richmenu/<menu_id>")
def get(menu_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return described(find(world.state, menu_id))


@menus.get("/insight/richmenu/<menu_id>/summary")
def insight(menu_id: str) -> ResponseReturnValue:
    """Only its id while fewer than 20 people have tapped."""
    since, until = (_day(request.args.get(name, "")) for name in ("from", "to"))
    if until < since or (until - since).days > LONGEST_INSIGHT:
        raise LineError(400, "The value for the 'from' or 'to' parameter is invalid")
    world = the_world()
    with world.lock:
        counted = find(world.state, menu_id).insight
    span = {"metricsFrom": f"{since:%Y%m%d}", "metricsTo": f"{until:%Y%m%d}"}
    return {"richMenuId": menu_id} | (span | counted if counted else {})


def _day(given: str) -> date:
    try:
        year, month, day = (int(each) for each in (given[:4], given[4:6], given[6:]))
        return date(year, month, day)
    except ValueError as e:
        raise LineError(400, "The value for the 'from' or 'to' parameter is invalid") from e


@menus.delete("/richmenu/<menu_id>")
def delete(menu_id: str) -> ResponseReturnValue:
    """The people who had it fall back on the default menu; aliases to it lead nowhere."""
    world = the_world()
    with world.lock:
        find(world.state, menu_id)
        del world.state.menus[menu_id]
        if world.state.default_menu == menu_id:
            world.state.default_menu = None
        for person in world.state.people.values():
            if person.menu_id == menu_id:
                person.menu_id = None
        world.touch_all()
    return {}


@menus.post("/richmenu/<menu_id>/content")
def upload(menu_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        menu = find(world.state, menu_id)
    images.check(request.mimetype, request.get_data(), menu.request["size"])
    with world.lock:
        if menu.image:
            raise LineError(400, "An image has already been uploaded to the richmenu")
        menu.image = base64.b64encode(request.get_data()).decode()
        menu.content_type = request.mimetype
    return {}


@menus.get("/richmenu/<menu_id>/content")
def download(menu_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        menu = find(world.state, menu_id)
    if not menu.image:
        raise LineError(404, "Not found")
    return Response(base64.b64decode(menu.image), mimetype=menu.content_type)


@menus.post("/user/all/richmenu/<menu_id>")
def set_default(menu_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        world.state.default_menu = find_with_image(world.state, menu_id).id
        world.touch_all()
    return {}


@menus.get("/user/all/richmenu")
def get_default() -> ResponseReturnValue:
    menu_id = the_world().state.default_menu
    if menu_id is None:
        raise LineError(404, "no default richmenu")
    return {"richMenuId": menu_id}


@menus.delete("/user/all/richmenu")
def clear_default() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        world.state.default_menu = None
        world.touch_all()
    return {}


def described(menu: RichMenu) -> Json:
    """A menu as LINE returns it."""
    return {"richMenuId": menu.id} | menu.request
