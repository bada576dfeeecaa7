"""Sending: who is reached, what it costs, reply tokens, retry keys, what an account may ask."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from linebot.v3.messaging import (
    ApiException,
    BroadcastRequest,
    MessagingApi,
    MulticastRequest,
    PushMessageRequest,
    ReplyMessageRequest,
    ShowLoadingAnimationRequest,
    TextMessage,
)

from simulator.running import Simulator
from tests.simulator.conftest import Ask
from tests.simulator.inbox import Inbox

HI = [TextMessage(text="hi")]
RAW = [{"type": "text", "text": "hi"}]


def said(sim: Simulator, user_id: str) -> list[str]:
    """What the account said to somebody."""
    chat = sim.person(user_id)["chat"]
    return [entry["message"]["text"] for entry in chat if entry["from"] == "account"]


class TestPush:
    def test_it_stands_in_the_chat(self, sim, api: MessagingApi, hanako: str) -> None:
        sent = api.push_message(PushMessageRequest(to=hanako, messages=HI)).sent_messages
        entry = sim.person(hanako)["chat"][-1]
        assert entry["message"] == {"type": "text", "text": "hi"}
        assert (entry["from"], entry["via"], entry["id"]) == ("account", "push", sent[0].id)
        assert sim.person(hanako)["unread"] == 1

    def test_to_a_stranger_is_200_and_nothing(self, sim, api, stranger: str) -> None:
        assert api.push_message(PushMessageRequest(to=stranger, messages=HI)).sent_messages
        assert said(sim, stranger) == []
        assert api.get_message_quota_consumption().total_usage == 0

    def test_to_somebody_who_blocked_is_200_and_nothing(self, sim, api, hanako: str) -> None:
        sim.block(hanako)
        api.push_message(PushMessageRequest(to=hanako, messages=HI))
        assert said(sim, hanako) == []

    def test_to_a_stranger_who_wrote_within_seven_days(self, sim, api, stranger: str) -> None:
        sim.say(stranger, "hello")
        api.push_message(PushMessageRequest(to=stranger, messages=HI))
        sim.advance(7 * 24 * 3600)
        api.push_message(PushMessageRequest(to=stranger, messages=HI))
        assert said(sim, stranger) == ["hi"]

    @pytest.mark.parametrize("to", ["", "U123", "C" + "0" * 32, "U" + "G" * 32])
    def test_to_a_malformed_id(self, ask: Ask, to: str) -> None:
        assert ask("POST", "/v2/bot/message/push", {"to": to, "messages": RAW}).status == 400

    def test_to_nobody_known_is_200(self, ask: Ask) -> None:
        asked = {"to": "U" + "0" * 32, "messages": RAW}
        assert ask("POST", "/v2/bot/message/push", asked).status == 200


class TestMulticast:
    def test_it_reaches_friends_only(self, sim, api, hanako: str, stranger: str) -> None:
        api.multicast(MulticastRequest(to=[hanako, stranger, "U" + "0" * 32], messages=HI))
        assert (said(sim, hanako), said(sim, stranger)) == (["hi"], [])
        assert api.get_message_quota_consumption().total_usage == 1

    def test_one_malformed_id_refuses_all(self, sim, ask: Ask, hanako: str) -> None:
        answer = ask("POST", "/v2/bot/message/multicast", {"to": [hanako, "Ux"], "messages": RAW})
        assert answer.status == 400
        assert answer.json["message"].startswith("The property, to[1], in the request body")
        assert said(sim, hanako) == []

    def test_one_to_500_different_people(self, ask: Ask) -> None:
        people = [f"U{n:032x}" for n in range(501)]
        for to, status in (
            (people[:500], 200),
            (people, 400),
            ([], 400),
            ([people[0], people[0]], 400),
        ):
            asked = {"to": to, "messages": RAW}
            assert ask("POST", "/v2/bot/message/multicast", asked).status == status

    def test_aggregation_units_are_counted(self, ask: Ask, hanako: str) -> None:
        asked = {"to": [hanako], "messages": RAW, "customAggregationUnits": ["spring_sale"]}
        assert ask("POST", "/v2/bot/message/multicast", asked).status == 200
        listed = ask("GET", "/v2/bot/message/aggregation/list").json
        assert listed == {"customAggregationUnits": ["spring_sale"]}
        for units in (["spring-sale"], ["a", "b"], ["x" * 31], [""]):
            asked["customAggregationUnits"] = units
            assert ask("POST", "/v2/bot/message/multicast", asked).status == 400


def test_broadcast_reaches_every_friend(sim, api, hanako: str, stranger: str) -> None:
    another = sim.add_person("Another", friend=True)
    api.broadcast(BroadcastRequest(messages=HI))
    assert [said(sim, each) for each in (hanako, another, stranger)] == [["hi"], ["hi"], []]


class TestReplyTokens:
    def reply(self, api: MessagingApi, token: str) -> None:
        api.reply_message(ReplyMessageRequest(replyToken=token, messages=HI))

    def refused(self, api: MessagingApi, token: str) -> None:
        with pytest.raises(ApiException) as refused:
            self.reply(api, token)
        assert refused.value.status == 400
        assert "Invalid reply token" in refused.value.body

    def test_it_works_once_and_is_free(self, sim, api, inbox: Inbox, hanako: str) -> None:
        sim.say(hanako, "hello")
        token = inbox.wait_for("message")["replyToken"]
        self.reply(api, token)
        self.refused(api, token)
        assert said(sim, hanako) == ["hi"]
        assert api.get_message_quota_consumption().total_usage == 0

    def test_it_lives_a_minute(self, sim, api, inbox: Inbox, hanako: str) -> None:
        sim.say(hanako, "hello")
        token = inbox.wait_for("message")["replyToken"]
        sim.advance(61)
        self.refused(api, token)

    def test_a_redelivery_gives_another_minute(self, sim, api, inbox: Inbox, hanako: str) -> None:
        sim.say(hanako, "hello")
        event = inbox.wait_for("message")
        sim.advance(10 * 60)
        sim.control("POST", f"/control/webhooks/{event['webhookEventId']}/redeliver")
        again = inbox.wait_for("message", 2)
        assert again["deliveryContext"] == {"isRedelivery": True}
        self.reply(api, again["replyToken"])
        assert said(sim, hanako) == ["hi"]

    def test_but_not_past_twenty_minutes(self, sim, api, inbox: Inbox, hanako: str) -> None:
        sim.say(hanako, "hello")
        event = inbox.wait_for("message")
        sim.advance(20 * 60 + 1)
        sim.control("POST", f"/control/webhooks/{event['webhookEventId']}/redeliver")
        self.refused(api, inbox.wait_for("message", 2)["replyToken"])

    def test_one_that_never_was(self, api: MessagingApi, sim) -> None:
        self.refused(api, "nonsense")


class TestRetryKeys:
    def push(self, ask: Ask, to: str, key: str, path: str = "push"):
        body = {"to": to if path == "push" else [to], "messages": RAW}
        if path == "broadcast":
            del body["to"]
        return ask("POST", f"/v2/bot/message/{path}", body, headers={"X-Line-Retry-Key": key})

    def test_the_same_key_is_taken_once(self, sim, ask: Ask, hanako: str) -> None:
        key = str(uuid.uuid4())
        first, second = self.push(ask, hanako, key), self.push(ask, hanako, key)
        assert (first.status, second.status) == (200, 409)
        accepted = second.headers["x-line-accepted-request-id"]
        assert accepted == first.headers["x-line-request-id"]
        assert second.headers["x-line-request-id"] != accepted
        assert second.json == {
            "message": "The retry key is already accepted",
            "sentMessages": first.json["sentMessages"],
        }
        assert said(sim, hanako) == ["hi"]
        assert [r["duplicate"] for r in sim.requests()] == [False, True]

    @pytest.mark.parametrize("path", ["multicast", "broadcast"])
    def test_the_others_take_one_too(self, sim, ask: Ask, hanako: str, path: str) -> None:
        key = str(uuid.uuid4())
        answers = [self.push(ask, hanako, key, path) for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 409]
        assert "sentMessages" not in answers[1].json

    def test_a_key_is_remembered_for_24_hours(self, sim, ask: Ask, hanako: str) -> None:
        key = str(uuid.uuid4())
        self.push(ask, hanako, key)
        sim.advance(24 * 3600 - 60)
        assert self.push(ask, hanako, key).status == 409
        sim.advance(61)
        assert self.push(ask, hanako, key).status == 200

    def test_a_refused_send_does_not_use_up_its_key(self, sim, ask: Ask, hanako: str) -> None:
        key = str(uuid.uuid4())
        sim.fail("POST /v2/bot/message/push", status=500)
        assert [self.push(ask, hanako, key).status for _ in range(2)] == [500, 200]

    def test_it_is_a_hexadecimal_uuid(self, ask: Ask, hanako: str) -> None:
        for key in ("x", "", "123e4567-e89b-12d3-a456-42661417400g", "123e4567e89b12d3a456"):
            assert self.push(ask, hanako, key).status == 400

    def test_elsewhere_it_is_refused(self, ask: Ask, hanako: str) -> None:
        key = {"X-Line-Retry-Key": str(uuid.uuid4())}
        for path, body in (
            ("message/reply", {"replyToken": "x", "messages": RAW}),
            ("richmenu/bulk/unlink", {"userIds": [hanako]}),
            ("message/validate/push", {"messages": RAW}),
            ("chat/loading/start", {"chatId": hanako}),
        ):
            answer = ask("POST", f"/v2/bot/{path}", body, headers=key)
            assert answer.status == 400, path
            assert "etry key" in answer.json["message"]

    def test_many_at_once_arrive_once(self, sim, ask: Ask, hanako: str) -> None:
        key = str(uuid.uuid4())
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: self.push(ask, hanako, key).status, range(24)))
        assert sorted(statuses) == [200] + [409] * 23
        assert said(sim, hanako) == ["hi"]


class TestQuota:
    def test_it_is_told_and_used_up(self, sim, api, ask: Ask, hanako: str) -> None:
        sim.control("POST", "/control/quota", {"limit": 2, "used": 1})
        assert api.get_message_quota().value == 2
        api.push_message(PushMessageRequest(to=hanako, messages=HI))
        answer = ask("POST", "/v2/bot/message/push", {"to": hanako, "messages": RAW})
        assert answer.status == 429
        assert answer.json == {"message": "You have reached your monthly limit."}
        assert said(sim, hanako) == ["hi"]

    def test_a_multicast_goes_to_all_or_nobody(self, sim, ask: Ask, hanako: str) -> None:
        another = sim.add_person("Another", friend=True)
        sim.control("POST", "/control/quota", {"limit": 1, "used": 0})
        asked = {"to": [hanako, another], "messages": RAW}
        assert ask("POST", "/v2/bot/message/multicast", asked).status == 429
        assert said(sim, hanako) == said(sim, another) == []

    def test_it_counts_people_not_messages(self, sim, api, hanako: str) -> None:
        api.push_message(PushMessageRequest(to=hanako, messages=HI * 5))
        assert api.get_message_quota_consumption().total_usage == 1

    def test_without_a_limit(self, sim, api) -> None:
        sim.control("POST", "/control/quota", {"limit": None})
        assert api.get_message_quota().type == "none"


class TestAskingAboutPeople:
    def test_a_friend_has_a_profile(self, api, hanako: str) -> None:
        profile = api.get_profile(hanako)
        assert (profile.display_name, profile.language) == ("佐藤 花子", "ja")

    def test_others_have_none(self, sim, ask: Ask, hanako: str, stranger: str) -> None:
        sim.block(hanako)
        for user_id in (hanako, stranger, "U" + "0" * 32):
            assert ask("GET", f"/v2/bot/profile/{user_id}").status == 404
        assert ask("GET", "/v2/bot/profile/me").status == 400

    def test_followers_come_in_pages(self, sim, api) -> None:
        sim.control("POST", "/control/people", {"count": 5, "friend": True})
        first = api.get_followers(limit=3)
        rest = api.get_followers(limit=3, start=first.next)
        assert (len(first.user_ids), len(rest.user_ids), rest.next) == (3, 2, None)

    def test_sent_messages_are_counted_by_the_day(self, sim, api, ask: Ask, hanako: str) -> None:
        day = sim.control("GET", "/control/state")["delivered"]
        assert day == {}
        api.push_message(PushMessageRequest(to=hanako, messages=HI))
        (today,) = sim.state()["delivered"]["push"]
        path = f"/v2/bot/message/delivery/push?date={today}"
        assert ask("GET", path).json == {"status": "unready"}
        sim.advance(24 * 3600)
        assert ask("GET", path).json == {"status": "ready", "success": 1}

    def test_the_loading_indicator(self, sim, api, ask: Ask, hanako: str) -> None:
        api.show_loading_animation(ShowLoadingAnimationRequest(chatId=hanako, loadingSeconds=5))
        assert sim.person(hanako)["loading"]
        api.push_message(PushMessageRequest(to=hanako, messages=HI))
        assert not sim.person(hanako)["loading"], "a message ends it"
        for seconds in (0, 4, 7, 65):
            asked = {"chatId": hanako, "loadingSeconds": seconds}
            assert ask("POST", "/v2/bot/chat/loading/start", asked).status == 400

    def test_what_a_person_sent_can_be_fetched(self, sim, blob, ask: Ask, hanako: str) -> None:
        sent = sim.say(hanako, "", type="image", content="aGVsbG8=", contentType="image/png")
        assert bytes(blob.get_message_content(sent)) == b"hello"
        assert ask("GET", "/v2/bot/message/123/content").status == 404
