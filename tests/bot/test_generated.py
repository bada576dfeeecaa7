"""Events nobody thought of: none gives a 5xx, and each comes to an end."""

import json
import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.event import TYPES, dumps, loads, to_keep
from models import InboxEvent
from tests.bot.chat import Chat
from tests.conftest import NOON

OPENAPI = Path(__file__).parents[2].parent / "shared" / "line-openapi" / "webhook.yml"
"""LINE's own description, where somebody has put it beside this folder."""

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Our own idea of events: LINE's fields, each with what it should be, or with anything at all.

NUMBERS = st.integers(-(2**63), 2**64 - 1)
"""Whole numbers as JSON gives them to us; larger ones come as floats."""

WORDS = st.text(max_size=30) | st.sampled_from(["", "営業時間", "\0", "\ud800", "1:tag:x", "連携"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
USERS = st.sampled_from([f"U{n:032x}" for n in range(3)])
SOURCES = st.one_of(
    st.fixed_dictionaries({"type": st.just("user"), "userId": USERS}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["group", "room", "planet"])},
        optional={"groupId": WORDS, "userId": USERS | WORDS},
    ),
)
MESSAGES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["text", "image", "sticker", "hologram"]),
        "id": st.from_regex(r"\d{1,18}"),
    },
    optional={"text": WORDS, "quoteToken": WORDS, "emojis": ANYTHING},
)
POSTBACKS = st.fixed_dictionaries(
    {"data": WORDS | st.from_regex(r"1:[a-z_]+(:[^:]*)*", fullmatch=True)},
    optional={
        "params": st.none()
        | st.dictionaries(
            st.sampled_from(["newRichMenuAliasId", "status", "date", "time", "datetime"]), WORDS
        )
    },
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from([*sorted(TYPES), "teleported"]),
    "mode": st.sampled_from(["active", "standby", "dreaming"]),
    "timestamp": st.integers(0, 2**53),
    "source": SOURCES,
    "webhookEventId": st.text(string.ascii_uppercase + string.digits, min_size=26, max_size=26),
    "deliveryContext": st.fixed_dictionaries({"isRedelivery": st.booleans()}),
    "replyToken": st.text(string.hexdigits, min_size=1, max_size=40),
    "message": MESSAGES,
    "postback": POSTBACKS,
    "unsend": st.fixed_dictionaries({"messageId": st.from_regex(r"\d{1,18}")}),
    "follow": st.fixed_dictionaries({"isUnblocked": st.booleans()}),
    "link": st.fixed_dictionaries({"result": st.sampled_from(["ok", "failed"]), "nonce": WORDS}),
}
EVENTS = st.fixed_dictionaries(
    {"type": FIELDS["type"]},
    optional={name: kind | ANYTHING for name, kind in FIELDS.items() if name != "type"},
)


def is_dealt_with(chat: Chat, events: list[Any]) -> None:
    answer = chat.post(json.dumps({"destination": "U1", "events": events}).encode())
    assert answer.status_code == 200
    chat.work()
    with chat.database.read() as db:
        left = db.scalars(select(InboxEvent.error).where(InboxEvent.state != "done")).all()
        assert left == []


@FEW
@given(st.lists(EVENTS | ANYTHING, max_size=4))
def test_any_event_is_taken_and_comes_to_an_end(chat, events):
    chat.clock.advance(seconds=60)
    is_dealt_with(chat, events)


@FEW
@given(st.binary(max_size=200) | ANYTHING.map(lambda item: json.dumps(item).encode()))
def test_any_signed_body_is_answered_200_or_400(chat, body):
    assert chat.post(body).status_code in (200, 400)


@given(EVENTS | ANYTHING)
def test_whatever_is_kept_fits_its_columns(item):
    row = to_keep(item, NOON)
    if row is None:
        assert not isinstance(item, dict)
        return
    for name in ("webhook_event_id", "kind", "line_user_id", "message_id"):
        words = row[name] or ""
        assert "\0" not in words
        words.encode()
        assert len(words) <= InboxEvent.__table__.c[name].type.length
    assert "\0" not in row["raw"]
    row["raw"].encode()
    assert dumps(loads(row["raw"])) == row["raw"]


# LINE's own idea of them


def strategy(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:
    """Values that fit a schema of LINE's description."""
    if "$ref" in schema:
        return strategy(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth)
    if "allOf" in schema:
        parts = [strategy(part, schemas, depth) for part in schema["allOf"]]
        return st.tuples(*parts).map(
            lambda found: {k: v for part in found for k, v in part.items()}
        )
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("pattern"):
        return st.from_regex(schema["pattern"], fullmatch=True)
    return _plain(schema, schemas, depth)


def _plain(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "string":
            return st.text(max_size=min(schema.get("maxLength", 40), 40))
        case "integer":
            return st.integers(0, 2**40)
        case "number":
            return st.floats(-90, 90)
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(_chosen(schema["items"], schemas, depth + 1), max_size=2)
        case _:
            return _object(schema, schemas, depth)


def _object(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    known = {
        name: _chosen(each, schemas, depth + 1)
        for name, each in schema.get("properties", {}).items()
    }
    required = {name for name in schema.get("required", []) if name in known}
    return st.fixed_dictionaries(
        {name: known[name] for name in sorted(required)},
        optional={name: known[name] for name in sorted(known.keys() - required)},
    )


def _chosen(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    """A schema that stands for several: one of those it names, with the name it goes by."""
    whole = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    mapping = whole.get("discriminator", {}).get("mapping")
    if not mapping:
        return strategy(schema, schemas, depth)
    return st.one_of(
        *(
            strategy({"$ref": where}, schemas, depth).map(lambda found, n=name: found | {"type": n})
            for name, where in mapping.items()
        )
    )


@pytest.fixture(scope="module")
def lines_events() -> Any:
    if not OPENAPI.exists():
        pytest.skip("LINE's OpenAPI files are not beside this folder (shared/line-openapi)")
    schemas = yaml.safe_load(OPENAPI.read_text("utf-8"))["components"]["schemas"]
    return st.lists(_chosen({"$ref": "#/Event"}, schemas, 0), max_size=3)


@FEW
@given(st.data())
def test_any_event_that_line_describes_is_taken_and_comes_to_an_end(chat, lines_events, data):
    chat.clock.advance(seconds=60)
    is_dealt_with(chat, data.draw(lines_events))


def test_every_type_that_line_describes_is_known_to_us(lines_events):
    schemas = yaml.safe_load(OPENAPI.read_text("utf-8"))["components"]["schemas"]
    assert set(schemas["Event"]["discriminator"]["mapping"]) <= TYPES
