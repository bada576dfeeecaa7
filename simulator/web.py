"""What every surface of the simulator needs from a Flask request."""

from typing import Any, cast

from flask import Flask, current_app, request

from simulator.world import World

KEY = "simulator"


def put_world(app: Flask, world: World) -> None:
    app.extensions[KEY] = world


def world_of(app: Flask) -> World:
    return cast(World, app.extensions[KEY])


def the_world() -> World:
    """The world of the app that answers this request."""
    return world_of(current_app)


def origin() -> str:
    """Where this request was sent: LINE's own names are always reached over TLS."""
    name, _, port = request.host.partition(":")
    tls_port = str(the_world().settings.tls_port)
    secure = name.endswith((".line.me", ".line-scdn.net")) or port == tls_port
    return f"{'https' if secure else 'http'}://{request.host}"


def asked_json() -> dict[str, Any]:
    """The JSON object of a control or phone request; empty when there is none."""
    said = request.get_json(silent=True)
    return said if isinstance(said, dict) else {}
