"""From a LINE ID token to a visit: the only way we learn who somebody is.

The page loads LINE's SDK and posts the raw token once. Whatever is wrong with it, nobody is signed
in, and the page says what happened and what to do.
"""

import io
import re
from datetime import timedelta
from typing import Literal
from urllib.parse import parse_qs, quote

import segno
import structlog
from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, ValidationError

from core.errors import Invalid
from liff import tapping, visit
from liff.site import Site
from line.gateway import BadToken, LineError
from members import funnel, signing_in
from members.friendship import met, speaks
from models import Entry, Friend, Step
from web.language import current, note_line_app, t

log = structlog.get_logger()

OPEN_FOR = timedelta(minutes=14)
"""How long an opened page waits for the token: a minute less than its intent lives."""

PLACES = ("link", "me", "ticket")
TICKET = "/ticket/"
"""Begins the path of a LIFF URL that carries a ticket."""

ANEW = ("expired", "malformed", "used")
"""What only another signing in at LINE can mend; for the rest, trying again is enough."""


def put(pages: Blueprint, site: Site) -> None:
    pages.add_url_rule("", "front", lambda: front(site))
    pages.add_url_rule("/", "front_slash", lambda: front(site))
    pages.add_url_rule("/session", "session", lambda: session(site), methods=["POST"])
    pages.add_url_rule("/language", "spoken", lambda: spoken(site), methods=["POST"])
    pages.add_url_rule("/qr/<place>.svg", "qr", lambda place: qr(site, place))


def front(site: Site) -> ResponseReturnValue:
    """LINE opens us here, and whoever holds the phone now may not be who held it before."""
    visit.sign_out()
    state = request.args.get("liff.state", "")
    if state.startswith(TICKET):
        visit.come(Entry.TICKET, site.clock())
        visit.carry(re.split("[/?#]", state)[2], site.clock())
        return page(site, "ticket")
    tapping.opened(site, _from(state))
    visit.come(funnel.come_from(_from(state)), site.clock())
    return page(site, "me" if state.startswith("/me") else "link", first=True)


def _from(state: str) -> str:
    """Where the tapped link stood, by its own word."""
    said = parse_qs(state.partition("#")[0].partition("?")[2]).get(funnel.FROM, [""])
    return said[0]


def page(site: Site, place: str, *, first: bool = False) -> ResponseReturnValue:
    """The page that signs in. It is shown at any address, because LINE's SDK must find the
    address as LINE made it. `first`: LINE opens it, and the token that stands in the address may
    go ahead of the SDK. With a ticket it may not: its page is redirected to."""
    now = site.clock()
    if visit.kept(visit.Opened, now) is None:
        with site.database.begin() as db:
            intent = signing_in.open_intent(db, now)
        visit.keep(visit.Opened(intent_id=intent.id, until=now + OPEN_FOR))
    visit.device()
    return render_template("liff/signing_in.html", place=place, first=first)


class Brought(BaseModel):
    """What the page's script sends."""

    id_token: str = Field(min_length=1, max_length=4096)
    place: Literal["link", "me", "ticket"] = "link"
    language: str = Field("", max_length=20)
    """Of the LINE app."""
    inside: bool = False
    """The page is open in LINE's own browser."""


def session(site: Site) -> ResponseReturnValue:
    """Take the token, and say where to go: a path of ours, never one that was asked for."""
    try:
        brought = Brought.model_validate(request.get_json(silent=True))
    except ValidationError:
        return _refused("malformed", 400, inside=False)
    note_line_app(brought.language)
    try:
        friend = _sign_in(site, brought.id_token)
    except BadToken as e:
        what = "expired" if e.why == "expired" else "malformed"
        return _refused(what, 400, inside=brought.inside, why=e.why)
    except LineError as e:
        log.warning("sign_in_unavailable", error=str(e))
        return _refused("line_down", 503, inside=brought.inside)
    except Invalid as e:
        what = "used" if e.key == "members.token_used" else "page_old"
        return _refused(what, 409, inside=brought.inside, why=e.key)
    _enter(site, friend, brought.place)
    now = site.clock()
    with site.database.begin() as db:
        speaks(db, friend.id, current())
        funnel.note(db, friend.id, Step.OPENED, visit.entry(now), now, site.settings)
    return jsonify({"go": url_for(f"liff.{brought.place}")})


class Spoken(BaseModel):
    language: str = Field("", max_length=20)


def spoken(site: Site) -> ResponseReturnValue:
    """The language of the LINE app, when it was not known yet at the signing in; answered with
    the one that the pages are in now."""
    try:
        said = Spoken.model_validate(request.get_json(silent=True))
    except ValidationError:
        abort(400)
    friend_id = visit.signed_in(site.clock())
    if friend_id is None:
        abort(403)
    note_line_app(said.language)
    with site.database.begin() as db:
        if met(db, friend_id):
            speaks(db, friend_id, current())
    return jsonify({"language": current()})


def _sign_in(site: Site, id_token: str) -> Friend:
    now = site.clock()
    opened = visit.kept(visit.Opened, now)
    if opened is None:
        raise Invalid("members.intent_spent")
    visit.drop(visit.Opened)  # whatever comes of it: the next try is made from a new page
    return signing_in.sign_in(
        site.database,
        site.login,
        id_token,
        intent_id=opened.intent_id,
        device=visit.device(),
        now=now,
    )


def _enter(site: Site, friend: Friend, place: str) -> None:
    """A ticket stays with whoever signed in at it; at any other page nobody asked for it."""
    now = site.clock()
    carried = visit.kept(visit.Carried, now) if place == "ticket" else None
    visit.sign_in(friend.id, now)
    if carried:
        visit.keep(carried)


def _refused(what: str, status: int, *, inside: bool, why: str = "") -> ResponseReturnValue:
    """Told to the script, in words that it shows as they are; `what` says which button helps."""
    log.info("sign_in_refused", what=what, why=why)
    anew = what in ANEW
    said = t(f"liff.refused.{what}.words")
    if anew:
        said += t("liff.refused.inside" if inside else "liff.refused.outside")
    help_ = ("close" if inside else "log-in") if anew else "reload"
    title = t(f"liff.refused.{what}.title")
    return jsonify({"what": what, "title": title, "words": said, "help": help_}), status


def qr(site: Site, place: str) -> Response:
    """The page's LIFF address, for a phone to read off a larger screen."""
    carried = visit.kept(visit.Carried, site.clock())
    if place not in PLACES or (place == "ticket" and carried is None):
        abort(404)
    path = place
    if place == "ticket" and carried is not None:
        path = f"{place}/{quote(carried.ticket, safe='')}"
    picture = io.BytesIO()
    code = segno.make(f"{site.settings.liff_url}/{path}", error="m")
    code.save(picture, kind="svg", border=2, scale=6, xmldecl=False)
    response = Response(picture.getvalue(), mimetype="image/svg+xml")
    if place != "ticket":
        response.headers["Cache-Control"] = "public, max-age=3600"
    return response
