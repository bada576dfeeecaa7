"""The staff at their menus, in browsers: what is made there is what friends see in the chat."""

import http.client
import re
import struct
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from simulator.waiting import until
from tests.journeys.shop import (
    PASSWORD,
    POCKET,
    Shop,
    colour,
    is_published,
    publish_now,
    save_menu,
    send_picture,
    tab_to,
)
from tests.journeys.town import TOKYO, new_number

TEAL = (0, 128, 128)


def picture(width: int = 2500, height: int = 1686, said: str = "PNG") -> bytes:
    kept = BytesIO()
    Image.new("RGB", (width, height), TEAL).save(kept, said)
    return kept.getvalue()


def bomb() -> bytes:
    """A small file that says of itself that it is a picture of two and a half thousand million."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(b"\0" * 1_000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rest


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


def test_a_new_picture_is_seen_in_the_chat_and_the_old_one_after_undoing(shop: Shop) -> None:
    with shop.phone(shop.friend()) as phone, shop.somebody("publisher") as page:
        phone.sees_menu("guest")
        before = colour(phone)
        assert not near(before, TEAL)
        page.goto("/staff/menus")
        page.get_by_role("link", name=re.compile("編集.*ゲスト$")).click()
        send_picture(page, "夏.png", picture())
        save_menu(page)
        expect(page.get_by_role("status").first).to_contain_text("公開するまで")
        assert near(colour(phone), before), "saved is not published"

        page.goto("/staff/publishing")
        expect(page.locator("main")).to_contain_text("「ゲスト」の画像を変更")
        page.get_by_role("button", name="公開する", exact=True).click()
        is_published(page)
        until(lambda: near(colour(phone), TEAL), "the phone does not show the new picture")

        page.goto("/staff/publishing/history")
        page.get_by_role("link", name="この内容に戻す").first.click()
        expect(page.locator("main")).to_contain_text("「ゲスト」の画像を変更")
        page.get_by_role("button", name="この内容に戻して公開").click()
        is_published(page)
        until(lambda: near(colour(phone), before), "the phone does not show the old picture")


def test_a_menu_for_the_month_of_the_birthday(shop: Shop) -> None:
    """From a template, with a rule and a period, to the member whose birthday it is."""
    today = datetime.now(TOKYO).date()
    born, later = (
        today.replace(year=1990, day=1),
        (today + timedelta(days=45)).replace(year=1990, day=1),
    )
    phones = [new_number() for _ in range(2)]
    shop.musubi.members(
        {"phone": phone, "birthday": birthday.isoformat()}
        for phone, birthday in zip(phones, (born, later), strict=True)
    )
    celebrates, waits = (shop.friend(phone) for phone in phones)
    with shop.somebody("editor") as page:
        page.goto("/staff/menus")
        page.get_by_role("link", name="メニューを作成").click()
        page.get_by_label("メニューの名前").fill("お誕生月のごあいさつ")
        page.get_by_text("大・上下2分割").click()
        page.get_by_role("button", name="作成する").click()
        page.locator("#cells-0-words").fill("お誕生日\nおめでとう")
        page.locator("#cells-1-words").fill("クーポン")
        page.get_by_role("button", name="この画像を使う").click()
        page.locator("#tabs-0-areas-1-reply").select_option("coupon")
        save_menu(page)
        key = page.url.rpartition("/")[2]

        page.goto("/staff/rules")
        page.get_by_role("link", name="ルールを追加").click()
        page.get_by_role("radio", name="お誕生月のごあいさつ").check()
        page.get_by_label("このルールの名前").fill("今月お誕生日の方")
        page.get_by_label("追加する条件の種類").select_option("birthday_month")
        page.get_by_role("button", name="条件を追加").click()
        page.locator("#when-0-month").select_option("this")
        page.locator("#from_day").fill(today.isoformat())
        page.locator("#until_day").fill((today + timedelta(days=30)).isoformat())
        page.get_by_role("button", name="保存", exact=True).last.click()
        for _ in range(3):
            page.get_by_role("button", name="「今月お誕生日の方」を上へ").click()
            page.wait_for_load_state()
        expect(page.locator(".rule").first).to_contain_text("今月お誕生日の方")
        expect(page.locator(".rule").first).to_contain_text("お誕生月のごあいさつ")
    assert shop.musubi.menu_of(celebrates) == "birthday"
    with shop.somebody("publisher") as page:
        publish_now(page)
    with shop.phone(celebrates) as phone:
        phone.sees_menu(key)
        phone.tap("クーポン")
        phone.hears("クーポン")
    assert shop.musubi.menu_of(waits) == "member"


def test_two_who_edit_one_menu_lose_nothing(shop: Shop) -> None:
    with shop.somebody("editor") as mine, shop.somebody("colleague") as theirs:
        for page in (mine, theirs):
            page.goto("/staff/menus/key/gold/edit")
        theirs.get_by_label("メニューバーのテキスト").fill("同僚の文字")
        save_menu(theirs)
        mine.get_by_label("メニューバーのテキスト").fill("わたしの文字")
        mine.get_by_role("button", name="保存する").last.click()
        told = mine.get_by_role("alert")
        expect(told).to_contain_text("ほかの人がこのメニューを保存しました")
        expect(told).to_contain_text("同僚 じろうさんが保存しました")
        expect(mine.get_by_label("メニューバーのテキスト")).to_have_value("わたしの文字")
        mine.get_by_role("button", name="自分の内容を新しい版として保存").click()
        mine.wait_for_url("**/menus/key/gold")
        mine.goto("/staff/menus/key/gold/history")
        mine.get_by_role("listitem").filter(has_text="同僚 じろう").get_by_role("button").click()
        mine.get_by_role("link", name="編集", exact=True).last.click()
        expect(mine.get_by_label("メニューバーのテキスト")).to_have_value("同僚の文字")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("メニュー.pdf", lambda: b"%PDF-1.7 " + b"x" * 5_000, "画像として読み込めません"),
        ("爆弾.png", bomb, "4000万画素以内"),
        ("小さい.png", lambda: picture(300, 200), "小さすぎます"),
        ("途中まで.jpg", lambda: picture(said="JPEG")[:9_000], "壊れていて"),
    ],
)
def test_a_refused_picture_says_why(
    shop: Shop, name: str, content: Callable[[], bytes], why: str
) -> None:
    with shop.somebody("editor") as page:
        page.goto("/staff/menus/key/member/edit")
        shown = page.locator("#tab-0 image").get_attribute("href")
        send_picture(page, name, content())
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(page.locator("#tab-0 image")).to_have_attribute("href", shown or "")


@pytest.mark.parametrize("size", [8_500_000, 12_000_000])
def test_a_picture_that_is_too_large_is_not_sent_and_loses_nothing(shop: Shop, size: int) -> None:
    with shop.somebody("editor") as page:
        page.goto("/staff/menus/key/member/edit")
        bar = page.locator("#tabs-0-bar")
        bar.fill("書きかけ")
        large = {"name": "大きい.png", "mimeType": "image/png", "buffer": b"\0" * size}
        page.locator("#tabs-0-file").set_input_files(large)  # type: ignore[arg-type]
        expect(page.get_by_role("alert")).to_contain_text("8MB以内")
        expect(page.locator("#tabs-0-file")).to_have_value("")
        expect(bar).to_have_value("書きかけ")
        send_picture(page, "夏.png", picture())
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(bar).to_have_value("書きかけ")


def test_a_picture_of_the_wrong_shape_is_offered_to_be_mended(shop: Shop) -> None:
    with shop.somebody("editor", viewport=POCKET) as page:
        page.goto("/staff/menus/key/member/edit")
        send_picture(page, "四角.png", picture(1_600, 1_600))
        offered = page.get_by_role("group", name="画像の合わせ方を選んでください")
        expect(offered.get_by_role("img")).to_have_count(2)
        offered.get_by_role("button", name="この画像を使う").first.click()
        save_menu(page)
        expect(page.get_by_role("status").first).to_contain_text("保存しました")


def test_by_the_keyboard_alone(shop: Shop) -> None:
    """From signing in to a menu with one more area, which says something."""
    with shop.somebody() as page:
        keys = page.keyboard
        page.goto("/staff")
        expect(page.get_by_label("メールアドレス")).to_be_focused()
        keys.type("editor@example.com")
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        page.wait_for_url("**/staff/today")
        _follow(page, re.compile("^リッチメニュー$"), "**/staff/menus")
        _follow(page, re.compile("編集 ?: 会員$"), "**/edit")
        tab_to(page, page.get_by_role("button", name="タップ領域を追加").first)
        keys.press("Enter")
        area = page.locator(":focus")
        expect(area).to_have_attribute("aria-label", re.compile(r"^タップ領域 5"))
        keys.press("ArrowRight")
        keys.press("Shift+ArrowUp")
        expect(page.locator("#tab-0 [data-live]")).to_have_text(
            re.compile("左から833、.*、幅1250、高さ")
        )
        keys.press("Enter")
        kind = page.locator(":focus")
        while kind.input_value() != "message":
            keys.press("ArrowDown")
        keys.press("Tab")
        keys.type("新商品を教えて")
        keys.press("Enter")
        page.wait_for_url("**/menus/key/member")
        expect(page.get_by_role("status").first).to_contain_text("保存しました")
        expect(page.locator("main")).to_contain_text("新商品を教えて")


def _follow(page: Page, name: re.Pattern[str], to: str) -> None:
    tab_to(page, page.get_by_role("link", name=name).last)
    page.keyboard.press("Enter")
    page.wait_for_url(to)


def test_publishing_is_scheduled_and_cancelled_and_comes_into_force(shop: Shop) -> None:
    number = new_number()
    shop.musubi.member(phone=number, rank="gold")
    with shop.phone(shop.friend(number)) as phone, shop.somebody("publisher") as page:
        phone.sees_menu("gold")
        page.goto("/staff/menus/key/gold/edit")
        send_picture(page, "あした.png", picture())
        save_menu(page)
        _schedule(page)
        page.get_by_role("row").get_by_role("button", name="取り消す").click()
        expect(page.get_by_role("status").first).to_contain_text("公開を取り消しました")
        shop.let_schedules_come()
        _schedule(page)
        expect(page.get_by_role("row").filter(has_text="公開 こうた")).to_have_count(1)
        assert not near(colour(phone), TEAL)
        shop.let_schedules_come()
        until(lambda: near(colour(phone), TEAL), "what was scheduled did not come into force")
        page.goto("/staff/publishing/history")
        expect(page.locator(".past > li").first).to_contain_text("「ゴールド会員」の画像を変更")
        expect(page.locator(".past > li").first).to_contain_text("公開中")


def _schedule(page: Page) -> None:
    """For tomorrow noon."""
    page.goto("/staff/publishing")
    day = datetime.now(TOKYO).date() + timedelta(days=1)
    page.get_by_label("日付").fill(day.isoformat())
    page.get_by_label("時刻").fill("12:00")
    page.get_by_role("button", name="公開を予約").click()
    expect(page.get_by_role("status").first).to_contain_text(f"{day} 12:00 の公開を予約しました")


def test_somebody_is_quicker_than_the_script(shop: Shop) -> None:
    with shop.somebody("editor") as page:
        held: list[Route] = []
        page.route("**/editor.js", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
        page.goto("/staff/menus")
        page.get_by_role("link", name=re.compile("編集.*ゲスト$")).click(no_wait_after=True)
        page.locator("#tabs-0-areas-1-kind").select_option("site")
        until(lambda: page.evaluate("1") and held, "the script is not asked for")
        held[0].continue_()
        expect(page.locator("#tabs-0-areas-1-uri")).to_be_visible()


def test_a_file_that_is_far_too_large_is_refused_on_a_page_that_says_what_to_do(shop: Shop) -> None:
    """Sent over a real connection, by a browser that runs no script which would stop it."""
    heavy = picture() + b"\0" * 11_000_000
    with shop.somebody("editor", java_script_enabled=False) as page:
        page.goto("/staff/menus/key/guest/edit")
        page.locator("#tabs-0-file").set_input_files(
            {"name": "film.png", "mimeType": "image/png", "buffer": heavy}
        )
        page.get_by_role("button", name="読み込む").click()
        expect(page.locator("main")).to_contain_text("8MB以内")
        page.get_by_role("link", name="送る前の画面を開く").click()
        expect(page).to_have_url(re.compile("/staff/menus/key/guest/edit"))


def test_whoever_sends_all_of_a_large_file_before_they_listen_hears_the_answer(shop: Shop) -> None:
    """A connection that is closed on them instead would take the answer with it."""
    with shop.somebody("editor") as page:
        known = {each["name"]: each["value"] for each in page.context.cookies()}
    who = {"Cookie": "; ".join(f"{name}={value}" for name, value in known.items())}
    asked = http.client.HTTPConnection(urlsplit(shop.musubi.url).netloc, timeout=30)
    asked.request("POST", "/staff/menus/key/guest/edit", b"x" * 12_000_000, who)
    answer = asked.getresponse()
    assert answer.status == 413
    assert "8MB以内" in answer.read().decode()
    asked.request("GET", "/staff/sign-in")
    assert asked.getresponse().status == 200, "on the same connection"
    asked.close()
