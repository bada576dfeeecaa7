"""Making the link, once somebody has proved to be a member: the last step of all three doors."""

from uuid import UUID

from flask import session
from flask.typing import ResponseReturnValue

from core.session import Session
from liff import visit
from liff.site import Site, go
from liff.visit import Asked, Chosen, Proven
from members import funnel, linking
from members.friendship import speaks
from models import How, Member
from web.language import current

DONE = "done"
LINKED, UNLINKED = "linked", "unlinked"


def settle(site: Site, friend_id: UUID, member: Member, how: How) -> ResponseReturnValue:
    """Link at once, or ask first when that would end somebody else's link."""
    now = site.clock()
    with site.database.read() as db:
        held = linking.of_member(db, member.id)
    if held and held.friend_id != friend_id:
        visit.keep(Chosen(member_id=member.id, how=how, until=now + visit.IDLE))
        return go("confirm")
    return tie(site, friend_id, member.id, how)


def tie(site: Site, friend_id: UUID, member_id: UUID, how: How) -> ResponseReturnValue:
    """Raises Conflict when somebody else was first."""
    with site.database.begin() as db:
        speaks(db, friend_id, current())
        linking.link(db, friend_id, member_id, how, site.clock(), settings=site.settings)
        note_linked(site, db, friend_id, how)
    return linked(site)


def note_linked(
    site: Site, db: Session, friend_id: UUID, how: How, *, by_phone: bool = False
) -> None:
    """Count that this visit led to a link."""
    now = site.clock()
    step = funnel.linked_by(how, by_phone=by_phone)
    funnel.note(db, friend_id, step, visit.entry(now), now, site.settings)


def linked(site: Site) -> ResponseReturnValue:
    """It is done: have it said in the chat, and thank them."""
    site.ring("outgoing")
    site.ring("menus")
    visit.drop(Asked, Proven, Chosen)
    session[DONE] = LINKED
    return go("done")
