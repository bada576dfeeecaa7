"""Every answer is guarded, whatever it is."""

from collections.abc import Callable

import pytest
from flask import Flask

PATHS = ["/shop/who", "/shop/raise/broken", "/nowhere", "/shop/raise/conflict"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_them(shop: Flask, path: str) -> None:
    headers = shop.test_client().get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_a_nonce_is_never_used_twice(shop: Flask) -> None:
    client = shop.test_client()
    policies = {client.get("/shop/who").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.parametrize(
    ("ancestors", "older"),
    [("'none'", "DENY"), ("'self'", "SAMEORIGIN"), ("https://a.example https://b.example", None)],
)
def test_frames_are_as_the_settings_say(
    make_shop: Callable[..., Flask], ancestors: str, older: str | None
) -> None:
    headers = make_shop(frame_ancestors=ancestors).test_client().get("/shop/who").headers
    assert f"frame-ancestors {ancestors}" in headers["Content-Security-Policy"]
    assert headers.get("X-Frame-Options") == older


def test_over_https_cookies_stay_there(make_shop: Callable[..., Flask]) -> None:
    app = make_shop(secure_cookies=True)
    answer = app.test_client().get("/nowhere?lang=en", base_url="https://line.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {p.strip() for p in cookie.split(";")}
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-musubi"
    assert app.config["SESSION_COOKIE_SECURE"]


def test_proxies_are_believed_as_far_as_settings_say(make_shop: Callable[..., Flask]) -> None:
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.1", "X-Forwarded-Proto": "https"}
    for hops, address, scheme in ((0, "127.0.0.1", "http"), (1, "198.51.100.1", "https")):
        client = make_shop(trusted_proxies=hops).test_client()
        seen, url = client.get("/shop/who", headers=said).text.split()
        assert seen == address
        assert url.startswith(f"{scheme}://")
