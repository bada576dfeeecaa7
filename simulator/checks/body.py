"""The outside of a request: its content type, its JSON, its retry key."""

import json

from flask import request

from simulator import ids
from simulator.errors import LineError
from simulator.state import Json

BROKEN = "The request body could not be parsed as JSON"


def json_object() -> Json:
    """The body, a JSON object sent as JSON."""
    if request.mimetype != "application/json":
        raise LineError(415, f"Content-Type '{request.content_type}' is not supported")
    try:
        said = json.loads(request.get_data())
    except ValueError as error:
        raise LineError(400, BROKEN) from error
    if not isinstance(said, dict):
        raise LineError(400, BROKEN)
    return said


def retry_key() -> str | None:
    key = request.headers.get("X-Line-Retry-Key")
    if key is not None and not ids.RETRY_KEY.fullmatch(key):
        raise LineError(400, "Invalid retry key. (Hexadecimal UUID is expected)")
    return key.lower() if key is not None else None
