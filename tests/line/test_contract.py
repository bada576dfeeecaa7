"""Every promise of the gateway, asked of the fake and of the real one before the simulator."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

import pytest

from line.gateway import LineOutOfQuota, LineRefused, Move
from line.messages import Message, buttons, post, text
from simulator.waiting import until
from tests.line.conftest import PNG, Scene, menu, picture

NOBODY = "U" + "0" * 31 + "f"
NO_MENU = "richmenu-" + "0" * 32


# Messages


def test_a_reply_arrives(scene: Scene) -> None:
    friend = scene.friend()
    scene.line.reply(scene.reply_token(friend), [text("いらっしゃいませ"), text("two")])
    assert scene.chat(friend) == ["いらっしゃいませ", "two"]


def test_a_reply_token_is_good_once(scene: Scene) -> None:
    friend = scene.friend()
    token = scene.reply_token(friend)
    scene.line.reply(token, [text("once")])
    with pytest.raises(LineRefused, match="Invalid reply token") as refused:
        scene.line.reply(token, [text("twice")])
    assert refused.value.status == 400
    assert scene.chat(friend) == ["once"]


def test_an_old_reply_token_is_refused(scene: Scene) -> None:
    friend = scene.friend()
    with pytest.raises(LineRefused):
        scene.line.reply(scene.old_reply_token(friend), [text("late")])
    assert scene.chat(friend) == []


def test_a_push_arrives_once_for_one_key(scene: Scene) -> None:
    friend, key = scene.friend(), uuid4()
    scene.line.push(friend, [text("once")], retry_key=key)
    scene.line.push(friend, [text("once")], retry_key=key)
    scene.line.push(friend, [text("another")], retry_key=uuid4())
    assert scene.chat(friend) == ["once", "another"]


def test_a_template_is_pushed_as_it_was_built(scene: Scene) -> None:
    friend = scene.friend()
    asked = buttons("Link your membership?", [post("Later", "1:reply:later", shown="Later")])
    scene.line.push(friend, [asked], retry_key=uuid4())
    assert scene.chat(friend) == ["Link your membership?"]


@pytest.mark.parametrize("messages", [[], [text("x")] * 6], ids=["none", "six"])
def test_one_to_five_messages_go(scene: Scene, messages: Sequence[Message]) -> None:
    friend = scene.friend()
    with pytest.raises(LineRefused):
        scene.line.push(friend, messages, retry_key=uuid4())
    with pytest.raises(LineRefused):
        scene.line.reply(scene.reply_token(friend), messages)
    assert scene.chat(friend) == []


def test_a_push_to_somebody_who_blocked_is_taken_and_not_seen(scene: Scene) -> None:
    friend = scene.friend()
    scene.block(friend)
    scene.line.push(friend, [text("hello?")], retry_key=uuid4())
    assert scene.chat(friend) == []
    assert scene.line.quota()[1] == 0


def test_a_push_to_what_is_no_user_id_is_refused(scene: Scene) -> None:
    with pytest.raises(LineRefused) as refused:
        scene.line.push("Hanako", [text("hello")], retry_key=uuid4())
    assert refused.value.status == 400


def test_the_months_messages_can_be_spent(scene: Scene) -> None:
    friend = scene.friend()
    scene.set_quota(1)
    scene.line.push(friend, [text("the last")], retry_key=uuid4())
    with pytest.raises(LineOutOfQuota):
        scene.line.push(friend, [text("one more")], retry_key=uuid4())
    scene.line.reply(scene.reply_token(friend), [text("replies are free")])
    assert scene.chat(friend) == ["the last", "replies are free"]
    assert scene.line.quota() == (1, 1)


def test_a_repeated_push_is_done_even_when_the_quota_is_spent_since(scene: Scene) -> None:
    friend, key = scene.friend(), uuid4()
    scene.set_quota(1)
    scene.line.push(friend, [text("the last")], retry_key=key)
    scene.line.push(friend, [text("the last")], retry_key=key)
    assert scene.chat(friend) == ["the last"]


def test_the_loading_sign_shows_for_five_to_sixty_seconds(scene: Scene) -> None:
    friend = scene.friend()
    scene.line.show_loading(friend)
    scene.line.show_loading(friend, 60)
    for seconds in (0, 4, 7, 65):
        with pytest.raises(LineRefused):
            scene.line.show_loading(friend, seconds)


def test_a_profile_is_told_of_friends_only(scene: Scene) -> None:
    friend = scene.friend("佐藤 花子")
    found = scene.line.profile(friend)
    assert found is not None
    assert (found.line_user_id, found.name, found.language) == (friend, "佐藤 花子", "ja")
    scene.block(friend)
    assert scene.line.profile(friend) is None
    assert scene.line.profile(NOBODY) is None


# The account


def test_the_account_knows_itself(scene: Scene) -> None:
    info = scene.line.bot_info()
    assert info.line_user_id.startswith("U")
    assert info.basic_id.startswith("@")
    assert info.chat_mode == "bot"


def test_the_webhook_endpoint_is_set_and_read(scene: Scene) -> None:
    assert scene.line.webhook_endpoint() is None
    scene.line.set_webhook_endpoint("https://line.example.com/webhook")
    endpoint = scene.line.webhook_endpoint()
    assert endpoint is not None
    assert (endpoint.url, endpoint.active) == ("https://line.example.com/webhook", True)


def test_a_webhook_url_has_five_hundred_characters_at_most(scene: Scene) -> None:
    with pytest.raises(LineRefused):
        scene.line.set_webhook_endpoint("https://line.example.com/" + "x" * 500)


def test_there_is_no_trying_a_webhook_that_is_not_set(scene: Scene) -> None:
    with pytest.raises(LineRefused):
        scene.line.try_webhook()


# Rich menus


def test_menus_are_made_listed_and_deleted(scene: Scene) -> None:
    first = scene.line.create_menu(menu("first"))
    second = scene.line.create_menu(menu("second"))
    assert {(each.id, each.name) for each in scene.line.menus()} == {
        (first, "first"), (second, "second"),
    }  # fmt: skip
    scene.line.delete_menu(first)
    assert [each.id for each in scene.line.menus()] == [second]


def test_deleting_what_is_gone_is_no_error(scene: Scene) -> None:
    menu_id = scene.line.create_menu(menu())
    scene.line.delete_menu(menu_id)
    scene.line.delete_menu(menu_id)
    assert scene.line.menus() == []


def test_a_menu_without_areas_or_bar_is_refused(scene: Scene) -> None:
    half = {"name": "half", "selected": False}
    with pytest.raises(LineRefused) as refused:
        scene.line.create_menu(half)
    assert refused.value.status == 400
    assert scene.line.menus() == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_menu_gets_an_image_once(scene: Scene, kind: str) -> None:
    menu_id = scene.line.create_menu(menu())
    assert not scene.line.has_menu_image(menu_id)
    scene.line.upload_menu_image(menu_id, picture(kind), f"image/{kind.lower()}")
    assert scene.line.has_menu_image(menu_id)
    with pytest.raises(LineRefused):
        scene.line.upload_menu_image(menu_id, PNG, "image/png")


def test_images_are_refused_that_line_does_not_show(scene: Scene) -> None:
    menu_id = scene.line.create_menu(menu())
    with pytest.raises(LineRefused):
        scene.line.upload_menu_image(menu_id, PNG, "image/webp")
    with pytest.raises(LineRefused):
        scene.line.upload_menu_image(menu_id, PNG + b"\0" * 2**20, "image/png")
    with pytest.raises(LineRefused):
        scene.line.upload_menu_image(menu_id, b"", "image/png")
    with pytest.raises(LineRefused) as refused:
        scene.line.upload_menu_image(NO_MENU, PNG, "image/png")
    assert refused.value.status == 404
    assert not scene.line.has_menu_image(menu_id)
    assert not scene.line.has_menu_image(NO_MENU)


def test_the_default_menu_is_set_and_taken_away(scene: Scene) -> None:
    assert scene.line.default_menu() is None
    menu_id = scene.usable_menu()
    scene.line.set_default_menu(menu_id)
    assert scene.line.default_menu() == menu_id
    scene.line.set_default_menu(None)
    scene.line.set_default_menu(None)
    assert scene.line.default_menu() is None


def test_a_deleted_menu_is_no_default(scene: Scene) -> None:
    menu_id = scene.usable_menu()
    scene.line.set_default_menu(menu_id)
    scene.line.delete_menu(menu_id)
    assert scene.line.default_menu() is None


def test_nobody_gets_a_menu_without_an_image(scene: Scene) -> None:
    friend, bare = scene.friend(), scene.line.create_menu(menu())
    with pytest.raises(LineRefused):
        scene.line.set_default_menu(bare)
    with pytest.raises(LineRefused):
        scene.line.link_menu(bare, [friend])
    with pytest.raises(LineRefused):
        scene.line.link_menu(bare, [friend, scene.friend()])
    with pytest.raises(LineRefused):
        scene.line.set_menu_alias("guest", bare)
    assert scene.line.menu_of(friend) is None


def test_nobody_gets_a_menu_that_does_not_exist(scene: Scene) -> None:
    friend = scene.friend()
    with pytest.raises(LineRefused) as refused:
        scene.line.set_default_menu(NO_MENU)
    assert refused.value.status == 404
    with pytest.raises(LineRefused):
        scene.line.link_menu(NO_MENU, [friend])
    with pytest.raises(LineRefused):
        scene.line.link_menu(NO_MENU, [friend, scene.friend()])
    with pytest.raises(LineRefused):
        scene.line.set_menu_alias("guest", NO_MENU)


def test_one_friend_gets_a_menu_at_once(scene: Scene) -> None:
    friend, menu_id = scene.friend(), scene.usable_menu()
    assert scene.line.menu_of(friend) is None
    scene.line.link_menu(menu_id, [friend])
    assert scene.line.menu_of(friend) == menu_id
    scene.line.unlink_menu([friend])
    assert scene.line.menu_of(friend) is None
    scene.line.unlink_menu([friend])


def test_many_friends_get_a_menu_soon(scene: Scene) -> None:
    friends, menu_id = [scene.friend() for _ in range(3)], scene.usable_menu()
    scene.line.link_menu(menu_id, friends)
    until(lambda: {scene.line.menu_of(friend) for friend in friends} == {menu_id})
    scene.line.unlink_menu(friends)
    until(lambda: {scene.line.menu_of(friend) for friend in friends} == {None})


def test_one_bad_user_id_stops_the_whole_bulk(scene: Scene) -> None:
    friend, menu_id = scene.friend(), scene.usable_menu()
    with pytest.raises(LineRefused):
        scene.line.link_menu(menu_id, [friend, "Hanako"])
    with pytest.raises(LineRefused):
        scene.line.unlink_menu([friend, "Hanako"])
    assert scene.line.menu_of(friend) is None


@pytest.mark.parametrize("odd", ["", "all", "../all", "Hanako"])
def test_what_is_no_user_id_reaches_nobody(scene: Scene, odd: str) -> None:
    """`all` in the place of a user would mean the default menu."""
    menu_id = scene.usable_menu()
    scene.line.set_default_menu(menu_id)
    with pytest.raises(LineRefused):
        scene.line.unlink_menu([odd])
    with pytest.raises(LineRefused):
        scene.line.link_menu(menu_id, [odd])
    assert scene.line.default_menu() == menu_id


@pytest.mark.parametrize("count", [0, 501])
def test_one_to_five_hundred_go_in_one_bulk(scene: Scene, count: int) -> None:
    users = [f"U{number:032x}" for number in range(count)]
    with pytest.raises(LineRefused):
        scene.line.link_menu(NO_MENU, users)
    with pytest.raises(LineRefused):
        scene.line.unlink_menu(users)


def test_whoever_blocked_gets_no_menu_and_no_error(scene: Scene) -> None:
    friend, menu_id = scene.friend(), scene.usable_menu()
    scene.block(friend)
    scene.line.link_menu(menu_id, [friend])
    assert scene.line.menu_of(friend) is None


def test_a_block_takes_the_menu_and_an_unblock_does_not_bring_it_back(scene: Scene) -> None:
    friend, menu_id = scene.friend(), scene.usable_menu()
    scene.line.link_menu(menu_id, [friend])
    scene.block(friend)
    scene.unblock(friend)
    assert scene.line.menu_of(friend) is None
    scene.line.link_menu(menu_id, [friend])
    assert scene.line.menu_of(friend) == menu_id


def test_a_deleted_menu_is_nobodys(scene: Scene) -> None:
    friend, menu_id = scene.friend(), scene.usable_menu()
    scene.line.link_menu(menu_id, [friend])
    scene.line.delete_menu(menu_id)
    assert scene.line.menu_of(friend) is None


# Moving


def test_everybody_moves_by_the_menu_they_had_before(scene: Scene) -> None:
    first, second, third = (scene.usable_menu(name) for name in ("1", "2", "3"))
    hanako, ichiro, emma = scene.friend(), scene.friend(), scene.friend()
    for friend, own in ((hanako, first), (ichiro, second), (emma, third)):
        scene.line.link_menu(own, [friend])
    moves = [Move(first, second), Move(second, first), Move(third, None)]
    request_id = scene.line.move_menus(moves, resume_key="swap-1")
    until(lambda: scene.line.move_progress(request_id) == "succeeded")
    assert scene.line.menu_of(hanako) == second
    assert scene.line.menu_of(ichiro) == first
    assert scene.line.menu_of(emma) is None


def test_a_resumed_move_is_another_request_to_the_same_end(scene: Scene) -> None:
    old, new, friend = scene.usable_menu("old"), scene.usable_menu("new"), scene.friend()
    scene.line.link_menu(old, [friend])
    requests = [scene.line.move_menus([Move(old, new)], resume_key="move") for _ in range(2)]
    for request_id in requests:
        until(lambda asked=request_id: scene.line.move_progress(asked) == "succeeded")
    assert scene.line.menu_of(friend) == new


def test_moves_are_refused_whole(scene: Scene) -> None:
    usable, bare = scene.usable_menu(), scene.line.create_menu(menu())
    for moves, key in (
        ([], "none"),
        ([Move(usable, bare)], "no-image"),
        ([Move(usable, NO_MENU)], "no-target"),
        ([Move(NO_MENU, usable)], "no-source"),
        ([Move(usable, None), Move(usable, None)], "twice"),
        ([Move(usable, None)], "a key with blanks"),
        ([Move(usable, None)], ""),
    ):
        with pytest.raises(LineRefused):
            scene.line.move_menus(moves, resume_key=key)


def test_no_progress_is_known_of_a_move_that_was_never_asked(scene: Scene) -> None:
    with pytest.raises(LineRefused):
        scene.line.move_progress(str(uuid4()))


# Aliases


def test_an_alias_is_made_pointed_elsewhere_and_deleted(scene: Scene) -> None:
    assert scene.line.menu_aliases() == {}
    first, second = scene.usable_menu("1"), scene.usable_menu("2")
    scene.line.set_menu_alias("gold", first)
    scene.line.set_menu_alias("guest", first)
    scene.line.set_menu_alias("gold", second)
    assert scene.line.menu_aliases() == {"gold": second, "guest": first}
    scene.line.delete_menu_alias("gold")
    scene.line.delete_menu_alias("gold")
    assert scene.line.menu_aliases() == {"guest": first}


@pytest.mark.parametrize("alias", ["", "Gold", "gold card", "x" * 33, "../gold"])
def test_an_alias_has_few_characters(scene: Scene, alias: str) -> None:
    with pytest.raises(LineRefused):
        scene.line.set_menu_alias(alias, scene.usable_menu())


# Insight

A_DAY, ANOTHER = date(2026, 2, 1), date(2026, 2, 28)


def test_taps_on_a_menu_are_told_by_area(scene: Scene) -> None:
    menu_id = scene.usable_menu()
    scene.set_taps(menu_id, (0, 0, 400, 250), 123)
    found = scene.line.menu_taps(menu_id, A_DAY, ANOTHER)
    assert found
    assert (found.since, found.until, found.shown, found.shown_people) == (
        "20260201", "20260228", 900, 300,
    )  # fmt: skip
    (area,) = found.areas
    assert (area.bounds, area.taps, area.people) == ((0, 0, 400, 250), 123, 61)


def test_of_too_few_people_line_says_nothing(scene: Scene) -> None:
    assert scene.line.menu_taps(scene.usable_menu(), A_DAY, ANOTHER) is None


def test_taps_of_no_menu_or_no_span_are_refused(scene: Scene) -> None:
    with pytest.raises(LineRefused) as refused:
        scene.line.menu_taps(NO_MENU, A_DAY, ANOTHER)
    assert refused.value.status == 404
    with pytest.raises(LineRefused) as refused:
        scene.line.menu_taps(scene.usable_menu(), ANOTHER, A_DAY)
    assert refused.value.status == 400
