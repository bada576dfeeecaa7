"""Tapped links of menus by way of our pages: where they lead, what they count, and who does not."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.database import Database
from core.settings import Settings
from liff import tapping
from line.fake import FakeLine
from models import Entry, FunnelMark, MenuTap
from richmenus import links
from richmenus.links import Place
from tests.conftest import SettableClock
from tests.liff.conftest import World
from tests.liff.visitor import Visitor
from tests.richmenus.situations import Account, Folder
from tests.richmenus.test_following import CALL, LIFF, PAGE, PLAIN, SHOP, SITE, WEBSITE, write
from texts import text

ON_A_PHONE = (
    "Mozilla/5.0 (Linux; Android 15; CUBOT KINGKONG) AppleWebKit/537.36 Chrome/140.0 "
    "Mobile Safari/537.36 Line/15.12.0"
)


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Any) -> Settings:
    return Folder(tmp_path / "menus", make_settings()).settings


@pytest.fixture
def app(
    make_app_on: Callable[[Settings, Database], Flask], settings: Settings, database: Database,
    line: FakeLine, clock: SettableClock,
) -> Flask:  # fmt: skip
    account = Account(database, line, Folder(settings.menus_dir, settings), clock)
    write(account, SITE, PLAIN, LIFF, CALL)
    account.apply()
    app = make_app_on(settings, database)
    app.register_blueprint(tapping.blueprint(settings, database, clock))
    return app


@pytest.fixture
def taps(world: World) -> Callable[[], dict[int, int]]:
    """By area."""

    def counted() -> dict[int, int]:
        with world.database.read() as db:
            rows = db.execute(select(MenuTap.area, func.sum(MenuTap.taps)).group_by(MenuTap.area))
            return {area: int(number) for area, number in rows}

    return counted


Taps = Callable[[], dict[int, int]]


def path(settings: Settings, place: Place = WEBSITE, target: str = SHOP) -> str:
    return links.tracked(place, target, settings).removeprefix(settings.public_url)


def tap(app: Flask, address: str, method: str = "GET", **headers: str) -> TestResponse:
    """To the end of the answer, which is when it is counted."""
    given = {"User-Agent": ON_A_PHONE} | {n.replace("_", "-"): v for n, v in headers.items()}
    return app.test_client().open(address, method=method, headers=given, buffered=True)


def test_a_tap_is_led_on_and_counted(app: Flask, settings: Settings, taps: Taps) -> None:
    for _ in range(3):
        answer = tap(app, path(settings))
        assert (answer.status_code, answer.location) == (302, SHOP)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert taps() == {0: 3}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"Sec_Purpose": "prefetch;prerender"}),
        ("GET", {"X_Purpose": "preview"}),
        ("GET", {"X_Moz": "prefetch"}),
        ("GET", {"User_Agent": "facebookexternalhit/1.1;line-poker/1.0"}),
        ("GET", {"User_Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot)"}),
        ("GET", {"User_Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}),
        ("GET", {"User_Agent": "Mozilla/5.0 (compatible; Discordbot/2.0)"}),
    ],
)
def test_machines_are_led_on_and_not_counted(
    app: Flask, settings: Settings, taps: Taps, method: str, headers: dict[str, str]
) -> None:
    answer = tap(app, path(settings), method, **headers)
    assert (answer.status_code, answer.location) == (302, SHOP)
    assert taps() == {}


def test_what_was_never_published_leads_on_and_counts_nothing(
    app: Flask, settings: Settings, taps: Taps
) -> None:
    """Staff look at a menu on their own phones before it is published."""
    tried = "https://brand.example/trial"
    assert tap(app, path(settings, target=tried)).location == tried
    assert taps() == {}


@pytest.mark.parametrize("token", ["x", "a" * 900, "%00", "..", "https:", "a%0d%0ab", "é", "%ff"])
def test_what_is_no_link_of_ours_says_so_and_leads_on(app: Flask, taps: Taps, token: str) -> None:
    answer = tap(app, f"/t/{quote(token, safe='%')}")
    assert answer.status_code == 404
    assert text("liff.link_gone", "ja") in answer.text
    assert 'href="/liff/me"' in answer.text
    assert taps() == {}


def test_the_way_on_is_the_brands_own_site_where_there_is_one(
    make_app_on: Callable[[Settings, Database], Flask], settings: Settings, database: Database,
    clock: SettableClock,
) -> None:  # fmt: skip
    settings = settings.model_copy(update={"site_url": "https://brand.example"})
    app = make_app_on(settings, database)
    app.register_blueprint(tapping.blueprint(settings, database, clock))
    assert 'href="https://brand.example"' in tap(app, "/t/x").text


# LIFF pages


def open_page(ann: Visitor, mark: str, **headers: str) -> None:
    state = quote(f"/me?from={mark}", safe="")
    given = {"User-Agent": ON_A_PHONE} | {n.replace("_", "-"): v for n, v in headers.items()}
    answer = ann._client.get(f"/liff?liff.state={state}", headers=given, buffered=True)
    assert answer.status_code == 200


def test_a_page_that_is_opened_from_a_menu_is_counted_once(
    ann: Visitor, taps: Taps, clock: SettableClock
) -> None:
    open_page(ann, "menu.guest.main.2")
    open_page(ann, "menu.guest.main.2")
    assert taps() == {PAGE.area: 1}, "LINE's script loads it again"
    clock.advance(seconds=60)
    open_page(ann, "menu.guest.main.2")
    assert taps() == {PAGE.area: 2}


@pytest.mark.parametrize(
    "mark", ["menu", "menu.guest.main.0", "menu.guest.main.7", "menu.nobody.main.2", "reply", "<b>"]
)
def test_a_mark_that_stands_in_no_menu_counts_nothing(ann: Visitor, taps: Taps, mark: str) -> None:
    open_page(ann, mark)
    assert taps() == {}


def test_a_page_that_is_only_looked_at_is_not_counted(ann: Visitor, taps: Taps) -> None:
    open_page(ann, "menu.guest.main.2", Sec_Purpose="prefetch")
    assert taps() == {}


def test_the_way_to_being_linked_still_begins_at_the_menu(
    ann: Visitor, taps: Taps, world: World
) -> None:
    open_page(ann, "menu.guest.main.2")
    answer = ann.get(f"/liff?liff.state={quote('/link?from=menu.guest.main.2', safe='')}").bring(
        {"id_token": ann.login.token_for(ann.user), "place": "link"}
    )
    assert answer.status_code == 200
    assert [mark.entry for mark in world.all(FunnelMark)] == [Entry.MENU]
    assert taps() == {2: 1}
