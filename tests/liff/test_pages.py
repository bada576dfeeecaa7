"""What holds for every page: four languages, form tokens, a strict policy, few bytes."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

import liff
import web
from core.settings import Settings
from liff.pages import PAGES
from tests.conftest import SettableClock
from tests.liff.conftest import PASSWORD, World
from tests.liff.visitor import BEN, Visitor
from texts import LANGUAGES, text

MOST = 10_000
"""Bytes, compressed, that our own CSS may weigh, and our own JS."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language(
    make_visitor: Callable[..., Visitor], world: World, language: str, clock: SettableClock
) -> None:
    """Each is checked as it is fetched; here it is in its language too."""
    world.member("M1001", phone="+819011110000")
    world.member("M1002", phone="+819011110000")
    visitor = make_visitor(language=language)
    said = _tour(visitor, world)
    make_visitor(BEN).sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    clock.advance(minutes=1)
    said += _tour_of_linking(visitor)
    wanted = ["liff.signing_in.wait", "liff.link.heading", "liff.phone.title", "liff.code.title",
              "liff.which.title", "liff.register.title", "liff.log_in.title",
              "liff.not_linked.title", "web.404.title", "liff.confirm.title", "liff.done.title",
              "liff.me.title", "liff.unlink.title", "liff.unlinked.title"]  # fmt: skip
    assert said == [text(key, language, brand="Musubi") for key in wanted]


def _tour(visitor: Visitor, world: World) -> list[str]:
    said = []

    def note() -> None:
        assert visitor.page.one("html").get("lang") == visitor.language
        said.append(visitor.heading)

    visitor.get("/liff/link")
    note()
    visitor.sign_in()
    note()
    visitor.get("/liff/phone")
    note()
    visitor.submit(phone="090-1111-0000")
    note()
    visitor.submit(code=world.code())
    note()
    for path in ("/liff/register", "/liff/log-in", "/liff/me", "/liff/nowhere"):
        visitor.get(path)
        note()
    return said


def _tour_of_linking(visitor: Visitor) -> list[str]:
    said = []
    for step in (
        lambda: visitor.submit("/liff/log-in", name="M1001", password=PASSWORD),
        visitor.submit,
        lambda: visitor.get("/liff/me"),
        lambda: visitor.get("/liff/me/unlink"),
        visitor.submit,
    ):
        step()
        assert visitor.page.one("html").get("lang") == visitor.language
        said.append(visitor.heading)
    return said


def test_the_language_can_be_switched_and_stays(ann: Visitor) -> None:
    ann.sign_in()
    names = [a.text for a in ann.page.one("nav").all("a", "span")]
    assert names == ["日本語", "English", "繁體中文", "ไทย"]
    assert ann.get("/liff/link?lang=en").page.one("html").get("lang") == "en"
    assert ann.get("/liff/phone").page.one("html").get("lang") == "en"


POSTS = [f"/liff{page.path}" for page in PAGES if page.posts]


@pytest.mark.parametrize("token", [None, "", "made-up"])
def test_nothing_is_taken_without_its_form_token(ann: Visitor, token: str | None) -> None:
    ann.sign_in()
    for path in (*POSTS, "/liff/session"):
        ann.post(path, {} if token is None else {"csrf_token": token})
        assert ann.status == 400
        assert ann.heading == text("web.stale.title", "ja")
        assert "/liff/link" in [a.get("href") for a in ann.page.root.all("a")]


def test_a_form_token_is_one_persons_own(
    ann: Visitor, make_visitor: Callable[..., Visitor]
) -> None:
    ann.sign_in()
    theirs = make_visitor(BEN).sign_in().get("/liff/phone").token
    assert ann.post("/liff/phone", {"csrf_token": theirs, "phone": "090-1234-5678"}).status == 400


def test_wrong_methods_are_pages_too(ann: Visitor) -> None:
    ann.sign_in()
    token = ann.get("/liff/phone").token
    assert ann.get("/liff/session").status == 405
    assert ann.heading == text("web.405.title", "ja")
    for page in PAGES:
        if not page.posts:
            assert ann.post(f"/liff{page.path}", {"csrf_token": token}).status == 405


def test_line_alone_may_script_and_be_asked(ann: Visitor) -> None:
    policy = ann.get("/liff").response.headers["Content-Security-Policy"]
    rules = dict(each.split(" ", 1) for each in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split()[2:] == ["https://static.line-scdn.net"]
    assert set(rules["connect-src"].split()) == {
        "'self'", "https://api.line.me", "https://access.line.me", "https://liff.line.me",
        "https://liffsdk.line-scdn.net", "https://liff-subwindow.line.me",
        "https://static.line-scdn.net"}  # fmt: skip
    assert rules["form-action"] == "'self'"
    assert rules["base-uri"] == "'none'"


def test_line_may_be_elsewhere(
    make_app: Callable[[Settings], Flask], make_settings: Callable[..., Settings], ann: Visitor
) -> None:
    played = "http://127.0.0.1:9000"
    app = make_app(
        make_settings(
            line_api_url=played, line_liff_url=played, line_liff_sdk_url=f"{played}/sdk.js",
            brand_logo_url="https://cdn.example/logo.svg", brand_name="<b>&\"'",
            frame_ancestors="http://127.0.0.1:9000",
        )
    )  # fmt: skip
    ann = Visitor(app, ann.login).get("/liff")
    policy = ann.response.headers["Content-Security-Policy"]
    assert f"frame-ancestors {played}" in policy
    assert "X-Frame-Options" not in ann.response.headers
    assert policy.count(played) == 3
    assert "img-src 'self' data: https://cdn.example;" in policy
    assert ann.page.one("img").get("alt") == "<b>&\"'"


def test_no_page_is_kept_by_anybody(ann: Visitor) -> None:
    for path in ("/liff", "/liff/link", "/liff/me"):
        assert ann.get(path).response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["css", "js"])
def test_what_we_send_is_light(kind: str) -> None:
    folders = [Path(package.__file__ or "").parent / "static" for package in (liff, web)]
    files = [path for folder in folders for path in folder.rglob(f"*.{kind}")]
    assert files
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= MOST


def test_a_new_style_has_a_new_address(ann: Visitor) -> None:
    addresses = [link.get("href") for link in ann.get("/liff").page.root.all("link")]
    style = next(each for each in addresses if each.endswith("page.css"))
    ann.get(style)
    assert ann.response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert ann.response.mimetype == "text/css"
    assert ann.get(style.replace("/assets/", "/assets/0")).status == 404
