"""D26: a phone number proves who somebody is; who is no member yet registers, and both are linked."""

import re

from playwright.sync_api import expect

from tests.journeys.phone import NewPhone
from tests.journeys.running import Running
from tests.journeys.town import Town, new_number


def test_a_member_links_by_phone_and_gets_thanks_coupon_and_the_gold_menu(
    members: Town, new_phone: NewPhone
) -> None:
    member = members.take("gold")
    phone = new_phone(member.phone)
    phone.add_account()
    phone.hears("友だち追加ありがとうございます")
    phone.sees_menu("guest")
    phone.tap("会員証を連携")
    phone.heading("会員証とLINEをつなぐ")
    phone.go("電話番号で連携する")
    phone.field("携帯電話番号").fill(member.typed_phone)
    phone.send("認証コードを送る")
    phone.heading("認証コードを入力")
    phone.page.locator(".notice").wait_for()  # the SMS slides over the page
    phone.type_code(phone.code())
    phone.heading("連携が完了しました")
    expect(phone.sheet).to_have_count(0)  # it closes by itself
    phone.hears(f"{member.name}様、LINE連携ありがとうございます")
    phone.hears("MUSUBI100")
    phone.sees_menu("gold")


def test_who_is_no_member_registers_with_the_number_already_proven(new_phone: NewPhone) -> None:
    phone = new_phone(new_number())
    phone.add_account()
    phone.press("LINE連携をする")
    phone.prove_number()
    phone.heading("会員登録")
    phone.field("お名前").fill("新井 花")
    phone.field("フリガナ").fill("アライ ハナ")
    phone.birthday(1999, 12, 31)
    phone.field("メールアドレス").fill("hana.arai@example.com")
    phone.send("登録して連携する")
    phone.heading("会員登録")  # without consent it goes no further
    expect(phone.liff.get_by_role("alert")).to_contain_text("同意が必要です")
    phone.field("利用規約とプライバシーポリシーに同意します").check()
    phone.send("登録して連携する")
    phone.is_linked()
    phone.hears("新井 花様、LINE連携ありがとうございます")
    phone.sees_menu("member")


def test_a_birthday_tells_which_of_two_members_who_share_a_number(
    members: Town, new_phone: NewPhone
) -> None:
    other, one = members.take("family"), members.take("family")
    assert one.phone == other.phone
    phone = new_phone(one.phone)
    phone.add_account()
    phone.press("LINE連携をする")
    phone.prove_number()
    phone.heading("会員さまの確認")
    phone.birthday(1970, 1, 1)
    phone.send("連携する")
    expect(phone.liff.get_by_role("alert")).to_contain_text("見つかりませんでした")
    phone.birthday(one.birthday.year, one.birthday.month, one.birthday.day)
    phone.send("連携する")
    phone.is_linked()
    phone.hears(f"{one.name}様、LINE連携ありがとうございます")


def test_wrong_codes_are_counted_until_the_code_is_dead(members: Town, new_phone: NewPhone) -> None:
    phone = new_phone(members.take("regular").phone)
    phone.add_account()
    phone.press("LINE連携をする")
    phone.ask_for_code()
    right = phone.code()
    wrong = "000000" if right != "000000" else "111111"
    alert = phone.liff.get_by_role("alert")
    for left in (4, 3, 2, 1):
        phone.type_code(wrong)
        expect(alert).to_contain_text(f"認証コードが違います。あと{left}回入力できます")
    phone.type_code(wrong)
    expect(alert).to_contain_text("入力できる回数を超えました")
    phone.type_code(right)
    expect(alert).to_contain_text("入力できる回数を超えました")
    expect(phone.liff.get_by_role("button", name=re.compile("再送"))).to_be_disabled()


def test_a_code_that_came_too_late_is_replaced_by_a_new_one(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    phone = new_phone(members.take("regular").phone)
    phone.add_account()
    phone.press("LINE連携をする")
    phone.ask_for_code()
    first = phone.code()
    musubi.let_pass(minutes=11)
    phone.type_code(first)
    expect(phone.liff.get_by_role("alert")).to_contain_text("この認証コードは使えません")
    again = phone.liff.get_by_role("button", name="コードを再送する", exact=True)
    again.click()
    second = phone.code(after=1)
    assert second != first
    expect(phone.liff.get_by_role("alert")).to_have_count(0)
    phone.type_code(second)
    phone.is_linked()
    phone.sees_menu("member")


def test_a_link_moves_to_another_line_account_after_proof_and_the_former_is_told(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    member = members.take("gold")
    former, later = new_phone(member.phone), new_phone(member.phone)
    for phone in (former, later):
        phone.add_account()
        phone.press("LINE連携をする")
    former.prove_number()
    former.is_linked()
    former.sees_menu("gold")

    musubi.let_pass(minutes=1)
    later.prove_number()
    later.heading("連携先を変更しますか？")
    later.send("このLINEアカウントに連携する")
    later.is_linked()
    later.sees_menu("gold")
    former.hears("別のLINEアカウントに連携されました")
    former.sees_menu("guest")
    assert "MUSUBI100" not in later.chat.inner_text()  # the coupon is once per member, ever


def test_codes_are_not_sent_one_after_the_other(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    phone = new_phone(members.take("regular").phone)
    phone.add_account()
    phone.press("LINE連携をする")
    phone.ask_for_code()
    phone.heading("認証コードを入力")
    phone.go("電話番号を変更する")
    phone.field("携帯電話番号").fill(phone.number)
    phone.send("認証コードを送る")
    alert = phone.liff.get_by_role("alert")
    expect(alert).to_contain_text("続けて送れません")
    for already in (1, 2, 3, 4):
        musubi.let_pass(minutes=6)
        phone.send("認証コードを送る")
        phone.heading("認証コードを入力")
        phone.code(after=already)
        phone.go("電話番号を変更する")
        phone.field("携帯電話番号").fill(phone.number)
    musubi.let_pass(minutes=6)
    phone.send("認証コードを送る")
    expect(alert).to_contain_text("送信回数が多くなっています")
