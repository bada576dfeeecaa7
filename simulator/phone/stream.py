"""Telling an open phone, by server-sent events, that something on it is new."""

import json
from collections.abc import Iterator

from flask import Response

from simulator.world import World

HEARTBEAT = 15.0


def stream_of(world: World, user_id: str) -> Response:
    answer = Response(_versions(world, user_id), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _versions(world: World, user_id: str) -> Iterator[str]:
    seen = -1
    while not world.closing:
        version = _changed(world, user_id, seen)
        if version is None:
            return
        yield (
            ": still here\n\n"
            if version == seen
            else f"data: {json.dumps({'version': version})}\n\n"
        )
        seen = version


def _changed(world: World, user_id: str, seen: int) -> int | None:
    """The person's version as soon as it is new, or after a heartbeat; none when they are gone."""
    with world.lock:
        world.changed.wait_for(lambda: world.closing or _version(world, user_id) != seen, HEARTBEAT)
        return _version(world, user_id)


def _version(world: World, user_id: str) -> int | None:
    person = world.state.people.get(user_id)
    return person.version if person else None
