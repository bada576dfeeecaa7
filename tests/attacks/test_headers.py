"""Every answer of every address carries the headers that keep a browser out of trouble."""

import re
from typing import Any

import pytest
from flask import Flask

from core.settings import Settings
from tests.attacks.walking import addresses
from tests.liff.visitor import Visitor

NEEDED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def is_protected(response: Any, what: object) -> None:
    for name, value in NEEDED.items():
        assert response.headers.get(name) == value, f"{what}: {name}"
    assert response.headers["Permissions-Policy"], what
    assert "Cache-Control" in response.headers, what
    assert "Server" not in response.headers or "Python" not in response.headers["Server"], what
    is_strict(response.headers["Content-Security-Policy"], what)
    is_kept_by_nobody(response, what)


def is_strict(policy: str, what: object) -> None:
    rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert rules["default-src"] == "'none'", what
    assert rules["base-uri"] == "'none'", what
    assert rules["frame-ancestors"] == "'none'", what
    assert rules["form-action"] == "'self'", what
    for name in ("script-src", "style-src"):
        assert "unsafe" not in rules[name], what
        assert "*" not in rules[name], what
        assert "data:" not in rules[name], what
        assert re.search(r"'nonce-[\w-]{20,}'", rules[name]), what


def is_kept_by_nobody(response: Any, what: object) -> None:
    """What is about a person, or sets a cookie, no cache between us may keep."""
    if "Set-Cookie" in response.headers or response.mimetype == "text/html":
        assert response.headers["Cache-Control"] == "no-store", what


def test_every_address_and_method(app: Flask, victim: Visitor) -> None:
    victim.sign_in()
    seen = set()
    for address in addresses(app):
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "X"):
            response = victim._client.open(address.path, method=method)
            is_protected(response, f"{method} {address.path}: {response.status_code}")
            seen.add(response.status_code)
    assert {200, 303, 400, 401, 404, 405} <= seen


@pytest.mark.parametrize(
    ("path", "how", "status"),
    [
        ("/nowhere", {}, 404),
        ("/liff/nowhere", {}, 404),
        ("/liff/phone", {"method": "POST"}, 400),
        ("/liff/phone", {"method": "POST", "data": b"x" * 100_000}, 413),
        ("/liff/session", {"method": "POST", "json": {}}, 400),
        ("/webhook", {"method": "POST", "data": b"{}"}, 401),
        ("/webhook", {"method": "POST", "data": b"x" * 1_100_000}, 413),
        ("/metrics", {}, 404),
        ("/metrics", {"headers": {"Authorization": "Bearer figures"}}, 200),
        ("/healthz", {}, 200),
        ("/liff/%FF", {}, 404),
    ],
)  # fmt: skip
def test_every_error(app: Flask, path: str, how: dict[str, Any], status: int) -> None:
    response = app.test_client().open(path, **how)
    assert response.status_code == status
    is_protected(response, path)


def test_what_broke_is_protected_too_and_says_nothing(app: Flask) -> None:
    @app.get("/breaks")
    def breaks() -> str:
        raise LookupError("a secret of the inside")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = app.test_client().get("/breaks")
    assert response.status_code == 500
    is_protected(response, "500")
    assert "secret" not in response.text
    assert "LookupError" not in response.text


def test_too_many_is_protected_too(app: Flask) -> None:
    client = app.test_client()
    answers = [client.post("/liff/phone") for _ in range(301)]
    assert answers[-1].status_code == 429
    is_protected(answers[-1], "429")


def test_no_word_of_the_policy_is_used_twice(app: Flask) -> None:
    """A nonce that could be known before would let an injected script run."""
    client = app.test_client()
    policies = [client.get("/liff/link").headers["Content-Security-Policy"] for _ in range(20)]
    assert len(set(policies)) == 20


def test_over_https_the_browser_stays_there(
    settings: Settings, make_app: Any, database: Any
) -> None:
    app = make_app(settings.model_copy(update={"secure_cookies": True}), database)
    for address in addresses(app):
        response = app.test_client().open(address.path, method=address.method)
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000", address
