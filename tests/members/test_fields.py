"""What fields hold, as people write it."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from members import fields

TODAY = date(2026, 4, 1)


@pytest.mark.parametrize(
    "typed",
    ["1990-04-01", "1990/4/1", "1990.4.1", "19900401", "1990年4月1日", "１９９０年４月１日", "平成2年4月1日",
     "H2.4.1", "h2/04/01", "1990-04-01 00:00:00", "1990-04-01T00:00:00+09:00", " 1990/04/01 "],
)  # fmt: skip
def test_one_day_however_it_is_written(typed):
    assert fields.day(typed) == date(1990, 4, 1)


@pytest.mark.parametrize(
    ("typed", "day"),
    [("令和元年5月1日", date(2019, 5, 1)), ("昭和50年1月2日", date(1975, 1, 2)), ("S50.1.2", date(1975, 1, 2)),
     ("R8.4.1", date(2026, 4, 1)), ("大正15年12月24日", date(1926, 12, 24)), ("", None), ("  ", None)],
)  # fmt: skip
def test_japanese_eras_and_nothing(typed, day):
    assert fields.day(typed) == day


@pytest.mark.parametrize("typed", ["1990", "4/1", "1990-02-30", "90-04-01", "yesterday", "1990/13/1",
                                   "199004", "01/04/1990", "平成2年13月1日", "X2.4.1"])  # fmt: skip
def test_what_is_no_day(typed):
    with pytest.raises(Invalid, match="date_invalid"):
        fields.day(typed)


@given(st.dates(date(1910, 1, 1), TODAY))
def test_every_day_comes_back(day):
    for written in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日"):
        assert fields.birthday(written, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "points"),
    [("", 0), ("0", 0), ("1,234", 1234), ("１２３", 123), ("-5", -5), ("+7", 7), ("120pt", 120),
     ("1,200ポイント", 1200), ("2147483647", 2**31 - 1)],
)  # fmt: skip
def test_points(typed, points):
    assert fields.points(typed) == points


@pytest.mark.parametrize("typed", ["1.5", "many", "2147483648", "1e3", "--1"])
def test_what_is_no_points(typed):
    with pytest.raises(Invalid):
        fields.points(typed)


@pytest.mark.parametrize(
    ("typed", "gender"),
    [("女性", "female"), ("男", "male"), ("F", "female"), ("Male", "male"), ("その他", "other"),
     ("回答しない", ""), ("", ""), ("X", "other"), ("ノンバイナリー", "ノンバイナリー")],
)  # fmt: skip
def test_gender(typed, gender):
    assert fields.gender(typed) == gender


@pytest.mark.parametrize(
    ("typed", "status"),
    [("", "active"), ("有効", "active"), ("Active", "active"), ("退会済み", "withdrawn"), ("休会", "休会")],
)  # fmt: skip
def test_status(typed, status):
    assert fields.status(typed) == status


@pytest.mark.parametrize(
    ("typed", "email"),
    [("", None), ("A@Example.COM", "a@example.com"), ("ｓａｋｕｒａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "sakura@example.com"),
     ("first.last+tag@sub.example.co.jp", "first.last+tag@sub.example.co.jp"),
     ("user.@docomo.ne.jp", "user.@docomo.ne.jp"), ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp")],
)  # fmt: skip
def test_email(typed, email):
    """Old mobile addresses of Japan break the standard, and are real."""
    assert fields.email(typed) == email


@pytest.mark.parametrize("typed", ["a", "a@", "@b.jp", "a@b", "a b@c.jp", "a@b..jp", "a@b.jp,c@d.jp",
                                   "<a@b.jp>", "a@@b.jp", "x" * 250 + "@b.jp"])  # fmt: skip
def test_what_is_no_email(typed):
    with pytest.raises(Invalid):
        fields.email(typed)


def test_tags():
    assert fields.tags("vip、coffee, vip;; 茶 ") == ("vip", "coffee", "茶")


def test_language():
    assert [fields.language(each) for each in ("", "ja", "zh-TW", "TH")] == [
        "",
        "ja",
        "zh-Hant",
        "th",
    ]
    with pytest.raises(Invalid):
        fields.language("de")


@given(st.text(max_size=60), st.sampled_from(sorted(fields.readers("JP", TODAY))))
def test_whatever_is_written_is_read_or_invalid(typed, name):
    with suppress(Invalid):
        fields.readers("JP", TODAY)[name](typed)
