"""Every route of the staff site and what it needs: a table for the documents and for the tests."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from app import Parts, create_app
from core.database import connect
from core.settings import Settings
from line.fake import FakeLine
from line.fake_login import FakeLogin
from models import Role

COMPANY = {
    "staff_openid_url": "http://127.0.0.1:9/.well-known/openid-configuration",
    "staff_openid_client_id": "c",
    "staff_openid_domain": "example.com",
}
"""With every route there can be."""
PLAIN = COMPANY | {
    "line_channel_id": "1",
    "line_channel_secret": "s",
    "line_login_channel_id": "2",
    "line_login_channel_secret": "s",
    "liff_id": "2-a",
    "public_url": "http://localhost",
    "secret_key": "k" * 32,
}
PAGE = Path(__file__).parent.parent.parent / "docs" / "staff" / "roles.md"
HEAD = """# Who may do what on the staff site

Each role may do all that those before it may: viewer, editor, publisher, administrator. “Sure” means that whoever sits
there is asked once more who they are, unless they have just shown it. A stranger is led to the sign-in page.

This page is written by `python -m tests.staff.routes` from what the routes themselves declare, and a test compares both.

| address | how | stranger | viewer | editor | publisher | admin | sure |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Route:
    """One address, by one method."""

    endpoint: str
    rule: Rule
    method: str
    needs: Role | None
    """None: open to all."""

    sure: bool

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def routes(app: Flask) -> Iterator[Route]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        if not rule.rule.startswith("/staff"):
            continue
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield Route(rule.endpoint, rule, method, view.needs, hasattr(view, "sure"))


def table(app: Flask) -> str:
    return HEAD + "".join(f"{_row(route)}\n" for route in routes(app))


def _row(route: Route) -> str:
    may = [route.needs is None, *(route.needs is None or role.covers(route.needs) for role in Role)]
    marks = " | ".join("yes" if each else "" for each in may)
    return f"| `{route.rule.rule}` | {route.method} | {marks} | {'yes' if route.sure else ''} |"


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(None, **PLAIN, run_dir=Path(folder))
        database = connect("sqlite://")
        parts = Parts(database, FakeLogin(), lambda *_: None, lambda: 0.0, line=FakeLine())
        PAGE.write_text(table(create_app(settings, parts)), "utf-8")
        database.close()


if __name__ == "__main__":
    main()
