"""Leads what machines post to an application of its own, past all that is done for pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from web.bodies import ReadToTheEnd

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = Callable[[], list[tuple[str, str]]]


class Front:
    """`doors`: what answers at an address, whatever the method. All else is `pages`."""

    def __init__(
        self, pages: "WSGIApplication", doors: Mapping[str, "WSGIApplication"], headers: Headers
    ) -> None:
        self._pages, self._headers = pages, headers
        self._doors = {path: ReadToTheEnd(door) for path, door in doors.items()}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        door = self._doors.get(environ.get("PATH_INFO", ""))
        if door is None:
            return self._pages(environ, start_response)

        def guarded(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, headers + self._headers(), *more)

        return door(environ, guarded)
