"""Returns a greeting, by name to those we know."""

from bot.answers import Asked, Reply
from bot.menu import say
from bot.replies import reply
from bot.words import says


@reply(
    when=says(
        "こんにちは", "こんばんは", "おはよう", "おはようございます", "はじめまして",
        "hello", "hi", "hey",
        "你好", "您好", "哈囉", "สวัสดี", "สวัสดีค่ะ", "สวัสดีครับ",
    ),
    examples=("こんにちは", "Hello!", "你好", "สวัสดีครับ"),
)  # fmt: skip
def hello(asked: Asked) -> Reply:
    if asked.person.linked:
        return say(asked, "hello.member", name=asked.person.name)
    return say(asked, "hello.friend")
