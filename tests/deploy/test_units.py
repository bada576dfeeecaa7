"""systemd takes our units as they stand, and they may do little besides their work."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.proxies import DEPLOY

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXPOSED = 20
"""Tenths: systemd calls 0 to 2 well protected, a service that asks for nothing gets 9.6."""


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy whose program is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine: apt-get install systemd")
    copied = tmp_path / request.param.name
    text = request.param.read_text("utf-8")
    copied.write_text(text.replace("/srv/musubi/.venv/bin/musubi", "/bin/true"), "utf-8")
    return copied


each_unit = pytest.mark.parametrize("unit", UNITS, indirect=True, ids=lambda path: path.name)


@each_unit
def test_systemd_understands_every_line(unit: Path) -> None:
    said = analyze("verify", unit)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@each_unit
def test_a_unit_may_do_little(unit: Path) -> None:
    said = analyze("security", "--offline=yes", f"--threshold={EXPOSED}", "--no-pager", unit)
    assert said.returncode == 0, said.stdout


def test_both_units_are_kept_in_the_same_way() -> None:
    """What differs is what is started, and how it is told of a new release."""
    web, worker = (path.read_text("utf-8").partition("[Service]")[2] for path in UNITS)
    differ = set(web.splitlines()) ^ set(worker.splitlines())
    assert {line.partition("=")[0] for line in differ if not line.startswith("#")} == {
        "ExecStart", "ExecReload",
    }  # fmt: skip
