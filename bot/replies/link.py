"""Leads a friend to the page where they become a known member."""

from bot.answers import Asked, Reply
from bot.menu import offer, open_me
from bot.replies import reply
from bot.words import says
from models import IfLate


@reply(
    when=says(
        "連携", "連携する", "ID連携", "LINE連携", "会員連携", "会員登録",
        "登録", "新規登録", "入会", "ログイン",
        "link", "link account", "link membership", "register", "sign up", "join", "log in", "login",
        "綁定", "會員綁定", "綁定會員", "帳號綁定", "註冊", "加入會員", "登入",
        "เชื่อมต่อ", "เชื่อมต่อสมาชิก", "เชื่อมต่อบัญชี", "ผูกบัญชี", "สมัครสมาชิก", "สมัคร", "ลงทะเบียน", "เข้าสู่ระบบ",
    ),
    examples=("連携", "ＩＤ連携！", " Sign up", "會員綁定", "สมัครสมาชิก"),
)  # fmt: skip
def link(asked: Asked) -> Reply:
    if asked.person.linked:
        return Reply((open_me(asked, "link.done", name=asked.person.name),))
    return Reply((offer(asked, "link.offer"),), if_late=IfLate.PUSH)
