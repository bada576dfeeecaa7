"""The landing with its three doors, the question before a link moves, and the end."""

from uuid import UUID

from flask import render_template, session
from flask.typing import ResponseReturnValue

from liff import tying, visit
from liff.site import Page, Site, go
from members import linking
from web.forms import Form


def link(site: Site, friend_id: UUID) -> ResponseReturnValue:
    return render_template("liff/link.html", site=site)


def confirm(site: Site, friend_id: UUID) -> ResponseReturnValue:
    """Their member record is linked with another LINE account: moving it ends that link."""
    chosen = visit.kept(visit.Chosen, site.clock())
    if chosen is None:
        return go("link")
    form = Form()
    if form.validate_on_submit():
        return tying.tie(site, friend_id, chosen.member_id, chosen.how)
    return render_template("liff/confirm.html", form=form)


def done(site: Site, friend_id: UUID) -> ResponseReturnValue:
    with site.database.read() as db:
        tied = linking.active(db, friend_id)
    if session.get(tying.DONE) == tying.UNLINKED and tied is None:
        return render_template("liff/unlinked.html")
    if tied is None:
        return go("link")
    return render_template("liff/done.html", how=tied.link.how)


PAGES = (
    Page("/link", "link", link),
    Page("/confirm", "confirm", confirm, posts=True),
    Page("/done", "done", done, for_linked=True),
)
