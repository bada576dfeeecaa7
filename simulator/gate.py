"""The gate before LINE's side: ledger, ids, CORS, failures on demand, tokens, rate limits."""

import contextlib
import re
import socket
import time

from flask import Blueprint, Response, g, request

from simulator import ids
from simulator.errors import LineError, UnansweredError
from simulator.ledger import KEPT_HEADERS, Request
from simulator.state import ChannelToken
from simulator.web import the_world

TAKE_RETRY_KEYS = tuple(
    f"/v2/bot/message/{way}" for way in ("push", "multicast", "narrowcast", "broadcast")
)
LARGEST_BODY = 2 * 1024 * 1024
NO_TOKEN = (
    "Authentication failed. Confirm that the access token in the authorization header is valid."
)
TOO_MANY = "The API rate limit has been exceeded. Try again later."
USUAL_MESSAGES = {429: TOO_MANY, 500: "Internal Server Error", 503: "Service Unavailable"}


def line_side() -> Blueprint:
    """The blueprint below which hangs all that LINE's hosts answer."""
    line = Blueprint("line", __name__)
    line.before_request(open_record)
    line.after_request(close_record)
    return line


def open_record() -> Response | None:
    if request.method == "OPTIONS":
        return Response(status=204)
    world = the_world()
    form = request.mimetype == "application/x-www-form-urlencoded"
    with world.lock:
        g.record = world.ledger.open(
            at=world.clock.now_ms(),
            method=request.method,
            path=request.path,
            query=request.query_string.decode(),
            headers={
                name: request.headers[name] for name in KEPT_HEADERS if name in request.headers
            },
            request_id=ids.request_id(),
        )
        g.failure = world.faults.take(request.method, request.path)
    if len(request.get_data()) > LARGEST_BODY:
        raise LineError(413, "Request body is too large")
    request.get_data()  # a body left unread can swallow the connection's next request
    if request.mimetype == "application/json":
        g.record.json = request.get_json(silent=True)
    elif form:
        g.record.fields = request.form.to_dict()
    fail_before()
    return None


def fail_before() -> None:
    """What a failure on demand does instead of the request."""
    failure = g.failure
    if failure is None:
        return
    if failure.kind == "slow":
        time.sleep(failure.seconds)
    elif failure.kind == "drop_before":
        record().dropped = True
        raise UnansweredError
    elif failure.kind == "status":
        said = failure.message or USUAL_MESSAGES.get(failure.status, "Failed on demand")
        raise LineError(failure.status, said)


def close_record(answer: Response) -> Response:
    open_to_browsers(answer)
    if "record" not in g:
        return answer
    record().status = answer.status_code
    answer.headers["x-line-request-id"] = record().request_id
    if g.get("failure") and g.failure.kind == "drop_after":
        record().dropped = True
        hang_up()
    return answer


def open_to_browsers(answer: Response) -> None:
    asked = request.headers.get("Access-Control-Request-Headers")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
    answer.headers["Access-Control-Allow-Headers"] = asked or "*"
    answer.headers["Access-Control-Expose-Headers"] = "x-line-request-id"


def record() -> Request:
    """This request's line in the ledger."""
    found: Request = g.record
    return found


def hang_up() -> None:
    """Close the connection; whatever is answered afterwards reaches nobody."""
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def refused(error: LineError) -> tuple[dict[str, object], int, dict[str, str]]:
    return error.body(), error.status, error.headers


def unanswered(_: UnansweredError) -> Response:
    hang_up()
    return Response(status=500)


def bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def channel_of(token: str) -> ChannelToken | None:
    """The living channel token, if it is one."""
    world = the_world()
    with world.lock:
        found = world.state.channel_tokens.get(token)
    alive = found and (found.expires_at is None or found.expires_at > world.clock.now_ms())
    return found if alive else None


def need_messaging_token() -> None:
    """Only the Messaging API channel's tokens open the Messaging API."""
    token = channel_of(bearer())
    if request.method != "OPTIONS" and (
        token is None or token.channel_id != the_world().settings.channel_id
    ):
        raise LineError(401, NO_TOKEN)


def need_login_token() -> None:
    """Only the LINE Login channel's tokens, other than long-lived ones, open the LIFF server."""
    token = channel_of(bearer())
    if request.method != "OPTIONS" and (
        token is None or token.channel_id != the_world().settings.login_channel_id
    ):
        raise LineError(401, NO_TOKEN)


def within_limit() -> None:
    """Take one from the endpoint's bucket, or refuse."""
    if request.method == "OPTIONS" or request.url_rule is None:
        return
    world = the_world()
    endpoint = f"{request.method} {re.sub('<[^>]*>', '{}', request.url_rule.rule)}"
    with world.lock:
        allowed = world.limits.take(endpoint, world.clock.now())
    if not allowed:
        raise LineError(429, TOO_MANY)


def no_stray_retry_key() -> None:
    """Only what sends takes a retry key; elsewhere LINE refuses the header."""
    if "X-Line-Retry-Key" in request.headers and request.path not in TAKE_RETRY_KEYS:
        raise LineError(400, "Retry key is not supported for this API")


def guard_messaging_api(blueprint: Blueprint) -> Blueprint:
    """Every view of the blueprint asks for a messaging token and has a rate limit."""
    blueprint.before_request(need_messaging_token)
    blueprint.before_request(within_limit)
    blueprint.before_request(no_stray_retry_key)
    return blueprint
