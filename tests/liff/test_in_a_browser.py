"""What the script adds, in a real Chromium: LINE's SDK is played by a few lines of our own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect
from werkzeug.serving import make_server

from core.database import Database, connect
from core.settings import Settings
from line.fake import FakeLogin
from models import Base, Deauthorization
from simulator.waiting import until
from tests.conftest import SettableClock
from tests.liff.conftest import PASSWORD, World
from tests.liff.visitor import ANN
from texts import text

SDK = """
const kept = Object.fromEntries(document.cookie.split("; ").map((each) => each.split("=")));
const ask = (path) => { const x = new XMLHttpRequest(); x.open("GET", path, false); x.send();
  return x.responseText; };
window.liff = {
  init: async () => { if (kept.broken) throw new Error("INIT_FAILED");
    await new Promise((done) => setTimeout(done, 50));
    const state = new URLSearchParams(location.search).get("liff.state");
    if (state) { location.replace("/liff" + state); await new Promise(() => {}); } },
  isInClient: () => kept.inside === "1",
  isLoggedIn: () => Boolean(kept.who),
  getIDToken: () => ask("/sdk/id-token?who=" + kept.who),
  getAccessToken: () => ask("/sdk/access-token?who=" + kept.who),
  getAppLanguage: () => "en",
  login: ({ redirectUri }) => { document.cookie = "who=WHO; path=/"; location.href = redirectUri; },
  logout: () => { document.cookie = "who=; max-age=0; path=/"; kept.who = ""; },
  closeWindow: () => { document.title = "closed"; },
};
""".replace("WHO", ANN)


def _sdk(app: Flask, login: FakeLogin) -> None:
    app.add_url_rule("/sdk.js", "sdk", lambda: Response(SDK, mimetype="text/javascript"))

    @app.get("/sdk/id-token")
    def id_token() -> str:
        who = request.args["who"]
        return login.bad_token("expired") if who == "expired" else login.token_for(who)

    @app.get("/sdk/access-token")
    def access_token() -> str:
        return login.access_token_for(request.args["who"])


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[Database]:
    """The pages themselves are tried on both databases; the script knows of neither."""
    database = connect(f"sqlite:///{tmp_path / 'pages.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def site(
    own_database: Database,
    make_app_on: Callable[[Settings, Database], Flask],
    make_settings: Callable[..., Settings],
    login: FakeLogin,
) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, Flask("later"), threaded=True)
    origin = f"http://127.0.0.1:{server.server_port}"
    app = make_app_on(make_settings(line_liff_sdk_url=f"{origin}/sdk.js"), own_database)
    _sdk(app, login)
    server.app = app
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield origin
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def town(own_database: Database, settings: Settings) -> World:
    return World(own_database, settings)


@pytest.fixture
def phone(page: Page, site: str) -> Iterator[Page]:
    """A page whose every complaint fails the test."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


def _is(context: BrowserContext, site: str, **cookies: str) -> None:
    context.add_cookies([{"name": n, "value": v, "url": site} for n, v in cookies.items()])


def t(key: str, **values: object) -> str:
    return text(key, "ja", **values)


def test_inside_line_from_opening_to_closing(
    phone: Page, context: BrowserContext, site: str, town: World
) -> None:
    town.member()
    _is(context, site, who=ANN, inside="1", lang="ja")
    phone.goto(f"{site}/liff/link")
    phone.get_by_text(t("liff.link.phone"), exact=True).click()
    phone.get_by_label(t("liff.phone.label")).fill("090-1234-5678")
    phone.get_by_role("button", name=t("liff.phone.send")).click()
    again = phone.locator("[data-wait]")
    expect(again).to_be_disabled()
    expect(again).to_contain_text("あと")
    phone.get_by_label(t("liff.code.label")).press_sequentially(town.code())  # no button needed
    expect(phone.get_by_role("heading")).to_have_text(t("liff.done.title"))
    expect(phone).to_have_title("closed", timeout=15_000)
    assert [who for who, *_ in town.links()] == [ANN]


def test_a_code_is_typed_before_the_script_has_run(
    phone: Page, context: BrowserContext, site: str, town: World
) -> None:
    town.member()
    _is(context, site, who=ANN, inside="1", lang="ja")
    phone.goto(f"{site}/liff/link")
    phone.get_by_text(t("liff.link.phone"), exact=True).click()
    phone.get_by_label(t("liff.phone.label")).fill("090-1234-5678")
    held: list[Route] = []
    phone.route("**/liff/liff.js", lambda route: route.continue_() if held else held.append(route))
    phone.get_by_role("button", name=t("liff.phone.send")).click(no_wait_after=True)
    box = phone.get_by_label(t("liff.code.label"))
    box.click()
    box.press_sequentially(town.code())
    until(lambda: phone.evaluate("1") and held, "the script is not asked for")
    held[0].continue_()
    expect(phone.get_by_role("heading")).to_have_text(t("liff.done.title"))


# The token goes ahead

IN_LINE = "Mozilla/5.0 (Linux; Android 16) Chrome/141.0 Mobile Safari/537.36 Line/15.12.0 LIFF"
DOORS = t("liff.link.heading", brand="Musubi")

Opened = Callable[..., Page]


@pytest.fixture
def line_opens(browser: Browser, site: str, login: FakeLogin) -> Iterator[Opened]:
    """LINE's own browser is given the tokens in the address. `asked` of the page: what it sent."""
    contexts: list[BrowserContext] = []

    def open_(state: str = "", *, agent: str = IN_LINE, token: str = "", **cookies: str) -> Page:
        context = browser.new_context(user_agent=agent, locale="ja-JP")
        contexts.append(context)
        _is(context, site, **({"who": ANN, "inside": "1"} | cookies))
        page = context.new_page()
        query = f"?liff.state={state}" if state else ""
        if cookies.get("blocked"):
            context.route("**/sdk.js", lambda route: route.abort())
        page.goto(f"{site}/liff{query}#access_token=x&id_token={token or login.token_for(ANN)}")
        return page

    yield open_
    for context in contexts:
        context.close()


def _heard(page: Page) -> list[str]:
    """The paths asked for from here on."""
    asked: list[str] = []
    page.on("request", lambda each: asked.append(f"{each.method} {urlsplit(each.url).path}"))
    return asked


@pytest.mark.parametrize(
    ("state", "path", "heading"),
    [
        ("%2Flink", "/liff/link", DOORS),
        ("%2Fme", "/liff/me", t("liff.not_linked.title")),
        ("", "/liff/link", DOORS),
    ],
)
def test_line_opens_the_page_and_it_is_open(
    line_opens: Opened, site: str, state: str, path: str, heading: str
) -> None:
    page = line_opens(state, lang="ja")
    expect(page.get_by_role("heading")).to_have_text(heading)
    assert urlsplit(page.url)[2:] == (path, "", "")
    until(lambda: page.evaluate("Boolean(window.liff)"), "LINE's script is not begun here as well")
    page.reload()
    expect(page.get_by_role("heading")).to_have_text(heading)


def test_lines_script_being_blocked_keeps_nobody_out_who_is_known(line_opens: Opened) -> None:
    for state in ("", "%2Flink"):
        page = line_opens(state, lang="ja", blocked="1")
        expect(page.get_by_role("heading")).to_have_text(DOORS)


def test_a_token_that_is_refused_ahead_is_asked_of_lines_script(
    line_opens: Opened, login: FakeLogin
) -> None:
    page = line_opens("%2Flink", lang="ja", token=login.bad_token("expired"))
    expect(page.get_by_role("heading")).to_have_text(DOORS)


def test_in_another_browser_nothing_goes_ahead(line_opens: Opened) -> None:
    """There the address was made by somebody, who may want their own login used."""
    elsewhere = IN_LINE.removesuffix(" LIFF")
    page = line_opens("%2Flink", lang="ja", who="", agent=elsewhere)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        t("liff.signing_in.log_in_title", brand="Musubi")
    )
    assert "token" not in page.url


def test_the_line_apps_language_is_learnt_where_the_browser_said_another(
    line_opens: Opened,
) -> None:
    page = line_opens("%2Flink")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading")).to_have_text(
        text("liff.link.heading", "en", brand="Musubi")
    )


# Outside


def test_outside_line_it_logs_in_first(phone: Page, site: str, town: World) -> None:
    phone.goto(f"{site}/liff/link?lang=ja")
    phone.get_by_role("button", name=t("liff.signing_in.log_in")).click()
    expect(phone.get_by_role("heading")).to_have_text(t("liff.link.heading", brand="Musubi"))


def test_a_desktop_is_shown_a_code_for_the_phone(
    phone: Page, site: str, context: BrowserContext
) -> None:
    phone.set_viewport_size({"width": 1200, "height": 800})
    phone.goto(f"{site}/liff/link?lang=ja")
    picture = phone.get_by_alt_text(t("liff.signing_in.qr_alt"))
    expect(picture).to_be_visible()
    until(lambda: picture.evaluate("image => image.naturalWidth") > 50, "the code is not drawn")


def test_an_expired_login_can_be_made_anew(phone: Page, context: BrowserContext, site: str) -> None:
    _is(context, site, who="expired", lang="ja")
    phone.goto(f"{site}/liff/link")
    expect(phone.get_by_role("heading")).to_have_text(t("liff.refused.expired.title"))
    expect(phone.get_by_text(t("liff.refused.outside"))).to_be_visible()
    phone.get_by_role("button", name=t("liff.signing_in.log_in")).click()
    expect(phone.get_by_role("heading")).to_have_text(t("liff.link.heading", brand="Musubi"))


def test_inside_line_an_expired_login_says_to_open_again(
    phone: Page, context: BrowserContext, site: str
) -> None:
    _is(context, site, who="expired", inside="1", lang="ja")
    phone.goto(f"{site}/liff/link")
    expect(phone.get_by_text(t("liff.refused.inside"))).to_be_visible()
    phone.get_by_role("button", name=t("liff.close"), exact=True).click()
    expect(phone).to_have_title("closed")


def test_without_lines_script_it_says_what_to_do(
    page: Page, context: BrowserContext, site: str
) -> None:
    context.route("**/sdk.js", lambda route: route.abort())
    page.goto(f"{site}/liff/link?lang=ja")
    expect(page.get_by_role("heading")).to_have_text(t("liff.signing_in.offline_title"))
    context.unroute_all()
    page.get_by_role("button", name=t("liff.signing_in.again")).click()
    expect(page.get_by_role("button", name=t("liff.signing_in.log_in"))).to_be_visible()


def test_an_sdk_that_fails_is_told(phone: Page, context: BrowserContext, site: str) -> None:
    _is(context, site, broken="1", lang="ja")
    phone.goto(f"{site}/liff/me")
    expect(phone.get_by_role("heading")).to_have_text(t("liff.signing_in.offline_title"))


def test_an_old_page_is_loaded_again_by_itself(
    phone: Page, context: BrowserContext, site: str, clock: SettableClock
) -> None:
    """As when the same page is open in two tabs: the first has used the intent."""
    _is(context, site, lang="ja")
    phone.goto(f"{site}/liff/link")
    expect(phone.locator("[data-state=log-in]")).to_be_visible()
    clock.advance(minutes=20)
    phone.evaluate(f"document.cookie = 'who={ANN}; path=/'")
    phone.goto(f"{site}/liff/link")
    expect(phone.get_by_role("heading")).to_have_text(t("liff.link.heading", brand="Musubi"))


def test_unlinking_brings_the_access_token(
    phone: Page, context: BrowserContext, site: str, town: World
) -> None:
    town.member()
    _is(context, site, who=ANN, inside="1", lang="ja")
    phone.goto(f"{site}/liff/link")
    phone.get_by_text(t("liff.link.log_in"), exact=True).click()
    phone.get_by_label(t("liff.log_in.name")).fill("M1001")
    phone.get_by_label(t("liff.log_in.password"), exact=True).fill(PASSWORD)
    phone.get_by_role("button", name=t("liff.log_in.send")).click()
    phone.get_by_role("link", name=t("liff.done.me")).click()
    phone.get_by_role("link", name=t("liff.me.unlink")).click()
    phone.get_by_role("button", name=t("liff.unlink.yes")).click()
    expect(phone.get_by_role("heading")).to_have_text(t("liff.unlinked.title"))
    assert town.links() == []
    assert len(town.all(Deauthorization)) == 1


def test_errors_take_the_focus(
    phone: Page, context: BrowserContext, site: str, town: World
) -> None:
    _is(context, site, who=ANN, lang="ja")
    phone.goto(f"{site}/liff/link")
    phone.get_by_text(t("liff.link.log_in"), exact=True).click()
    phone.get_by_role("button", name=t("liff.log_in.send")).click()
    expect(phone.get_by_role("alert").first).to_be_focused()
    phone.get_by_role("link", name=t("liff.log_in.password_missing")).click()
    phone.get_by_label(t("liff.log_in.name")).fill("M1001")
    phone.get_by_label(t("liff.log_in.password"), exact=True).fill("wrong")
    phone.get_by_role("button", name=t("liff.log_in.send")).click()
    expect(phone.get_by_label(t("liff.log_in.password"), exact=True)).to_be_focused()


SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select")]
  .filter((each) => each.offsetParent && getComputedStyle(each).display !== "inline")
  .map((each) => [each.outerHTML.slice(0, 80), (each.type === "checkbox" ? each.labels[0] : each).getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5).map(([html]) => html)"""

WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "th"])
def test_pages_fit_a_small_phone_and_a_thumb(
    phone: Page, context: BrowserContext, site: str, town: World, language: str
) -> None:
    phone.set_viewport_size({"width": 320, "height": 600})
    _is(context, site, lang=language)
    phone.goto(f"{site}/liff/link")
    expect(phone.locator("[data-state=log-in]")).to_be_visible()
    found = {"log-in page": (phone.evaluate(SMALL), phone.evaluate(WIDE))}
    _is(context, site, who=ANN, inside="1")
    phone.goto(f"{site}/liff/link")
    expect(phone.locator(".door").first).to_be_visible()
    for path in ("link", "phone", "log-in", "me", "nowhere"):
        phone.goto(f"{site}/liff/{path}")
        found[path] = (phone.evaluate(SMALL), phone.evaluate(WIDE))
    assert found == dict.fromkeys(found, ([], 0))
