"""Webhooks: signed, complete, in order per person, again when asked to, disorderly when told to."""

import re
import time

import pytest
from linebot.v3.webhooks import (
    AccountLinkEvent,
    FollowEvent,
    MessageEvent,
    PostbackEvent,
    UnfollowEvent,
    UnsendEvent,
)
from linebot.v3.webhooks.models import Event

from simulator.running import ControlError, Simulator
from tests.simulator.conftest import Ask
from tests.simulator.inbox import Inbox

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def texts(inbox: Inbox) -> list[str]:
    return [e["message"]["text"] for e in inbox.events if e["type"] == "message"]


class TestEvents:
    def test_what_all_have(self, sim: Simulator, inbox: Inbox, stranger: str) -> None:
        sim.follow(stranger)
        event = inbox.wait_for("follow")
        assert inbox.bodies[0]["destination"] == sim.settings.bot_user_id
        assert ULID.fullmatch(event["webhookEventId"])
        assert event["deliveryContext"] == {"isRedelivery": False}
        assert event["source"] == {"type": "user", "userId": stranger}
        assert event["mode"] == "active"
        assert abs(event["timestamp"] - sim.state()["now"]) < 10_000

    def test_follow_block_and_back(self, sim: Simulator, inbox: Inbox, stranger: str) -> None:
        sim.follow(stranger)
        sim.block(stranger)
        sim.unblock(stranger)
        events = inbox.wait(lambda events: len(events) == 3)
        assert [event["type"] for event in events] == ["follow", "unfollow", "follow"]
        assert [event.get("follow") for event in events] == [
            {"isUnblocked": False},
            None,
            {"isUnblocked": True},
        ]
        assert ["replyToken" in event for event in events] == [True, False, True]

    def test_doing_it_twice_is_doing_it_once(self, sim, inbox: Inbox, stranger: str) -> None:
        sim.follow(stranger)
        sim.follow(stranger)
        sim.unblock(stranger)
        sim.say(stranger, "done")
        inbox.wait_for("message")
        assert [event["type"] for event in inbox.events] == ["follow", "message"]

    def test_a_message_and_its_unsending(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sent = sim.say(hanako, "こんにちは")
        message = inbox.wait_for("message")["message"]
        assert (message["type"], message["id"], message["text"]) == ("text", sent, "こんにちは")
        assert message["quoteToken"]
        sim.control("POST", f"/control/people/{hanako}/unsend", {"messageId": sent})
        assert inbox.wait_for("unsend")["unsend"] == {"messageId": sent}
        assert sim.person(hanako)["chat"] == []

    def test_a_sticker(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sticker = {
            "type": "sticker",
            "packageId": "1",
            "stickerId": "2",
            "stickerResourceType": "STATIC",
        }
        sim.say(hanako, "", message=sticker)
        assert inbox.wait_for("message")["message"]["stickerId"] == "2"

    def test_postbacks(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sim.postback(hanako, "v1:menu")
        assert inbox.wait_for("postback")["postback"] == {"data": "v1:menu"}
        picker = {"type": "datetimepicker", "data": "when", "mode": "date"}
        asked = {"action": picker, "params": {"date": "2026-04-01"}}
        sim.control("POST", f"/control/people/{hanako}/tap", asked)
        picked = inbox.wait_for("postback", 2)["postback"]
        assert picked == {"data": "when", "params": {"date": "2026-04-01"}}
        with pytest.raises(ControlError, match="Pick a date"):
            sim.control("POST", f"/control/people/{hanako}/tap", asked | {"params": {}})

    def test_display_text_stands_in_the_chat_only(self, sim, inbox: Inbox, hanako: str) -> None:
        action = {"type": "postback", "data": "buy", "displayText": "Buy it"}
        sim.control("POST", f"/control/people/{hanako}/tap", {"action": action})
        inbox.wait_for("postback")
        assert [event["type"] for event in inbox.events] == ["postback"]
        assert sim.person(hanako)["chat"][-1]["message"]["text"] == "Buy it"

    def test_standby_has_no_reply_token(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sim.say(hanako, "hello", mode="standby")
        event = inbox.wait_for("message")
        assert event["mode"] == "standby"
        assert "replyToken" not in event

    def test_who_blocked_says_nothing(self, sim: Simulator, hanako: str) -> None:
        sim.block(hanako)
        with pytest.raises(ControlError, match="409"):
            sim.say(hanako, "hello")

    def test_the_sdk_reads_them_all(
        self, sim: Simulator, ask: Ask, inbox: Inbox, hanako: str
    ) -> None:
        sent = sim.say(hanako, "hello")
        sim.postback(hanako, "v1:menu")
        sim.control("POST", f"/control/people/{hanako}/unsend", {"messageId": sent})
        token = ask("POST", f"/v2/bot/user/{hanako}/linkToken").json["linkToken"]
        ask("GET", f"/dialog/bot/accountLink?linkToken={token}&nonce=0123456789&as={hanako}")
        sim.block(hanako)
        sim.unblock(hanako)
        events = inbox.wait(lambda events: len(events) == 6)
        assert [type(Event.from_dict(event)) for event in events] == [
            MessageEvent,
            PostbackEvent,
            UnsendEvent,
            AccountLinkEvent,
            UnfollowEvent,
            FollowEvent,
        ]


class TestDelivery:
    def test_in_order_per_person(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        inbox.delay = 0.02
        said = [str(n) for n in range(12)]
        for each in said:
            sim.say(hanako, each)
        inbox.wait(lambda events: len(events) == 12)
        assert texts(inbox) == said

    def test_one_slow_person_does_not_hold_up_another(self, sim, inbox: Inbox, hanako: str) -> None:
        another = sim.add_person("Another")
        inbox.delay = 1.5
        began = time.monotonic()
        sim.say(hanako, "one")
        sim.say(another, "two")
        inbox.wait(lambda events: len(events) == 2)
        assert time.monotonic() - began < 1.5

    def test_redelivery_until_it_is_taken(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sim.control("POST", "/control/delivery", {"redelivery": True})
        inbox.status = 500
        sim.say(hanako, "hello")
        inbox.wait_for("message", 2)
        inbox.status = 200
        inbox.wait_for("message", 3)
        first, *again = inbox.events
        assert first["deliveryContext"] == {"isRedelivery": False}
        for each in again:
            assert each == first | {"deliveryContext": {"isRedelivery": True}}

    def test_without_redelivery_once(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        inbox.status = 500
        sim.say(hanako, "one")
        inbox.wait_for("message")
        time.sleep(0.2)  # nothing to wait for: the point is that nothing comes
        assert texts(inbox) == ["one"]
        (attempt,) = sim.control("GET", "/control/webhooks")["attempts"]
        assert (attempt["status"], attempt["reason"]) == (500, "ERROR_STATUS_CODE")

    def test_duplicates(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sim.control("POST", "/control/delivery", {"duplicate": True})
        sim.say(hanako, "hello")
        first, second = inbox.wait(lambda events: len(events) == 2)
        assert first == second

    def test_disorder(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sim.control("POST", "/control/delivery", {"reorder": True, "paused": True})
        sim.say(hanako, "first")
        sim.say(hanako, "second")
        sim.control("POST", "/control/delivery", {"paused": False})
        events = inbox.wait(lambda events: len(events) == 2)
        assert texts(inbox) == ["second", "first"]
        assert events[0]["timestamp"] >= events[1]["timestamp"]

    def test_a_pause(self, sim: Simulator, inbox: Inbox, hanako: str) -> None:
        sim.control("POST", "/control/delivery", {"paused": True})
        sim.say(hanako, "hello")
        assert sim.state()["webhooks_waiting"] == 1
        assert inbox.events == []
        sim.control("POST", "/control/delivery", {"paused": False})
        inbox.wait_for("message")

    def test_an_unknown_lever(self, sim: Simulator) -> None:
        with pytest.raises(ControlError, match="unknown: speed"):
            sim.control("POST", "/control/delivery", {"speed": True})

    def test_raw_events(self, sim: Simulator, inbox: Inbox) -> None:
        inbox.status = 202
        answer = sim.control("POST", "/control/events", [{"type": "brandNew", "x": None}])
        assert answer == {"status": 202, "reason": "OK"}
        assert inbox.bodies[-1]["events"] == [{"type": "brandNew", "x": None}]


class TestTheEndpoint:
    def test_it_is_asked_and_set(self, sim: Simulator, ask: Ask, inbox: Inbox) -> None:
        path = "/v2/bot/channel/webhook/endpoint"
        assert ask("GET", path).json == {"endpoint": inbox.url, "active": True}
        assert ask("PUT", path, {"endpoint": "https://brand.example/hook"}).status == 200
        assert ask("GET", path).json["endpoint"] == "https://brand.example/hook"
        for wrong in ("http://brand.example/hook", "ftp://x", "", "https://x.example/" + "x" * 500):
            assert ask("PUT", path, {"endpoint": wrong}).status == 400

    def test_it_is_tested(self, sim: Simulator, ask: Ask, inbox: Inbox) -> None:
        path = "/v2/bot/channel/webhook/test"
        answer = ask("POST", path, {}).json
        assert (answer["success"], answer["statusCode"], answer["reason"]) == (True, 200, "OK")
        assert inbox.bodies[-1]["events"] == []
        inbox.status = 404
        answer = ask("POST", path, {}).json
        assert (answer["success"], answer["reason"]) == (False, "ERROR_STATUS_CODE")
        answer = ask("POST", path, {"endpoint": "http://127.0.0.1:1/"}).json
        assert answer["reason"] == "COULD_NOT_CONNECT"

    def test_it_has_two_seconds(self, sim: Simulator, ask: Ask, inbox: Inbox) -> None:
        inbox.delay = 2.3
        answer = ask("POST", "/v2/bot/channel/webhook/test", {}).json
        assert (answer["success"], answer["reason"]) == (False, "REQUEST_TIMEOUT")
