"""Shows a member who we take them for: name, masked number, rank and points."""

from bot.answers import Asked, Reply
from bot.membership import number, points, rank
from bot.menu import open_me
from bot.replies import reply
from bot.words import says
from models import IfLate


@reply(
    when=says(
        "マイページ", "会員証", "会員カード", "会員情報", "会員番号",
        "my page", "my account", "account", "membership", "member card",
        "我的帳號", "會員中心", "會員卡", "會員資料",
        "บัญชีของฉัน", "หน้าของฉัน", "ข้อมูลสมาชิก", "บัตรสมาชิก",
    ),
    examples=("マイページ", "my page", "会員証", "會員中心", "บัญชีของฉัน"),
    needs_member=True,
)  # fmt: skip
def my_page(asked: Asked) -> Reply:
    words = {"number": number(asked), "rank": rank(asked), "points": points(asked)}
    page = open_me(asked, "my_page", name=asked.person.name, **words)
    return Reply((page,), if_late=IfLate.PUSH)
