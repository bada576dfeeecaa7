"""Whole request bodies of the sending endpoints: the SDK's model first, then LINE's limits."""

import linebot.v3.messaging.models as sdk

from simulator.checks import messages, recipients, schema
from simulator.errors import Fault, refuse
from simulator.state import Json


def reply(asked: Json) -> Json:
    return _sound(sdk.ReplyMessageRequest, asked)


def push(asked: Json) -> Json:
    sound = _sound(sdk.PushMessageRequest, asked)
    recipients.check_to(sound["to"])
    return sound


def multicast(asked: Json) -> Json:
    sound = _sound(sdk.MulticastRequest, asked)
    recipients.check_many(sound["to"])
    return sound


def broadcast(asked: Json) -> Json:
    return _sound(sdk.BroadcastRequest, asked)


def validate(asked: Json) -> Json:
    return _sound(sdk.ValidateMessageRequest, asked)


def check(model: schema.Model, asked: Json) -> Json:
    """A body that fits its model, without its nulls."""
    refuse(list(schema.faults(model, asked)))
    sound: Json = schema.without_nulls(asked)
    return sound


def _sound(model: schema.Model, asked: Json) -> Json:
    sound = check(model, asked)
    refuse([*_units(sound), *messages.faults(sound["messages"])])
    return sound


def _units(asked: Json) -> list[Fault]:
    units = asked.get("customAggregationUnits") or []
    plain = (unit.replace("_", "") for unit in units)
    return [
        Fault("Must be alphanumeric or underscore", f"customAggregationUnits[{n}]")
        for n, unit in enumerate(plain)
        if not (unit.isascii() and unit.isalnum())
    ]
