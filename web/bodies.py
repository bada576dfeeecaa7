"""Reads every request's body to its end, whatever the view did with it.

gunicorn's threads can otherwise take the next request on a kept connection for the rest of this
one, and LINE and proxies keep connections.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_ONCE = 65_536
MOST = 4_000_000
"""Bytes. Whoever sends more than this unasked may lose the connection, and never see the answer."""
MOST_OF_A_FILE = 64_000_000
"""Where people send files, and pick one that is far too large: they are to read that it is."""
ALLOWED = "musubi.most_read"
"""The environ's key under which a request says how much is read."""


class ReadToTheEnd:
    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answer = self._app(environ, start_response)
        if not environ.get("wsgi.input_terminated"):
            return answer  # this server's stream does not end by itself: it would wait for ever
        body, left = environ["wsgi.input"], int(environ.get(ALLOWED, MOST))
        while left > 0 and (read := body.read(min(AT_ONCE, left))):
            left -= len(read)
        return answer
