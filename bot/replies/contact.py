"""Tells how to reach a person."""

from bot.answers import Asked, Reply
from bot.menu import open_site
from bot.replies import reply
from bot.words import says


@reply(
    when=says(
        "問い合わせ", "お問い合わせ", "お問合せ", "問合せ", "質問", "相談", "スタッフ",
        "電話", "電話番号", "オペレーター",
        "contact", "contact us", "staff", "human", "operator", "question", "support",
        "聯絡我們", "聯絡", "客服", "真人客服", "詢問", "電話號碼",
        "ติดต่อ", "ติดต่อเรา", "สอบถาม", "เจ้าหน้าที่", "พนักงาน",
    ),
    examples=("お問い合わせ", "contact us", "真人客服", "ติดต่อเรา"),
)  # fmt: skip
def contact(asked: Asked) -> Reply:
    return Reply((open_site(asked, "contact"),))
