"""Commands start quickly, and say plainly what they cannot do."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli import processes
from cli.parts import Parts
from line.login import SdkLogin
from line.sdk import SdkLine

ROOT = Path(__file__).parents[2]

ASKED = """
import json, sys
from click.testing import CliRunner
import cli
said = CliRunner().invoke(cli.main, sys.argv[1:])
read = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps([said.exit_code, said.output, read]))
"""


def env(settings: Mapping[str, str]) -> dict[str, str]:
    needed = {
        "LINE_CHANNEL_ID": "1", "LINE_CHANNEL_SECRET": "secret", "LINE_LOGIN_CHANNEL_ID": "2",
        "LINE_LOGIN_CHANNEL_SECRET": "secret", "LIFF_ID": "2-abc", "PUBLIC_URL": "https://x.example",
        "SECRET_KEY": "a-key-for-tests-and-nothing-but-tests",
    }  # fmt: skip
    return {**os.environ, **needed, **settings}


def asked(*words: str, **settings: str) -> tuple[int, str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", ASKED, *words], cwd=ROOT, env=env(settings), check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    code, said, read = json.loads(done.stdout)
    return code, said, set(read)


@pytest.mark.parametrize(
    "words",
    [
        ("--help",), ("db", "upgrade"), ("db", "status"), ("members", "--help"),
        ("members", "show", "X"), ("staff", "list"), ("inbox", "list"), ("menus", "check"),
        ("settings",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_who_does_not_talk_to_line_does_not_read_its_sdk(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    stored = {"DATABASE_URL": f"sqlite:///{tmp_path / 'musubi.db'}", "RUN_DIR": str(tmp_path)}
    if words[0] in {"members", "staff", "inbox"}:
        assert asked("db", "upgrade", **stored)[0] == 0
    code, said, read = asked(*words, **stored)
    assert code == (words[-1] == "X"), said
    assert not read & {"linebot", "requests", "aiohttp"}


def test_who_does_talk_to_line_has_it(settings) -> None:
    parts = Parts(settings)
    assert isinstance(parts.line, SdkLine)
    assert isinstance(parts.login, SdkLogin)


@pytest.mark.parametrize("words", [("db", "upgrade"), ("members", "show", "X"), ("run",)])
def test_a_database_that_is_away_is_told_in_a_line(words: tuple[str, ...], tmp_path: Path) -> None:
    """… and what it said of itself holds no password."""
    away = "postgresql://somebody:hidden@127.0.0.1:9/musubi?connect_timeout=2"
    code, said, _ = asked(*words, DATABASE_URL=away, RUN_DIR=str(tmp_path))
    assert code == 1
    assert said.startswith("Error: The database cannot be used just now: ")
    assert "Traceback" not in said
    assert "hidden" not in said


def test_the_web_process_starts_from_any_folder(tmp_path: Path) -> None:
    stored = {"DATABASE_URL": f"sqlite:///{tmp_path / 'musubi.db'}", "RUN_DIR": str(tmp_path)}
    tried = subprocess.run(
        [*processes.WEB, "--check-config"], cwd=tmp_path, env=env(stored), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert tried.returncode == 0, tried.stderr
