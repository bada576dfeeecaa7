"""Each promise about the proxy, with the sample of deploy/ before the running product."""

import gzip
import json
import re
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hmac import digest
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import urllib3
from sqlalchemy import select

from core.database import connect
from models import InboxEvent, StaffSession
from tests.deploy.proxies import HOST, PROXIES, Client, Proxy, needed
from tests.journeys.running import Running

THREADS = 4
METRICS_TOKEN = "for the house"
STAFF, PASSWORD = "ann@example.com", "a long password"
WEBHOOK_MOST = 1_000_000
MB = 1_000_000
OURS = b"Content-Security-Policy"
"""What stands in every answer of the product's, and in none of a proxy's."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = {
        "PUBLIC_URL": f"https://{HOST}",
        "SECURE_COOKIES": "true",
        "TRUSTED_PROXIES": "1",
        "WEB_THREADS": str(THREADS),
        "METRICS_TOKEN": METRICS_TOKEN,
    }
    with Running(tmp_path_factory.mktemp("behind"), **settings) as started:
        started.cli("staff", "add", STAFF, "--role", "editor", "--password", PASSWORD)
        yield started


@pytest.fixture(scope="module", params=PROXIES)
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    needed(request.param)
    running: Running = request.getfixturevalue("running")
    with PROXIES[request.param](tmp_path_factory.mktemp(request.param), running.port) as started:
        yield started


@pytest.fixture
def client(proxy: Proxy) -> Iterator[Client]:
    found = proxy.client()
    yield found
    found.close()


# Webhooks


def signed(running: Running, body: bytes) -> dict[str, str]:
    key = running.line.settings.channel_secret.encode()
    made = b64encode(digest(key, body, "sha256")).decode()
    return {"X-Line-Signature": made, "Content-Type": "application/json; charset=utf-8"}


def webhook(**more: object) -> dict[str, object]:
    event = {
        "type": "message",
        "mode": "active",
        "timestamp": time.time_ns() // MB,
        "webhookEventId": uuid4().hex[:26].upper(),
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": f"U{uuid4().hex}"},
        "message": {"id": "1", "type": "text", "text": "ありがとう 🙏 \u2028 \ud55c"},
    }
    return {"destination": "U0", "events": [event | more]}


@pytest.mark.parametrize(
    "spelled",
    [
        lambda said: json.dumps(said).encode(),
        lambda said: json.dumps(said, ensure_ascii=False, indent="\t").encode(),
        lambda said: b"\r\n \t" + json.dumps(said, ensure_ascii=False).encode() + b"\r\n\r\n",
        lambda said: json.dumps(said, ensure_ascii=False).replace("/", "\\/").encode(),
    ],
    ids=["escaped", "utf-8", "spaces around", "slashes"],
)
def test_a_webhook_arrives_as_it_was_signed(
    running: Running, client: Client, spelled: object
) -> None:
    said = webhook()
    body = spelled(said)  # type: ignore[operator]
    assert client.ask("POST", "/webhook", body, signed(running, body)).status == 200
    database = connect(running.settings["DATABASE_URL"])
    with database.read() as db:
        (event,) = said["events"]  # type: ignore[misc]
        wanted = InboxEvent.webhook_event_id == event["webhookEventId"]
        kept = db.scalars(select(InboxEvent).where(wanted)).one()
        assert json.loads(kept.raw) == event
    database.close()


@pytest.mark.parametrize("sent", ["whole", "chunked"])
def test_no_byte_of_a_body_is_changed(running: Running, client: Client, sent: str) -> None:
    """What is signed and no JSON is read (400); what somebody changed would be refused (401)."""
    odd = [bytes(range(256)) * 8, gzip.compress(b'{"events": []}'), b"\xef\xbb\xbf[", b"a=b&c=%00"]
    for body in odd:
        for more in ({}, {"Content-Encoding": "gzip"}, {"Content-Type": "text/plain"}):
            headers = signed(running, body) | more
            whole = body if sent == "whole" else iter([body[:7], body[7:]])
            answer = client.ask("POST", "/webhook", whole, headers)
            assert answer.status == 400, (body[:20], more)
            changed = client.ask("POST", "/webhook", body + b" ", headers)
            assert changed.status == 401


def test_the_largest_webhook_is_taken_and_a_larger_one_is_not(
    running: Running, client: Client
) -> None:
    plain = webhook()
    room = WEBHOOK_MOST - len(json.dumps(plain | {"pad": ""}))
    largest = json.dumps(plain | {"pad": "x" * room}).encode()
    assert len(largest) == WEBHOOK_MOST
    for body, status in ((largest, 200), (largest + b" ", 413)):
        assert client.ask("POST", "/webhook", body, signed(running, body)).status == status


def is_too_large(client: Client, path: str, size: int) -> bool:
    """Told so, or cut off: some stop reading, and then not everybody hears why."""
    try:
        return client.ask("POST", path, b"x" * size).status == 413
    except (urllib3.exceptions.ProtocolError, urllib3.exceptions.SSLError):
        return True


def test_bodies_that_are_too_large_do_not_get_through(running: Running, proxy: Proxy) -> None:
    for path, size in (("/webhook", 3 * MB), ("/liff/phone", MB), ("/staff/sign-in", MB)):
        client = proxy.client()
        assert is_too_large(client, path, size), path
        client.close()
    assert proxy.client().ask("GET", "/healthz").status == 200


def test_line_is_answered_on_a_kept_connection(running: Running, client: Client) -> None:
    body = json.dumps({"destination": "U0", "events": []}).encode()
    for _ in range(5):
        assert client.ask("POST", "/webhook", body, signed(running, body)).status == 200


# TLS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_tls_that_line_speaks(proxy: Proxy, version: ssl.TLSVersion) -> None:
    with proxy.talk(minimum_version=version, maximum_version=version) as spoken:
        assert spoken.version() == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_an_older_tls_is_refused(proxy: Proxy) -> None:
    context = ssl.create_default_context(cafile=proxy.certificate.written)
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # or this side would not offer it
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as bare,
        pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
    ):
        context.wrap_socket(bare, server_hostname=HOST)


def test_browsers_get_http_2(proxy: Proxy) -> None:
    with proxy.talk() as spoken:
        assert spoken.selected_alpn_protocol() == "h2"


def test_without_tls_one_is_led_to_it(proxy: Proxy) -> None:
    asked = urllib3.request(
        "GET", f"http://127.0.0.1:{proxy.plain}/liff/link?x=1", headers={"Host": HOST},
        redirect=False, retries=False,
    )  # fmt: skip
    assert asked.status in (301, 308)
    assert re.sub(rf":{proxy.port}\b", "", asked.headers["Location"]) == (
        f"https://{HOST}/liff/link?x=1"
    )


# What clients claim about themselves


CLAIMS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP")


def posts(client: Client, times: int, **headers: str) -> list[int]:
    return [
        client.ask("POST", "/liff/language", "", headers | dict.fromkeys(CLAIMS, f"203.0.113.{n}"))
        .status for n in range(times)
    ]  # fmt: skip


def test_an_address_that_somebody_claims_is_not_counted_for_theirs(
    proxy: Proxy, request: pytest.FixtureRequest
) -> None:
    """300 forms a minute from one address, whatever it says of itself; others go on."""
    mine = "127.0.1.1" if proxy.name == "nginx" else "127.0.1.2"
    one, other = proxy.client(mine), proxy.client("127.0.2.1")
    asked = posts(one, 302)
    assert set(asked[:300]) == {400}, "no form token, but counted"
    assert asked[300:] == [429, 429]
    assert posts(other, 1) == [400]
    for client in (one, other):
        client.close()


def test_who_signed_in_from_where_is_written_down_right(running: Running, proxy: Proxy) -> None:
    client = proxy.client("127.0.3.1")
    sign_in(client, **dict.fromkeys(CLAIMS, "203.0.113.77"))
    database = connect(running.settings["DATABASE_URL"])
    with database.read() as db:
        newest = select(StaffSession).order_by(StaffSession.created_at.desc()).limit(1)
        assert db.scalars(newest).one().address == "127.0.3.1"
    database.close()
    client.close()


def test_no_header_of_a_client_moves_the_pages(client: Client) -> None:
    claimed = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "81",
        "X-Forwarded-Prefix": "/evil", "X-Original-URL": "/metrics", "X-Rewrite-URL": "/metrics",
        "X-Forwarded-Ssl": "off", "X-Forwarded-Protocol": "ftp",
    }  # fmt: skip
    for path in ("/staff/today", "/liff/link", "/healthz"):
        plain, told = client.ask("GET", path), client.ask("GET", path, headers=claimed)
        assert (told.status, told.headers.get("Location")) == (
            plain.status, plain.headers.get("Location"),
        )  # fmt: skip
        assert b"evil" not in told.data
        assert "Secure" in told.headers.get("Set-Cookie", "Secure")


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "Script-Name", "PATH_INFO", "Path-Info"])
def test_no_header_of_a_client_is_taken_for_the_path(client: Client, name: str) -> None:
    token = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    asked = client.ask("GET", "/x/metrics", headers={name: "/x", **token})
    assert asked.status == 404
    assert client.ask("GET", "/x/metrics", headers={name: "/metrics", **token}).status == 404
    assert client.ask("GET", "/healthz", headers={name: "/y"}).status == 200


# What is for the house only


def test_figures_are_for_the_house_only(proxy: Proxy, client: Client) -> None:
    token = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    assert b"musubi_waiting" in client.ask("GET", "/metrics", headers=token).data
    assert client.ask("GET", "/readyz").status == 200
    assert client.ask("GET", "/metrics").status == 404, "without the token"
    outside = proxy.client("127.0.4.1")
    for path in ("/metrics", "/readyz"):
        for spelled in (
            path, f"/{path}", f"{path}?x=1", f"{path}/", path.replace("m", "%6d").replace("z", "%7A"),
            f"/liff/..{path}", f"/.{path}", f"{path}%2f", f"{path};x", path.upper(), f"{path}%00",
            f"/liff/%2e%2e{path}", f"/staff/menus/..{path}", f"/staff/menus/..%2f..{path}",
        ):  # fmt: skip
            answer = outside.ask("GET", spelled, headers=token)
            assert answer.status in (400, 403, 404), spelled
            assert b"musubi_" not in answer.data
    assert outside.ask("GET", "/healthz").status == 200, "alive: says nothing else"
    outside.close()


def test_what_is_personal_or_lets_somebody_in_is_in_no_log_of_the_proxy(
    proxy: Proxy, client: Client
) -> None:
    for path in ("/liff/ticket/secret-ticket", "/staff/join/secret-invitation", "/liff?secret=1"):
        client.ask("GET", path)
        client.ask("POST", path, "x" * 200_000)
    assert "secret" not in proxy.log()


# Slow clients


def slow(path: str) -> dict[str, bytes]:
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    return {
        "body": head + form + b"Content-Length: 60000\r\n\r\nphone=",
        "chunks": head + form + b"Transfer-Encoding: chunked\r\n\r\n",
        "get": head.replace(b"POST", b"GET") + b"Content-Length: 60000\r\n\r\n",
        "header": head + b"X-Long: ",
    }


@contextmanager
def dripping(proxy: Proxy, begun: bytes) -> Iterator[list[ssl.SSLSocket]]:
    """Three times as many connections as the product has threads."""
    with ExitStack() as opened:
        spoken = [
            opened.enter_context(proxy.talk(maximum_version=ssl.TLSVersion.TLSv1_2))
            for _ in range(THREADS * 3)
        ]
        for each in spoken:
            each.sendall(begun)
        yield spoken


def is_cut_off(spoken: ssl.SSLSocket) -> bool:
    """Whether the other side has ended it, with a word or without."""
    spoken.settimeout(10)
    try:
        while said := spoken.recv(65_536):
            assert OURS not in said or said.startswith(b"HTTP/1.1 4"), "it was taken"
    except (ConnectionError, ssl.SSLError):
        pass
    return True


@pytest.mark.parametrize("kind", ["body", "chunks", "get", "header"])
def test_slow_clients_hold_nobody_up_and_are_cut_off(
    proxy: Proxy, client: Client, kind: str
) -> None:
    drop = b"1\r\na\r\n" if kind == "chunks" else b"a"
    with dripping(proxy, slow("/liff/phone")[kind]) as spoken:
        for _ in range(4):
            began = time.monotonic()
            assert client.ask("GET", "/healthz").status == 200
            assert time.monotonic() - began < 1, "somebody waited for a slow one"
            for each in spoken:
                try:
                    each.sendall(drop)
                except OSError:
                    continue
            time.sleep(0.1)  # slower than people, quicker than the proxy's patience
        assert all(is_cut_off(each) for each in spoken)


# Uploads of staff


def sign_in(client: Client, **headers: str) -> dict[str, str]:
    """The cookie of somebody who is signed in."""
    page = client.ask("GET", "/staff/sign-in", headers=headers)
    cookie = cookie_of(page)
    fields = {"csrf_token": form_token(page), "email": STAFF, "password": PASSWORD}
    answer = client.ask(
        "POST", "/staff/sign-in", urlencode(fields),
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, **headers},
    )  # fmt: skip
    assert answer.status == 303, answer.data.decode()
    return {"Cookie": cookie_of(answer)}


def cookie_of(answer: urllib3.BaseHTTPResponse) -> str:
    return "; ".join(set_.partition(";")[0] for set_ in answer.headers.getlist("Set-Cookie"))


def form_token(answer: urllib3.BaseHTTPResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', answer.data.decode())
    assert found, (answer.status, dict(answer.headers), answer.data[:400])
    return found[1]


EDIT = "/staff/menus/key/guest/edit"


def upload(client: Client, size: int) -> urllib3.BaseHTTPResponse:
    signed_in = sign_in(client)
    page = client.ask("GET", EDIT, headers=signed_in)
    if "Set-Cookie" in page.headers:  # the form's token may be kept in it
        signed_in = {"Cookie": cookie_of(page)}
    fields = {
        "csrf_token": form_token(page), "do": "upload:0",
        "tabs-0-file": ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * size, "image/png"),
    }  # fmt: skip
    body, kind = urllib3.encode_multipart_formdata(fields)
    return client.ask("POST", EDIT, body, signed_in | {"Content-Type": kind})


def test_a_picture_of_staff_gets_through(client: Client) -> None:
    answer = upload(client, 7 * MB)
    assert answer.status == 422, "it is no picture: the product has looked at it"


@pytest.mark.parametrize("size", [9, 11])
def test_a_picture_that_is_too_large_is_refused_in_our_words(client: Client, size: int) -> None:
    answer = upload(client, size * MB)
    assert answer.status == 413
    assert "<h1" in answer.data.decode()
    assert client.ask("GET", "/healthz").status == 200


def test_far_too_large_a_picture_ends_at_the_proxy(proxy: Proxy) -> None:
    client = proxy.client()
    assert is_too_large(client, EDIT, 14 * MB)
    client.close()
