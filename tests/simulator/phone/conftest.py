"""A platform with a LIFF page, a friend, and a desk with the phone on it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.running import Simulator
from tests.simulator.phone.bot import Line, picture
from tests.simulator.phone.brand_page import BrandPage, brand_page

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def brand() -> Iterator[BrandPage]:
    with brand_page() as brand:
        yield brand


@pytest.fixture(scope="session")
def platform(brand: BrandPage) -> Iterator[Simulator]:
    with Simulator(liff_endpoint=brand.url) as simulator:
        brand.use(simulator.url, simulator.settings.liff_id)
        yield simulator


@pytest.fixture
def line(platform: Simulator) -> Line:
    return Line(platform)


@pytest.fixture
def hanako(platform: Simulator) -> str:
    return platform.add_person("Hanako", language="ja", phone="+819012345678", friend=True)


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page on a desk, on which every mistake of a script fails the test.

    Nothing slides: a click into a page on a sheet that is still moving up would miss its button.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="ja-JP", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    context.route(
        "https://brand.example/**",
        lambda route: route.fulfill(body=picture(), content_type="image/png"),
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []
