"""Nothing of a request is left on the connection for the next one to stumble over."""

from io import BytesIO

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from web import bodies
from web.bodies import ReadToTheEnd


def left_after(size: int, *, ends: bool = True, allowed: int | None = None) -> int:
    """How much of a body is unread after a view that never looked at it."""
    app = Flask(__name__)
    app.wsgi_app = ReadToTheEnd(app.wsgi_app)
    body = BytesIO(b"x" * size)
    environ = EnvironBuilder(method="POST", path="/nowhere", input_stream=body).get_environ()
    environ["CONTENT_LENGTH"] = str(size)
    if allowed is not None:
        environ[bodies.ALLOWED] = allowed
    environ["wsgi.input_terminated"] = ends  # gunicorn says so; werkzeug's own server does not
    assert run_wsgi_app(app, environ)[1].startswith("404")
    return len(body.read())


def test_a_body_that_no_view_wanted_is_read_all_the_same():
    assert left_after(300_000) == 0


def test_but_not_without_end():
    assert left_after(bodies.MOST + 5) == 5


def test_a_request_may_say_how_much_is_read():
    assert left_after(bodies.MOST + 5, allowed=bodies.MOST + 5) == 0
    assert left_after(1_000, allowed=900) == 100


def test_a_stream_that_never_ends_is_not_waited_for():
    assert left_after(300_000, ends=False) == 300_000
