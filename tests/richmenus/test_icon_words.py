"""A picture begins with icons that say what its words say."""

import pytest

from richmenus import composing, icon_words
from richmenus.drawing import icons


@pytest.mark.parametrize(
    ("words", "icon"),
    [
        ("マイページ", "card"), ("会員証", "card"), ("ポイント", "coin"), ("会員クーポン", "ticket"),
        ("お誕生日\nおめでとう", "gift"), ("ご予約", "calendar"), ("店舗情報", "home"),
        ("オンラインショップ", "bag"), ("お問い合わせ", "talk"), ("お問合せ", "talk"),
        ("営業時間", "clock"), ("お知らせ", "bell"), ("アクセス", "pin"), ("電話する", "telephone"),
        ("言語の切り替え", "globe"), ("会員ランク", "crown"), ("いろいろ", ""), ("", ""),
        ("My page", "card"), ("MY\nPAGE", "card"), ("Points", "coin"), ("Coupons", "ticket"),
        ("Appointments", "calendar"), ("Shop", "home"), ("Online shop", "bag"),
        ("What's new", "bell"), ("Opening hours", "clock"), ("Contact us", "talk"),
        ("Remember", ""), ("Opposite", ""),
    ],
)  # fmt: skip
def test_the_icon_of_words(words: str, icon: str) -> None:
    assert icon_words.guess(words) == icon


def test_every_icon_is_one_of_ours() -> None:
    assert set(icon_words.MEANT) == set(icons.BY_NAME)


def test_a_new_picture_has_the_icons_of_its_words() -> None:
    begun = composing.begun("large-4", "#0b6e4f", "#ffffff", ["ポイント", "いろいろ", "マイページ"])
    assert [cell.icon for cell in begun.cells] == ["coin", "", "card", "gift"]
    assert [cell.words for cell in begun.cells] == ["ポイント", "いろいろ", "マイページ", "4"]


def test_a_cell_that_is_only_numbered_has_any_icon_until_it_has_words() -> None:
    assert composing.suggested(2, "3") in icons.BY_NAME
    assert composing.suggested(2, "2") == "", "which is what it says, and no number"
    assert composing.suggested(2, "クーポン") == "ticket"
