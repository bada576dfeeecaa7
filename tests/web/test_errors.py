"""Each thing that goes wrong is one status and one page, in the person's language."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.reading import problems, read
from texts import LANGUAGES, text


def _get(shop: Flask, path: str, language: str = "ja", **headers: str) -> TestResponse:
    return shop.test_client().get(path, headers={"Accept-Language": language} | headers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/shop/raise/not-found", 404, "members.no_such_member"),
        ("/shop/raise/not-allowed", 403, "members.register_closed"),
        ("/shop/raise/conflict", 409, "members.linked_elsewhere_just_now"),
        ("/shop/raise/invalid", 400, "members.not_active"),
        ("/shop/raise/broken", 500, "web.500.words"),
        ("/shop/raise/closed", 503, "web.503.words"),
        ("/shop/raise/database", 503, "web.503.words"),
        ("/shop/nowhere", 404, "web.404.words"),
        ("/nowhere", 404, "web.404.words"),
        ("/machine", 405, "web.405.words"),
    ],
)
def test_a_status_and_a_page(shop: Flask, path: str, status: int, key: str, language: str) -> None:
    answer = _get(shop, path, language)
    assert answer.status_code == status
    assert not problems(answer.text, answer.headers["Content-Security-Policy"])
    page = read(answer.text)
    assert page.one("html").get("lang") == language
    assert page.one("h1").text == text(f"web.{status}.title", language)
    assert text(key, language) in page.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    offers = "/shop/front" in [a.get("href") for a in page.root.all("a")]
    assert offers == path.startswith("/shop")


def test_too_many_says_how_long(shop: Flask) -> None:
    answer = _get(shop, "/shop/raise/too-many", "en")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "601"
    assert "11" in read(answer.text).text


def test_a_database_that_is_away_will_be_back(shop: Flask) -> None:
    assert _get(shop, "/shop/raise/database").headers["Retry-After"] == "5"


def test_a_wrong_method_says_which_are_right(shop: Flask) -> None:
    assert "POST" in _get(shop, "/machine").headers["Allow"]


def test_a_script_is_told_in_json(shop: Flask) -> None:
    answer = _get(shop, "/shop/raise/conflict", Accept="application/json")
    assert answer.status_code == 409
    assert answer.json == {
        "title": text("web.409.title", "ja"),
        "words": text("members.linked_elsewhere_just_now", "ja"),
    }


def test_what_is_too_large_is_refused(shop: Flask) -> None:
    answer = shop.test_client().post("/shop/form", data={"name": "x" * 200_000})
    assert answer.status_code == 413
    assert read(answer.text).one("h1").text == text("web.413.title", "ja")
