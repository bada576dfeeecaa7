"""Returns a thank-you."""

from bot.answers import Asked, Reply
from bot.menu import say
from bot.replies import reply
from bot.words import says


@reply(
    when=says(
        "ありがとう", "ありがとうございます", "ありがとうございました", "どうも",
        "thanks", "thank you", "thx",
        "謝謝", "感謝", "多謝", "ขอบคุณ", "ขอบคุณค่ะ", "ขอบคุณครับ",
    ),
    examples=("ありがとう！", "Thank you.", "謝謝", "ขอบคุณค่ะ"),
)  # fmt: skip
def thanks(asked: Asked) -> Reply:
    return say(asked, "thanks")
