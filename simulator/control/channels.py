"""Webhooks under control: raw ones, redeliveries, how they are delivered, and their log."""

from dataclasses import asdict

from flask import request
from flask.typing import ResponseReturnValue

from simulator.control.blueprint import control
from simulator.errors import LineError
from simulator.web import asked_json, the_world


@control.post("/events")
def send_events() -> ResponseReturnValue:
    """Send these events, as they are, in one signed webhook, and wait for the answer."""
    said = request.get_json(silent=True)
    events = said.get("events") if isinstance(said, dict) else said
    if not isinstance(events, list):
        raise LineError(400, "Send a list of events, or an object with events")
    return asdict(the_world().outbox.send_now(events))


@control.get("/webhooks")
def webhooks() -> ResponseReturnValue:
    """Every attempt to deliver, and the events themselves by id."""
    world = the_world()
    with world.lock:
        attempts = [asdict(each) for each in world.outbox.log]
        return {"attempts": attempts, "events": dict(world.outbox.events)}


@control.post("/webhooks/<event_id>/redeliver")
def redeliver(event_id: str) -> ResponseReturnValue:
    if not the_world().outbox.redeliver(event_id):
        raise LineError(404, "There is no such event")
    return {}


@control.post("/delivery")
def delivery() -> ResponseReturnValue:
    try:
        return asdict(the_world().outbox.change(asked_json()))
    except ValueError as error:
        raise LineError(400, str(error)) from error
