"""Lets a friend choose the language we speak to them in."""

from bot import postbacks
from bot.answers import Asked, Reply
from bot.replies import reply
from bot.words import says
from line import messages

NAMES = {"ja": "日本語", "en": "English", "zh-Hant": "繁體中文", "th": "ไทย"}


@reply(
    when=says(
        "言語", "言葉", "日本語", "language", "languages", "english",
        "語言", "中文", "繁體中文", "ภาษา", "ไทย", "ภาษาไทย",
    ),
    examples=("言語", "Language", "中文", "ภาษาไทย", "English"),
)  # fmt: skip
def language(asked: Asked) -> Reply:
    taps = [messages.post(name, postbacks.build("language", code), shown=name)
            for code, name in NAMES.items()]  # fmt: skip
    return Reply((messages.text(asked.text("language.which"), quick=taps),))
