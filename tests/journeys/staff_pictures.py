"""The staff guide's pictures, taken of the running product: python -m tests.journeys.staff_pictures

A shop with a small crowd of friends, as in the demo; in both languages, at a desk and on a phone.
Which pictures there are: `tell`. They are written to docs/staff/pictures/.
"""

import sys
import tempfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from core.database import connect
from models import DailyFigures
from simulator import crowd, demo
from simulator.child import ROOT
from simulator.waiting import until
from tests import servers
from tests.conftest import CHROMIUM_FLAGS
from tests.journeys.running import Running
from tests.journeys.shop import DESK, POCKET, STAFF, Shop, save_menu, send_picture
from tests.journeys.town import TOKYO

FOLDER = ROOT / "docs" / "staff" / "pictures"
COLOURS = 256
"""Of a picture's own, so that it stays small."""


def main() -> None:
    path = servers.chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        Running(Path(place), LOGNAME=STAFF["admin"][1]) as musubi,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        shop = Shop(musubi, browser)
        musubi.cli("members", "import", str(demo.sample_members(Path(place))))
        if wrong := crowd.arrive(musubi.line.url, musubi.url):
            sys.exit("\n".join(wrong))
        a_month(musubi)
        change_a_picture(shop)
        for language in ("ja", "en"):
            tell(shop, language)
        browser.close()


def a_month(musubi: Running) -> None:
    """As if friends had come over thirty days."""
    database = connect(musubi.settings["DATABASE_URL"])
    today = datetime.now(TOKYO).date()
    with database.begin() as db:
        for n in range(30, 0, -1):
            friends = 24 - n * 2 // 3
            db.add(
                DailyFigures(
                    day=today - timedelta(days=n), friends=friends, linked=friends * 2 // 5,
                    reachable=friends - 1 - friends // 12, linked_reachable=friends * 2 // 5,
                    counted_at=datetime.now(TOKYO),
                )
            )  # fmt: skip
    database.close()


def change_a_picture(shop: Shop) -> None:
    """So that there is something to publish."""
    with shop.somebody("publisher") as page:
        page.goto("/staff/menus/key/guest/edit")
        send_picture(page, "summer.png", summer())
        save_menu(page)


def summer() -> bytes:
    """The guests' menu once more, in the blue of a summer."""
    old = Image.open(ROOT / "richmenus" / "menus" / "guest" / "guest.jpg").convert("HSV")
    hue, saturation, value = old.split()
    blue = Image.merge("HSV", (hue.point(lambda h: (h + 35) % 256), saturation, value))
    kept = BytesIO()
    blue.convert("RGB").save(kept, "JPEG", quality=85)
    return kept.getvalue()


def tell(shop: Shop, language: str) -> None:
    with shop.somebody("publisher") as page:
        page.goto("/staff/today")
        speak(page, language)
        take(page, f"{language}-today-phone", "/staff/today", POCKET)
        take(page, f"{language}-menus", "/staff/menus")
        take(page, f"{language}-editor", "/staff/menus/key/guest/edit")
        take(page, f"{language}-preview-phone", "/staff/menus/key/guest", POCKET)
        take(page, f"{language}-rules", "/staff/rules")
        take(page, f"{language}-publish", "/staff/publishing")
        take(page, f"{language}-taps-phone", "/staff/taps", POCKET)
        speak(page, "ja")


def speak(page: Page, language: str) -> None:
    """By the switch under the navigation, if it is another one now."""
    page.goto("/staff/today")
    button = page.locator(f".side button[name=language][value={language}]")
    if button.count():
        with page.expect_navigation():
            button.click()


def take(page: Page, name: str, path: str, viewport: ViewportSize = DESK) -> None:
    page.set_viewport_size(viewport)
    page.goto(path)
    page.evaluate("document.fonts.ready")
    images = "[...document.images].every(image => image.complete)"
    until(lambda: page.evaluate(images), "a picture does not come")
    shot = Image.open(BytesIO(page.screenshot(animations="disabled")))
    few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
    page.set_viewport_size(DESK)


if __name__ == "__main__":
    main()
