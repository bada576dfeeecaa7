"""Every answer in every language, before the eyes of somebody as strict as LINE."""

import json
from urllib.parse import urlencode

import pytest
import urllib3

from bot import menu, replies
from core.settings import LANGUAGES
from tests.bot.test_replies import asked

__all__ = ["asked"]


@pytest.fixture(scope="module")
def validate(simulator):
    """Asks whether LINE would take these messages; what it says against them, or nothing."""
    http = urllib3.PoolManager(retries=False, timeout=10)
    credentials = {
        "grant_type": "client_credentials",
        "client_id": simulator.settings.channel_id,
        "client_secret": simulator.settings.channel_secret,
    }
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    issued = http.request(
        "POST", f"{simulator.url}/oauth2/v3/token", body=urlencode(credentials), headers=form
    ).json()

    def ask(messages):
        answer = http.request(
            "POST",
            f"{simulator.url}/v2/bot/message/validate/reply",
            json={"messages": messages},
            headers={"Authorization": f"Bearer {issued['access_token']}"},
        )
        return "" if answer.status == 200 else answer.data.decode()

    yield ask
    http.clear()


def test_the_judge_is_strict(validate):
    assert "messages[0].text" in validate([{"type": "text"}])


@pytest.mark.parametrize("site_url", ["", "https://brand.example"])
@pytest.mark.parametrize("is_linked", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_line_would_take_it(validate, asked, language, is_linked, site_url):
    someone = asked(language, is_linked=is_linked, site_url=site_url)
    said = [
        message
        for each in replies.all_replies().values()
        for message in replies.give(each, someone).messages
    ]
    said += [menu.say(someone, key).messages[0] for key in ("not_text", "old_button", "tagged")]
    said += [menu.offer(someone, key) for key in ("greet.new", "greet.back")]
    name = someone.person.name
    said += [menu.open_me(someone, f"greet.{key}_linked", name=name) for key in ("new", "back")]
    for start in range(0, len(said), 5):
        few = said[start : start + 5]
        assert validate(few) == "", json.dumps(few, ensure_ascii=False)
