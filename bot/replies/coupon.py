"""Tells a member where coupons are to be found; they are given, not asked for."""

from bot.answers import Asked, Reply
from bot.menu import say
from bot.replies import reply
from bot.words import says


@reply(
    when=says(
        "クーポン", "特典", "割引", "クーポンください",
        "coupon", "coupons", "discount", "voucher",
        "優惠券", "折價券", "優惠", "折扣",
        "คูปอง", "ส่วนลด", "โปรโมชั่น",
    ),
    examples=("クーポン", "くーぽん", "COUPON", "優惠券", "คูปอง"),
    needs_member=True,
)  # fmt: skip
def coupon(asked: Asked) -> Reply:
    return say(asked, "coupon")
