"""Days as people type and read them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from web.dates import read, shown, shown_at


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        (("1990", "4", "1"), date(1990, 4, 1)),
        (("1990", "04", "01"), date(1990, 4, 1)),
        (("2533", "4", "1"), date(1990, 4, 1)),
        (("2000", "2", "29"), date(2000, 2, 29)),
        (("1990", "2", "29"), None),
        (("1990", "13", "1"), None),
        (("", "4", "1"), None),
        (("0", "4", "1"), None),
        (("99999", "4", "1"), None),
        (("9" * 20, "4", "1"), None),
        (("1990", "9" * 20, "1"), None),
        (("1990", "4", "9" * 5_000), None),
        (("abc", "4", "1"), None),
        (("-5", "-1", "1"), None),
    ],
)
def test_reading_three_numbers(typed: tuple[str, str, str], day: date | None) -> None:
    assert read(*typed) == day


def test_each_language_writes_its_own_way() -> None:
    day = date(2026, 4, 1)
    assert [shown(day, language) for language in ("ja", "en", "zh-Hant", "th")] == [
        "2026年4月1日", "1 April 2026", "2026年4月1日", "1 เมษายน 2569"]  # fmt: skip


def test_it_is_the_day_where_the_brand_is() -> None:
    late = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    assert shown_at(late, ZoneInfo("Asia/Tokyo"), "en") == "1 April 2026"
    assert shown_at(late, ZoneInfo("UTC"), "en") == "31 March 2026"


def test_the_field_takes_full_width_digits(shop: Flask) -> None:
    sent = {"name": "x", "birthday-year": "１９９０", "birthday-month": "４", "birthday-day": "１"}
    answer = _post(shop, sent)
    assert answer == {"good": True, "errors": {}, "birthday": "1990-04-01"}


def test_errors_are_words(shop: Flask) -> None:
    answer = _post(shop, {"name": "  "})
    assert answer["good"] is False
    assert answer["errors"] == {"name": ["お名前を入力してください。"]}


def _post(shop: Flask, sent: dict[str, str]) -> dict[str, object]:
    shop.config["WTF_CSRF_CHECK_DEFAULT"] = False
    answer: dict[str, object] = shop.test_client().post("/shop/form", data=sent).json
    return answer
