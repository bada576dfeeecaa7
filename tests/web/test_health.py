"""What machines ask of us."""

import pytest
from flask import Flask

from web import health


def serving(checks=None, token="scrape-me") -> Flask:
    app = Flask(__name__)
    gauges = lambda: [("musubi_waiting", "inbox_event", 3.0)]  # noqa: E731
    app.register_blueprint(health.blueprint(checks or {}, gauges, token))
    return app


def test_alive():
    assert serving().test_client().get("/healthz").json == {"status": "alive"}


def test_ready_when_every_part_is():
    answer = serving({"database": lambda: "", "worker": lambda: ""}).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "worker": "ok"})


def test_not_ready_names_the_part_and_the_reason():
    checks = {"database": lambda: "", "worker": lambda: "has never run: start musubi worker"}
    answer = serving(checks).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "worker": "has never run: start musubi worker"}


def test_figures_for_whoever_has_the_token():
    answer = serving().test_client().get("/metrics", headers={"Authorization": "Bearer scrape-me"})
    assert answer.status_code == 200
    assert 'musubi_waiting{kind="inbox_event"} 3.0' in answer.text


@pytest.mark.parametrize("given", [None, "Bearer wrong", "scrape-me", "Bearer é"])
def test_figures_are_not_there_for_others(given):
    headers = {"Authorization": given} if given else {}
    assert serving().test_client().get("/metrics", headers=headers).status_code == 404


def test_without_a_token_set_there_are_no_figures():
    answer = serving(token="").test_client().get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404
