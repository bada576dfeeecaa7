"""One deployment for all journeys, under LINE's real host names; each brings its own people."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys import line_hosts, town
from tests.journeys.phone import NewPhone, Phone
from tests.journeys.running import Running
from tests.journeys.shop import Shop
from tests.journeys.town import Town
from tests.journeys.watching import Watch


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a deployment is done by one of pytest's workers; what looks at everything that
    was sent comes when everything has been sent."""
    for item in items:
        for deployment in {"musubi", "shop"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(deployment))
    items.sort(key=lambda item: item.path.name == "test_openapi.py")
