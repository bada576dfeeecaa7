"""With LINE's own SDK in a browser: a link that carries an attacker's login signs nobody in as them.

The SDK takes credentials from the address when LINE opens a page. An attacker can send an address
with theirs. Whoever then proves their number would tie their membership to the attacker's account.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from json import loads
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.agents import DESK, IN_CHAT, IPHONE
from tests.journeys.conftest import APP
from tests.journeys.running import Running


def credentials(running: Running, person: str) -> str:
    return urlsplit(running.line.in_app(person)).fragment


def is_nobody(page: Page, url: str) -> None:
    """They are asked to log in, by our page or by LINE's; ours sends signed-in people no further."""
    button = page.get_by_role("button", name="LINEでログイン")
    expect(button.or_(page.get_by_role("heading", name="Log in to LINE as"))).to_be_visible()
    answer = page.context.request.get(f"{url}/liff/log-in", max_redirects=0)
    assert answer.status == 303, "somebody is signed in"


@pytest.mark.parametrize("agent", [IPHONE + IN_CHAT, DESK], ids=["chat", "elsewhere"])
@pytest.mark.parametrize("path", ["/liff", "/liff/link", "/liff?liff.state=%2Flink", "/liff/me"])
def test_an_address_with_an_attackers_login_tapped_outside_of_liff(
    musubi: Running,
    real: Callable[..., Page],
    agent: str,
    path: str,
) -> None:
    attacker = musubi.line.add_person("攻撃 太郎", friend=True)
    page = real(user_agent=agent, is_mobile=True, has_touch=True)
    page.add_init_script(APP)  # should LINE's app bring its own part there, too
    page.goto(f"{musubi.url}{path}#{credentials(musubi, attacker)}")
    is_nobody(page, musubi.url)


@pytest.mark.parametrize(
    "path",
    ["/link", "/me", "", "/", "?x=1", "/link?x=1", "?liff.state=%2Flink", "/ticket/x/../.."],
)
def test_a_liff_address_with_an_attackers_login_inside_of_it(
    musubi: Running,
    inside: Callable[..., Page],
    path: str,
) -> None:
    """LINE opens it with the victim's own login; what the address brings along comes second, even
    where it leads back to the page that LINE opens first, which lets a token go ahead."""
    attacker = musubi.line.add_person("攻撃 太郎", friend=True)
    victim = musubi.line.add_person("被害 花子", friend=True)
    page = inside()
    tokens: list[str] = []
    page.on("request", lambda each: tokens.append(each.post_data or "")
            if each.url.endswith("/liff/session") else None)  # fmt: skip
    more = f"{path}#{credentials(musubi, attacker)}"
    page.goto(musubi.line.in_app(victim, more))
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        re.compile("会員証とLINEをつなぐ|まだ連携")
    )
    page.wait_for_load_state("networkidle")
    assert tokens
    assert all(victim in _read(each) for each in tokens), "signed in as the attacker"


def test_whose_login_it_is_stands_on_the_door(musubi: Running, inside: Callable[..., Page]) -> None:
    """In LINE's own browser a page of another LIFF app can lead to ours with its author's login:
    LINE's script takes it, and so do we. Then it is the author's name that the victim reads."""
    attacker = musubi.line.add_person("攻撃 太郎", friend=True)
    page = inside()
    page.goto(f"{musubi.url}/liff?liff.state=%2Fphone#{credentials(musubi, attacker)}")
    expect(page.get_by_role("banner")).to_contain_text("LINEでサインイン中 攻撃 太郎")


def _read(body: str) -> str:
    """What is inside of the token that was sent."""
    said = loads(body)["id_token"].split(".")[1]
    return urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
