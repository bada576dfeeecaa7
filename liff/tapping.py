"""Taps on links of rich menus: the way to websites by way of us, and what both kinds count.

Whoever taps waits for no counter: one more is counted when the answer is on its way.
"""

from datetime import timedelta

from flask import Blueprint, Response, after_this_request, redirect
from flask.typing import ResponseReturnValue

from core.clock import Clock
from core.database import Database
from core.errors import NotFound
from core.settings import Settings
from liff import visit
from liff.site import Site
from richmenus import following, links
from richmenus.links import Place
from web import asking
from web.errors import way_back

ONCE = timedelta(seconds=20)
"""A LIFF page that is loaded again so soon is the same tap: LINE's script does that."""
MOST = "6000 per minute"
"""Of one address, behind which there may be a mobile network that has just got a message."""


def blueprint(settings: Settings, database: Database, clock: Clock) -> Blueprint:
    pages = Blueprint("tapping", __name__, url_prefix=links.PATH)

    @pages.get("/<token>")
    def site(token: str) -> ResponseReturnValue:
        """On to the website. It leads nowhere but where staff have said that it shall."""
        target = following.target(database, token, settings)
        link = links.read(token)
        if target is None or link is None:
            raise NotFound("liff.link_gone")
        _count_after(settings, database, clock, link.place, token)
        return redirect(target, 302)

    if settings.site_url:
        way_back(pages, settings.site_url, "liff.to_site")
    else:
        way_back(pages, "/liff/me", "liff.to_me")
    return pages


def opened(site: Site, said: str) -> None:
    """A LIFF page was opened by a link that said where it stands."""
    place, now = links.mark(said), site.clock()
    if place is None:
        return
    before = visit.kept(visit.Tapped, now)
    visit.keep(visit.Tapped(said=said, until=now + ONCE))
    if before is None or before.said != said:
        _count_after(site.settings, site.database, site.clock, place)


def _count_after(
    settings: Settings, database: Database, clock: Clock, place: Place, token: str = ""
) -> None:
    if not asking.by_a_person():
        return

    @after_this_request
    def later(response: Response) -> Response:
        response.call_on_close(
            lambda: following.count(database, place, clock(), settings, token=token)
        )
        return response
