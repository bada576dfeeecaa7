"""What the fake can do that the real one had better not."""

import threading
from uuid import uuid4

import pytest

from core.database import Database
from line.fake import FakeLine, FakeLogin
from line.gateway import Line, LineRefused, LineUnavailable, Login
from line.messages import text

USER = "U" + "a" * 32


def test_it_is_a_gateway() -> None:
    line: Line = FakeLine()
    login: Login = FakeLogin()
    assert line.quota() == (None, 0)
    assert login.liff_apps() == []


def test_no_transaction_may_be_open(database: Database) -> None:
    line, login = FakeLine(), FakeLogin()
    for transaction in (database.begin, database.read):
        with transaction():
            with pytest.raises(AssertionError, match="push"):
                line.push(USER, [text("hello")], retry_key=uuid4())
            with pytest.raises(AssertionError, match="deauthorize"):
                login.deauthorize("token")
    assert line.sent == []
    assert login.deauthorized == []


def test_a_verb_fails_until_it_is_told_not_to() -> None:
    line = FakeLine()
    line.fail_with["push"] = LineUnavailable("down")
    for _ in range(2):
        with pytest.raises(LineUnavailable):
            line.push(USER, [text("hello")], retry_key=uuid4())
    line.reply("token", [text("still there")])
    del line.fail_with["push"]
    line.push(USER, [text("back")], retry_key=uuid4())
    assert [each.texts for each in line.sent] == [["still there"], ["back"]]
    assert line.calls == ["push", "push", "reply", "push"]


def test_everything_can_fail_at_once() -> None:
    line = FakeLine(fail_with={"*": LineRefused("no", 403)})
    with pytest.raises(LineRefused):
        line.bot_info()
    with pytest.raises(LineRefused):
        line.menus()


def test_an_answer_can_be_lost_after_the_deed() -> None:
    line, key = FakeLine(lose_answer={"push"}), uuid4()
    with pytest.raises(LineUnavailable):
        line.push(USER, [text("hello")], retry_key=key)
    line.push(USER, [text("hello")], retry_key=key)
    assert line.texts_to(USER) == ["hello"]


def test_something_else_can_happen_meanwhile() -> None:
    line = FakeLine()
    line.meanwhile["link_menu"] = lambda: line.block(USER)
    menu = line.create_menu(
        {"size": {}, "selected": True, "name": "m", "chatBarText": "m", "areas": []}
    )
    line.upload_menu_image(menu, b"picture", "image/png")
    line.link_menu(menu, [USER])
    assert line.menu_of(USER) is None


def test_threads_that_push_with_one_key_push_once() -> None:
    line, key = FakeLine(), uuid4()
    start = threading.Barrier(8)

    def push() -> None:
        start.wait()
        line.push(USER, [text("once")], retry_key=key)

    threads = [threading.Thread(target=push) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert line.texts_to(USER) == ["once"]
