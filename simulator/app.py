"""create_app wires the played platform together: LINE's side, the controls and the phone."""

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from simulator import gate, liff_server, sms
from simulator.control import control
from simulator.errors import LineError, UnansweredError
from simulator.login import authorize, oauth, people_api
from simulator.messaging import account, send
from simulator.phone import phone
from simulator.richmenu import aliases, batch, links, menus
from simulator.settings import Settings
from simulator.web import put_world
from simulator.world import World

LINE_SIDE = (
    send.send,
    account.account,
    menus.menus,
    aliases.aliases,
    links.links,
    batch.batch,
    oauth.oauth,
    people_api.people_api,
    authorize.authorize,
    liff_server.liff_server,
)


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    put_world(app, World(settings))
    app.before_request(read_whole_body)
    app.register_error_handler(LineError, gate.refused)
    app.register_error_handler(UnansweredError, gate.unanswered)
    line = gate.line_side()
    for blueprint in LINE_SIDE:
        line.register_blueprint(blueprint)
    for blueprint in (line, sms.sms, control, phone):
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/", view_func=home)
    return app


def read_whole_body() -> None:
    """What is left unread would stand before the next request of a connection that is kept."""
    request.get_data()


def healthz() -> ResponseReturnValue:
    return {"ok": True}


def home() -> ResponseReturnValue:
    return redirect("/phone/")
