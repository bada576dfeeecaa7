"""Every way LINE can fail, and which of our errors it becomes."""

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
import structlog
from prometheus_client import REGISTRY

from core.limits import Limits, shared_limits
from core.settings import Settings
from line import transport
from line.gateway import LineError, LineOutOfQuota, LineRefused, LineUnavailable, Move
from line.messages import text
from line.sdk import SdkLine
from simulator.running import Simulator
from tests.conftest import SettableClock
from tests.line.conftest import menu

PUSH = "POST /v2/bot/message/push"
Make = Callable[..., Settings]
TODAY = date(2026, 4, 1)


@pytest.fixture
def friend(played: Simulator) -> str:
    return played.add_person("Hanako", friend=True)


def said(played: Simulator, friend: str) -> list[str]:
    return [each["message"]["text"] for each in played.person(friend)["chat"]]


NO_QUOTA = "You have reached your monthly limit."


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((status, LineRefused) for status in (400, 401, 403, 404, 409, 413, 415)),
        *((status, LineUnavailable) for status in (408, 429, 500, 502, 503)),
    ],
)
def test_each_status_is_again_later_or_never(
    real: SdkLine, played: Simulator, friend: str, status: int, expected: type[LineError]
) -> None:
    played.fail(PUSH, status=status)
    with pytest.raises(LineError) as raised:
        real.push(friend, [text("hello")], retry_key=uuid4())
    assert type(raised.value) is expected
    assert str(raised.value).startswith(str(status))
    assert said(played, friend) == []


def test_a_429_for_the_month_is_not_one_for_the_second(
    real: SdkLine, played: Simulator, friend: str
) -> None:
    played.fail(PUSH, status=429, message=NO_QUOTA)
    with pytest.raises(LineOutOfQuota):
        real.push(friend, [text("hello")], retry_key=uuid4())
    assert said(played, friend) == []


def test_a_refusal_keeps_lines_status_and_words(real: SdkLine, friend: str) -> None:
    with pytest.raises(LineRefused) as raised:
        real.push(friend, [text("")], retry_key=uuid4())
    assert raised.value.status == 400
    assert "messages[0].text" in str(raised.value)


def test_a_request_that_never_arrived_can_be_repeated(
    real: SdkLine, played: Simulator, friend: str
) -> None:
    played.fail(PUSH, "drop_before")
    key = uuid4()
    with pytest.raises(LineUnavailable):
        real.push(friend, [text("hello")], retry_key=key)
    assert said(played, friend) == []
    real.push(friend, [text("hello")], retry_key=key)
    assert said(played, friend) == ["hello"]


def test_a_request_whose_answer_was_lost_is_done_once(
    real: SdkLine, played: Simulator, friend: str
) -> None:
    played.fail(PUSH, "drop_after")
    key = uuid4()
    with pytest.raises(LineUnavailable):
        real.push(friend, [text("hello")], retry_key=key)
    assert said(played, friend) == ["hello"]
    real.push(friend, [text("hello")], retry_key=key)
    assert said(played, friend) == ["hello"]


@pytest.mark.parametrize("verb", ["GET", "DELETE", "PUT"])
def test_nothing_is_repeated_behind_our_back(real: SdkLine, played: Simulator, verb: str) -> None:
    before = played.state()["requests"]
    played.fail(f"{verb} /v2/bot", "drop_before", count=9)
    asks = {
        "GET": real.bot_info,
        "DELETE": lambda: real.set_default_menu(None),
        "PUT": lambda: real.set_webhook_endpoint("https://example.com/webhook"),
    }
    with pytest.raises(LineUnavailable):
        asks[verb]()
    assert len(played.requests(before)) == 1


def test_a_slow_answer_is_not_waited_for(
    real: SdkLine, played: Simulator, friend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", (1.0, 0.3))
    played.fail(PUSH, "slow", seconds=1.5)
    began = time.monotonic()
    with pytest.raises(LineUnavailable, match="ReadTimeoutError"):
        real.push(friend, [text("hello")], retry_key=uuid4())
    assert time.monotonic() - began < 1.2


def test_nobody_at_the_door(make_settings: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = make_settings(line_api_url=url, line_data_url=url)
    with pytest.raises(LineUnavailable) as raised:
        SdkLine(settings, shared_limits(settings)).bot_info()
    assert str(raised.value) == "NewConnectionError"


def test_a_wrong_token_is_refused(pointed: Settings, make_settings: Make) -> None:
    wrong = pointed.model_copy(
        update={"line_channel_access_token": make_settings().line_channel_access_token}
    )
    with pytest.raises(LineRefused) as raised:
        SdkLine(wrong, shared_limits(wrong)).bot_info()
    assert raised.value.status == 401


def test_a_token_that_no_header_can_carry_is_refused(
    make_settings: Make, played: Simulator
) -> None:
    for token in ("two\nlines", "トークン"):
        settings = make_settings(line_api_url=played.url, line_channel_access_token=token)
        with pytest.raises(LineRefused) as raised:
            SdkLine(settings, shared_limits(settings)).bot_info()
        assert token not in str(raised.value)


# What is not LINE at all, between us and LINE


@contextmanager
def answering(status: int, body: bytes, content_type: str = "text/html") -> Iterator[str]:
    """A server that answers everything in one way; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (200, b"<html>Sign in to the Wi-Fi</html>", "text/html"),
        (200, b"", "application/json"),
        (200, b"[]", "application/json"),
        (200, b'{"userId": 7}', "application/json"),
        (200, "\N{SNOWMAN}".encode("utf-16"), "text/html; charset=klingon"),
        (302, b"", "text/html"),
        (502, b"\xff\xfe not UTF-8", "text/html; charset=latin-1"),
        (502, b"<html>Bad Gateway</html>", "text/html"),
    ],
)
def test_an_answer_that_is_not_lines_means_again_later(
    make_settings: Make, status: int, body: bytes, content_type: str
) -> None:
    with answering(status, body, content_type) as url:
        settings = make_settings(line_api_url=url)
        line = SdkLine(settings, shared_limits(settings))
        with pytest.raises(LineUnavailable):
            line.bot_info()
        line.close()


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (SdkLine.menus, {"richmenus": [{"name": "no id"}]}),
        (SdkLine.menus, {"richmenus": ["richmenu-1"]}),
        (SdkLine.menu_aliases, {"aliases": [{"richMenuAliasId": "a"}]}),
        (SdkLine.menu_aliases, {"aliases": [None]}),
        (lambda line: line.menu_taps("richmenu-1", TODAY, TODAY), {"clicks": [{"bounds": {}}]}),
        (lambda line: line.menu_taps("richmenu-1", TODAY, TODAY), {"clicks": {"x": 1}}),
    ],
)
def test_a_list_that_cannot_be_read_means_again_later(
    make_settings: Make, ask: Callable[[SdkLine], object], body: object
) -> None:
    with answering(200, json.dumps(body).encode(), "application/json") as url:
        settings = make_settings(line_api_url=url)
        line = SdkLine(settings, shared_limits(settings))
        with pytest.raises(LineUnavailable):
            ask(line)
        line.close()


def test_fields_and_values_that_line_adds_tomorrow_change_nothing(make_settings: Make) -> None:
    told = {
        "userId": "U" + "1" * 32, "basicId": "@us", "displayName": "Us", "chatMode": "telepathy",
        "markAsReadMode": "never", "aura": {"colour": "green"},
    }  # fmt: skip
    with answering(200, json.dumps(told).encode(), "application/json") as url:
        settings = make_settings(line_api_url=url)
        line = SdkLine(settings, shared_limits(settings))
        assert line.bot_info().chat_mode == "telepathy"
        line.close()


# Tokens issued from the channel's ID and secret


@pytest.fixture
def stateless(pointed: Settings) -> Settings:
    return Settings.load(None, **(pointed.model_dump() | {"line_channel_access_token": ""}))


def issued(played: Simulator) -> int:
    return sum(each["path"] == "/oauth2/v3/token" for each in played.requests())


def test_a_stateless_token_is_issued_once_for_all_threads(
    stateless: Settings, played: Simulator
) -> None:
    before = issued(played)
    line = SdkLine(stateless, shared_limits(stateless))
    threads = [threading.Thread(target=line.bot_info) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert issued(played) - before == 1
    line.close()


def test_a_stateless_token_is_renewed_before_it_ends(
    stateless: Settings, played: Simulator, clock: SettableClock
) -> None:
    before = issued(played)
    line = SdkLine(stateless, shared_limits(stateless), clock=clock)
    line.bot_info()
    clock.advance(minutes=9)
    line.bot_info()
    assert issued(played) - before == 1
    clock.advance(minutes=2)
    line.bot_info()
    assert issued(played) - before == 2
    line.close()


def test_a_stateless_token_that_line_takes_no_more_is_renewed_at_once(
    stateless: Settings, played: Simulator
) -> None:
    line = SdkLine(stateless, shared_limits(stateless))
    line.bot_info()
    before = issued(played)
    played.advance(15 * 60 + 1)
    line.bot_info()
    assert issued(played) - before == 1
    line.close()


def test_a_token_refused_twice_is_refused(stateless: Settings, played: Simulator) -> None:
    line = SdkLine(stateless, shared_limits(stateless))
    before = issued(played)
    played.fail("GET /v2/bot/info", status=401, count=5)
    with pytest.raises(LineRefused) as raised:
        line.bot_info()
    assert raised.value.status == 401
    assert issued(played) - before == 2
    line.close()


def test_a_wrong_channel_secret_is_refused(stateless: Settings, make_settings: Make) -> None:
    wrong = stateless.model_copy(
        update={"line_channel_secret": make_settings().line_channel_secret}
    )
    with pytest.raises(LineRefused, match="client_secret"):
        SdkLine(wrong, shared_limits(wrong)).bot_info()


# Our own rate limit, and what a log may hold


def test_a_fourth_batch_in_an_hour_is_not_even_asked(real: SdkLine, played: Simulator) -> None:
    moves = [Move(real.create_menu(menu()), None)]
    for number in range(3):
        real.move_menus(moves, resume_key=f"batch-{number}")
    before = played.state()["requests"]
    with pytest.raises(LineUnavailable) as raised:
        real.move_menus(moves, resume_key="batch-4")
    assert 1200 < raised.value.wait <= 1260
    assert played.requests(before) == []


def test_logs_name_endpoints_and_nobody(
    pointed: Settings, played: Simulator, friend: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line = SdkLine(pointed, shared_limits(pointed))
    with structlog.testing.capture_logs() as logs:
        line.push(friend, [text("a secret wish")], retry_key=uuid4())
        line.profile(friend)
        line.menu_of(friend)
        with pytest.raises(LineRefused):
            line.push(friend, [text("")], retry_key=uuid4())
    line.close()
    written = repr(logs) + caplog.text
    for private in (friend, "a secret wish", "Hanako", played.settings.access_token):
        assert private not in written
    assert {each["endpoint"] for each in logs} == {
        PUSH, "GET /v2/bot/profile/{user}", "GET /v2/bot/user/{user}/richmenu",
    }  # fmt: skip
    assert all(each["request_id"] for each in logs)


FORKING = """
import os, sys
from core.clock import now
from core.limits import shared_limits
from core.settings import Settings
from line.sdk import SdkLine

settings = Settings.model_validate_json(sys.argv[1])
users = sys.argv[2:]
line = SdkLine(settings, shared_limits(settings))
line.bot_info()  # the parent has sockets and files open when it forks

def ask(user):
    return all(line.profile(user).line_user_id == user for _ in range(100))

children = []
for user in users[1:]:
    child = os.fork()
    if child == 0:
        os._exit(0 if ask(user) else 1)
    children.append(child)
well = ask(users[0])
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
sys.exit(0 if well and not any(codes) else 1)
"""


def test_processes_that_were_forked_never_read_each_others_answers(
    pointed: Settings, played: Simulator
) -> None:
    users = [played.add_person(f"Friend {number}", friend=True) for number in range(4)]
    given = json.dumps(
        {
            name: value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
            for name, value in pointed
        }
    )
    ran = subprocess.run(
        [sys.executable, "-c", FORKING, given, *users],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_the_wait_for_a_turn_is_bounded(pointed: Settings) -> None:
    class Crowded(Limits):
        def ask(self, name: str, limit: object) -> float:
            return 3.0

    slept: list[float] = []
    line = SdkLine(pointed, Crowded(lambda _: None, sleep=slept.append))  # type: ignore[arg-type, return-value]
    with pytest.raises(LineUnavailable):
        line.bot_info()
    assert slept == [3.0]


def test_calls_are_counted_by_endpoint_and_answer(
    real: SdkLine, played: Simulator, friend: str
) -> None:
    def counted(status: str) -> float:
        return REGISTRY.get_sample_value(
            "musubi_line_calls_total", {"verb": PUSH, "outcome": status}
        ) or 0.0  # fmt: skip

    before = [counted("200"), counted("429"), counted("none")]
    real.push(friend, [text("hello")], retry_key=uuid4())
    for kind, status in (("status", 429), ("drop_before", 0)):
        played.fail(PUSH, kind, status=status)
        with pytest.raises(LineUnavailable):
            real.push(friend, [text("hello")], retry_key=uuid4())
    assert [counted("200"), counted("429"), counted("none")] == [each + 1 for each in before]
