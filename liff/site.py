"""What every page of this surface works with, and how a page is put on the map."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from line.gateway import Login
from members import sms

Ring = Callable[[str], None]
"""Wakes the worker for a kind of work."""


@dataclass(frozen=True)
class Site:
    settings: Settings
    database: Database
    login: Login
    ring: Ring
    clock: Clock

    @property
    def by_phone(self) -> bool:
        """Whether somebody carries one-time codes."""
        return sms.available(self.settings)


@dataclass(frozen=True)
class Page:
    """A page for somebody who is signed in; `view` is given the site and who it is."""

    path: str
    name: str
    view: Callable[[Site, UUID], ResponseReturnValue]
    posts: bool = False
    for_linked: bool = False
    """Made for people who are linked; all others are sent to it once they are."""

    @property
    def methods(self) -> list[str]:
        return ["GET", "POST"] if self.posts else ["GET"]


def go(name: str) -> Response:
    """On to another page of ours, by GET."""
    return redirect(url_for(f"liff.{name}"), 303)
