"""Moving everybody from menu to menu in one operation."""

from functools import partial

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from simulator.checks import body, richmenus
from simulator.clock import iso
from simulator.errors import LineError
from simulator.gate import guard_messaging_api, record
from simulator.richmenu.shown import link
from simulator.state import Batch, Json
from simulator.web import the_world
from simulator.world import World

FORTNIGHT = 14 * 24 * 3600 * 1000

batch = guard_messaging_api(Blueprint("batch", __name__, url_prefix="/v2/bot/richmenu"))


@batch.post("/batch")
def start() -> ResponseReturnValue:
    asked = _checked()
    world = the_world()
    accepted = Batch(world.clock.now_ms())
    with world.lock:
        world.state.batches[record().request_id] = accepted
    operations = [] if _resumed(world, asked) else asked["operations"]
    world.later.after(world.settings.bulk_delay, partial(_apply, world, operations, accepted))
    return {}, 202


@batch.post("/validate/batch")
def validate() -> ResponseReturnValue:
    _checked()
    return {}


@batch.get("/progress/batch")
def progress() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        found = world.state.batches.get(request.args.get("requestId", ""))
    if found is None or world.clock.now_ms() - found.accepted_at > FORTNIGHT:
        raise LineError(404, "Not found")
    if found.completed_at is None:
        return {"phase": "ongoing", "acceptedTime": iso(found.accepted_at)}
    return {
        "phase": "succeeded",
        "acceptedTime": iso(found.accepted_at),
        "completedTime": iso(found.completed_at),
    }


def _checked() -> Json:
    world = the_world()
    asked = body.json_object()
    with world.lock:
        return richmenus.batch(asked, world.state.menus)


def _resumed(world: World, asked: Json) -> bool:
    """Whether this key began the same work before: then nobody is left to do.

    LINE would resume where a broken batch stopped; ours never break in the middle.
    """
    key, now = asked.get("resumeRequestKey"), world.clock.now_ms()
    if key is None:
        return False
    with world.lock:
        begun = world.state.resume_keys.get(key)
        known = begun is not None and now - begun <= FORTNIGHT
        if not known:
            world.state.resume_keys[key] = now
    return known


def _apply(world: World, operations: list[Json], accepted: Batch) -> None:
    """Each person moves at most once, by the menu they had before."""
    moves = {each["from"]: each.get("to") for each in operations if each["type"] != "unlinkAll"}
    everyone = any(each["type"] == "unlinkAll" for each in operations)
    with world.lock:
        for person in list(world.state.people.values()):
            if person.menu_id and (everyone or person.menu_id in moves):
                link(world, person.user_id, moves.get(person.menu_id))
        accepted.completed_at = world.clock.now_ms()
