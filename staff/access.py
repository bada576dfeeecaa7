"""Who may see what. Every route says what it needs, or the app does not start.

`@needs(Role.EDITOR)`, or `@open_to_all` for what a stranger may ask; `@sure()` besides, where what
is done cannot be undone and whoever sits there should prove once more who they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue
from werkzeug import Response

from accounts import rules, sessions
from accounts.actors import Actor
from core.errors import NotAllowed
from core.session import Session
from models import Role
from staff.parts import Parts, at, go
from web.errors import page, wants_json
from web.language import t

TOKEN = "token"  # noqa: S105 - the name of a key of the session
LANGUAGE = "language"
SURE_MINUTES = int(rules.SURE.total_seconds()) // 60

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Signed:
    """Whoever is signed in."""

    account_id: UUID
    name: str
    email: str
    role: Role
    language: str
    session_id: UUID
    reauthenticated_at: datetime
    has_password: bool
    has_second: bool
    actor: Actor

    def may(self, role: Role | str) -> bool:
        return self.role.covers(Role(role))


def needs(role: Role) -> Callable[[View], View]:
    """Only for whoever has this role, or one that may more."""
    return _marked("needs", role)


def open_to_all(view: View) -> View:
    """For strangers, too."""
    return _marked("needs", None)(view)


def sure(minutes: int = SURE_MINUTES) -> Callable[[View], View]:
    """Only for whoever has proven within so many minutes who they are."""
    return _marked("sure", minutes)


def takes(most_bytes: int) -> Callable[[View], View]:
    """This route takes a form that is larger than what people type: a file. From strangers it does
    not, since nobody would look at it."""

    def mark(view: View) -> View:
        return _marked("most_bytes_for", is_no_stranger)(_marked("most_bytes", most_bytes)(view))

    return mark


def is_no_stranger() -> bool:
    """As far as the cookie tells, before anything is read."""
    return isinstance(session.get(TOKEN), str)


def _marked(name: str, value: object) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, name, value)
        return view

    return mark


def me() -> Signed:
    """Whoever is signed in; only on pages that need somebody."""
    found: Signed = g.signed
    return found


def somebody() -> Signed | None:
    """On pages that are open to all: who it is, if anybody."""
    found: Signed | None = g.get("signed")
    return found


def sign_in(token: str, language: str) -> None:
    """Begin anew: nothing of the session before stays, not even its form token."""
    session.clear()
    session.permanent = True
    session[TOKEN], session[LANGUAGE] = token, language


def forget(db: Session) -> None:
    """Whoever was signed in with this browser before is not any more."""
    token = session.get(TOKEN)
    if isinstance(token, str):
        sessions.end_token(db, token)


def declared(app: Flask) -> None:
    """Refuse to start with a route that does not say what it needs."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("staff."):
            continue
        if not hasattr(app.view_functions[rule.endpoint], "needs"):
            raise LookupError(f"{rule.endpoint} says neither @needs(…) nor @open_to_all")


def guard(parts: Parts) -> ResponseReturnValue | None:
    """Before every request of ours."""
    view = current_app.view_functions[str(request.endpoint)]
    look(parts)
    needed: Role | None = getattr(view, "needs")  # noqa: B009 - `declared` has seen to it
    if needed is None:
        return None
    if g.signed is None:
        return _asked_in()
    if not g.signed.role.covers(needed):
        raise NotAllowed("staff.not_allowed")
    minutes: int | None = getattr(view, "sure", None)
    if minutes is None:
        return None
    # What was opened in time may be sent a while later.
    return must_be_sure(parts.now(), minutes * 2 if request.method == "POST" else minutes)


def must_be_sure(now: datetime, minutes: int = SURE_MINUTES) -> Response | None:
    """For views that find out themselves that it cannot be undone: return what this returns,
    unless it is None."""
    if now - me().reauthenticated_at < timedelta(minutes=minutes):
        return None
    return go("sure", next=_here())


def safe_next(asked: str) -> str:
    """Where to go on: a page of ours, whatever the address says."""
    ours = asked == "/staff" or asked.startswith(("/staff/", "/staff?"))
    plain = asked.isprintable() and "\\" not in asked and "/.." not in asked
    return asked if ours and plain and len(asked) < 2_000 else at("home")


def onward() -> str | None:
    """The page of ours that the address says to go on to; what else it says is not repeated."""
    asked = request.args.get("next", "")
    return asked if asked and safe_next(asked) == asked else None


def look(parts: Parts) -> None:
    """See who asks; `somebody` says it then."""
    g.signed = None  # nobody, as long as it cannot be found out
    g.signed = _signed(parts)


def _signed(parts: Parts) -> Signed | None:
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    now = parts.now()
    found = sessions.standing(parts.database, token, now)
    if found is None:
        session.pop(TOKEN, None)
        return None
    g.language = found.language
    return Signed(
        account_id=found.account_id, name=found.name, email=found.email, role=found.role,
        language=found.language, session_id=found.session_id, reauthenticated_at=found.sure_at,
        has_password=found.has_password, has_second=found.has_second,
        actor=Actor(found.account_id, found.name, request.remote_addr or "", now),
    )  # fmt: skip


def _asked_in() -> Response:
    """To the sign-in page; a script is told so."""
    if wants_json():
        return page(401, t("staff.sign_in.title"), t("staff.sign_in.ended"))
    return redirect(at("sign_in", next=_here()), 303)


def _here() -> str:
    """The page somebody is at: what was posted is asked for again from the page it stood on."""
    return safe_next(request.full_path.rstrip("?")) if request.method == "GET" else came_from()


def came_from() -> str:
    """The page that a form was sent from; the first page when it is none of ours."""
    here, from_ = request.host_url.rstrip("/"), request.referrer or ""
    return safe_next(from_.removeprefix(here)) if from_.startswith(f"{here}/") else at("home")
