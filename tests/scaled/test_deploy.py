"""The samples in deploy/ speak of settings, commands and limits that there are."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import cli
from core import settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def commands() -> set[str]:
    return set(re.findall(r"^  ([a-z]+)  ", CliRunner().invoke(cli.main, ["--help"]).output, re.M))


def services() -> dict[str, dict]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]


def test_compose_sets_settings_and_runs_commands_that_there_are():
    ours = {name: each for name, each in services().items() if each.get("image") == "musubi"}
    assert set(ours) == {"migrate", "web", "worker"}
    for service in ours.values():
        assert set(service["environment"]) <= set(settings.described())
        assert service["command"][0] in commands()
        assert all(needed in services() for needed in service["depends_on"])


def test_the_image_runs_commands_that_there_are():
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    (default,) = re.findall(r'^CMD \["(\w+)"\]', text, re.M)
    assert default in commands()
    (line,) = re.findall(r"^ENV (HOST.*)$", text, re.M)
    assert {pair.partition("=")[0] for pair in line.split()} <= set(settings.described())


def test_the_image_holds_what_runs_and_nothing_else():
    """Every builder reads this file; a list of what may not come in would be for some only."""
    said = (DEPLOY.parent / ".dockerignore").read_text("utf-8").splitlines()
    lines = [line for line in said if line and not line.startswith("#")]
    assert lines[0] == "*"
    needed = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text("utf-8"))
    rooms = {
        name.strip("/") for name in needed["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    }
    papers = {"pyproject.toml", "requirements.txt", "README.md", "LICENSE"}
    assert {line[1:] for line in lines if line.startswith("!")} == rooms - {"simulator"} | papers


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_commands_that_there_are(unit: Path):
    text = unit.read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=.*/musubi (\w+)$", text, re.M)
    assert command in commands()
    assert f"musubi-{command}" in unit.name
    for name in re.findall(r"^Environment=(\w+)=", text, re.M):
        assert name in settings.described()


def test_the_proxy_lets_through_what_the_product_takes():
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    (webhook,) = re.findall(r"location = /webhook \{[^}]*client_max_body_size (\d+)m;", text)
    most = int(settings.described()["WEBHOOK_MAX_BYTES"][0])
    assert int(webhook) * 1024 * 1024 >= most
    assert re.findall(r"ssl_protocols (.*);", text) == ["TLSv1.2 TLSv1.3"]
    assert "$proxy_add_x_forwarded_for" not in text, "what a client claims is not believed"


def test_operations_speaks_of_figures_and_commands_that_there_are():
    page = (DEPLOY.parent / "docs" / "operations.md").read_text("utf-8")
    sources = [(DEPLOY.parent / name).read_text("utf-8") for name in ("app.py", "core/metrics.py")]
    for figure in set(re.findall(r"musubi_[a-z_]+", page)):
        plain = figure.removesuffix("_total").removesuffix("_bucket")
        assert any(f'"{plain}"' in source for source in sources), figure
    for command in set(re.findall(r"^(?:\S+/)?musubi ([a-z]+)", page, re.M)):
        assert command in commands(), command
