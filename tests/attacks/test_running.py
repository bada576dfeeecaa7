"""Against the real processes: slow clients, broken requests, and what is written down of a story."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pyotp
import pytest
import requests
import urllib3

from bench.chaos_parts.browser import Browser
from simulator.waiting import answers, until
from tests.journeys.running import Running

NAME, PHONE, TYPED = "秘密 花子", "+819076543210", "090-7654-3210"
SAID = "わたしの秘密のことば"
NUMBER, PASSWORD, EMAIL = "SECRET77", "correct horse battery", "hanako.secret@example.com"
THREADS = 4


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("attacked")
    with Running(folder, WEB_THREADS=str(THREADS), LOG_LEVEL="DEBUG") as started:
        yield started


@pytest.fixture
def talk(running: Running) -> Callable[[bytes], bytes]:
    """Say bytes to the server, and hear its answer to its end."""

    def say(raw: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as spoken:
            spoken.sendall(raw)
            spoken.shutdown(socket.SHUT_WR)
            heard = b""
            while more := spoken.recv(65_536):
                heard += more
            return heard

    return say


def is_answering(running: Running) -> bool:
    return answers(f"{running.url}/healthz", within=8)


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n{",
        b"POST /liff/phone HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nphone=",
        b"GET /liff HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
    ids=["webhook", "form", "header", "chunk"],
)
def test_slow_clients_do_not_stop_the_others(running: Running, begun: bytes) -> None:
    """One thread is left. Against more of them stands the proxy, which waits for whole requests."""
    with ExitStack() as open_ones:
        slow = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            for _ in range(THREADS - 1)
        ]
        for each in slow:
            each.sendall(begun)
        for _ in range(5):
            assert is_answering(running)
            for each in slow:
                each.sendall(b"a")
    assert is_answering(running)


def test_any_number_of_slow_clients_that_leave_is_forgotten(running: Running) -> None:
    begun = b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n{"
    with ExitStack() as open_ones:
        for _ in range(40):
            slow = socket.create_connection(("127.0.0.1", running.port))
            open_ones.enter_context(slow).sendall(begun)
    until(lambda: is_answering(running))


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"GET /liff\x1b[31mowned\x1b[0m HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /liff HTTP/1.1\r\nHost: x\r\nX\x1b[31mowned: 1\r\n\r\n",
        b"GET /liff HTTP/1.1\r\nHost: x\r\nX-A: a\r\n\x1b[2Jowned\r\n\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0" * 1000,
    ],
    ids=["smuggled", "two-lengths", "path", "name", "line", "long", "many", "large", "tls", "h2", "nul"],
)  # fmt: skip
def test_what_is_hardly_http_is_turned_away(
    running: Running, talk: Callable[[bytes], bytes], raw: bytes
) -> None:
    before = len(running.log())
    heard = talk(raw)
    assert not heard or heard.split()[1][:1] in (b"4", b"5"), heard[:200]
    assert is_answering(running)
    assert "\x1b[" not in running.log()[before:], "what was sent colours the log"


def test_a_body_behind_a_refusal_is_not_the_next_request(
    talk: Callable[[bytes], bytes],
) -> None:
    """Smuggling: the inner request must be taken for the body that it is."""
    inner = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    head = b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(inner)
    heard = talk(head + inner)
    assert heard.count(b"HTTP/1.1 ") == 1
    assert heard.startswith(b"HTTP/1.1 401")


# What is written down


def _story(running: Running) -> list[str]:
    """A friend follows, speaks, links, looks, unlinks; others try what they should not.
    Everything in it that nobody may read in a log."""
    line = running.line
    user = line.add_person(NAME, phone=PHONE, language="ja")
    row = {"number": NUMBER, "name": NAME, "phone": PHONE, "email": EMAIL}
    running.members([row])
    line.follow(user)
    message = line.say(user, SAID)
    line.postback(user, "1:tag:coffee")
    until(lambda: len(running.said_to(user)) >= 2)
    me = Browser(line, running.url, user, "192.0.2.77")
    me.send("/liff/log-in", me.see("/liff/log-in"), name=NUMBER, password=PASSWORD)
    me.send("/liff/phone", me.see("/liff/phone"), phone=TYPED)
    code = running.code_for(PHONE)
    me.send("/liff/phone/code", me.see("/liff/phone/code"), code="000001")
    linked = me.send("/liff/phone/code", me.see("/liff/phone/code"), code=code)
    assert "連携が完了しました" in linked.html
    token = line.control("GET", f"/control/people/{user}/access-token")["accessToken"]
    me.send("/liff/me/unlink", me.see("/liff/me/unlink"), access_token=token)
    forged = line.id_token(user, alg="none")
    page = Browser(line, running.url, user, "192.0.2.78").open("/liff/link")
    for path in ("/webhook", "/liff/session", f"/liff/{user}?phone={TYPED}&id_token={forged}"):
        urllib3.request(
            "POST", running.url + path, body=f'{{"id_token":"{forged}","userId":"{user}"}}',
            headers={"X-Line-Signature": forged, "X-CSRFToken": page.token, "User-Agent": EMAIL},
        )  # fmt: skip
    until(lambda: len(running.said_to(user)) >= 4)
    return [NAME, *NAME.split(), PHONE, PHONE[1:], TYPED, TYPED.replace("-", ""), SAID, NUMBER,
            PASSWORD, EMAIL, user, code, token, forged, message]  # fmt: skip


def _staff_story(running: Running) -> list[str]:
    """Somebody of the staff comes in, looks for a customer, invites a colleague, adds a telephone;
    a stranger tries."""
    email, password, other = (
        "boss.secret@example.com",
        "staff horse battery",
        "new.secret@example.com",
    )
    running.cli("staff", "add", email, "--name", "秘密 店長", "--password", password)
    with requests.Session() as browser:

        def send(path: str, **fields: str) -> str:
            shown = browser.get(running.url + path, timeout=20).text
            token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
            assert token, shown
            sent = fields | {"csrf_token": token[1]}
            return browser.post(running.url + path, data=sent, timeout=20).text

        send("/staff/sign-in", email=other, password="a wrong secret")
        send("/staff/sign-in", email=email, password=password)
        for query in (TYPED, EMAIL, NAME, NUMBER):
            browser.get(f"{running.url}/staff/people", params={"q": query}, timeout=20)
        browser.get(f"{running.url}/staff/openid/back?error={other}", timeout=20)
        link = re.search(
            r"/staff/join/([\w-]+)", send("/staff/team/invite", email=other, name="新人")
        )
        assert link
        browser.get(f"{running.url}/staff/join/{link[1]}x", timeout=20)
        second = browser.get(f"{running.url}/staff/me/second-step", timeout=20).text
        secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', second)
        assert secret
        send("/staff/me/second-step", code=pyotp.TOTP(secret[1].replace(" ", "")).now())
        cookies = [str(each.value) for each in browser.cookies]
    return [email, password, other, "a wrong secret", "店長", link[1], *cookies,
            secret[1], secret[1].replace(" ", "")]  # fmt: skip


KINDS = {
    "a LINE user id": r"\bU[0-9a-f]{32}\b",
    "a token": r"eyJ[\w-]{8,}\.[\w-]*",
    "a phone number": r"(?<![\d.:-])(\+81|0)[789]0[- ]?\d{4}[- ]?\d{4}(?!\d)",
    "an e-mail address": r"[\w.]+@[\w.]+\.\w+",
    "an address of somebody": r"192\.0\.2\.7\d",
    "an argon2 hash": r"\$argon2",
    "a cookie": r"musubi(-\w+)?=\S{20}",
}


def _secrets(running: Running) -> list[str]:
    names = ("SECRET", "TOKEN", "KEY")
    return [
        value for name, value in running.settings.items()
        if value and any(each in name for each in names) and name != "METRICS_TOKEN"
    ]  # fmt: skip


def test_nothing_of_a_story_is_in_the_log_or_the_figures(running: Running) -> None:
    """At DEBUG, of all processes; with everything that a story has in it, by value and by shape."""
    private = [*_story(running), *_staff_story(running), *_secrets(running)]
    figures = urllib3.request(
        "GET", f"{running.url}/metrics", headers={"Authorization": "Bearer journey"}
    ).data.decode()
    log = running.log()
    assert "event_dealt_with" in log, "the worker's log is not the one we read"
    assert "friend_unlinked" in log, "nor is that of the web process"
    assert "musubi_line_calls" in figures
    for where, written in {"log": log, "figures": figures}.items():
        for each in private:
            assert each not in written, f"{where}: {each!r}"
        for kind, shape in KINDS.items():
            found = re.search(shape, written)
            line = written[max(0, found.start() - 120) : found.end() + 40] if found else ""
            assert not found, f"{where} holds {kind}: {line}"


def test_the_scanner_finds_what_it_is_for() -> None:
    planted = {
        "a LINE user id": "user=U" + "0123456789abcdef" * 2,
        "a token": "token=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJVIn0.sig",
        "a phone number": "to=090-7654-3210",
        "an e-mail address": f"who={EMAIL}",
        "an address of somebody": "from 192.0.2.77",
        "an argon2 hash": "$argon2id$v=19$",
        "a cookie": "musubi=eyJhbGciOiJFUzI1NiJ9",
    }
    for kind, written in planted.items():
        assert re.search(KINDS[kind], written), kind
