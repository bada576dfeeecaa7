"""D24: the LINE account and the member record are the same person, and the chat knows it."""

import re

from playwright.sync_api import expect

from tests.journeys.phone import NewPhone
from tests.journeys.town import PASSWORD, Town


def test_log_in_links_and_the_chat_knows_the_member(members: Town, new_phone: NewPhone) -> None:
    member = members.take("gold")
    phone = new_phone()
    phone.add_account()
    phone.press("LINE連携をする")
    phone.go("ログインして連携する")
    alert = phone.liff.get_by_role("alert")
    for name in ("T9999", member.number):  # who is unknown and who mistypes read the same
        phone.field("会員番号またはメールアドレス").fill(name)
        phone.field("パスワード").fill("not it")
        phone.send("ログインして連携する")
        expect(alert).to_contain_text("会員番号・メールアドレスまたはパスワードが違います")
        expect(phone.field("会員番号またはメールアドレス")).to_have_value(name)
        expect(phone.field("パスワード")).to_have_value("")
    phone.field("パスワード").fill(PASSWORD)
    phone.send("ログインして連携する")
    phone.is_linked()
    phone.hears("MUSUBI100")
    phone.sees_menu("gold")

    assert f"{member.points:,} ポイント" in phone.say("ポイント")
    said = phone.say("会員証")
    assert member.name in said
    assert member.number not in said  # somebody may look over the shoulder
    assert "ゴールド" in said
    phone.press("マイページを開く")
    phone.heading("マイページ")
    facts = phone.liff.locator("dl")
    expect(facts).to_contain_text("ログイン")
    expect(facts).not_to_contain_text(member.name)
    expect(facts).not_to_contain_text(member.typed_phone)


def test_who_mistypes_too_often_is_told_to_wait(members: Town, new_phone: NewPhone) -> None:
    member = members.take("regular")
    phone = new_phone()
    phone.add_account()
    phone.press("LINE連携をする")
    phone.go("ログインして連携する")
    alert = phone.liff.get_by_role("alert")
    for attempt in range(6):
        phone.field("会員番号またはメールアドレス").fill(member.number)
        phone.field("パスワード").fill(f"guess {attempt}")
        phone.send("ログインして連携する")
        waits = "一時的に止めています" if attempt == 5 else "違います"
        expect(alert).to_contain_text(waits)
    phone.field("パスワード").fill(PASSWORD)
    phone.send("ログインして連携する")
    expect(alert).to_contain_text(re.compile("あと.*お待ちください"))
