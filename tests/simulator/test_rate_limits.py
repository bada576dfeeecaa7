"""LINE's rate limits: a bucket per endpoint, and the peak that tests of the product look at."""

import pytest

from simulator.limits import Limits
from simulator.running import Simulator
from tests.simulator.conftest import Ask

MENU = {
    "size": {"width": 800, "height": 270},
    "selected": False,
    "name": "guest",
    "chatBarText": "Menu",
    "areas": [],
}


def test_the_hundred_and_first_menu_in_an_hour(sim: Simulator, ask: Ask) -> None:
    for _ in range(100):
        assert ask("POST", "/v2/bot/richmenu", MENU).status == 200
    answer = ask("POST", "/v2/bot/richmenu", MENU)
    assert answer.status == 429
    said = "The API rate limit has been exceeded. Try again later."
    assert answer.json == {"message": said}
    sim.advance(36 + 1)
    assert ask("POST", "/v2/bot/richmenu", MENU).status == 200, "one more token every 36 seconds"


def test_three_batches_an_hour(sim: Simulator, ask: Ask) -> None:
    asked = {"operations": [{"type": "unlinkAll"}]}
    statuses = [ask("POST", "/v2/bot/richmenu/batch", asked).status for _ in range(4)]
    assert statuses == [202, 202, 202, 429]


def test_a_refused_request_counts_too(sim: Simulator, ask: Ask) -> None:
    for _ in range(60):
        assert ask("POST", "/v2/bot/message/broadcast", {}).status == 400
    assert ask("POST", "/v2/bot/message/broadcast", {}).status == 429


def test_one_bucket_whatever_the_parameters(sim: Simulator, ask: Ask) -> None:
    for n in range(3):
        ask("GET", f"/v2/bot/profile/U{n:032x}")
    seen = sim.state()["limits"]["GET /v2/bot/profile/{}"]
    assert (seen["limit"], seen["asked"], seen["refused"]) == (2000, 3, 0)


def test_without_a_token_nothing_is_counted(sim: Simulator, ask: Ask) -> None:
    ask("GET", "/v2/bot/info", token="wrong")
    assert sim.state()["limits"] == {}


class TestABucket:
    ENDPOINT = "GET /v2/bot/richmenu/list"  # ten a second

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits()

    def test_it_holds_its_limit(self, limits: Limits) -> None:
        assert [limits.take(self.ENDPOINT, 1000.0) for _ in range(11)] == [True] * 10 + [False]

    def test_it_fills_again_evenly(self, limits: Limits) -> None:
        for _ in range(10):
            limits.take(self.ENDPOINT, 1000.0)
        assert not limits.take(self.ENDPOINT, 1000.05)
        assert limits.take(self.ENDPOINT, 1000.15)
        assert not limits.take(self.ENDPOINT, 1000.15)

    def test_it_holds_no_more_after_a_long_rest(self, limits: Limits) -> None:
        limits.take(self.ENDPOINT, 1000.0)
        assert [limits.take(self.ENDPOINT, 9000.0) for _ in range(11)].count(True) == 10

    def test_it_remembers_its_peak(self, limits: Limits) -> None:
        for at in (1000.0, 1000.5, 1000.9, 1001.2, 1005.0):
            limits.take(self.ENDPOINT, at)
        assert limits.seen()[self.ENDPOINT]["peak"] == 3

    def test_time_going_back_does_no_harm(self, limits: Limits) -> None:
        assert all(limits.take(self.ENDPOINT, at) for at in (1000.0, 999.0, 1000.0))
