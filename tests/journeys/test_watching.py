"""The watch over the browsers of these journeys sees what it is there to see."""

import pytest
from playwright.sync_api import Browser

from simulator.waiting import until
from tests.journeys import line_hosts
from tests.journeys.running import Running
from tests.journeys.watching import Watch


def test_it_sees_what_is_forbidden_and_who_is_strange(browser: Browser, musubi: Running) -> None:
    context = browser.new_context(ignore_https_errors=True, locale="ja-JP")
    watch = Watch(context, {musubi.url.removeprefix("http://"), *line_hosts.HOSTS})
    page = context.new_page()
    page.goto(f"{musubi.url}/liff/link")
    page.get_by_role("button", name="LINEでログイン").wait_for()
    watch.check()
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://a.example/a'}))")
    looked = "[...document.images].at(-1).complete"
    until(lambda: page.evaluate(looked) and watch.violations, "nothing is said of it")
    with pytest.raises(AssertionError):
        watch.check()
    assert any("a.example" in each for each in watch.violations)

    page.goto("https://liff.line.me/healthz")  # where no policy forbids it
    page.evaluate("fetch('https://b.example/').catch(() => {})")
    assert "b.example" in watch.asked
    context.close()
