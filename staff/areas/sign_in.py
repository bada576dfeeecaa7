"""Signing in and out: by password and telephone, or at the company's own sign-in."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask import (
    Blueprint,
    after_this_request,
    current_app,
    redirect,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from werkzeug import Response
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired

from accounts import audit, known, openid, rules, second, sessions, signing_in, team
from core import clock
from core.errors import Invalid, NotAllowed, TooMany
from models import Role
from staff import access
from staff.access import me, needs, open_to_all, safe_next, somebody
from staff.openid import Provider
from staff.parts import Nav, Parts, go
from staff.saying import say
from web.errors import words
from web.forms import Form, blame, tidy, typed
from web.language import current

NAV: Nav | None = None

HALF = "half"
"""The key of the session under which waits who has given the password, and not yet the code."""
ONWARD = "onward"
"""Where to go after the company's sign-in."""
KNOWN = "known"
"""Ends the name of the cookie that holds a browser's mark (accounts.known)."""
REMEMBERED = timedelta(days=180)
FRESH = 300
"""Seconds within which somebody has proven there who they are, when they were asked to."""


class SignInForm(Form):
    email = EmailField(
        "staff.email",
        filters=[tidy],
        validators=[DataRequired("staff.email_missing")],
        render_kw={"autocomplete": "username", "maxlength": 254, "autofocus": True},
    )
    password = PasswordField(
        "staff.password",
        validators=[DataRequired("staff.password_missing")],
        render_kw={"autocomplete": "current-password", "maxlength": 256},
    )


class CodeForm(Form):
    code = StringField(
        "staff.code",
        filters=[tidy],
        validators=[DataRequired("staff.code_missing")],
        render_kw={
            "autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false",
            "maxlength": 30, "autofocus": True,
        },
    )  # fmt: skip


class SureForm(Form):
    password = PasswordField(
        "staff.password",
        validators=[DataRequired("staff.password_missing")],
        render_kw={"autocomplete": "current-password", "maxlength": 256, "autofocus": True},
    )


def install(pages: Blueprint, parts: Parts) -> None:
    _by_password(pages, parts)
    _once_more(pages, parts)
    if parts.settings.staff_openid_url:
        _by_openid(pages, parts, Provider(parts.settings))

    @pages.post("/sign-out")
    @needs(Role.VIEWER)
    def sign_out() -> ResponseReturnValue:
        with parts.database.begin() as db:
            sessions.end(db, me().account_id, me().session_id)
            audit.note(db, me().actor, "session.ended", "account", me().account_id, me().name)
        session.clear()
        say("staff.signed_out", kind="info")
        return go("sign_in")


def _by_password(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/sign-in", methods=["GET", "POST"])
    @open_to_all
    def sign_in() -> ResponseReturnValue:
        if somebody():
            return redirect(_onward(), 303)
        form = SignInForm()
        if form.validate_on_submit():
            try:
                return _password_given(parts, form)
            except (Invalid, TooMany) as e:
                blame(form.password, e)
        company = bool(parts.settings.staff_openid_url)
        return render_template("staff/sign_in.html", form=form, company=company)

    @pages.route("/sign-in/code", methods=["GET", "POST"])
    @open_to_all
    def code() -> ResponseReturnValue:
        """The second step, for whoever has given the password."""
        half = _half(parts.now())
        if half is None:
            return go("sign_in", next=access.onward())
        form = CodeForm()
        if form.validate_on_submit():
            try:
                how = second.prove(
                    parts.database, half.account_id, typed(form.code),
                    address=request.remote_addr or "", now=parts.now(), settings=parts.settings,
                    browser=_browser(),
                )  # fmt: skip
                return _welcome(parts, half.account_id, how, by=half.by)
            except (Invalid, TooMany) as e:
                blame(form.code, e)
        return render_template("staff/code.html", form=form)


def _password_given(parts: Parts, form: SignInForm) -> Response:
    proven = signing_in.by_password(
        parts.database, typed(form.email), typed(form.password),
        address=request.remote_addr or "", now=parts.now(), settings=parts.settings,
        browser=_browser(),
    )  # fmt: skip
    if not proven.second:
        return _welcome(parts, proven.account_id, "password", by=proven.by)
    until = (parts.now() + rules.HALF).timestamp()
    session[HALF] = {"account": str(proven.account_id), "by": proven.by, "until": until}
    return go("code", next=access.onward())


class Half(NamedTuple):
    account_id: UUID
    by: str
    """Stands for the password (accounts.signing_in)."""


def _half(now: datetime) -> Half | None:
    """Who has given the password in this browser a moment ago."""
    kept = session.get(HALF)
    if not isinstance(kept, dict) or "by" not in kept or now.timestamp() >= kept["until"]:
        return None
    return Half(UUID(kept["account"]), kept["by"])


def _welcome(
    parts: Parts, account_id: UUID, how: str, onward: str | None = None, by: str | None = None
) -> Response:
    with parts.database.begin() as db:
        token = signing_in.welcome(
            db, account_id, parts.now(), how=how, by=by,
            address=request.remote_addr or "", agent=request.user_agent.string,
        )  # fmt: skip
        access.forget(db)
        _remember(known.mark(team.one(db, account_id), parts.settings))
    onward = onward or _onward()
    access.sign_in(token, current())
    if how == "recovery":
        say("staff.recovery_used", kind="warning")
    return redirect(onward, 303)


def _browser() -> str:
    """The mark of this browser."""
    return request.cookies.get(_cookie(), "")[:200]


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-{KNOWN}"


def _remember(mark: str) -> None:
    """It outlives signing out."""
    secure: bool = current_app.config["SESSION_COOKIE_SECURE"]

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            _cookie(), mark, max_age=REMEMBERED, secure=secure, httponly=True, samesite="Lax"
        )
        return response


def _onward() -> str:
    return safe_next(request.args.get("next", ""))


def _once_more(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/sure", methods=["GET", "POST"])
    @needs(Role.VIEWER)
    def sure() -> ResponseReturnValue:
        """Before what cannot be undone: is it still they who sit there?"""
        form = SureForm() if me().has_password else CodeForm()
        field = form.password if me().has_password else form.code
        if form.validate_on_submit():
            try:
                _prove(parts, typed(field))
                with parts.database.begin() as db:
                    sessions.make_sure(db, me().session_id, parts.now())
                return redirect(_onward(), 303)
            except (Invalid, TooMany) as e:
                blame(field, e)
        return render_template("staff/sure.html", form=form, field=field)


def _prove(parts: Parts, given: str) -> None:
    """Raises Invalid or TooMany."""
    signed, now = me(), parts.now()
    if not signed.has_password:
        second.prove(
            parts.database, signed.account_id, given,
            address=signed.actor.address, now=now, settings=parts.settings, browser=_browser(),
        )  # fmt: skip
        return
    proven = signing_in.by_password(
        parts.database, signed.email, given,
        address=signed.actor.address, now=now, settings=parts.settings, kind=signing_in.SURE,
    )  # fmt: skip
    if proven.account_id != signed.account_id:
        raise Invalid("staff.sign_in_wrong")


def _by_openid(pages: Blueprint, parts: Parts, provider: Provider) -> None:
    @pages.get("/openid")
    @open_to_all
    def company() -> ResponseReturnValue:
        session[ONWARD] = _onward()
        return provider.ask(again=somebody() is not None)

    @pages.get("/openid/back")
    @open_to_all
    def company_says() -> ResponseReturnValue:
        try:
            return _recognised(parts, provider)
        except (Invalid, NotAllowed) as e:
            form = SignInForm(formdata=None)
            failed = render_template("staff/sign_in.html", form=form, company=True, said=words(e))
            return failed, 403


def _recognised(parts: Parts, provider: Provider) -> Response:
    claims, proven_at = provider.answer()
    account_id = openid.recognise(
        parts.database, claims, parts.settings.staff_openid_domain,
        address=request.remote_addr or "", now=parts.now(),
    )  # fmt: skip
    onward = safe_next(str(session.pop(ONWARD, "")))
    signed = somebody()
    if signed is None or signed.account_id != account_id:
        return _welcome(parts, account_id, "openid", onward)
    if abs(clock.now().timestamp() - proven_at) > FRESH:  # by the provider's clock, not a test's
        raise Invalid("staff.openid_not_fresh")
    with parts.database.begin() as db:
        sessions.make_sure(db, signed.session_id, parts.now())
    return redirect(onward, 303)
