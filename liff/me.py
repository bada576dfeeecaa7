"""My page: who I am linked as, since when and by what, and the way out of it."""

from uuid import UUID

import structlog
from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from liff import tying
from liff.site import Page, Site, go
from members import deauthorizing, linking
from members.friendship import speaks
from members.linking import Tied
from members.phone import masked
from members.profile import masked_name, masked_number
from web.dates import shown_at
from web.forms import Form
from web.language import current, t

log = structlog.get_logger()

TOKEN_MAX = 4096


def me(site: Site, friend_id: UUID) -> ResponseReturnValue:
    with site.database.read() as db:
        tied = linking.active(db, friend_id)
    if tied is None:
        return render_template("liff/not_linked.html")
    return render_template("liff/me.html", facts=_facts(site, tied))


def unlink(site: Site, friend_id: UUID) -> ResponseReturnValue:
    """Asks once, on a page of its own; ending the link needs neither script nor LINE."""
    with site.database.read() as db:
        if linking.active(db, friend_id) is None:
            return go("me")
    form = Form()
    if form.validate_on_submit():
        _end(site, friend_id)
        session[tying.DONE] = tying.UNLINKED
        return go("done")
    return render_template("liff/unlink.html")


def _end(site: Site, friend_id: UUID) -> None:
    """LINE is told by the person's own access token, when their LINE app gave one; whose it is,
    is asked of LINE before it is used (members.deauthorizing)."""
    now = site.clock()
    token = request.form.get("access_token", "")
    with site.database.begin() as db:
        speaks(db, friend_id, current())
        ended = linking.unlink(db, friend_id, now, settings=site.settings)
        if 0 < len(token) <= TOKEN_MAX:
            deauthorizing.owe(db, ended.id, token, now, site.settings)
    log.info("friend_unlinked", link=str(ended.id), deauthorizes=bool(token))
    for kind in ("outgoing", "menus", "deauthorize"):
        site.ring(kind)


def _facts(site: Site, tied: Tied) -> list[tuple[str, str]]:
    """Enough to know oneself by, and too little for whoever looks over a shoulder."""
    member, link = tied.member, tied.link
    facts = [
        (t("liff.me.name"), masked_name(member.name)),
        (t("liff.me.number"), masked_number(member.number)),
        (t("liff.me.phone"), masked(member.phone) if member.phone else ""),
        (t("liff.me.since"), shown_at(link.started_at, site.settings.zone, current())),
        (t("liff.me.how"), t(f"liff.how.{link.how}")),
    ]
    return [(label, value) for label, value in facts if value]


PAGES = (
    Page("/me", "me", me, for_linked=True),
    Page("/me/unlink", "unlink", unlink, posts=True, for_linked=True),
)
