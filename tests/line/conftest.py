"""The same scene twice: with the fake, and with the real gateway before the simulator."""

import io
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from uuid import uuid4

import pytest
from PIL import Image

from core.limits import shared_limits
from core.settings import Settings
from line.fake import FakeLine
from line.gateway import AreaTaps, Line, MenuTaps, Profile
from line.login import SdkLogin
from line.sdk import SdkLine
from simulator.running import Simulator
from tests.conftest import pointed_at

WIDTH, HEIGHT = 800, 540


def picture(kind: str = "PNG") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "#0b6e4f").save(held, kind)
    return held.getvalue()


PNG = picture()


def menu(name: str = "guest", **more: Any) -> dict[str, Any]:
    bounds = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    areas = [{"bounds": bounds, "action": {"type": "postback", "data": "1:reply:hours"}}]
    whole = {"name": name, "chatBarText": "Menu", "selected": True, "areas": areas}
    return whole | {"size": {"width": WIDTH, "height": HEIGHT}} | more


class Scene(Protocol):
    """An account with friends, of whom a test sees what they see."""

    line: Line

    def friend(self, name: str = "Hanako") -> str: ...
    def reply_token(self, user: str) -> str: ...
    def old_reply_token(self, user: str) -> str: ...
    def chat(self, user: str) -> list[str]: ...
    def block(self, user: str) -> None: ...
    def unblock(self, user: str) -> None: ...
    def set_quota(self, messages: int) -> None: ...
    def set_taps(self, menu_id: str, bounds: tuple[int, int, int, int], taps: int) -> None: ...

    def usable_menu(self, name: str = "guest") -> str:
        menu_id = self.line.create_menu(menu(name))
        self.line.upload_menu_image(menu_id, PNG, "image/png")
        return menu_id


class FakeScene(Scene):
    def __init__(self) -> None:
        self.line: FakeLine = FakeLine()
        self._tokens: dict[str, str] = {}

    def friend(self, name: str = "Hanako") -> str:
        user = f"U{uuid4().hex}"
        self.line.profiles[user] = Profile(user, name, "ja")
        return user

    def reply_token(self, user: str) -> str:
        token = uuid4().hex
        self._tokens[token] = user
        return token

    def old_reply_token(self, user: str) -> str:
        token = self.reply_token(user)
        self.line.spent.add(token)
        return token

    def chat(self, user: str) -> list[str]:
        seen = [each for each in self.line.sent if each.reached]
        return [
            words for each in seen if self._tokens.get(each.to, each.to) == user
            for words in each.texts
        ]  # fmt: skip

    def block(self, user: str) -> None:
        self.line.block(user)

    def unblock(self, user: str) -> None:
        self.line.unblock(user)

    def set_quota(self, messages: int) -> None:
        self.line.quota_limit = messages

    def set_taps(self, menu_id: str, bounds: tuple[int, int, int, int], taps: int) -> None:
        area = AreaTaps(bounds, taps, taps // 2)
        self.line.menu_taps_of[menu_id] = MenuTaps("20260201", "20260228", 900, 300, (area,))


class PlayedScene(Scene):
    def __init__(self, line: SdkLine, played: Simulator) -> None:
        self.line, self._played = line, played

    def friend(self, name: str = "Hanako") -> str:
        return self._played.add_person(name, language="ja", friend=True)

    def reply_token(self, user: str) -> str:
        message_id = self._played.say(user, "hello")
        events = self._played.control("GET", "/control/webhooks")["events"].values()
        found = [each for each in events if each.get("message", {}).get("id") == message_id]
        return str(found[0]["replyToken"])

    def old_reply_token(self, user: str) -> str:
        token = self.reply_token(user)
        self._played.advance(21 * 60)
        return token

    def chat(self, user: str) -> list[str]:
        seen = self._played.person(user)["chat"]
        said = [each["message"] for each in seen if each["from"] == "account"]
        return [each.get("text") or each.get("altText") or "" for each in said]

    def block(self, user: str) -> None:
        self._played.block(user)

    def unblock(self, user: str) -> None:
        self._played.unblock(user)

    def set_quota(self, messages: int) -> None:
        self._played.control("POST", "/control/quota", {"limit": messages, "used": 0})

    def set_taps(self, menu_id: str, bounds: tuple[int, int, int, int], taps: int) -> None:
        x, y, width, height = bounds
        area = {"x": x, "y": y, "width": width, "height": height}
        metrics = {"count": taps, "uniqueUsers": taps // 2}
        given = {
            "impression": {"metrics": {"count": 900, "uniqueUsers": 300}},
            "clicks": [{"bounds": area, "metrics": metrics}],
        }
        self._played.control("POST", f"/control/richmenu/{menu_id}/insight", given)


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    """One of our own: these tests break it in every way, and move its clock."""
    with Simulator(bulk_delay=0.05) as simulator:
        yield simulator


@pytest.fixture
def played(running: Simulator) -> Simulator:
    running.reset()
    return running


@pytest.fixture
def pointed(played: Simulator, make_settings: Callable[..., Settings]) -> Settings:
    """Settings that take the simulator for LINE."""
    return make_settings(**pointed_at(played))


@pytest.fixture
def real(pointed: Settings) -> Iterator[SdkLine]:
    line = SdkLine(pointed, shared_limits(pointed))
    yield line
    line.close()


@pytest.fixture
def real_login(pointed: Settings) -> Iterator[SdkLogin]:
    login = SdkLogin(pointed)
    yield login
    login.close()


@pytest.fixture(params=["fake", "real"])
def scene(request: pytest.FixtureRequest) -> Scene:
    if request.param == "fake":
        return FakeScene()
    return PlayedScene(request.getfixturevalue("real"), request.getfixturevalue("played"))
