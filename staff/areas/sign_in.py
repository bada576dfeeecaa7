"""Signing in and out, and proving once more who one is."""

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired

from accounts import audit, sessions, signing_in
from core.errors import Invalid, TooMany
from models import Role
from staff import access
from staff.access import me, needs, open_to_all, safe_next, somebody
from staff.parts import Parts, at, go
from staff.saying import say
from web.forms import Form, blame, tidy, typed
from web.language import current

NAV = None


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


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("")
    @needs(Role.VIEWER)
    def home() -> ResponseReturnValue:
        return go("me")

    @pages.route("/sign-in", methods=["GET", "POST"])
    @open_to_all
    def sign_in() -> ResponseReturnValue:
        if somebody():
            return redirect(safe_next(request.args.get("next", "")), 303)
        form = SignInForm()
        if form.validate_on_submit():
            try:
                return _password_given(parts, form)
            except (Invalid, TooMany) as e:
                blame(form.password, e)
        return render_template("staff/sign_in.html", form=form)

    @pages.post("/sign-out")
    @needs(Role.VIEWER)
    def sign_out() -> ResponseReturnValue:
        with parts.database.begin() as db:
            sessions.end(db, me().account_id, me().session_id)
            audit.note(db, me().actor, "session.ended", "account", me().account_id, me().name)
        session.clear()
        say("staff.signed_out", kind="info")
        return go("sign_in")


def _password_given(parts: Parts, form: SignInForm) -> ResponseReturnValue:
    address = request.remote_addr or ""
    proven = signing_in.by_password(
        parts.database, typed(form.email), typed(form.password),
        address=address, now=parts.now(), settings=parts.settings,
    )  # fmt: skip
    return _welcome(parts, proven.account_id, "password")


def _welcome(parts: Parts, account_id, how: str) -> ResponseReturnValue:  # type: ignore[no-untyped-def]
    with parts.database.begin() as db:
        token = signing_in.welcome(
            db, account_id, parts.now(), how=how,
            address=request.remote_addr or "", agent=request.user_agent.string,
        )  # fmt: skip
    access.sign_in(token, current())
    return redirect(safe_next(request.args.get("next", "")) or at("home"), 303)
