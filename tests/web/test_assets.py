"""An address names one content, for ever."""

import gzip

from flask import Flask

from web import assets


def _address(shop: Flask, name: str) -> str:
    with shop.test_request_context():
        return assets.url(name)


def test_packed_for_those_who_can(shop: Flask) -> None:
    client, address = shop.test_client(), _address(shop, "web/page.css")
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert {a.headers["Vary"] for a in (plain, packed)} == {"Accept-Encoding"}
    assert plain.headers["Cache-Control"].endswith("immutable")


def test_another_content_is_another_address(shop: Flask) -> None:
    before = _address(shop, "web/page.css")
    assets.of(shop).put("web/page.css", b":root{--brand:#123456}")
    after = _address(shop, "web/page.css")
    assert before != after
    assert shop.test_client().get(before).status_code == 404
    assert shop.test_client().get(after).data == b":root{--brand:#123456}"


def test_the_brands_colour_comes_with_the_style_that_paints_with_it(shop: Flask) -> None:
    sheet = shop.test_client().get(_address(shop, "web/page.css")).text
    assert sheet.startswith(":root{--brand:#")
    assert "var(--brand)" in sheet


def test_nothing_outside_is_sent(shop: Flask) -> None:
    for name in ("../settings.py", "web/../../core/settings.py", "web/nothing.css"):
        assert shop.test_client().get(f"/assets/000000000000/{name}").status_code == 404
