"""Tells a member their points and their rank."""

from bot.answers import Asked, Reply
from bot.membership import points as balance
from bot.membership import rank
from bot.menu import with_choices
from bot.replies import reply
from bot.words import says
from models import IfLate


@reply(
    when=says(
        "ポイント", "ポイント残高", "ポイント確認", "残高", "ランク", "会員ランク",
        "points", "my points", "balance", "rank", "tier",
        "點數", "我的點數", "點數查詢", "紅利點數", "會員等級",
        "คะแนน", "แต้ม", "คะแนนสะสม", "แต้มสะสม", "ระดับสมาชิก",
    ),
    examples=("ポイント", "ぽいんと", "Points?", "點數", "คะแนนสะสม"),
    needs_member=True,
)  # fmt: skip
def points(asked: Asked) -> Reply:
    said = with_choices(asked, "points", points=balance(asked), rank=rank(asked))
    return Reply((said,), if_late=IfLate.PUSH)
