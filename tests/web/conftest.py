"""An app with one surface of its own, to try what the surfaces share."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import ServiceUnavailable
from wtforms import StringField
from wtforms.validators import DataRequired

from core import errors as wrong
from core.settings import Settings
from web import limits, wiring
from web.dates import DayField
from web.errors import way_back
from web.forms import Form, tidy

RAISES: dict[str, Callable[[], Exception]] = {
    "not-found": lambda: wrong.NotFound("members.no_such_member"),
    "not-allowed": lambda: wrong.NotAllowed("members.register_closed"),
    "conflict": lambda: wrong.Conflict("members.linked_elsewhere_just_now"),
    "invalid": lambda: wrong.Invalid("members.not_active"),
    "too-many": lambda: wrong.TooMany("members.login_wait_minutes", seconds=601, minutes=11),
    "broken": lambda: ZeroDivisionError("the secret is 42"),
    "closed": ServiceUnavailable,
    "database": lambda: OperationalError("SELECT secret", {}, ConnectionError("refused")),
}


class AForm(Form):
    name = StringField(
        "liff.register.name", filters=[tidy], validators=[DataRequired("members.name_missing")]
    )
    birthday = DayField("liff.birthday.label")


def _surface() -> Blueprint:
    pages = Blueprint("shop", __name__, url_prefix="/shop")
    way_back(pages, "/shop/front", "liff.open_again")

    @pages.get("/raise/<name>")
    def fails(name: str) -> str:
        error = RAISES[name]()
        raise error

    @pages.route("/form", methods=["GET", "POST"])
    def form() -> dict[str, Any]:
        form = AForm(meta={"csrf": False})
        good = form.validate_on_submit()
        return {"good": good, "errors": form.errors, "birthday": str(form.birthday.data)}

    @pages.get("/who")
    def who() -> str:
        return f"{request.remote_addr} {request.url}"

    return pages


def _machines() -> Blueprint:
    pages = Blueprint("machines", __name__)

    @pages.post("/machine")
    def machine() -> str:
        return "done"

    return pages


@pytest.fixture
def make_shop(make_settings: Callable[..., Settings]) -> Callable[..., Flask]:
    def make(pages: str = limits.PAGES, **given: Any) -> Flask:
        app = Flask("shop", static_folder=None)
        shared = wiring.install(app, make_settings(**given), pages=pages)
        app.register_blueprint(_surface())
        machines = _machines()
        app.register_blueprint(machines)
        shared.exempt(machines)
        return app

    return make


@pytest.fixture
def shop(make_shop: Callable[..., Flask]) -> Flask:
    return make_shop()
