"""The story as pictures, taken of the running product: python -m tests.journeys.pictures FOLDER

Each state of the phone becomes a picture of its own, and four of them the one in the README
(docs/pictures/story.png).
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Browser, expect, sync_playwright

from simulator.child import ROOT
from tests import servers
from tests.conftest import CHROMIUM_FLAGS
from tests.journeys.phone import Phone
from tests.journeys.running import Running

NAME, NUMBER, TYPED = "佐藤 花子", "+819012345678", "090-1234-5678"
STORY = ("1-guest", "2-doors", "4-code", "6-gold")
README = ROOT / "docs" / "pictures" / "story.png"
WIDE = 1_600
GAP, EDGE = 28, 24
PHONE_ALONE = """
*, ::before, ::after { animation: none !important; transition: none !important; }
html, body, .desk, .stage { background: transparent !important; }
.phone { box-shadow: none !important; }
"""
ADDRESS = "line.musubi-coffee.example"
"""Shown over the page in place of this machine's."""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = servers.chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    with tempfile.TemporaryDirectory() as place, Running(Path(place)) as musubi:
        musubi.member(number="M0001", name=NAME, phone=NUMBER, rank="gold", points="3280")
        with sync_playwright() as playwright:
            flags = list(CHROMIUM_FLAGS)
            browser = playwright.chromium.launch(executable_path=path, args=flags)
            tell(musubi, browser, folder)
            browser.close()
    README.parent.mkdir(parents=True, exist_ok=True)
    side_by_side([folder / f"{name}.png" for name in STORY], README)


def tell(musubi: Running, browser: Browser, folder: Path) -> None:
    """The story, with a picture wherever something new is seen."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 940},
        device_scale_factor=2,
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    user = musubi.line.add_person(NAME, phone=NUMBER, language="ja")
    phone = Phone(page, musubi, user, NUMBER)
    page.add_style_tag(content=PHONE_ALONE)

    def take(name: str) -> None:
        for address in page.locator(".sheet-title small").all():
            address.evaluate("(shown, wanted) => { shown.textContent = wanted; }", ADDRESS)
        page.locator(".phone").screenshot(path=folder / f"{name}.png", omit_background=True)

    take("0-stranger")
    phone.add_account()
    phone.sees_menu("guest")
    take("1-guest")
    phone.tap("会員証を連携")
    phone.heading("会員証とLINEをつなぐ")
    take("2-doors")
    phone.go("電話番号で連携する")
    phone.field("携帯電話番号").fill(TYPED)
    take("3-number")
    phone.send("認証コードを送る")
    code = phone.code()
    page.locator(".notice").wait_for()
    phone.field("認証コード").fill(code[:4])
    take("4-code")
    phone.type_code(code)
    phone.heading("連携が完了しました")
    phone.put_notice_away()
    take("5-done")
    phone.back_to_chat()
    phone.hears("MUSUBI100")
    expect(page.locator(".toast")).to_have_count(0)
    phone.sees_menu("gold")
    take("6-gold")
    phone.tap("マイページ")
    phone.heading("マイページ")
    take("7-me")
    context.close()


def side_by_side(pictures: Iterable[Path], to: Path) -> None:
    """One picture, a little coarser in its colours so that the README loads fast."""
    phones = [Image.open(path).convert("RGBA") for path in pictures]
    width = (WIDE - 2 * EDGE - GAP * (len(phones) - 1)) // len(phones)
    phones = [
        phone.resize((width, phone.height * width // phone.width), Image.Resampling.LANCZOS)
        for phone in phones
    ]
    whole = Image.new("RGB", (WIDE, max(phone.height for phone in phones) + 2 * EDGE), "#f2f4f6")
    for n, phone in enumerate(phones):
        whole.paste(phone, (EDGE + n * (width + GAP), EDGE), phone)
    ImageOps.posterize(whole, 7).save(to, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
