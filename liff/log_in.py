"""The log-in door: a member number or an e-mail address, and the password of the brand's site."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from core.errors import Invalid, TooMany
from liff import tying
from liff.site import Page, Site
from members import passwords
from models import How
from web.forms import Form, blame, tidy, typed


class LogInForm(Form):
    name = StringField(
        "liff.log_in.name",
        filters=[tidy],
        validators=[DataRequired("liff.log_in.name_missing")],
        render_kw={
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "maxlength": 254,
        },
    )
    password = PasswordField(
        "liff.log_in.password",
        validators=[DataRequired("liff.log_in.password_missing")],
        render_kw={"autocomplete": "current-password", "maxlength": 256},
    )


def log_in(site: Site, friend_id: UUID) -> ResponseReturnValue:
    form = LogInForm()
    if form.validate_on_submit():
        try:
            member = passwords.log_in(
                site.database,
                typed(form.name),
                typed(form.password),
                address=request.remote_addr or "",
                friend_id=friend_id,
                now=site.clock(),
                settings=site.settings,
            )
            return tying.settle(site, friend_id, member, How.LOGIN)
        except (Invalid, TooMany) as e:
            blame(form.password, e)
    return render_template("liff/log_in.html", form=form)


PAGES = (Page("/log-in", "log_in", log_in, posts=True),)
