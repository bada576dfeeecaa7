"""Failures on demand, the ledger, and the levers tests pull."""

import time
import uuid

import pytest
import urllib3

from simulator.running import ControlError, Simulator
from tests.simulator.conftest import Ask

PUSH = "POST /v2/bot/message/push"


def push(ask: Ask, to: str, key: str = ""):
    body = {"to": to, "messages": [{"type": "text", "text": "hi"}]}
    headers = {"X-Line-Retry-Key": key} if key else {}
    return ask("POST", "/v2/bot/message/push", body, headers=headers)


class TestFailures:
    def test_a_status_so_many_times(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        sim.fail(PUSH, status=500, count=2)
        assert [push(ask, hanako).status for _ in range(3)] == [500, 500, 200]

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({}, "The API rate limit has been exceeded. Try again later."),
            ({"message": "You have reached your monthly limit."},) * 1
            + ("You have reached your monthly limit.",),
        ],
    )
    def test_a_429_of_either_kind(self, sim, ask: Ask, hanako: str, more, message: str) -> None:
        sim.fail(PUSH, status=429, **more)
        answer = push(ask, hanako)
        assert (answer.status, answer.json) == (429, {"message": message})

    def test_hanging_up_before(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        sim.fail(PUSH, "drop_before")
        with pytest.raises(urllib3.exceptions.ProtocolError):
            push(ask, hanako)
        assert sim.person(hanako)["chat"] == []
        assert sim.requests()[-1]["dropped"]

    def test_hanging_up_after(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        key = str(uuid.uuid4())
        sim.fail(PUSH, "drop_after")
        with pytest.raises(urllib3.exceptions.ProtocolError):
            push(ask, hanako, key)
        assert len(sim.person(hanako)["chat"]) == 1
        assert push(ask, hanako, key).status == 409
        first, second = sim.requests()
        assert (first["status"], first["dropped"]) == (200, True)
        assert (second["status"], second["duplicate"]) == (409, True)

    def test_being_slow(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        sim.fail(PUSH, "slow", seconds=0.3)
        began = time.monotonic()
        assert push(ask, hanako).status == 200
        assert time.monotonic() - began >= 0.3

    def test_by_pattern_or_path(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        sim.fail(r"POST /v2/bot/(message|richmenu)/.*$", status=503)
        assert push(ask, hanako).status == 503
        sim.fail("/v2/bot/info", status=500)
        assert push(ask, hanako).status == 200
        assert ask("GET", "/v2/bot/info").status == 500

    def test_they_can_be_called_off(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        sim.fail(PUSH, count=100)
        sim.control("DELETE", "/control/faults")
        assert push(ask, hanako).status == 200

    @pytest.mark.parametrize("wrong", [{}, {"match": "x", "kind": "explode"}, {"kind": "slow"}])
    def test_a_wrong_one_is_refused(self, sim: Simulator, wrong: dict[str, str]) -> None:
        with pytest.raises(ControlError, match="400"):
            sim.control("POST", "/control/faults", wrong)


class TestTheLedger:
    def test_what_it_keeps(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        answer = push(ask, hanako, key := str(uuid.uuid4()))
        (kept,) = sim.requests()
        assert (kept["method"], kept["path"]) == ("POST", "/v2/bot/message/push")
        assert (kept["status"], kept["duplicate"], kept["dropped"]) == (200, False, False)
        assert kept["json"]["to"] == hanako
        assert kept["headers"]["X-Line-Retry-Key"] == key
        assert kept["request_id"] == answer.headers["x-line-request-id"]
        assert "Authorization" not in kept["headers"]

    def test_it_goes_on_from_a_number(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        push(ask, hanako)
        since = sim.state()["requests"]
        push(ask, hanako)
        assert [each["n"] for each in sim.requests(since)] == [since + 1]

    def test_refusals_stand_there_too(self, sim: Simulator, ask: Ask) -> None:
        ask("GET", "/v2/bot/info", token="wrong")
        ask("GET", "/v2/bot/nothing")
        assert [each["status"] for each in sim.requests()] == [401, 404]

    def test_the_controls_do_not(self, sim: Simulator) -> None:
        sim.state()
        assert sim.requests() == []


def test_the_clock_is_its_own(sim: Simulator) -> None:
    before = sim.state()["now"]
    sim.advance(3600)
    assert sim.state()["now"] - before >= 3_600_000
    sim.reset()
    assert sim.state()["now"] - before < 60_000


def test_reset_puts_everything_back(sim: Simulator, ask: Ask, hanako: str) -> None:
    push(ask, hanako)
    sim.fail(PUSH, count=9)
    sim.reset()
    state = sim.state()
    assert (state["people"], state["friends"], state["faults"]) == (5, 0, [])
    assert state["quota"] == {"limit": 30_000, "used": 0}


def test_several_hundred_requests_a_second(sim: Simulator, ask: Ask, hanako: str) -> None:
    """With much room below what it does (about 700), since the machine may be busy."""
    began = time.monotonic()
    for _ in range(200):
        assert push(ask, hanako).status == 200
    assert time.monotonic() - began < 4
