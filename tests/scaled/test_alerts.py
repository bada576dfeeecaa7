"""Every alert of docs/operations.md looks at a figure that is really on the page, by its labels."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3

from bench.deployment import METRICS_TOKEN, Deployment, until
from bench.stores import Postgres

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
FIGURE = re.compile(r"(musubi_[a-z_]+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)(=~?)"([^"]*)"')


def alerts() -> list[str]:
    """The expressions of the table's first column."""
    table = PAGE.partition("| alert when |")[2].partition("\n\n")[0]
    rows = [row.replace("\\|", "\0") for row in table.splitlines()[2:]]
    return [found[1].replace("\0", "|") for row in rows if (found := re.search("`([^`]+)`", row))]


def fits(asked: str, figures: Mapping[str, float]) -> bool:
    """Whether some line of the page is what the expression asks for."""
    named = FIGURE.search(asked)
    if named is None:
        return asked.startswith("up ")  # Prometheus' own
    wanted = LABEL.findall(named[2] or "")
    for line in figures:
        name, labels = line.partition("{")[0], dict(re.findall(r'(\w+)="([^"]*)"', line))
        if name == named[1] and all(
            re.fullmatch(value if how == "=~" else re.escape(value), labels.get(label, ""))
            for label, how, value in wanted
        ):
            return True
    return False


@pytest.fixture(scope="module")
def figures(scaled: Deployment, postgres: Postgres) -> dict[str, float]:
    """After a day on which everything went wrong that there is an alert for."""
    scaled.line.control("POST", "/control/delivery", {"redelivery": True})
    http = urllib3.PoolManager(retries=False)
    assert http.request("POST", f"{scaled.url}/webhook", body=b"{}").status == 401
    user = scaled.line.add_person("花子")
    scaled.line.fail("POST /v2/bot/message/reply", status=500)
    scaled.line.fail("POST /v2/bot/message/reply", status=429)
    scaled.line.follow(user)
    scaled.line.say(user, "営業時間")
    until(lambda: len(scaled.said_to(user)) == 2, "not answered")
    postgres.stop()
    try:
        scaled.line.say(user, "営業時間")
        until(lambda: '"why":"database"' in scaled.log("web"), "not refused", 60)
        until(lambda: "work_put_off" in scaled.log("worker"), "no work was put off")
    finally:
        postgres.start()
    until(scaled.is_ready, "it was not ready again")
    return scaled.figures()


@pytest.mark.parametrize("alert", alerts())
def test_an_alert_looks_at_what_there_is(alert: str, figures: dict[str, float]) -> None:
    assert fits(alert, figures), "\n".join(sorted(figures))


def test_there_are_alerts_and_they_can_miss() -> None:
    assert len(alerts()) > 10
    assert not fits("musubi_waiting_seconds > 1", {'musubi_waiting{kind="x"}': 1.0})
    assert not fits('musubi_waiting{kind="y"} > 1', {'musubi_waiting{kind="x"}': 1.0})


def test_figures_need_their_token(scaled: Deployment) -> None:
    assert scaled.get("/metrics").status == 404
    assert scaled.get("/metrics", Authorization=f"Bearer {METRICS_TOKEN}").status == 200
