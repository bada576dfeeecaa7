"""Shows what the bot can do."""

from bot.answers import Asked, Reply
from bot.menu import say
from bot.replies import reply
from bot.words import says


@reply(
    when=says(
        "メニュー", "ヘルプ", "使い方", "できること", "help", "menu", "how to use",
        "選單", "幫助", "說明", "使用方法", "เมนู", "ช่วยเหลือ", "วิธีใช้",
    ),
    examples=("メニュー", "ﾍﾙﾌﾟ", "HELP!", "選單", "ช่วยเหลือ"),
)  # fmt: skip
def menu(asked: Asked) -> Reply:
    return say(asked, "menu.member" if asked.person.linked else "menu.friend")
