"""Which of our icons fits the words of a cell, in Japanese and English."""

import re

MEANT = {
    "ticket": r"クーポン|割引|チケット|\b(coupon|discount|ticket)",
    "gift": r"プレゼント|特典|ギフト|景品|誕生|\b(gift|present|birthday|reward)",
    "crown": r"ランク|ゴールド|プラチナ|プレミアム|王冠|\b(vip|rank|gold|platinum|premium)",
    "coin": r"ポイント|残高|\b(points?\b|balance)",
    "calendar": r"予約|カレンダー|イベント|\b(book|reserv|appointment|calendar|event)",
    "telephone": r"電話|\b(phone|telephone|call)",
    "talk": r"問い?合わ?せ|相談|質問|トーク|チャット|ヘルプ|\b(contact|chat|talk|help|question)",
    "pin": r"アクセス|地図|マップ|場所|道順|\b(access|map|location|direction)",
    "clock": r"時間|時計|履歴|\b(hours|clock|time|history)",
    "bell": r"お知らせ|新着|ニュース|通知|\b(news|notice|notif|what.s new)",
    "heart": r"お気に入り|おすすめ|ハート|\b(favou?rite|recommend|heart)",
    "bag": r"買|購入|商品|通販|ショッピング|オンライン(ショップ|ストア)|"
    r"\b(buy|product|shopping|online (shop|store))",
    "globe": r"言語|ウェブ|サイト|\b(language|web|site|online)",
    "card": r"会員|マイページ|メンバー|連携|カード|\b(member|my ?page|card|link)",
    "home": r"店|ショップ|ストア|ホーム|\b(shop|store|home)",
}
"""The narrower meaning first: a coupon for members is a coupon, an online shop is for shopping."""


def guess(words: str) -> str:
    """The icon's name; empty when none says what the words say."""
    bare = " ".join(words.casefold().split())
    return next((icon for icon, said in MEANT.items() if re.search(said, bare)), "")
