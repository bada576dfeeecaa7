"""Links of menus by way of us lead nowhere but where staff have said, however they are bent."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.database import Database
from core.settings import Settings
from models import MenuTap
from models.base import Base
from richmenus import links
from richmenus.links import Place
from tests.attacks.test_addresses import EVIL, NAMES
from tests.attacks.walking import addresses

PLACE = Place("guest", "main", 0)
TARGET = "https://brand.example/shop?a=b"


def path(settings: Settings, target: str = TARGET, place: Place = PLACE) -> str:
    return links.tracked(place, target, settings).removeprefix(settings.public_url)


def rows(database: Database) -> dict[str, int]:
    with database.read() as db:
        tables = Base.metadata.sorted_tables
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }


def is_refused(response: Any) -> None:
    assert response.status_code == 404
    assert "Location" not in response.headers
    assert "evil" not in response.text
    assert "X-Evil" not in response.headers


def forged(target: str, secret: bytes) -> str:
    said = f"guest/main/0/{target}".encode()
    signature = hmac.new(secret, said, hashlib.sha256).digest()[: links.SIGNED]
    return "/t/" + base64.urlsafe_b64encode(signature + said).decode().rstrip("=")


@pytest.mark.parametrize("target", ["https://evil.example/", "https://brand.example.evil.example"])
@pytest.mark.parametrize("secret", [b"", b"\0" * 32, b"secret", b"musubi menu link"])
def test_what_others_sign_leads_nowhere(app: Flask, target: str, secret: bytes) -> None:
    is_refused(app.test_client().get(forged(target, secret)))


def test_what_was_signed_for_another_use_leads_nowhere(app: Flask, settings: Settings) -> None:
    key = settings.secret_key.get_secret_value().encode()
    is_refused(app.test_client().get(forged("https://evil.example/", key)))


@pytest.mark.parametrize(
    "target",
    ["https://brand.example/\r\nX-Evil: evil", "https://brand.example/\nevil", "javascript:evil()",
     "//evil.example", "https://brand.example@evil.example/", "data:text/html,evil"],
)  # fmt: skip
def test_what_is_no_website_is_led_to_by_no_signature(
    app: Flask, settings: Settings, target: str
) -> None:
    is_refused(app.test_client().get(path(settings, target)))


def test_nothing_around_a_token_changes_where_it_leads(app: Flask, settings: Settings) -> None:
    for evil in EVIL:
        query = "&".join(f"{name}={evil}" for name in NAMES)
        headers = {"X-Forwarded-Host": "evil.example", "Referer": "https://evil.example/"}
        response = app.test_client().get(f"{path(settings)}?{query}", headers=headers)
        assert response.location == TARGET
        assert "evil" not in str(response.headers) + response.text
    for more in ("/", "/evil.example", "//evil.example", "%2F..%2Fevil", "?" * 3000):
        response = app.test_client().get(path(settings) + more)
        assert response.headers.get("Location", TARGET) == TARGET
    for method in ("POST", "PUT", "DELETE"):
        assert app.test_client().open(path(settings), method=method).status_code in (400, 405)


def test_following_it_over_and_over_leaves_nothing_of_anybody(
    app: Flask, settings: Settings, database: Database
) -> None:
    """More often than an address may ask for pages: behind it may stand a whole network."""
    client, before = app.test_client(), rows(database)
    for _ in range(1_250):
        response = client.get(path(settings), buffered=True)
        assert (response.status_code, response.location) == (302, TARGET)
    assert "Set-Cookie" not in response.headers
    after = rows(database)
    after.pop(MenuTap.__tablename__)
    assert after == {name: number for name, number in before.items() if name in after}


def test_it_is_the_only_address_that_leads_away(app: Flask) -> None:
    away = [each for each in addresses(app) if each.path.startswith(f"{links.PATH}/")]
    assert [each.method for each in away] == ["GET"]
