"""Our LIFF page on a phone of the middle range and a slow 4G, beside one that only begins LIFF."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench.deployment import Deployment
from bench.figures import Figure, Goal, Size, at_most, middle
from bench.serving import Web
from simulator.running import Simulator

SLOW_4G = {
    "offline": False, "latency": 150,
    "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 750_000 / 8,
}  # fmt: skip
"""What Lighthouse calls so."""
SLOWER = 4
"""Times that the processor is slower than this one."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
WAIT = 30_000
WHERE = "Chromium, slow 4G, CPU ÷ 4"
IN_LINE = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36 Line/15.12.0 LIFF"
)


DOORS = ".doors a"
NOT_THE_FIRST = 'sessionStorage.setItem("musubi.first", "1")'
"""The page was open in this window before: the ID token is taken from LIFF, once it has begun
(liff/templates/liff/first.js)."""


def measure(size: Size) -> Iterator[Figure]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        return
    with (
        tempfile.TemporaryDirectory(prefix="musubi-bench-") as folder,
        Deployment(Path(folder), workers=1, webs=1, forged=False) as running,
        _empty(Path(folder)) as empty,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        ours, behind, theirs = [], [], []
        for round_ in range(-1, size.rounds + 2):  # the first only warms up
            mine = _open(browser, running.line, running.url, DOORS)
            later = _open(browser, running.line, running.url, DOORS, script=NOT_THE_FIRST)
            plain = _open(browser, empty, empty.settings.liff_endpoint, "#main:not([hidden])")
            if round_ >= 0:
                ours.append(mine)
                behind.append(later)
                theirs.append(plain)
        browser.close()
    yield from _figures(ours, theirs)
    yield _usable("… opened again in the same window", behind, theirs)


@dataclass(frozen=True)
class Opened:
    usable: float
    """Milliseconds from the tap to where one can choose how to be linked."""
    requests: int
    bytes: int
    """Of our own, as they came over the network."""


def _figures(ours: list[Opened], theirs: list[Opened]) -> Iterator[Figure]:
    page = "LIFF page, cold"
    yield Figure(
        f"{page}: our bytes", WHERE, middle([each.bytes / 1000 for each in ours], " KB"),
        middle([each.bytes / 1000 for each in theirs], " KB"),
        [each.bytes / 1000 for each in ours], unit="KB", goal=at_most(30, "≤ 30 KB"),
    )  # fmt: skip
    yield Figure(
        f"{page}: our requests", WHERE, middle([each.requests for each in ours]),
        middle([each.requests for each in theirs]), [float(each.requests) for each in ours],
        unit="", goal=at_most(5),
    )  # fmt: skip
    yield _usable(f"{page}: usable after", ours, theirs, at_most(300, "+ ≤ 300 ms"))


def _usable(
    what: str, ours: list[Opened], theirs: list[Opened], goal: Goal | None = None
) -> Figure:
    return Figure(
        what, WHERE, middle([each.usable for each in ours], " ms"),
        middle([each.usable for each in theirs], " ms, the SDK in both"),
        [mine.usable - yours.usable for mine, yours in zip(ours, theirs, strict=True)],
        unit="ms more", goal=goal,
    )  # fmt: skip


def _open(browser: Browser, line: Simulator, own: str, usable: str, *, script: str = "") -> Opened:
    """Somebody new, on a phone that has never seen us."""
    address = line.in_app(line.add_person("Hanako", friend=True), "/link")
    context = browser.new_context(
        viewport={"width": 375, "height": 780}, locale="ja-JP", user_agent=IN_LINE
    )
    page = context.new_page()
    page.add_init_script(script)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    counted = _Counted(session, urlsplit(own).netloc)
    page.goto(address, wait_until="commit")
    page.locator(usable).first.wait_for(state="visible", timeout=WAIT)
    took = counted.since_first()
    context.close()
    return Opened(took, counted.requests, counted.bytes)


class _Counted:
    """What goes over the network to one host, by the browser's own account."""

    def __init__(self, session: CDPSession, host: str) -> None:
        self.requests, self.bytes, self._host = 0, 0, host
        self._session, self._began = session, 0.0
        self._ours: set[str] = set()
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.requestServedFromCache", self._cached)
        session.send("Performance.enable")

    def _sent(self, said: dict[str, object]) -> None:
        self._began = self._began or float(said["timestamp"])  # type: ignore[arg-type]
        request = said["request"]
        assert isinstance(request, dict)
        if urlsplit(request["url"]).netloc == self._host:
            self.requests += 1
            self._ours.add(str(said["requestId"]))

    def _cached(self, said: dict[str, object]) -> None:
        if said["requestId"] in self._ours:
            self.requests -= 1

    def _finished(self, said: dict[str, object]) -> None:
        if said["requestId"] in self._ours:
            self.bytes += int(said["encodedDataLength"])  # type: ignore[call-overload]

    def since_first(self) -> float:
        """Milliseconds since the first request, by the browser's clock."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        now = next(each["value"] for each in metrics if each["name"] == "Timestamp")
        return float((now - self._began) * 1000)


class _empty:  # noqa: N801 - used as a function
    """LINE, and an empty LIFF page behind it."""

    def __init__(self, folder: Path) -> None:
        own = folder / "empty"
        own.mkdir()
        self._web = Web(own, "bench.yardstick:app")
        endpoint = f"http://127.0.0.1:{self._web.port}/liff"
        self.line = Simulator(log=own / "line.log", liff_endpoint=endpoint)

    def __enter__(self) -> Simulator:
        self.line.start()
        self._web.settings |= {
            "LINE_LIFF_SDK_URL": f"{self.line.url}/liff/edge/2/sdk.js",
            "LIFF_ID": self.line.settings.liff_id,
            "LINE_LOGIN_CHANNEL_ID": self.line.settings.login_channel_id,
        }
        self._web.__enter__()
        return self.line

    def __exit__(self, *said: object) -> None:
        self.line.stop()
        self._web.__exit__(None, None, None)
