"""What an account may ask: itself, its friends, its quota, its webhook, and small favours."""

import base64

import linebot.v3.messaging.models as sdk
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from simulator import ids
from simulator.checks import body, recipients, requests
from simulator.checks.urls import secure
from simulator.clock import iso
from simulator.errors import LineError
from simulator.gate import guard_messaging_api
from simulator.messaging.delivery import reachable
from simulator.state import LinkToken
from simulator.web import the_world

LINK_TOKEN_LIFE = 10 * 60 * 1000

account = guard_messaging_api(Blueprint("account", __name__, url_prefix="/v2/bot"))


@account.get("/info")
def info() -> ResponseReturnValue:
    settings = the_world().settings
    return {
        "userId": settings.bot_user_id,
        "basicId": settings.basic_id,
        "displayName": settings.account_name,
        "chatMode": "bot",
        "markAsReadMode": "auto",
    }


@account.get("/profile/<user_id>")
def profile(user_id: str) -> ResponseReturnValue:
    recipients.check_one(user_id)
    world = the_world()
    with world.lock:
        person = world.state.people.get(user_id)
        if person is None or not reachable(world, person):
            raise LineError(404, "Not found")
        shown = {
            "userId": person.user_id,
            "displayName": person.name,
            "language": person.language,
            "pictureUrl": person.picture_url,
            "statusMessage": person.status_message,
        }
    return {name: value for name, value in shown.items() if value}


@account.get("/followers/ids")
def followers() -> ResponseReturnValue:
    limit = request.args.get("limit", 300, type=int)
    start = request.args.get("start", "0")
    if not 1 <= limit <= 1000:
        raise LineError(400, "The value for the 'limit' parameter is invalid")
    if not start.isdigit():
        raise LineError(400, "Invalid start param")
    world = the_world()
    with world.lock:
        friends = [person.user_id for person in world.state.people.values() if person.friend]
    page = friends[int(start) : int(start) + limit]
    more = int(start) + limit < len(friends)
    return {"userIds": page} | ({"next": str(int(start) + limit)} if more else {})


@account.get("/message/quota")
def quota() -> ResponseReturnValue:
    limit = the_world().state.quota.limit
    return {"type": "none"} if limit is None else {"type": "limited", "value": limit}


@account.get("/message/quota/consumption")
def consumption() -> ResponseReturnValue:
    return {"totalUsage": the_world().state.quota.used}


@account.get("/message/delivery/<any(reply, push, multicast, broadcast):via>")
def delivered(via: str) -> ResponseReturnValue:
    """Counts are ready from the next day on, as LINE's usually are."""
    day = request.args.get("date", "")
    if len(day) != 8 or not day.isdigit():
        raise LineError(400, "The value for the 'date' parameter is invalid")
    world = the_world()
    if day >= world.clock.day_in_japan():
        return {"status": "unready"}
    with world.lock:
        return {"status": "ready", "success": world.state.delivered.get(via, {}).get(day, 0)}


@account.get("/message/aggregation/info")
def units_used() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        used = world.state.units.get(world.clock.day_in_japan()[:6], [])
        return {"numOfCustomAggregationUnits": len(used)}


@account.get("/message/aggregation/list")
def units() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        used = world.state.units.get(world.clock.day_in_japan()[:6], [])
        return {"customAggregationUnits": used[:100]}


@account.post("/chat/loading/start")
def loading() -> ResponseReturnValue:
    asked = requests.check(sdk.ShowLoadingAnimationRequest, body.json_object())
    seconds = asked.get("loadingSeconds", 20)
    if seconds % 5:
        raise LineError(400, "The property, loadingSeconds, must be a multiple of 5")
    recipients.check_to(asked["chatId"])
    world = the_world()
    with world.lock:
        person = world.state.people.get(asked["chatId"])
        if person and reachable(world, person):
            person.loading_until = world.clock.now_ms() + seconds * 1000
            world.touch(person)
            world.later.after(seconds, lambda: world.touch(person))
    return {}, 202


@account.post("/chat/markAsRead")
def mark_as_read() -> ResponseReturnValue:
    asked = requests.check(sdk.MarkMessagesAsReadByTokenRequest, body.json_object())
    world = the_world()
    with world.lock:
        if asked["markAsReadToken"] not in world.state.read_tokens:
            raise LineError(400, "Invalid markAsReadToken")
    return {}


@account.get("/channel/webhook/endpoint")
def webhook() -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        if not world.state.webhook.url:
            raise LineError(404, "Webhook endpoint not found")
        return {"endpoint": world.state.webhook.url, "active": world.state.webhook.active}


@account.put("/channel/webhook/endpoint")
def set_webhook() -> ResponseReturnValue:
    asked = requests.check(sdk.SetWebhookEndpointRequest, body.json_object())
    if not secure(asked["endpoint"]):
        raise LineError(400, "Invalid webhook endpoint URL")
    world = the_world()
    with world.lock:
        world.state.webhook.url, world.state.webhook.active = asked["endpoint"], True
    return {}


@account.post("/channel/webhook/test")
def test_webhook() -> ResponseReturnValue:
    asked = requests.check(sdk.TestWebhookEndpointRequest, body.json_object())
    world = the_world()
    url = asked.get("endpoint") or world.state.webhook.url
    if not secure(url):
        raise LineError(400, "Invalid webhook endpoint URL")
    at = iso(world.clock.now_ms())
    answer = world.outbox.send_now([], url)
    return {
        "success": answer.ok,
        "timestamp": at,
        "statusCode": answer.status or 0,
        "reason": answer.reason,
        "detail": str(answer.status or answer.reason),
    }


@account.post("/user/<user_id>/linkToken")
def link_token(user_id: str) -> ResponseReturnValue:
    recipients.check_one(user_id)
    world = the_world()
    with world.lock:
        token = ids.token(24)
        expires_at = world.clock.now_ms() + LINK_TOKEN_LIFE
        world.state.link_tokens[token] = LinkToken(user_id, expires_at)
    return {"linkToken": token}


@account.get("/message/<message_id>/content")
@account.get("/message/<message_id>/content/preview")
def content(message_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        found = world.state.contents.get(message_id)
    if found is None:
        raise LineError(404, "Not found")
    return Response(base64.b64decode(found[1]), mimetype=found[0])


@account.get("/message/<message_id>/content/transcoding")
def transcoding(message_id: str) -> ResponseReturnValue:
    world = the_world()
    with world.lock:
        if message_id not in world.state.contents:
            raise LineError(404, "Not found")
    return {"status": "succeeded"}


@account.route("/<path:_>", methods=["GET", "POST", "PUT", "DELETE"])
def unknown(_: str) -> ResponseReturnValue:
    raise LineError(404, "Not found")
