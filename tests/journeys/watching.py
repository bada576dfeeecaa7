"""Looks over the shoulder of a browser: nothing may go elsewhere, and nothing may be forbidden."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

FORBIDDEN = "Content Security Policy"


class Watch:
    def __init__(self, context: BrowserContext, hosts: set[str]) -> None:
        self.hosts = hosts
        self.asked: set[str] = set()
        """Hosts that pages asked."""
        self.violations: list[str] = []
        self.errors: list[str] = []
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", self._broke)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            self.asked.add(parts.netloc)

    def _said(self, message: ConsoleMessage) -> None:
        if FORBIDDEN in message.text:
            self.violations.append(message.text)

    def _broke(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def check(self) -> None:
        assert not self.violations
        assert not self.errors
        assert self.asked <= self.hosts, f"asked strangers: {self.asked - self.hosts}"
