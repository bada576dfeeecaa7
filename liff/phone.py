"""The phone door: a number, the code sent to it, and which member it is when a family shares it.

Until the code has come back, every page is the same for numbers of members and all others.
"""

import math
import re
from datetime import timedelta
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError

from core.errors import Invalid, TooMany
from liff import tying, visit
from liff.site import Page, Site, go
from liff.visit import Asked, Proven
from members import choosing, codes, finding, funnel
from members.phone import masked, normalise
from models import How, Step
from web.dates import DayField
from web.forms import Form, blame, tidy, typed
from web.language import current

ASKED_FOR = timedelta(minutes=20)
"""Longer than a code lives, so that a late one is told apart from a lost page."""
PROVEN_FOR = timedelta(minutes=15)


class NumberForm(Form):
    phone = StringField(
        "liff.phone.label",
        filters=[tidy],
        validators=[DataRequired("liff.phone.missing")],
        render_kw={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": 24},
    )


class CodeForm(Form):
    code = StringField(
        "liff.code.label",
        filters=[lambda words: re.sub(r"\D", "", tidy(words))],
        validators=[DataRequired("liff.code.missing")],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 12},
    )


class WhichForm(Form):
    """Either answer will do."""

    birthday = DayField("liff.birthday.label")
    number = StringField(
        "liff.which.number",
        filters=[tidy],
        render_kw={"autocapitalize": "characters", "autocomplete": "off", "maxlength": 64},
    )

    def validate_birthday(self, field: DayField) -> None:
        if field.raw_data and field.data is None:
            raise ValidationError("liff.birthday.wrong")
        if not field.raw_data and not self.number.data:
            raise ValidationError("liff.which.missing")


def number(site: Site, friend_id: UUID) -> ResponseReturnValue:
    if not site.by_phone:
        return go("link")
    form = NumberForm()
    if form.validate_on_submit():
        try:
            return _send(site, friend_id, normalise(typed(form.phone), site.settings.phone_region))
        except (Invalid, TooMany) as e:
            blame(form.phone, e)
    return render_template("liff/phone.html", form=form)


def code(site: Site, friend_id: UUID) -> ResponseReturnValue:
    now = site.clock()
    asked = visit.kept(Asked, now)
    if asked is None:
        return go("phone")
    form = CodeForm()
    if form.validate_on_submit():
        try:
            phone = codes.prove(
                site.database, friend_id, asked.code_id, typed(form.code), now, site.settings,
                entry=visit.entry(now),
            )  # fmt: skip
            return _proven(site, friend_id, phone)
        except (Invalid, TooMany) as e:
            blame(form.code, e)
    return _code_page(site, friend_id, form, asked)


def again(site: Site, friend_id: UUID) -> ResponseReturnValue:
    """Send another code to the same number."""
    asked = visit.kept(Asked, site.clock())
    if asked is None or request.method == "GET":
        return go("code")
    try:
        return _send(site, friend_id, asked.phone)
    except TooMany as e:
        form = CodeForm(formdata=None)
        blame(form.code, e)
        return _code_page(site, friend_id, form, asked)


def which(site: Site, friend_id: UUID) -> ResponseReturnValue:
    """Several members share the proven number: a birthday or a member number tells which."""
    now = site.clock()
    proven = visit.kept(Proven, now)
    if proven is None:
        return go("phone")
    form = WhichForm()
    if form.validate_on_submit():
        try:
            member = choosing.choose(
                site.database,
                friend_id,
                proven.phone,
                birthday=form.birthday.data,
                number=typed(form.number) or None,
                now=now,
                settings=site.settings,
            )
            return tying.settle(site, friend_id, member, How.PHONE)
        except (Invalid, TooMany) as e:
            blame(form.birthday if form.birthday.data else form.number, e)
    return render_template("liff/which.html", form=form)


def _code_page(site: Site, friend_id: UUID, form: CodeForm, asked: Asked) -> str:
    now = site.clock()
    form.code.data = ""  # a wrong code is typed anew, not mended
    with site.database.read() as db:
        wait = codes.resend_wait(db, friend_id, asked.phone, now, site.settings)
    return render_template(
        "liff/code.html",
        form=form,
        phone=masked(asked.phone),
        wait=math.ceil(wait.total_seconds()),
        minutes=math.ceil((asked.expires_at - now).total_seconds() / 60),
    )


def _send(site: Site, friend_id: UUID, phone: str) -> ResponseReturnValue:
    now = site.clock()
    with site.database.begin() as db:
        sent = codes.send(
            db,
            friend_id,
            phone,
            address=request.remote_addr or "",
            language=current(),
            now=now,
            settings=site.settings,
        )
        funnel.note(db, friend_id, Step.PHONE, visit.entry(now), now, site.settings)
    site.ring("sms")
    visit.drop(Proven)
    visit.keep(
        Asked(code_id=sent.id, phone=phone, expires_at=sent.expires_at, until=now + ASKED_FOR)
    )
    return go("code")


def _proven(site: Site, friend_id: UUID, phone: str) -> ResponseReturnValue:
    now = site.clock()
    visit.drop(Asked)
    visit.keep(Proven(phone=phone, until=now + PROVEN_FOR))
    with site.database.read() as db:
        members = finding.by_phone(db, phone)
    if len(members) == 1:
        return tying.settle(site, friend_id, members[0], How.PHONE)
    return go("which" if members else "register")


PAGES = (
    Page("/phone", "phone", number, posts=True),
    Page("/phone/code", "code", code, posts=True),
    Page("/phone/again", "again", again, posts=True),
    Page("/phone/which", "which", which, posts=True),
)
