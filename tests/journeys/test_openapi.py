"""Every request that the product made in the journeys is one that LINE's OpenAPI describes."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from simulator.child import ROOT
from tests.journeys.openapi import Judge
from tests.journeys.running import Running

FILES = ROOT.parent / "shared" / "line-openapi"
LOGIN: dict[tuple[str, str], Callable[[dict[str, Any]], bool]] = {
    ("GET", "/oauth2/v2.1/certs"): lambda request: not request["query"],
    ("GET", "/v2/profile"): lambda request: not request["query"],
    ("POST", "/user/v1/deauthorize"): lambda request: set(request["json"]) == {"userAccessToken"},
}
"""LINE Login's, which the OpenAPI files leave out: as its reference says."""


@pytest.fixture(scope="module")
def judge() -> Judge:
    if not (FILES / "messaging-api.yml").is_file():
        pytest.skip(f"LINE's OpenAPI files are not ours to ship, and not in {FILES}")
    return Judge(FILES)


def of_the_product(request: dict[str, Any]) -> bool:
    """Browsers ask LINE, too: there it is the SDK's business what they ask."""
    return not request["headers"].get("User-Agent", "").startswith("Mozilla")


def faults(judge: Judge, request: dict[str, Any]) -> list[str]:
    if check := LOGIN.get((request["method"], request["path"])):
        return [] if check(request) else ["not as LINE Login's reference says"]
    return judge.faults(request)


def test_every_request_is_as_line_describes_it(judge: Judge, musubi: Running) -> None:
    made = [request for request in musubi.line.requests() if of_the_product(request)]
    wrong = {
        f"{request['method']} {request['path']} ({request['n']}): {fault}"
        for request in made
        for fault in faults(judge, request)
    }
    assert not wrong
    assert any("/richmenu" in request["path"] for request in made)


def test_line_refused_nothing(musubi: Running) -> None:
    """To look for what is not there is no mistake; anything else is."""
    refused = [
        request
        for request in musubi.line.requests()
        if of_the_product(request)
        and (request["status"] or 0) >= 400
        and not (request["method"] == "GET" and request["status"] == 404)
    ]
    assert not refused


PUSH = {
    "method": "POST", "path": "/v2/bot/message/push", "query": "", "fields": {},
    "headers": {"Content-Type": "application/json"},
    "json": {"to": "U" + "0" * 32, "messages": [{"type": "text", "text": "hi"}]},
}  # fmt: skip
SAID = PUSH["json"]["messages"][0]
BUTTON = {"type": "uri", "label": "a", "uri": "https://a.example"}
BUTTONS = {"type": "buttons", "text": "t", "actions": [BUTTON]}


def pushing(*messages: dict[str, Any]) -> dict[str, Any]:
    return PUSH | {"json": PUSH["json"] | {"messages": list(messages)}}


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (PUSH, ""),
        (pushing({"type": "template", "altText": "a", "template": BUTTONS}), ""),
        (PUSH | {"path": "/v2/bot/message/pushed"}, "no such"),
        (PUSH | {"method": "PUT"}, "no such"),
        (PUSH | {"json": {"messages": [SAID]}}, "'to' is a required"),
        (pushing(*[SAID] * 6), "too long"),
        (pushing(SAID | {"txet": "hi"}), "'txet' was unexpected"),
        (pushing({"type": "texxt", "text": "hi"}), "'texxt' is not one of"),
        (pushing({"type": "text"}), "'text' is a required"),
        (
            pushing({"type": "template", "altText": "a", "template": BUTTONS | {"actions": [
                BUTTON | {"uri": 1}
            ]}}),
            "is not of type",
        ),
        (PUSH | {"headers": {"Content-Type": "text/plain"}}, "Content-Type"),
        (PUSH | {"headers": PUSH["headers"] | {"X-Line-Retry-Key": "no uuid"}}, "uuid"),
        (PUSH | {"query": "more=1"}, "more is unknown"),
        (PUSH | {"path": "/v2/bot/message/reply", "headers": PUSH["headers"] | {
            "X-Line-Retry-Key": "4fc88634-66fc-47d6-a170-f207df77e8cd"}}, "x-line-retry-key"),
    ],
)  # fmt: skip
def test_the_judge_finds_faults(judge: Judge, request_: dict[str, Any], fault: str) -> None:
    found = judge.faults(request_)
    assert bool(found) == bool(fault), found
    assert any(re.search(fault, each) for each in found) or not fault, found
