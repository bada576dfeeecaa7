"""Webhook events as LINE writes them."""

from simulator import ids
from simulator.state import Json, ReplyToken
from simulator.world import World


def send(world: World, user_id: str | None, event: Json, *, replies: bool, mode: str) -> Json:
    """Complete an event that happened now, put it in the outbox, and return it.

    In standby mode another channel has the word, so there is no reply token.
    """
    now = world.clock.now_ms()
    whole = event | {
        "webhookEventId": ids.ulid(now),
        "deliveryContext": {"isRedelivery": False},
        "timestamp": now,
        "mode": mode,
    }
    if user_id is not None:
        whole["source"] = {"type": "user", "userId": user_id}
    if replies and mode == "active" and user_id is not None:
        whole["replyToken"] = _reply_token(world, user_id, now)
    world.outbox.put(whole)
    return whole


def _reply_token(world: World, user_id: str, now: int) -> str:
    with world.lock:
        token = ids.token(24)
        world.state.reply_tokens[token] = ReplyToken(user_id, now)
        return token


def follow(world: World, user_id: str, *, back: bool, mode: str = "active") -> Json:
    event: Json = {"type": "follow", "follow": {"isUnblocked": back}}
    return send(world, user_id, event, replies=True, mode=mode)


def unfollow(world: World, user_id: str, mode: str = "active") -> Json:
    return send(world, user_id, {"type": "unfollow"}, replies=False, mode=mode)


def message(world: World, user_id: str, said: Json, mode: str = "active") -> Json:
    """`said` carries the message's id and type."""
    read_token = ids.token(24)
    with world.lock:
        world.state.read_tokens[read_token] = user_id
    whole = said | {"markAsReadToken": read_token}
    if said["type"] in ("text", "image", "video", "sticker"):
        whole["quoteToken"] = ids.token(32)
    event: Json = {"type": "message", "message": whole}
    return send(world, user_id, event, replies=True, mode=mode)


def postback(
    world: World, user_id: str, data: str, params: Json | None = None, mode: str = "active"
) -> Json:
    postback: Json = {"data": data} | ({"params": params} if params else {})
    event: Json = {"type": "postback", "postback": postback}
    return send(world, user_id, event, replies=True, mode=mode)


def unsend(world: World, user_id: str, message_id: str, mode: str = "active") -> Json:
    event: Json = {"type": "unsend", "unsend": {"messageId": message_id}}
    return send(world, user_id, event, replies=False, mode=mode)


def account_link(world: World, user_id: str | None, nonce: str) -> Json:
    """Without a person it is the failure that LINE reports without saying whose."""
    result = "ok" if user_id else "failed"
    event: Json = {"type": "accountLink", "link": {"result": result, "nonce": nonce}}
    return send(world, user_id, event, replies=True, mode="active")
