"""The phone in a real browser: what a person does, and what the platform makes of it."""

import re

from playwright.sync_api import Page, Route, expect

from tests.simulator.phone.bot import BUY, Line
from tests.simulator.phone.screen import chat, open_phone


def test_a_stranger_adds_the_account_and_talks(desk: Page, line: Line) -> None:
    taro = line.simulator.add_person("Taro", language="ja")
    open_phone(desk, line, taro)
    desk.locator("#screen").get_by_role("button", name="友だち追加").click()
    expect(chat(desk)).to_contain_text("友だちに追加しました")
    assert line.simulator.person(taro)["friend"]

    desk.get_by_role("textbox", name="メッセージを入力").fill("こんにちは\n<b>二行目</b>")
    desk.get_by_role("button", name="送信").click()
    expect(chat(desk).locator(".friend .bubble")).to_have_text("こんにちは\n<b>二行目</b>")
    expect(chat(desk).locator(".friend .meta")).to_contain_text("既読")
    [said] = [e for e in line.events("message") if e["source"]["userId"] == taro]
    assert said["message"]["text"] == "こんにちは\n<b>二行目</b>"


def test_a_person_is_added_from_the_panel(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    desk.get_by_text("人を追加").click()
    desk.get_by_label("名前").fill("ณัฐพล")
    desk.get_by_role("combobox", name="言語").select_option("th")
    expect(desk.get_by_label("電話番号")).to_have_value(re.compile(r"\+8190\d{8}"))
    desk.get_by_label("電話番号").fill("+66898765432")
    desk.get_by_role("button", name="追加", exact=True).click()
    chosen = desk.get_by_role("button", name="ณัฐพล")
    expect(chosen).to_have_attribute("aria-current", "true")
    people = line.simulator.control("GET", "/phone/api/people")
    [added] = [person for person in people if person["name"] == "ณัฐพล"]
    assert (added["language"], added["phone"]) == ("th", "+66898765432")
    assert "person=U" in desk.url


def test_block_and_unblock(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    desk.get_by_role("button", name="トークの設定").click()
    desk.get_by_role("dialog").get_by_role("button", name="ブロック").click()
    expect(desk.locator("#dock")).to_contain_text("このアカウントをブロックしています。")
    assert line.simulator.person(hanako)["blocked"]
    desk.locator("#dock").get_by_role("button", name="ブロック解除").click()
    expect(desk.get_by_role("textbox", name="メッセージを入力")).to_be_visible()
    assert line.simulator.person(hanako)["friend"]


def test_settings_wait_until_it_is_known_that_the_account_is_blocked(
    desk: Page, line: Line, hanako: str
) -> None:
    on_the_way: list[Route] = []
    desk.route("**/block", lambda route: on_the_way.append(route))  # noqa: PLW0108 - it asks ours what it takes
    open_phone(desk, line, hanako)
    settings = desk.get_by_role("button", name="トークの設定")
    settings.click()
    desk.get_by_role("dialog").get_by_role("button", name="ブロック").click()
    expect(settings).to_be_disabled()
    line.push(hanako, {"type": "text", "text": "meanwhile"})
    expect(chat(desk)).to_contain_text("meanwhile")
    expect(settings).to_be_disabled()
    on_the_way[0].continue_()
    settings.click()
    expect(desk.get_by_role("dialog").get_by_role("button", name="ブロック解除")).to_be_visible()


def test_a_quick_reply_is_said_and_gone(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    items = [{"type": "action", "action": {"type": "message", "label": "Yes", "text": "yes!"}}]
    line.push(hanako, {"type": "text", "text": "Well?", "quickReply": {"items": items}})
    desk.get_by_role("group", name="クイックリプライ").get_by_role("button", name="Yes").click()
    expect(chat(desk).locator(".friend .bubble")).to_have_text("yes!")
    expect(desk.get_by_role("group", name="クイックリプライ")).to_be_hidden()


def test_the_dots_show_until_the_message_comes(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    line.post("/v2/bot/chat/loading/start", {"chatId": hanako, "loadingSeconds": 60})
    dots = chat(desk).get_by_role("status", name="入力中")
    expect(dots).to_be_visible()
    line.push(hanako, {"type": "text", "text": "here"})
    expect(dots).to_be_hidden()


def test_the_rich_menu_is_tapped_folded_and_switched(desk: Page, line: Line, hanako: str) -> None:
    pick = {"type": "datetimepicker", "label": "Day", "data": "day", "mode": "date"}
    second = line.menu("second", BUY)
    line.post("/v2/bot/richmenu/alias", {"richMenuAliasId": "two", "richMenuId": second})
    tab = {"type": "richmenuswitch", "label": "Tab", "richMenuAliasId": "two", "data": "tab"}
    line.show(hanako, line.menu("first", BUY | {"displayText": "I buy"}, pick, tab))
    open_phone(desk, line, hanako)
    menu = desk.get_by_role("group", name="リッチメニュー: first")
    menu.get_by_role("button", name="Buy").click()
    expect(chat(desk).locator(".friend .bubble")).to_have_text("I buy")

    menu.get_by_role("button", name="Day").click()
    desk.get_by_label("日付を選択").get_by_label("日付を選択").fill("2026-12-24")
    desk.get_by_role("button", name="決定").click()
    expect(desk.get_by_role("dialog")).to_have_count(0)

    desk.get_by_role("button", name="first bar").click()
    expect(menu).to_be_hidden()
    desk.get_by_role("button", name="first bar").click()
    menu.get_by_role("button", name="Tab").click()
    expect(desk.get_by_role("group", name="リッチメニュー: second")).to_be_visible()
    said = [e["postback"] for e in line.events("postback") if e["source"]["userId"] == hanako]
    assert [each["data"] for each in said] == ["buy", "day", "tab"]
    assert said[1]["params"] == {"date": "2026-12-24"}
    assert said[2]["params"] == {"newRichMenuAliasId": "two", "status": "SUCCESS"}


def test_the_keyboard_and_the_menu_take_turns(desk: Page, line: Line, hanako: str) -> None:
    line.show(hanako, line.menu("only", BUY))
    open_phone(desk, line, hanako)
    desk.get_by_role("button", name="キーボードに切り替え").click()
    desk.keyboard.type("hello")
    desk.keyboard.press("Enter")
    expect(chat(desk).locator(".friend .bubble")).to_have_text("hello")
    desk.get_by_role("button", name="メニューに切り替え").click()
    expect(desk.get_by_role("group", name="リッチメニュー: only")).to_be_visible()


def liff_url(line: Line, path: str = "") -> str:
    return f"{line.simulator.url}/{line.simulator.settings.liff_id}{path}"


def test_a_liff_page_slides_up_knows_who_and_closes(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    line.push(hanako, {"type": "text", "text": liff_url(line, "/link")})
    sheet = desk.get_by_role("dialog", name="LIFF")
    for way in ("page", "cross", "escape"):
        chat(desk).get_by_role("link").click()
        page = sheet.frame_locator("iframe")
        expect(page.locator("#name")).to_have_text("Hanako")
        expect(page.locator("#inside")).to_have_text("true")
        if way == "page":
            page.get_by_role("button", name="close").click()
        elif way == "cross":
            sheet.get_by_role("button", name="閉じる").click()
        else:
            sheet.get_by_role("button", name="閉じる").press("Escape")
        expect(sheet).to_have_count(0)


def test_only_the_page_in_the_sheet_can_close_it(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    line.push(hanako, {"type": "text", "text": liff_url(line)})
    chat(desk).get_by_role("link").click()
    sheet = desk.get_by_role("dialog", name="LIFF")
    expect(sheet.frame_locator("iframe").locator("#name")).to_have_text("Hanako")
    desk.evaluate("window.postMessage({type: 'liff:close'}, '*')")
    sheet.frame_locator("iframe").get_by_role("button", name="open").click()
    terms = desk.get_by_role("link", name="外部ブラウザーで開く")
    expect(terms).to_have_attribute("href", "https://brand.example/terms")
    expect(sheet).to_be_visible()


def test_the_next_person_is_not_taken_for_the_last(desk: Page, line: Line, hanako: str) -> None:
    somchai = line.simulator.add_person("Somchai", friend=True, language="th")
    for user_id, name, language in ((hanako, "Hanako", "ja"), (somchai, "Somchai", "th")):
        line.push(user_id, {"type": "text", "text": liff_url(line)})
        open_phone(desk, line, user_id)
        chat(desk).get_by_role("link").click()
        page = desk.get_by_role("dialog", name="LIFF").frame_locator("iframe")
        expect(page.locator("#name")).to_have_text(name)
        expect(page.locator("#language")).to_have_text(language)


def test_a_text_message_slides_down_and_its_code_is_copied(desk: Page, line: Line) -> None:
    number = "+818011112222"
    user_id = line.simulator.add_person("Texted", phone=number, friend=True)
    open_phone(desk, line, user_id)
    expect(desk.get_by_text("届いた SMS がここに並びます。")).to_be_visible()
    line.text(number, "Your code is 482913")
    desk.get_by_role("button", name="コードをコピー 482913").wait_for()
    desk.locator("#notices").get_by_role("button").click()
    expect(desk.locator("#toasts")).to_contain_text("482913")


def test_the_phone_speaks_english_too(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    desk.get_by_role("button", name="English", exact=True).click()
    expect(desk.get_by_role("textbox", name="Enter a message")).to_be_visible()
    expect(desk.get_by_role("complementary", name="What is happening")).to_be_visible()
    assert desk.evaluate("document.documentElement.lang") == "en"
    desk.reload()
    expect(desk.get_by_role("button", name="Chat settings")).to_be_visible()


def test_on_a_phone_the_phone_fills_the_screen(page: Page, line: Line, hanako: str) -> None:
    open_phone(page, line, hanako)
    expect(page.get_by_role("button", name="Hanako").first).to_be_hidden()
    box = page.locator("#screen").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 375, "height": 780}
    page.get_by_role("button", name="人の一覧").click()
    page.get_by_role("button", name="Hanako").and_(page.locator("[aria-current]")).click()
    expect(page.get_by_role("textbox", name="メッセージを入力")).to_be_visible()


def test_a_phone_whose_person_is_forgotten_takes_up_another(desk: Page, line: Line) -> None:
    forgotten = line.simulator.add_person("Forgotten", friend=True)
    open_phone(desk, line, forgotten)
    expect(desk.get_by_role("button", name="Forgotten")).to_be_visible()
    line.simulator.reset()
    expect(desk.get_by_role("button", name="Forgotten")).to_have_count(0)
    expect(desk.locator(".person.chosen")).to_have_count(1)
    assert forgotten not in desk.url


def test_a_new_menu_does_not_take_the_keyboard_away(desk: Page, line: Line, hanako: str) -> None:
    open_phone(desk, line, hanako)
    field = desk.get_by_role("textbox", name="メッセージを入力")
    tall = field.bounding_box()
    assert tall is not None
    assert tall["height"] > 30
    field.press_sequentially("half a ")
    line.show(hanako, line.menu("late", BUY))
    expect(desk.get_by_role("button", name="メニューに切り替え")).to_be_visible()
    desk.keyboard.type("word")
    expect(field).to_have_value("half a word")
