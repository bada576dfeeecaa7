"""Tells where and when to find the shop: opening hours, address."""

from bot.answers import Asked, Reply
from bot.menu import open_site
from bot.replies import reply
from bot.words import says


@reply(
    when=says(
        "営業時間", "店舗", "店舗情報", "店舗案内", "店舗のご案内", "お店", "アクセス",
        "住所", "場所", "定休日", "何時まで",
        "hours", "shops and hours", "opening hours", "business hours", "shop", "shops",
        "store", "stores", "address", "access",
        "營業時間", "門市", "門市資訊", "店鋪", "地址", "交通",
        "เวลาทำการ", "เวลาเปิดปิด", "ร้าน", "ร้านค้า", "สาขา", "สาขาและเวลา",
        "ที่อยู่", "แผนที่",
    ),
    examples=("営業時間", "営業時間？", " Hours ", "門市資訊", "เวลาทำการ"),
)  # fmt: skip
def shop(asked: Asked) -> Reply:
    return Reply((open_site(asked, "shop"),))
