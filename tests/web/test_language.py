"""Explicit choice, then what was chosen before, then the LINE app's, the browser's, the brand's."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.reading import read
from web.language import COOKIE


def _language(shop: Flask, path: str = "/nowhere", **sent: str) -> str:
    client = shop.test_client()
    if "cookie" in sent:
        client.set_cookie(COOKIE, sent["cookie"])
    answer = client.get(path, headers={"Accept-Language": sent.get("browser", "")})
    return read(answer.text).one("html").get("lang")


@pytest.mark.parametrize(
    ("browser", "spoken"),
    [
        ("en-US,en;q=0.9", "en"),
        ("zh-TW", "zh-Hant"),
        ("zh-CN", "zh-Hant"),
        ("th", "th"),
        ("fr-FR,th;q=0.5,en;q=0.4", "th"),
        ("fr", "ja"),
        ("", "ja"),
        ("*", "ja"),
        ("x" * 5000, "ja"),
    ],
)
def test_the_browsers_language(shop: Flask, browser: str, spoken: str) -> None:
    assert _language(shop, browser=browser) == spoken


def test_a_choice_beats_the_browser_and_stays(shop: Flask) -> None:
    client = shop.test_client()
    asked = client.get("/nowhere?lang=th", headers={"Accept-Language": "en"})
    later = client.get("/nowhere", headers={"Accept-Language": "en"})
    assert [read(a.text).one("html").get("lang") for a in (asked, later)] == ["th", "th"]


@pytest.mark.parametrize("junk", ["fr", "", "../../etc", "<script>"])
def test_a_language_we_do_not_speak_is_passed_over(shop: Flask, junk: str) -> None:
    assert _language(shop, f"/nowhere?lang={junk}", browser="en") == "en"
    assert _language(shop, cookie="fr", browser="en") == "en"


def test_the_brands_language_is_the_last_word(make_shop: Callable[..., Flask]) -> None:
    assert _language(make_shop(default_language="th"), browser="fr") == "th"
