"""The way in from the brand's own site: a ticket names a member, and linking is a second step.

Whoever opens a ticket could have been sent it by somebody else. So opening links nobody: once they
are signed in, the page shows both identities, and what it showed is what a confirmation confirms.
"""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from core.errors import Invalid
from liff import signing_in, tying, visit
from liff.site import Page, Site, go
from members import linking, tickets
from members.friendship import speaks
from members.profile import masked_name, masked_number
from models import Entry, How
from web.errors import status_of
from web.forms import Form, typed
from web.language import current

MINUTES = int(tickets.LIFE.total_seconds() // 60)


class TicketForm(Form):
    about = HiddenField()


def put(pages: Blueprint, site: Site) -> None:
    pages.add_url_rule(
        f"{signing_in.TICKET}<ticket>", "ticket_opened", lambda ticket: opened(site, ticket)
    )


def opened(site: Site, ticket: str) -> ResponseReturnValue:
    """Take the ticket out of the address, as soon as LINE's SDK needs the address no more."""
    now = site.clock()
    signed_in = visit.signed_in(now) is not None
    visit.come(Entry.TICKET, now)
    if not signed_in:
        visit.sign_out()
    visit.carry(ticket, now)
    return go("ticket") if signed_in else signing_in.page(site, "ticket")


def confirm(site: Site, friend_id: UUID) -> ResponseReturnValue:
    now = site.clock()
    carried = visit.kept(visit.Carried, now)
    ticket = carried.ticket if carried else ""
    form = TicketForm()
    sent = form.validate_on_submit()
    if sent and _link(site, friend_id, ticket, typed(form.about)):
        visit.drop(visit.Carried)
        return tying.linked(site)
    try:
        with site.database.read() as db:
            offer = tickets.look(db, friend_id, ticket, now, site.settings)
    except Invalid as e:
        return _no_good(site, friend_id, e)
    if sent and offer.already:
        return go("done")  # by a second tap, a breath ago
    return _page(offer, changed=sent)


def _link(site: Site, friend_id: UUID, ticket: str, about: str) -> bool:
    """Only what they were shown is done: False when something else is so by now, and then they
    are shown that. Raises Conflict when somebody else was first."""
    now = site.clock()
    try:
        with site.database.begin() as db:
            offer = tickets.look(db, friend_id, ticket, now, site.settings)
            if about != offer.about:
                return False
            speaks(db, friend_id, current())
            tickets.redeem(db, friend_id, ticket, now, site.settings)
            tying.note_linked(site, db, friend_id, How.TICKET)
    except Invalid:
        return False
    return True


def _page(offer: tickets.Offer, *, changed: bool) -> str:
    instead = offer.replaces
    return render_template(
        "liff/ticket_mine.html" if offer.already else "liff/ticket.html",
        offer=offer,
        name=masked_name(offer.member.name),
        number=masked_number(offer.member.number),
        replaces=masked_number(instead.number) if instead else "",
        changed=changed,
    )


def _no_good(site: Site, friend_id: UUID, error: Invalid) -> ResponseReturnValue:
    """Spent, expired or none of ours: what happened, and where to go from here."""
    with site.database.read() as db:
        linked = linking.active(db, friend_id) is not None
    why = "used" if error.key == "members.ticket_used" else "dead"
    page = render_template("liff/ticket_no_good.html", why=why, minutes=MINUTES, linked=linked)
    return page, status_of(error)


PAGES = (Page("/ticket", "ticket", confirm, posts=True, for_linked=True),)
