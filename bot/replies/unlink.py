"""Tells how to end the link: it must always be possible, and be told."""

from bot.answers import Asked, Reply
from bot.menu import open_me, say
from bot.replies import reply
from bot.words import says
from models import IfLate


@reply(
    when=says(
        "解除", "連携解除", "ID連携解除", "連携を解除", "退会", "ログアウト",
        "unlink", "unlink account", "disconnect", "log out", "logout",
        "解除綁定", "取消綁定", "登出",
        "ยกเลิกการเชื่อมต่อ", "ยกเลิกการผูกบัญชี", "ออกจากระบบ",
    ),
    examples=("連携解除", "連携を解除", "Unlink", "解除綁定", "ยกเลิกการเชื่อมต่อ"),
)  # fmt: skip
def unlink(asked: Asked) -> Reply:
    if not asked.person.linked:
        return say(asked, "unlink.nothing")
    return Reply((open_me(asked, "unlink.how"),), if_late=IfLate.PUSH)
