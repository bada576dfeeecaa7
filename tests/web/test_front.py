"""A door of machines is theirs alone; all else goes to the pages."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client, run_wsgi_app
from werkzeug.test import create_environ as environ_for

from core.settings import Settings
from web import headers
from web.front import Front

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def saying(words: bytes) -> "WSGIApplication":
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("X-Own", "1")])
        return [words]

    return app


@pytest.fixture
def front(settings: Settings) -> Front:
    return Front(saying(b"page"), {"/door": saying(b"door")}, headers.without_pages(settings))


@pytest.mark.parametrize("method", ["GET", "POST", "X"])
def test_a_door_is_there_for_every_method(front: Front, method: str) -> None:
    assert Client(front).open("/door", method=method).data == b"door"


@pytest.mark.parametrize("path", ["/", "/door/", "//door", "/Door", "/door/more"])
def test_all_else_is_a_page(front: Front, path: str) -> None:
    assert Client(front).get(path).data == b"page"


def test_what_a_door_says_is_guarded(front: Front) -> None:
    said = Client(front).get("/door").headers
    assert said["X-Own"] == "1"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Cache-Control"] == "no-store"
    assert "default-src 'none'" in said["Content-Security-Policy"]
    again = Client(front).get("/door").headers
    assert again["Content-Security-Policy"] != said["Content-Security-Policy"]


def test_a_body_that_a_door_leaves_is_read_to_its_end(front: Front) -> None:
    environ = environ_for("/door", method="POST")
    body = io.BytesIO(b"x" * 200_000)
    environ |= {"wsgi.input": body, "wsgi.input_terminated": True}
    run_wsgi_app(front, environ)
    assert body.read() == b""
