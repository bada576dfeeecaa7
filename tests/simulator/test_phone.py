"""What the phone's page asks of the simulator."""

import json
from typing import Any

import pytest
import urllib3
from linebot.v3.messaging import MessagingApi, PushMessageRequest, TextMessage

from simulator.running import ControlError, Simulator
from tests.simulator.conftest import Ask
from tests.simulator.inbox import Inbox
from tests.simulator.test_richmenus import SMALL, menu


def phone(sim: Simulator, path: str, body: Any = None) -> Any:
    return sim.control("GET" if body is None else "POST", f"/phone/api/{path}", body)


def test_the_page_and_its_parts(sim: Simulator, ask: Ask) -> None:
    assert ask("GET", "/", token=None).headers["Location"] == "/phone/"
    assert "text/html" in ask("GET", "/phone/", token=None).headers["Content-Type"]
    assert ask("GET", "/phone/static/phone.js", token=None).status == 200
    assert ask("GET", "/phone/static/../__init__.py", token=None).status == 404


def test_its_configuration(sim: Simulator, inbox: Inbox) -> None:
    assert phone(sim, "config") == {
        "account": {"name": "Musubi"},
        "liffId": sim.settings.liff_id,
        "liffBase": f"{sim.url}/{sim.settings.liff_id}",
        "webhookUrl": inbox.url,
    }


def test_the_people_to_be(sim: Simulator) -> None:
    people = phone(sim, "people")
    assert {person["language"] for person in people} == {"ja", "en", "zh-Hant", "th"}
    assert not any(person["friend"] or person["blocked"] for person in people)
    added = phone(sim, "people", {"name": "Ploy", "language": "th"})
    assert phone(sim, f"people/{added['userId']}")["person"] == added


def test_what_it_shows(sim: Simulator, api: MessagingApi, blob, ask: Ask, hanako: str) -> None:
    made = ask("POST", "/v2/bot/richmenu", menu()).json["richMenuId"]
    blob.set_rich_menu_image(made, body=SMALL, _headers={"Content-Type": "image/png"})
    api.link_rich_menu_id_to_user(hanako, made)
    api.push_message(PushMessageRequest(to=hanako, messages=[TextMessage(text="hi")]))
    seen = phone(sim, f"people/{hanako}")
    (entry,) = seen["chat"]
    assert (entry["from"], entry["via"], entry["message"]["text"]) == ("account", "push", "hi")
    assert seen["richMenu"] == menu() | {
        "richMenuId": made,
        "imageUrl": f"/phone/api/richmenus/{made}/image",
    }
    assert ask("GET", seen["richMenu"]["imageUrl"], token=None).body == SMALL
    assert (seen["sms"], seen["loading"], seen["person"]["unread"]) == ([], False, 1)
    phone(sim, f"people/{hanako}/read", {})
    assert phone(sim, f"people/{hanako}")["person"]["unread"] == 0


def test_what_is_done_on_it(sim: Simulator, inbox: Inbox, stranger: str) -> None:
    assert phone(sim, f"people/{stranger}/follow", {})["friend"]
    phone(sim, f"people/{stranger}/say", {"text": "hello"})
    phone(sim, f"people/{stranger}/act", {"action": {"type": "postback", "data": "x"}})
    assert phone(sim, f"people/{stranger}/block", {})["blocked"]
    events = inbox.wait(lambda events: len(events) == 4)
    assert [event["type"] for event in events] == ["follow", "message", "postback", "unfollow"]


def test_what_it_opens(sim: Simulator, hanako: str) -> None:
    url = f"{phone(sim, 'config')['liffBase']}/link"
    for asked in (
        phone(sim, f"people/{hanako}/act", {"action": {"type": "uri", "uri": url}}),
        phone(sim, f"people/{hanako}/open", {"url": url}),
    ):
        assert asked["liff"].startswith(f"{sim.settings.liff_endpoint}?liff.state=%2Flink#")
    opened = phone(sim, f"people/{hanako}/open", {"url": "https://brand.example/"})
    assert opened == {"open": "https://brand.example/"}


@pytest.mark.parametrize("path", ["people/U0", "people/U0/say", "richmenus/richmenu-0/image"])
def test_what_is_not_there(sim: Simulator, path: str) -> None:
    with pytest.raises(ControlError, match=r"40[45]"):
        phone(sim, path)


def test_it_hears_of_news_at_once(sim: Simulator, hanako: str) -> None:
    http = urllib3.PoolManager(retries=False)
    url = f"{sim.url}/phone/api/people/{hanako}/stream"
    stream = http.request("GET", url, preload_content=False, timeout=10)
    lines = (line for chunk in stream.stream(1) for line in [chunk.decode()])
    first = _version(lines)
    sim.say(hanako, "hello")
    assert _version(lines) > first
    stream.close()
    http.clear()


def _version(characters: Any) -> int:
    """The next version of a stream of characters."""
    line = ""
    for character in characters:
        line += character
        if line.endswith("\n\n"):
            return int(json.loads(line.removeprefix("data: "))["version"])
    raise AssertionError("the stream ended")
