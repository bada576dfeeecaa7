"""What can be asked of the whole platform, and turned: clock, quota, faults, delivery, keys."""

from dataclasses import asdict

from flask import request
from flask.typing import ResponseReturnValue

from simulator.control.blueprint import control
from simulator.errors import LineError
from simulator.login import keys
from simulator.sms import same_number
from simulator.web import asked_json, the_world


@control.get("/state")
def state() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        now = world.state
        return {
            "now": world.clock.now_ms(),
            "people": len(now.people),
            "friends": sum(person.friend for person in now.people.values()),
            "menus": {
                menu.id: {"name": menu.request["name"], "image": bool(menu.image)}
                for menu in now.menus.values()
            },
            "aliases": now.aliases,
            "default_menu": now.default_menu,
            "linked": {p.user_id: p.menu_id for p in now.people.values() if p.menu_id},
            "quota": asdict(now.quota),
            "webhook": asdict(now.webhook),
            "delivery": asdict(world.outbox.delivery),
            "webhooks_waiting": world.outbox.waiting,
            "limits": world.limits.seen(),
            "faults": world.faults.waiting(),
            "liff_apps": now.liff_apps,
            "delivered": now.delivered,
            "requests": world.ledger.last,
        }


@control.get("/requests")
def requests() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        return {"requests": world.ledger.since(request.args.get("since", 0, type=int))}


@control.get("/sms")
def sms() -> ResponseReturnValue:
    """The newest last. A plus in a query means a blank, so here a blank means a plus."""
    to = request.args.get("to", "").replace(" ", "+")
    world = the_world()
    with world.lock:
        found = [s for s in world.state.sms if not to or same_number(s.to, to)]
        return {"sms": [asdict(each) for each in found]}


@control.post("/richmenu/<menu_id>/insight")
def insight(menu_id: str) -> ResponseReturnValue:
    """What LINE shall say of the taps on a menu: `impression` and `clicks` as LINE writes them."""
    world = the_world()
    with world.lock:
        menu = world.state.menus.get(menu_id)
        if menu is None:
            raise LineError(404, "no such rich menu")
        menu.insight = asked_json()
    return {}


@control.post("/clock")
def clock() -> ResponseReturnValue:
    world = the_world()
    world.clock.advance(float(asked_json().get("advance_seconds", 0)))
    return {"now": world.clock.now_ms()}


@control.post("/quota")
def quota() -> ResponseReturnValue:
    asked = asked_json()
    world = the_world()
    with world.lock:
        if "limit" in asked:
            world.state.quota.limit = asked["limit"]
        if "used" in asked:
            world.state.quota.used = int(asked["used"])
        return asdict(world.state.quota)


@control.post("/faults")
def add_fault() -> ResponseReturnValue:
    world = the_world()
    try:
        with world.lock:
            return asdict(world.faults.add(asked_json()))
    except (KeyError, ValueError, TypeError) as error:
        raise LineError(400, f"A fault has match, kind and count: {error}") from error


@control.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        world.faults.clear()
    return {}


@control.post("/keys/rotate")
def rotate() -> ResponseReturnValue:
    """From now on another key signs; the former stays listed, unless told to drop it."""
    world = the_world()
    with world.lock:
        if asked_json().get("drop"):
            world.state.keys.clear()
        world.state.keys.append(keys.fresh())
        return {"kid": world.state.keys[-1].kid}


@control.post("/reset")
def reset() -> ResponseReturnValue:
    the_world().reset()
    return {}
