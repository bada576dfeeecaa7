"""What the areas of the site are given, how they say where they are found, and where they lead."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, url_for
from werkzeug import Response

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from line.gateway import Line
from models import Role


@dataclass(frozen=True)
class Parts:
    settings: Settings
    database: Database
    line: Line
    ring: Callable[[str], object]
    """Wakes the worker for a kind of work."""

    now: Clock
    last_beat: Callable[[], float | None]
    """Seconds since the worker last showed life; None: it never did."""


@dataclass(frozen=True)
class Nav:
    """An area's line in the navigation."""

    key: str
    """The text that names it."""

    endpoint: str
    """Where it leads, such as `today`."""

    icon: str
    """The name of one of Bootstrap's icons."""

    order: int
    needs: Role


def at(endpoint: str, **values: object) -> str:
    """The address of one of our own pages, by its short name."""
    named = endpoint if endpoint.startswith("staff.") else f"staff.{endpoint}"
    return url_for(named, **values)  # type: ignore[arg-type]  # any value that has words


def go(endpoint: str, **values: object) -> Response:
    """After a form was taken: on to a page that may be reloaded."""
    return redirect(at(endpoint, **values), 303)
