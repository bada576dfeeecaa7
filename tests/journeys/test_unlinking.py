"""A link ends by one tap on the member's own page: the chat says so, and LINE is told."""

from simulator.waiting import until
from tests.journeys.phone import NewPhone
from tests.journeys.running import Running
from tests.journeys.town import Town


def test_unlinking_gives_the_guest_menu_back_and_withdraws_at_line(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    member = members.take("gold")
    phone = new_phone(member.phone)
    phone.add_account()
    phone.press("LINE連携をする")
    phone.prove_number()
    phone.is_linked()
    phone.sees_menu("gold")
    assert musubi.line.person(phone.user)["consented"]

    phone.press("マイページを開く")
    phone.heading("マイページ")
    phone.go("連携を解除する")
    phone.heading("連携を解除しますか？")
    phone.go("解除しない")
    phone.heading("マイページ")
    phone.go("連携を解除する")
    phone.send("解除する")
    phone.heading("連携を解除しました")
    phone.back_to_chat()
    phone.hears("LINE連携を解除しました")
    phone.sees_menu("guest")
    until(lambda: not musubi.line.person(phone.user)["consented"], "LINE was not told")
    assert "LINE連携をお願いいたします" in phone.say("ポイント")

    phone.press("LINE連携をする")  # and it can be made again, at any time
    musubi.let_pass(minutes=10)
    phone.prove_number()
    phone.is_linked()
    phone.sees_menu("gold")
