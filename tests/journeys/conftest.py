"""One deployment for all journeys, under LINE's real host names; each brings its own people."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.conftest import CI
from tests.journeys import line_hosts, town
from tests.journeys.agents import IN_LINE, IPHONE
from tests.journeys.phone import NewPhone, Phone
from tests.journeys.running import Running
from tests.journeys.shop import Shop
from tests.journeys.town import Town
from tests.journeys.watching import Watch
from tests.liff_sdk import bundle

EXTENSIONS = "https://static.line-scdn.net/liff/edge/2/*extensions*.js"
NO_EXTENSIONS = "window.liffClientExtension = { install() {} };"
APP = """
(language) => {
  window._liff = {
    features: [],
    postMessage: (...said) => (window._liff.said ??= []).push(said),
  };
  window.prompt = (asked) => {
    if (asked !== "LIFF:GET_APP_LANGUAGE") throw new Error(`who answers ${asked}?`);
    return language;
  };
}
"""
"""What LINE's app puts into the window of a LIFF page; it answers there by itself."""


@pytest.fixture(scope="session")
def musubi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("musubi"), real_hosts=True) as running:
        yield running


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser], musubi: Running) -> Iterator[Browser]:
    """A Chromium for which LINE's hosts are on this machine, and no others are anywhere."""
    assert musubi.line.tls_port is not None
    browser = launch(*line_hosts.browser_flags(musubi.line.tls_port))
    yield browser
    browser.close()


@pytest.fixture
def new_context(browser: Browser, musubi: Running) -> Iterator[Callable[..., BrowserContext]]:
    """Somebody's browser. What its pages ask for and complain of is looked at when it closes."""
    opened: list[tuple[BrowserContext, Watch]] = []
    ours = {urlsplit(url).netloc for url in (musubi.url, musubi.line.url)}

    def open_one(**more: object) -> BrowserContext:
        plain = {"viewport": {"width": 375, "height": 780}, "locale": "ja-JP"}
        context = browser.new_context(ignore_https_errors=True, **(plain | more))  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        opened.append((context, Watch(context, ours | set(line_hosts.HOSTS))))
        return context

    yield open_one
    for context, watch in opened:
        context.close()
        watch.check()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context()


@pytest.fixture(scope="session")
def shop(
    launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """A deployment of its own, since its staff change what everybody sees."""
    with Running(tmp_path_factory.mktemp("shop")) as running:
        browser = launch()
        yield Shop(running, browser)
        browser.close()  # first: gunicorn would wait for the connections that it keeps


@pytest.fixture(scope="session")
def members(musubi: Running) -> Town:
    """Members of the brand, for each journey to take its own."""
    return Town(musubi)


@pytest.fixture
def new_phone(new_context: Callable[..., BrowserContext], musubi: Running) -> NewPhone:
    """The phone of somebody who has not added the account; `language` is their LINE app's."""

    def phone(number: str = "", *, name: str = "町田 花子", language: str = "ja") -> Phone:
        number = number or town.new_number()
        user = musubi.line.add_person(name, phone=number, language=language)
        locale = {"ja": "ja-JP", "en": "en-GB", "zh-Hant": "zh-TW", "th": "th-TH"}[language]
        return Phone(new_context(locale=locale).new_page(), musubi, user, number)

    return phone


# With the real SDK


@pytest.fixture(scope="session")
def sdk() -> str:
    if not bundle.installed():
        assert not CI, "CI must have the real SDK: make liff-sdk"
        pytest.skip("LINE's LIFF SDK is not here: make liff-sdk (needs npm)")
    return bundle.script()


@pytest.fixture
def real(new_context: Callable[..., BrowserContext], sdk: str) -> Callable[..., Page]:
    """A page in a browser that is given the real SDK where LINE serves it."""

    def script(route: Route) -> None:
        route.fulfill(body=sdk, content_type="text/javascript")

    def open_one(**more: object) -> Page:
        context = new_context(**more)
        context.route(line_hosts.SDK, script)
        context.route(
            EXTENSIONS,
            lambda route: route.fulfill(body=NO_EXTENSIONS, content_type="text/javascript"),
        )
        return context.new_page()

    return open_one


@pytest.fixture
def inside(real: Callable[..., Page]) -> Callable[..., Page]:
    """LINE's own browser, as its app in a language opens a LIFF page."""

    def open_one(language: str = "ja", system: str = IPHONE) -> Page:
        page = real(user_agent=system + IN_LINE, is_mobile=True, has_touch=True)
        page.add_init_script(f"({APP.strip()})({json.dumps(language)})")
        return page

    return open_one
