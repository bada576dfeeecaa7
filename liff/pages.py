"""All pages of this surface on one map: who may see which, and where everybody else is sent."""

from pathlib import Path
from uuid import UUID

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from liff import doors, log_in, me, phone, policy, register, signing_in, ticket, visit
from liff.site import Page, Ring, Site, go
from line.gateway import Login
from members import linking
from members.friendship import called
from web import assets, headers
from web.errors import way_back

PAGES: tuple[Page, ...] = (
    *doors.PAGES,
    *phone.PAGES,
    *log_in.PAGES,
    *register.PAGES,
    *me.PAGES,
    *ticket.PAGES,
)


def blueprint(
    settings: Settings, database: Database, login: Login, ring: Ring, clock: Clock
) -> Blueprint:
    site = Site(settings, database, login, ring, clock)
    pages = Blueprint("liff", __name__, url_prefix="/liff", template_folder="templates")
    allowed = policy.sources(settings)
    pages.before_request(lambda: headers.allow(allowed))
    known = policy.for_the_script(settings)
    pages.context_processor(lambda: known)
    pages.record_once(
        lambda state: assets.of(state.app).put_folder("liff", Path(__file__).parent / "static")
    )
    way_back(pages, "/liff/link", "liff.open_again")
    signing_in.put(pages, site)
    ticket.put(pages, site)
    for page in PAGES:
        _put(pages, site, page)
    return pages


def _put(pages: Blueprint, site: Site, page: Page) -> None:
    def view() -> ResponseReturnValue:
        friend_id = visit.signed_in(site.clock())
        name = _called(site, friend_id) if friend_id else None
        if friend_id is None or name is None:
            visit.sign_out()
            return _not_signed_in(site, page)
        if _misplaced(site, page, friend_id):
            return go("me")
        if not page.for_linked:
            g.called = name  # so that somebody who is signed in as another notices
        return page.view(site, friend_id)

    pages.add_url_rule(page.path, page.name, view, methods=page.methods)


def _not_signed_in(site: Site, page: Page) -> ResponseReturnValue:
    """Whoever asks to see a page signs in right there; what was posted is asked for again."""
    back_to = "me" if page.for_linked else "link"
    if request.method == "POST" or page.name not in ("link", "me"):
        return go(back_to)
    return signing_in.page(site, back_to)


def _called(site: Site, friend_id: UUID) -> str | None:
    """Their name on LINE. None when they are not to be found: a cookie may outlive a database."""
    with site.database.read() as db:
        return called(db, friend_id)


def _misplaced(site: Site, page: Page, friend_id: UUID) -> bool:
    """A way to be linked, asked for by somebody who is."""
    if page.for_linked:
        return False
    with site.database.read() as db:
        return linking.active(db, friend_id) is not None
