"""Short messages: sent once each, signed, tried again while the code lives, and never after."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from core.database import in_transaction
from core.owed import State
from members import codes, sms
from members.digits import digits
from members.sms import SmsRefused, SmsUnavailable
from models import OneTimeCode, Sms
from tests.members.situations import a_friend

PHONE = "+819012345678"
SECONDS = timedelta(seconds=1)


class Carrier:
    """A sender that remembers; what is in `fails` is raised first."""

    def __init__(self, *fails):
        self.fails, self.sent = list(fails), []

    def send(self, message_id, to, words):
        assert not in_transaction(), "row, call, row"
        if self.fails and (failure := self.fails.pop(0)):
            raise failure
        self.sent.append((message_id, to, words))


@pytest.fixture
def code(database, settings, now):
    with database.begin() as db:
        friend = a_friend(db, now)
        return codes.send(
            db, friend.id, PHONE, address="", language="ja", now=now, settings=settings
        )


def row(database):
    with database.read() as db:
        return db.scalars(select(Sms)).one()


def test_a_code_is_sent_once(database, settings, clock, code):
    carrier = Carrier()
    assert sms.work(database, carrier, clock, settings) == 1
    assert sms.work(database, carrier, clock, settings) == 0
    ((message_id, to, words),) = carrier.sent
    assert (message_id, to) == (row(database).id, PHONE)
    assert row(database).state is State.DONE
    assert digits(code.id, settings) in words


@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "th", "unknown"])
def test_the_last_line_lets_phones_fill_the_code_in(make_settings, code, language):
    """WebOTP and iOS: the last line is @host #code, for our page and no other."""
    settings = make_settings(public_url="https://line.example.com")
    words = sms.words(code, language, settings)
    typed = digits(code.id, settings)
    assert words.splitlines()[-1] == f"@line.example.com #{typed}"
    assert words.index(typed) < words.index("@line"), "people read it first"
    assert len(words) <= 200


def test_a_carrier_that_is_away_is_tried_again_with_growing_pauses(database, settings, clock, code):
    carrier, pauses = Carrier(*[SmsUnavailable("HTTP 503")] * 3), []
    for _ in range(3):
        assert sms.work(database, carrier, clock, settings) == 1
        assert sms.work(database, carrier, clock, settings) == 0
        pauses.append((row(database).due_at - clock()).total_seconds())
        clock.advance(seconds=pauses[-1])
    assert pauses == [5, 10, 20]
    assert row(database).error == "HTTP 503"
    sms.work(database, carrier, clock, settings)
    assert len(carrier.sent) == 1


def test_logs_say_which_message_and_why_and_nothing_of_it(database, settings, clock, code):
    with capture_logs() as logs:
        sms.work(database, Carrier(SmsRefused("HTTP 400")), clock, settings)
    (entry,) = logs
    assert (entry["event"], entry["sms"], entry["why"]) == (
        "sms_not_sent", str(row(database).id), "HTTP 400",
    )  # fmt: skip
    assert PHONE[1:] not in str(entry)
    assert digits(code.id, settings) not in str(entry["why"])


def test_a_refusal_is_the_end(database, settings, clock, code):
    sms.work(database, Carrier(SmsRefused("HTTP 400")), clock, settings)
    assert (row(database).state, row(database).error) == (State.FAILED, "HTTP 400")


@pytest.mark.parametrize("end", ["expired", "used", "replaced"])
def test_a_code_of_no_use_is_not_sent(database, settings, clock, code, end):
    with database.begin() as db:
        stored = db.get(OneTimeCode, code.id)
        if end == "used":
            stored.used_at = clock()
    clock.advance(seconds=600 if end == "expired" else 40)
    carrier = Carrier()
    if end == "replaced":
        with database.begin() as db:
            codes.send(db, code.friend_id, PHONE, address="", language="ja", now=clock(),
                       settings=settings)  # fmt: skip
    sms.work(database, carrier, clock, settings)
    assert len(carrier.sent) == (1 if end == "replaced" else 0)
    with database.read() as db:
        old = db.scalars(select(Sms).where(Sms.code_id == code.id)).one()
        assert old.state is State.FAILED


def test_two_workers_send_each_once(fresh_database, settings, clock, now):
    with fresh_database.begin() as db:
        for n in range(30):
            codes.send(db, a_friend(db, now).id, f"+8190{n:04d}1234", address="", language="ja",
                       now=now, settings=settings)  # fmt: skip
    carrier = Carrier()
    with ThreadPoolExecutor(4) as threads:
        done = list(
            threads.map(lambda _n: sms.work(fresh_database, carrier, clock, settings), range(4))
        )
    assert sum(done) == len(carrier.sent) == len({each[1] for each in carrier.sent}) == 30


# The senders, over real HTTP


class Heard(ThreadingHTTPServer):
    """Answers every POST with `status`, and remembers it."""

    daemon_threads = True

    def __init__(self) -> None:
        self.status, self.requests = 200, []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        heard = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        heard.requests.append(
            (self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        )
        self.send_response(heard.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def heard() -> Iterator[Heard]:
    with Heard() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def outcomes(sender, heard, code):
    found = {}
    for status in (200, 201, 204, 301, 400, 401, 404, 408, 429, 500, 503):
        heard.status = status
        try:
            sender.send(code.id, PHONE, "words")
        except SmsUnavailable as e:
            found[status] = f"again: {e}"
        except SmsRefused as e:
            found[status] = f"never: {e}"
        else:
            found[status] = "sent"
    return found


EXPECTED = (
    dict.fromkeys((200, 201, 204), "sent")
    | {status: f"never: HTTP {status}" for status in (301, 400, 401, 404)}
    | {status: f"again: HTTP {status}" for status in (408, 429, 500, 503)}
)
"""The status and no more: neither number nor words are told to logs."""


def test_the_webhook_is_signed_as_documented(heard, make_settings, code):
    settings = make_settings(sms_webhook_url=f"{heard.url}/sms", sms_webhook_secret="s3")
    sms.sender(settings).send(code.id, PHONE, "認証コード 123456")
    ((path, headers, body),) = heard.requests
    assert path == "/sms"
    assert json.loads(body) == {"id": str(code.id), "to": PHONE, "text": "認証コード 123456"}
    stamp = headers["x-musubi-timestamp"]
    assert abs(int(stamp) - time()) < 60
    wanted = hmac.new(b"s3", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-musubi-signature"] == f"sha256={wanted}"
    assert headers["content-type"] == "application/json"


def test_what_the_webhooks_answers_mean(heard, make_settings, code):
    assert outcomes(sms.sender(make_settings(sms_webhook_url=heard.url)), heard, code) == EXPECTED


def twilio(make_settings, heard, sender="+15005550006"):
    return make_settings(
        sms_sender="twilio", twilio_account_sid="AC1", twilio_auth_token="t0k",
        twilio_from=sender, twilio_api_url=heard.url,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "field"), [("+15005550006", "From"), ("MG123", "MessagingServiceSid")]
)
def test_twilio_is_asked_as_it_wants(heard, make_settings, code, sender, field):
    sms.sender(twilio(make_settings, heard, sender)).send(code.id, PHONE, "コード 123456")
    ((path, headers, body),) = heard.requests
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert parse_qs(body.decode()) == {"To": [PHONE], field: [sender], "Body": ["コード 123456"]}
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"AC1:t0k"


def test_what_twilios_answers_mean(heard, make_settings, code):
    assert outcomes(sms.sender(twilio(make_settings, heard)), heard, code) == EXPECTED


def test_nobody_listening_is_tried_again(make_settings, code):
    sender = sms.sender(make_settings(sms_webhook_url="http://127.0.0.1:9/sms"))
    with pytest.raises(SmsUnavailable):
        sender.send(code.id, PHONE, "words")


def test_none_sends_nothing_and_says_so(make_settings, settings, code):
    none = make_settings(sms_sender="none")
    assert (sms.available(none), sms.available(settings)) == (False, True)
    with pytest.raises(SmsRefused):
        sms.sender(none).send(code.id, PHONE, "words")
