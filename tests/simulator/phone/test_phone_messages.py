"""Every kind of message, pushed by the bot, as the phone draws it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.simulator.phone.bot import BUY, PICTURE, Line
from tests.simulator.phone.screen import chat, open_phone

URI = {"type": "uri", "label": "Terms", "uri": "https://brand.example/terms"}
COLUMN = {"thumbnailImageUrl": PICTURE, "title": "Latte", "text": "Hot", "actions": [BUY]}
FLEX = {
    "type": "bubble",
    "hero": {"type": "image", "url": PICTURE, "size": "full", "aspectRatio": "20:13"},
    "body": {
        "type": "box",
        "layout": "vertical",
        "contents": [
            {"type": "text", "text": "Brown Cafe", "weight": "bold", "size": "xl"},
            {
                "type": "box",
                "layout": "horizontal",
                "contents": [
                    {"type": "text", "text": "left", "flex": 1, "size": "sm"},
                    {"type": "text", "text": "right", "flex": 3, "align": "end"},
                ],
            },
            {"type": "separator", "margin": "md"},
        ],
    },
    "footer": {
        "type": "box",
        "layout": "vertical",
        "contents": [{"type": "button", "style": "primary", "action": BUY}],
    },
}

Kind = tuple[dict[str, Any], str, list[str]]
"""A message, words it shows, and the names of what can be seen or tapped in it."""

KINDS: list[Kind] = [
    ({"type": "text", "text": "one\ntwo 😀"}, "one\ntwo 😀", []),
    ({"type": "image", "originalContentUrl": PICTURE, "previewImageUrl": PICTURE}, "", ["写真"]),
    ({"type": "video", "originalContentUrl": PICTURE, "previewImageUrl": PICTURE}, "", ["動画"]),
    ({"type": "audio", "originalContentUrl": PICTURE, "duration": 63000}, "1:03", ["音声 1:03"]),
    ({"type": "sticker", "packageId": "446", "stickerId": "1988"}, "", ["スタンプ 446-1988"]),
    (
        {"type": "location", "title": "Shop", "address": "Shibuya", "latitude": 1, "longitude": 2},
        "Shibuya",
        ["位置情報 Shop"],
    ),
    ({"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7"}, "クーポン", ["クーポンを見る"]),
    (
        {
            "type": "template",
            "altText": "alt",
            "template": {"type": "buttons", "title": "T", "text": "Pick", "actions": [BUY, URI]},
        },
        "Pick",
        ["Buy", "Terms"],
    ),
    (
        {
            "type": "template",
            "altText": "alt",
            "template": {"type": "confirm", "text": "Sure?", "actions": [BUY, URI]},
        },
        "Sure?",
        ["Buy", "Terms"],
    ),
    (
        {
            "type": "template",
            "altText": "alt",
            "template": {"type": "carousel", "columns": [COLUMN, COLUMN | {"title": "Mocha"}]},
        },
        "Mocha",
        ["Buy"],
    ),
    (
        {
            "type": "template",
            "altText": "alt",
            "template": {
                "type": "image_carousel",
                "columns": [{"imageUrl": PICTURE, "action": URI}],
            },
        },
        "Terms",
        ["Terms"],
    ),
    (
        {
            "type": "imagemap",
            "altText": "alt",
            "baseUrl": "https://brand.example/map",
            "baseSize": {"width": 1040, "height": 520},
            "actions": [
                {
                    "type": "message",
                    "text": "left half",
                    "area": {"x": 0, "y": 0, "width": 520, "height": 520},
                }
            ],
        },
        "",
        ["left half"],
    ),
    ({"type": "flex", "altText": "alt", "contents": FLEX}, "Brown Cafe", ["Buy"]),
    (
        {"type": "flex", "altText": "alt", "contents": {"type": "carousel", "contents": [FLEX]}},
        "Brown Cafe",
        ["Buy"],
    ),
]


def _name(kind: Kind) -> str:
    message = kind[0]
    inner = message.get("template") or message.get("contents") or {}
    return "-".join(filter(None, (message["type"], inner.get("type"))))


def test_every_kind_of_message_appears(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    rows = chat(desk).locator(".row.account")
    for before, kind in enumerate(KINDS):
        message, words, names = kind
        line.push(hanako, message)
        expect(rows, _name(kind)).to_have_count(before + 1)
        row = rows.nth(before)
        expect(row.locator(".said"), _name(kind)).to_contain_text(words)
        for name in names:
            shown = row.get_by_role("button", name=name, exact=True)
            drawn = row.get_by_role("img", name=name, exact=True)
            expect(shown.or_(drawn).first, f"{name} in {_name(kind)}").to_be_visible()
    happened = desk.get_by_role("complementary", name="いま起きていること")
    expect(happened.get_by_text("プッシュ")).to_have_count(len(KINDS))


def test_flex_shares_the_width_as_it_says(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    line.push(hanako, {"type": "flex", "altText": "alt", "contents": FLEX})
    left, right = (
        chat(desk).get_by_text(word, exact=True).bounding_box() for word in ("left", "right")
    )
    assert left is not None
    assert right is not None
    assert right["width"] == pytest.approx(left["width"] * 3, abs=1)
    assert left["y"] == right["y"]


def test_a_link_in_a_text_is_a_link_and_markup_is_not_markup(
    desk: Page, line: Line, hanako: str
) -> None:
    open_phone(desk, line, hanako)
    text = "<img src=x onerror=alert(1)> see https://brand.example/terms。"
    line.push(hanako, {"type": "text", "text": text})
    expect(chat(desk).locator(".account .bubble")).to_have_text(text)
    chat(desk).get_by_role("link", name="https://brand.example/terms").click()
    outside = desk.get_by_role("dialog").get_by_role("link", name="外部ブラウザーで開く")
    expect(outside).to_have_attribute("href", "https://brand.example/terms")
