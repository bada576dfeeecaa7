"""Messages are held to LINE's models and limits: each limit from both sides."""

import pytest
from linebot.v3.messaging import (
    ApiException,
    ConfirmTemplate,
    MessageAction,
    MessagingApi,
    PushMessageRequest,
    TemplateMessage,
    TextMessage,
)

from tests.simulator.conftest import Ask

PIC = "https://brand.example/pic.png"
SAY = {"type": "message", "label": "Yes", "text": "yes"}
OPEN = {"type": "uri", "label": "Open", "uri": "https://brand.example/"}


def text(words="hi", **more):
    return {"type": "text", "text": words, **more}


def act(**more):
    """A text with one quick reply, whose action is this."""
    return text(quickReply={"items": [{"type": "action", "action": more}]})


def template(**more):
    return {"type": "template", "altText": "alt", "template": more}


def buttons(**more):
    plain = {"type": "buttons", "text": "Choose", "actions": [SAY]}
    return template(**plain | more)


def carousel(*columns):
    return template(type="carousel", columns=list(columns))


def column(**more):
    return {"text": "A column", "actions": [SAY]} | more


def flex(**more):
    return {"type": "flex", "altText": "alt", "contents": more}


def bubble(*contents, **more):
    return {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": contents},
    } | more


WORDS = {"type": "text", "text": "words"}

FINE = {
    "5,000 UTF-16 units": text("あ" * 5000),
    "2,500 emojis of two units": text("🍎" * 2500),
    "a LINE emoji": text("$", emojis=[{"index": 0, "productId": "5ac1", "emojiId": "001"}]),
    "a substitution": {
        "type": "textV2",
        "text": "{apple} and {{braces}}",
        "substitution": {"apple": {"type": "emoji", "productId": "5ac1", "emojiId": "001"}},
    },
    "a sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "an image": {"type": "image", "originalContentUrl": PIC, "previewImageUrl": PIC},
    "a location": {
        "type": "location", "title": "Shop", "address": "Tokyo", "latitude": 35.6, "longitude": 139
    },
    "an audio": {"type": "audio", "originalContentUrl": PIC, "duration": 1000},
    "thirteen quick replies": text(quickReply={"items": [{"type": "action", "action": SAY}] * 13}),
    "a quick reply with a camera": act(type="camera", label="Camera"),
    "postback data of 300": act(type="postback", label="Buy", data="x" * 300),
    "a label of 20 clusters": act(type="message", label="ก็" * 20, text="ok"),
    "a URI of 1,000": act(type="uri", label="Open", uri="https://a.example/" + "x" * 982),
    "a phone number": act(type="uri", label="Call", uri="tel:0312345678"),
    "LINE's own scheme": act(type="uri", label="Open", uri="line://ti/p/@musubi"),
    "a date picker": act(
        type="datetimepicker", label="W", data="x", mode="date", min="2026-01-01", max="2027-01-01"
    ),
    "buttons": buttons(title="Hello", thumbnailImageUrl=PIC, actions=[SAY, OPEN, SAY, OPEN]),
    "buttons with a long text alone": buttons(text="あ" * 160),
    "confirm": template(type="confirm", text="?" * 240, actions=[SAY, SAY]),
    "a carousel of ten": carousel(*[column(actions=[SAY, OPEN, SAY])] * 10),
    "an image carousel": template(
        type="image_carousel",
        columns=[{"imageUrl": PIC, "action": {"type": "uri", "uri": "https://a.example/"}}],
    ),
    "a bubble": flex(**bubble(WORDS, {"type": "button", "action": OPEN})),
    "a carousel of twelve bubbles": flex(type="carousel", contents=[bubble(WORDS)] * 12),
    "a sender": text(sender={"name": "Hana", "iconUrl": PIC}),
    "a file on this machine": {
        "type": "image", "originalContentUrl": "http://127.0.0.1/a.png", "previewImageUrl": PIC
    },
}  # fmt: skip

WRONG = {
    "no text": ("messages[0].text", text("")),
    "5,001 units": ("messages[0].text", text("あ" * 5001)),
    "2,501 emojis": ("messages[0].text", text("🍎" * 2501)),
    "text that is a number": ("messages[0].text", text(5)),
    "a text missing": ("messages[0].text", {"type": "text"}),
    "an unknown type": ("messages[0].type", {"type": "telegram"}),
    "an unknown field": ("messages[0].colour", text(colour="red")),
    "an emoji not at a dollar": (
        "messages[0].emojis[0].index",
        text("x", emojis=[{"index": 0, "productId": "5ac1", "emojiId": "001"}]),
    ),
    "a brace alone": ("messages[0].text", {"type": "textV2", "text": "{who}"}),
    "an image in the clear": (
        "messages[0].originalContentUrl",
        {"type": "image", "originalContentUrl": "http://a.example/x.png", "previewImageUrl": PIC},
    ),
    "an image URL with Japanese": (
        "messages[0].previewImageUrl",
        {"type": "image", "originalContentUrl": PIC, "previewImageUrl": "https://a.example/絵.png"},
    ),
    "an image URL of 2,001": (
        "messages[0].originalContentUrl",
        {"type": "image", "originalContentUrl": PIC + "?" + "x" * 1975, "previewImageUrl": PIC},
    ),
    "a video's tracking id": (
        "messages[0].trackingId",
        {"type": "video", "originalContentUrl": PIC, "previewImageUrl": PIC, "trackingId": "日"},
    ),
    "an audio without length": (
        "messages[0].duration",
        {"type": "audio", "originalContentUrl": PIC, "duration": 0},
    ),
    "a place off the earth": (
        "messages[0].latitude",
        {"type": "location", "title": "a", "address": "b", "latitude": 91, "longitude": 0},
    ),
    "a place with a long title": (
        "messages[0].title",
        {"type": "location", "title": "a" * 101, "address": "b", "latitude": 9, "longitude": 0},
    ),
    "a sticker by name": (
        "messages[0].stickerId",
        {"type": "sticker", "packageId": "446", "stickerId": "bear"},
    ),
    "fourteen quick replies": (
        "messages[0].quickReply.items",
        text(quickReply={"items": [{"type": "action", "action": SAY}] * 14}),
    ),
    "a quick reply of another type": (
        "messages[0].quickReply.items[0].type",
        text(quickReply={"items": [{"type": "button", "action": SAY}]}),
    ),
    "a footer that is no box": (
        "messages[0].contents.footer.type",
        flex(**bubble(WORDS, footer={"type": "text", "text": "x"})),
    ),
    "no label": (
        "messages[0].quickReply.items[0].action.label",
        act(type="message", text="x"),
    ),
    "a label of 21": (
        "messages[0].quickReply.items[0].action.label",
        act(type="message", label="x" * 21, text="x"),
    ),
    "postback data of 301": (
        "messages[0].quickReply.items[0].action.data",
        act(type="postback", label="Buy", data="x" * 301),
    ),
    "postback without data": (
        "messages[0].quickReply.items[0].action.data",
        act(type="postback", label="Buy"),
    ),
    "fill-in text without a keyboard": (
        "messages[0].quickReply.items[0].action.fillInText",
        act(type="postback", label="Buy", data="x", fillInText="Name:"),
    ),
    "a strange scheme": (
        "messages[0].quickReply.items[0].action.uri",
        act(type="uri", label="Open", uri="javascript:alert(1)"),
    ),
    "a URI without a scheme": (
        "messages[0].quickReply.items[0].action.uri",
        act(type="uri", label="Open", uri="brand.example/"),
    ),
    "a URI of 1,001": (
        "messages[0].quickReply.items[0].action.uri",
        act(type="uri", label="Open", uri="https://a.example/" + "x" * 983),
    ),
    "a date that is none": (
        "messages[0].quickReply.items[0].action.initial",
        act(type="datetimepicker", label="W", data="x", mode="date", initial="2026-02-30"),
    ),
    "a picker whose end is before its beginning": (
        "messages[0].quickReply.items[0].action.max",
        act(type="datetimepicker", label="W", data="x", mode="time", min="10:00", max="09:00"),
    ),
    "an unknown picker": (
        "messages[0].quickReply.items[0].action.mode",
        act(type="datetimepicker", label="W", data="x", mode="year"),
    ),
    "a tab in a quick reply": (
        "messages[0].quickReply.items[0].action.type",
        act(type="richmenuswitch", label="Tab", richMenuAliasId="a", data="x"),
    ),
    "a camera in a template": (
        "messages[0].template.actions[0].type",
        buttons(actions=[{"type": "camera", "label": "Camera"}]),
    ),
    "altText of 1,501": (
        "messages[0].altText",
        buttons() | {"altText": "x" * 1501},
    ),
    "five buttons": ("messages[0].template.actions", buttons(actions=[SAY] * 5)),
    "no buttons": ("messages[0].template.actions", buttons(actions=[])),
    "161 characters alone": ("messages[0].template.text", buttons(text="x" * 161)),
    "61 characters below a title": (
        "messages[0].template.text",
        buttons(text="x" * 61, title="Title"),
    ),
    "a title of 41": ("messages[0].template.title", buttons(title="x" * 41)),
    "one choice": (
        "messages[0].template.actions",
        template(type="confirm", text="?", actions=[SAY]),
    ),
    "a question of 241": (
        "messages[0].template.text",
        template(type="confirm", text="?" * 241, actions=[SAY, SAY]),
    ),
    "eleven columns": ("messages[0].template.columns", carousel(*[column()] * 11)),
    "four actions in a column": (
        "messages[0].template.columns[0].actions",
        carousel(column(actions=[SAY] * 4)),
    ),
    "columns of different numbers of actions": (
        "messages[0].template.columns",
        carousel(column(), column(actions=[SAY, SAY])),
    ),
    "columns with and without a title": (
        "messages[0].template.columns",
        carousel(column(), column(title="Title")),
    ),
    "121 characters in a column": (
        "messages[0].template.columns[0].text",
        carousel(column(text="x" * 121)),
    ),
    "a label of 13 on a picture": (
        "messages[0].template.columns[0].action.label",
        template(
            type="image_carousel",
            columns=[{"imageUrl": PIC, "action": OPEN | {"label": "x" * 13}}],
        ),
    ),
    "thirteen bubbles": (
        "messages[0].contents.contents",
        flex(type="carousel", contents=[bubble(WORDS)] * 13),
    ),
    "bubbles of several sizes": (
        "messages[0].contents.contents",
        flex(type="carousel", contents=[bubble(WORDS), bubble(WORDS, size="kilo")]),
    ),
    "a bubble of 31 KB": (
        "messages[0].contents",
        flex(**bubble({"type": "text", "text": "x" * 31 * 1024})),
    ),
    "an empty text in a bubble": (
        "messages[0].contents.body.contents[0].text",
        flex(**bubble({"type": "text", "text": ""})),
    ),
    "a colour by name": (
        "messages[0].contents.body.contents[0].color",
        flex(**bubble(WORDS | {"color": "red"})),
    ),
    "an unknown flex field": (
        "messages[0].contents.body.contents[0].colour",
        flex(**bubble(WORDS | {"colour": "#ff0000"})),
    ),
    "an unknown layout": (
        "messages[0].contents.body.layout",
        flex(type="bubble", body={"type": "box", "layout": "diagonal", "contents": []}),
    ),
    "a button without a label": (
        "messages[0].contents.body.contents[0].action.label",
        flex(**bubble({"type": "button", "action": {"type": "message", "text": "x"}})),
    ),
    "an icon beside a box": (
        "messages[0].contents.body.contents[0].type",
        flex(**bubble({"type": "icon", "url": PIC})),
    ),
    "a bubble of nothing": ("messages[0].contents", flex(type="bubble")),
    "a sender called LINE": ("messages[0].sender.name", text(sender={"name": "LINE shop"})),
}


@pytest.mark.parametrize("name", FINE)
def test_a_sound_message_passes(ask: Ask, name: str) -> None:
    answer = ask("POST", "/v2/bot/message/validate/push", {"messages": [FINE[name]]})
    assert (answer.status, answer.json) == (200, {})


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_message_is_refused_by_its_property(ask: Ask, name: str) -> None:
    where, message = WRONG[name]
    answer = ask("POST", "/v2/bot/message/validate/push", {"messages": [message]})
    assert answer.status == 400
    assert list(answer.faults) == [where], answer.json
    assert answer.json["message"] == "The request body has 1 error(s)"


@pytest.mark.parametrize("count", [0, 6])
def test_one_to_five_messages(ask: Ask, hanako: str, count: int) -> None:
    answer = ask("POST", "/v2/bot/message/push", {"to": hanako, "messages": [text()] * count})
    assert (answer.status, answer.faults) == (400, {"messages": "Size must be between 1 and 5"})


def test_all_faults_are_named_at_once(ask: Ask, hanako: str) -> None:
    wrong = {"to": hanako, "messages": [text(""), {"type": "text"}]}
    answer = ask("POST", "/v2/bot/message/push", wrong)
    assert list(answer.faults) == ["messages[1].text"], "the model comes first"
    wrong["messages"] = [text(""), text("x" * 5001)]
    answer = ask("POST", "/v2/bot/message/push", wrong)
    assert list(answer.faults) == ["messages[0].text", "messages[1].text"]


def test_what_the_sdk_makes_passes(api: MessagingApi, hanako: str) -> None:
    question = ConfirmTemplate(
        text="Sure?",
        actions=[MessageAction(label="Yes", text="yes"), MessageAction(label="No", text="no")],
    )
    messages = [TextMessage(text="hi"), TemplateMessage(altText="Sure?", template=question)]
    answer = api.push_message(PushMessageRequest(to=hanako, messages=messages))
    assert len(answer.sent_messages) == 2


def test_the_sdk_hears_why(api: MessagingApi, hanako: str) -> None:
    with pytest.raises(ApiException) as refused:
        api.push_message(PushMessageRequest(to=hanako, messages=[TextMessage(text="")]))
    assert refused.value.status == 400
    assert "messages[0].text" in refused.value.body


@pytest.mark.parametrize("kind", ["reply", "push", "multicast", "narrowcast", "broadcast"])
def test_validating_sends_nothing(sim, ask: Ask, hanako: str, kind: str) -> None:
    answer = ask("POST", f"/v2/bot/message/validate/{kind}", {"messages": [text()]})
    assert answer.status == 200
    assert sim.person(hanako)["chat"] == []


class TestTheOutsideOfARequest:
    def test_a_wrong_token(self, ask: Ask) -> None:
        for token in ("wrong", None):
            answer = ask("GET", "/v2/bot/info", token=token)
            assert answer.status == 401
            assert answer.json["message"].startswith("Authentication failed.")
            assert answer.headers["x-line-request-id"]

    def test_a_body_that_is_not_json(self, ask: Ask) -> None:
        headers = {"Content-Type": "application/json"}
        for raw in (b"", b"{", b"[]", b"\xff"):
            answer = ask("POST", "/v2/bot/message/push", raw=raw, headers=headers)
            assert answer.status == 400
            assert answer.json["message"] == "The request body could not be parsed as JSON"

    def test_a_body_of_another_type(self, ask: Ask) -> None:
        headers = {"Content-Type": "text/plain"}
        assert ask("POST", "/v2/bot/message/push", raw=b"{}", headers=headers).status == 415

    def test_a_body_over_two_megabytes(self, ask: Ask) -> None:
        headers = {"Content-Type": "application/json"}
        raw = b'{"x":"' + b"x" * 2 * 1024 * 1024 + b'"}'
        assert ask("POST", "/v2/bot/message/push", raw=raw, headers=headers).status == 413

    def test_an_unknown_path(self, ask: Ask) -> None:
        for path in ("/v2/bot/nothing", "/v2/bot/info/"):
            answer = ask("GET", path)
            assert (answer.status, answer.json) == (404, {"message": "Not found"})
