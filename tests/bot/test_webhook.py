"""What the webhook takes in, what it turns away, and that nothing of the latter is kept."""

import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import Client

from bot import webhook
from core.database import connect
from models import InboxEvent
from tests.bot.chat import ALICE, BOB, Chat, event, sign, text

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))


def kept(chat: Chat) -> list[InboxEvent]:
    with chat.database.read() as db:
        return list(db.scalars(select(InboxEvent).order_by(InboxEvent.webhook_event_id)))


def count(chat: Chat) -> int:
    with chat.database.read() as db:
        return db.scalar(select(func.count()).select_from(InboxEvent)) or 0


def body(*events: object) -> bytes:
    return json.dumps({"destination": "U" + "d" * 32, "events": events}).encode()


def test_lines_own_test_vector():
    # https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/
    secret = b"8c570fa6dd201bb328f1c1eac23a96d8"
    said = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
    assert webhook.signature(secret, said) == b"GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_stores_every_event_then_rings(chat, now):
    answer = chat.tell(event("follow", now), text("こんにちは", now, BOB))
    assert answer.status_code == 200
    assert [row.line_user_id for row in kept(chat)] == [ALICE, BOB]
    assert chat.rung == ["inbox"]


def test_an_empty_webhook_is_how_line_tries_us(chat):
    assert chat.tell().status_code == 200
    assert chat.rung == []


@pytest.mark.parametrize("said", [b'{"destination":"U1"}', b'{"events":null}', b"{}"])
def test_a_signed_webhook_that_says_nothing_is_fine(chat, said):
    assert chat.post(said).status_code == 200


@pytest.mark.parametrize(
    "signature", ["", "AAAA", sign(b"another body"), "署名", "é", "a" * 10_000]
)
def test_a_wrong_signature_is_401_and_nothing_is_kept(chat, now, signature):
    assert chat.post(body(event("follow", now)), signature).status_code == 401
    assert count(chat) == 0
    assert chat.rung == []


def test_a_missing_signature_is_401(chat, now):
    assert chat.post(body(event("follow", now)), headers={}).status_code == 401
    assert count(chat) == 0


def test_the_signature_of_another_channel_is_401(chat, now):
    said = body(event("follow", now))
    assert chat.post(said, sign(said, "another-secret")).status_code == 401
    assert count(chat) == 0


def test_the_header_is_found_in_any_case(chat, now):
    said = body(event("follow", now))
    assert chat.post(said, headers={"X-LINE-SIGNATURE": sign(said)}).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        b"", b"not json", b"\xff\xfe", b"[]", b'"events"', b"null", b"7",
        b'{"events":{}}', b'{"events":"no"}', b'{"events":[{]}', b"[" * 100_000,
        b'{"events":[' + b"9" * 5000 + b"]",
    ],
)  # fmt: skip
def test_signed_nonsense_is_400_and_nothing_is_kept(chat, said):
    assert chat.post(said).status_code == 400
    assert count(chat) == 0
    assert chat.rung == []


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_405(chat, method):
    assert getattr(chat.web, method)("/webhook").status_code == 405


def test_too_large_is_413(chat, now):
    said = body(text("x" * chat.settings.webhook_max_bytes, now))
    assert chat.post(said).status_code == 413
    assert count(chat) == 0


def test_too_large_is_413_however_it_is_sent(chat, now):
    """Chunked: no length is said, and the server tells where the body ends."""
    said = body(text("x" * chat.settings.webhook_max_bytes, now))
    answer = chat.web.post(
        "/webhook",
        input_stream=io.BytesIO(said),
        headers={"x-line-signature": sign(said), "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
    assert count(chat) == 0


def test_chunked_is_fine_when_it_is_not_too_large(chat, now):
    said = body(event("follow", now))
    answer = chat.web.post(
        "/webhook",
        input_stream=io.BytesIO(said),
        headers={"x-line-signature": sign(said), "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 200
    assert count(chat) == 1


@pytest.mark.parametrize("claimed", [10, 10_000])
def test_a_length_that_lies_keeps_nothing(chat, now, claimed):
    said = body(event("follow", now))
    answer = chat.web.post(
        "/webhook",
        input_stream=io.BytesIO(said),
        headers={"x-line-signature": sign(said)},
        environ_overrides={"CONTENT_LENGTH": str(claimed)},
    )
    assert answer.status_code in (400, 401)
    assert count(chat) == 0


def test_a_redelivered_event_is_one_event(chat, now):
    first = event("follow", now)
    again = first | {"deliveryContext": {"isRedelivery": True}}
    for _ in range(2):
        assert chat.tell(first, first).status_code == 200
    assert chat.tell(again).status_code == 200
    assert count(chat) == 1


def test_an_event_without_an_id_is_one_event_too(chat, now):
    first = event("follow", now)
    del first["webhookEventId"]
    again = first | {"deliveryContext": {"isRedelivery": True}}
    assert chat.tell(first, event("unfollow", now), again).status_code == 200
    assert count(chat) == 2


@pytest.mark.parametrize("odd", [None, 7, "event", [], [{}], True, 1.5])
def test_what_is_no_event_is_left_out_and_harms_no_neighbour(chat, now, odd):
    assert chat.tell(odd, event("follow", now), odd).status_code == 200
    assert [row.kind for row in kept(chat)] == ["follow"]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"webhookEventId": 7},
        {"webhookEventId": "x" * 1000},
        {"webhookEventId": "a\0b"},
        {"webhookEventId": "\ud800"},
        {"webhookEventId": ["list"]},
        {"type": None},
        {"type": "t" * 1000},
        {"type": "\0\ud800"},
        {"source": "everybody"},
        {"source": {"userId": 7}},
        {"source": {"type": "user", "userId": "U" * 1000}},
        {"source": {"type": "user", "userId": "\0"}},
        {"message": {"id": "9" * 1000}},
        {"message": {"id": 7}},
        {"message": "hello"},
        {"unsend": {"messageId": None}},
        {"timestamp": 10**30},
        {"timestamp": -(10**30)},
        {"timestamp": "soon"},
        {"timestamp": True},
        {"timestamp": 0},
        {"timestamp": float("nan")},
        {"timestamp": float("inf")},
        {"replyToken": 7},
        {"replyToken": "t" * 1000},
        {"deep": json.loads("[" * 300 + "]" * 300)},
        {"huge": 10**400},
        {"\ud800": "\0"},
    ],
)
def test_an_odd_event_is_kept_and_harms_no_neighbour(chat, now, odd):
    plain = {k: v for k, v in event("message", now).items() if k in ("type", "source")}
    assert chat.tell(event("follow", now, BOB), plain | odd).status_code == 200
    assert count(chat) == 2
    assert chat.work()
    with chat.database.read() as db:
        unsettled = db.scalars(select(InboxEvent).where(InboxEvent.state != "done")).all()
    assert unsettled == []


@pytest.mark.parametrize("depth", [200, 500, 900, 985, 1000, 1015, 1022, 1100, 5000, 100_000])
def test_no_depth_breaks_anything(chat, depth):
    nested = b"[" * depth + b"]" * depth
    answer = chat.post(b'{"events":[{"type":"follow"},{"type":"deep","it":' + nested + b"}]}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert count(chat) in (1, 2), "the neighbour is kept"
        chat.work()
        assert {row.state for row in kept(chat)} == {"done"}


@pytest.mark.parametrize(
    "said",
    [
        b'{"events":[{"type":"message","message":{"text":"\\ud800 \\u0000"}},{"type":"follow"}]}',
        b'{"events":[{"type":"message","n":NaN,"webhookEventId":"E1"},{"type":"follow"}]}',
        b'\xef\xbb\xbf{"events":[{"type":"a"},{"type":"b"}]}',
    ],
)
def test_what_is_hardly_json_is_read_all_the_same(chat, said):
    assert chat.post(said).status_code == 200
    assert count(chat) == 2


@pytest.mark.parametrize(
    ("timestamp", "stored"),
    [
        (1775012400000, datetime(2026, 4, 1, 3, 0, tzinfo=UTC)),
        (1775012400000.0, datetime(2026, 4, 1, 3, 0, tzinfo=UTC)),
        (0, None),
        (253402300800000, None),
        ("1775012400000", None),
    ],
)
def test_a_time_that_cannot_be_true_becomes_ours(chat, clock, timestamp, stored):
    clock.advance(minutes=5)
    chat.tell(event("follow", clock(), timestamp=timestamp))
    assert kept(chat)[0].occurred_at == (stored or clock())


def test_a_thousand_events_in_one_webhook(chat, now):
    assert chat.tell(*[event("unfollow", now) for _ in range(1000)]).status_code == 200
    assert count(chat) == 1000


def test_tiny_events_without_number(chat):
    assert chat.post(b'{"events":[' + b"{}," * 50_000 + b"{}]}").status_code == 200
    assert count(chat) == 1, "all are the same event"


def test_a_database_that_is_down_is_503(settings, clock, now, tmp_path):
    down = connect(f"sqlite:///{tmp_path}/no-tables.db")
    rung: list[str] = []
    web = Client(webhook.application(settings, down, rung.append, clock))
    said = body(event("follow", now))
    answer = web.post("/webhook", data=said, headers={"x-line-signature": sign(said)})
    down.close()
    assert answer.status_code == 503
    assert rung == []


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_event_of_lines_reference_is_taken_and_dealt_with(chat, clock, path):
    clock.now = datetime.fromtimestamp(1775012400, UTC) + timedelta(seconds=1)
    said = path.read_bytes()
    sent: dict[str, Any] = json.loads(said)["events"][0]
    assert chat.post(said).status_code == 200
    chat.work()
    row = kept(chat)[0]
    assert (row.webhook_event_id, row.state) == (sent["webhookEventId"], "done")
    assert json.loads(row.raw) == sent


def _sdk_fixtures() -> list[Path]:
    folder = os.environ.get("LINE_BOT_SDK_TESTS", "")
    return sorted(Path(folder).rglob("webhook*.json")) if folder else []


def test_the_fixtures_of_line_bot_sdk_are_taken_and_dealt_with(chat, clock):
    """LINE_BOT_SDK_TESTS: the folder `tests` of a checkout of line-bot-sdk-python."""
    paths = _sdk_fixtures()
    if not paths:
        pytest.skip("LINE_BOT_SDK_TESTS does not lead to the tests of line-bot-sdk-python")
    for path in paths:
        assert chat.post(path.read_bytes()).status_code == 200
        # There all events go by one id; here each is its own.
        events = json.loads(path.read_bytes())["events"]
        for n, each in enumerate(events):
            each["webhookEventId"] = f"{path.parent.parent.name}-{n}"
        assert chat.tell(*events).status_code == 200
        chat.work()
        assert {row.state for row in kept(chat)} == {"done"}
        assert count(chat) >= len(events)
