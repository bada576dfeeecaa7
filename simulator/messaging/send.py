"""Reply, push, multicast, broadcast, and the endpoints that only validate."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from simulator.checks import body, requests
from simulator.errors import LineError
from simulator.gate import guard_messaging_api, record
from simulator.messaging.delivery import Send, deliver, earlier, remember
from simulator.state import Json, Person, ReplyToken, Via
from simulator.web import the_world
from simulator.world import World

MINUTE = 60 * 1000

send = guard_messaging_api(Blueprint("send", __name__, url_prefix="/v2/bot/message"))


@send.post("/reply")
def reply() -> ResponseReturnValue:
    asked = requests.reply(body.json_object())
    world = the_world()
    with world.lock:
        token = world.state.reply_tokens.get(asked["replyToken"])
        if token is None or not _alive(world, token):
            raise LineError(400, "Invalid reply token")
        token.used = True
        to = [world.state.people[token.user_id]]
        sent = deliver(world, Send("reply", to, asked["messages"], [], counted=False))
    return {"sentMessages": sent}


def _alive(world: World, token: ReplyToken) -> bool:
    """Unused, within a minute of the latest delivery and twenty of the event."""
    now = world.clock.now_ms()
    delivered = token.delivered_at if token.delivered_at is not None else now
    in_time = now - delivered <= MINUTE and now - token.event_at <= 20 * MINUTE
    return in_time and not token.used


@send.post("/push")
def push() -> ResponseReturnValue:
    key = body.retry_key()
    asked = requests.push(body.json_object())
    world = the_world()
    with world.lock:
        person = world.state.people.get(asked["to"])
        sent = _once(world, key, asked, "push", [person] if person else [])
    return {"sentMessages": sent}


@send.post("/multicast")
def multicast() -> ResponseReturnValue:
    key = body.retry_key()
    asked = requests.multicast(body.json_object())
    world = the_world()
    with world.lock:
        people = [world.state.people[to] for to in asked["to"] if to in world.state.people]
        _once(world, key, asked, "multicast", people)
    return {}


@send.post("/broadcast")
def broadcast() -> ResponseReturnValue:
    key = body.retry_key()
    asked = requests.broadcast(body.json_object())
    world = the_world()
    with world.lock:
        friends = [person for person in world.state.people.values() if person.friend]
        _once(world, key, asked, "broadcast", friends)
    return {}


@send.post("/validate/<any(reply, push, multicast, narrowcast, broadcast):kind>")
def validate(kind: str) -> ResponseReturnValue:
    requests.validate(body.json_object())
    return {}


def _once(world: World, key: str | None, asked: Json, via: Via, people: list[Person]) -> list[Json]:
    """Deliver, unless the key says that it was done; hold the lock throughout."""
    try:
        earlier(world, key)
    except LineError:
        record().duplicate = True
        raise
    units = asked.get("customAggregationUnits") or []
    sent = deliver(world, Send(via, people, asked["messages"], units))
    remember(world, key, record().request_id, sent if via == "push" else None)
    return sent
