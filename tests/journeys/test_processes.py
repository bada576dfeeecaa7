"""The processes themselves: figures of several add up, and all leave in good order."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator

import pytest
import urllib3

from simulator.waiting import until
from tests.journeys.running import Running

ALONE = {"Connection": "close"}
"""On a connection of its own: with kept ones, all would meet the same process."""


@pytest.fixture(scope="module")
def scaled(
    tmp_path_factory: pytest.TempPathFactory,
    make_postgresql: Callable[[str], str],
    redis_url: str,
) -> Iterator[Running]:
    """`musubi run`: two web processes, PostgreSQL and Redis."""
    folder = tmp_path_factory.mktemp("scaled")
    settings = {"DATABASE_URL": make_postgresql("scaled"), "REDIS_URL": redis_url}
    with Running(folder, launched=True, WEB_WORKERS="2", **settings) as running:
        yield running


def deliver(running: Running, *events: dict) -> int:
    body = json.dumps({"destination": "U" + "b0" * 16, "events": events}).encode()
    secret = running.line.settings.channel_secret.encode()
    signature = base64.b64encode(hmac.digest(secret, body, hashlib.sha256)).decode()
    headers = {"x-line-signature": signature} | ALONE
    answer = urllib3.request("POST", f"{running.url}/webhook", body=body, headers=headers)
    return answer.status


def unknown(number: int) -> dict:
    return {
        "type": "somethingNew", "mode": "active", "timestamp": int(time.time() * 1000),
        "webhookEventId": f"EVENT{number:020}", "deliveryContext": {"isRedelivery": False},
    }  # fmt: skip


def figures(running: Running) -> dict[str, float]:
    headers = {"Authorization": "Bearer journey"} | ALONE
    answer = urllib3.request("GET", f"{running.url}/metrics", headers=headers)
    lines = [line for line in answer.data.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def total(running: Running, name: str) -> float:
    return sum(value for key, value in figures(running).items() if key.startswith(name))


def test_the_figures_of_all_processes_add_up(scaled):
    before = total(scaled, "musubi_webhook_events_total")
    for number in range(20):  # so that both processes are met
        assert deliver(scaled, unknown(number)) == 200
    assert total(scaled, "musubi_webhook_events_total") == before + 20
    until(lambda: total(scaled, 'musubi_waiting{kind="inbox_event"}') == 0)


def test_a_friend_is_greeted_and_sees_the_guest_menu(scaled):
    user = scaled.line.add_person("花子")
    scaled.line.follow(user)
    until(lambda: scaled.said_to(user), "nobody greeted")
    until(lambda: scaled.menu_of(user) == "guest", "no menu")


def test_ready_says_which_part_is_not(scaled):
    answer = urllib3.request("GET", f"{scaled.url}/readyz", headers=ALONE)
    assert (answer.status, answer.json()) == (200, {"database": "ok", "worker": "ok"})


def test_they_leave_in_good_order(scaled):
    scaled.stop()
    assert "Shutting down: Master" in scaled.log()
    assert "worker_stopped" in scaled.log()
    assert "Traceback" not in scaled.log()
    scaled.start()
    assert deliver(scaled, unknown(1)) == 200
