"""How people type must not matter."""

import pytest

from bot.words import LONGEST, plain, says


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("営業時間", " 営業 時間？"),
        ("ヘルプ", "ﾍﾙﾌﾟ"),
        ("ポイント", "ぽいんと"),
        ("HELP", "ｈｅｌｐ！！"),
        ("Straße", "STRASSE"),
        ("会員登録", "「会員登録」です"[1:5]),
        ("cafe\u0301", "CAFÉ"),
        ("thanks", "thanks 🙏"),
        ("สวัสดีครับ", "สวัสดีครับ!"),
    ],
)
def test_the_same_word(one, other):
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ขอบคุณค่ะ", "ขอบคุณคะ"), ("パス", "バス"), ("ハーブ", "ハブ")]
)
def test_different_words(one, other):
    assert plain(one) != plain(other)


def test_an_endless_text_is_looked_at_no_further_than_a_keyword_is_long():
    assert len(plain("あ" * 5000)) == LONGEST


def test_nothing_but_noise_is_no_word():
    assert plain("!? …🙏\n\0") == ""
    assert not says("連携")("")
