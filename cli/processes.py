"""Starting our own processes, with the folder in which they add up their figures."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from core.settings import Settings

ROOT = Path(__file__).parent.parent
"""Where our code is, wherever the command was given."""
CONFIG = str(ROOT / "gunicorn.conf.py")
WEB = [sys.executable, "-m", "gunicorn", "--config", CONFIG, "app:create_app()"]
WORKER = [sys.executable, "-m", "worker"]


def environment(settings: Settings) -> dict[str, str]:
    """This environment, and where the processes keep their figures."""
    folder = (settings.run_dir / "figures").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}


def become(command: list[str], settings: Settings) -> NoReturn:
    """Turn this process into another one."""
    os.execve(command[0], command, environment(settings))  # noqa: S606 - our own command


def forget_figures(settings: Settings) -> None:
    shutil.rmtree(settings.run_dir / "figures", ignore_errors=True)


def run_together(settings: Settings) -> int:
    """Web and worker until one of them ends or we are told to stop; then both. The exit code."""
    forget_figures(settings)
    env = environment(settings)
    told: list[int] = []
    # First, or who is told just now would leave them behind.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, _: told.append(number))
    children = [subprocess.Popen(command, env=env) for command in (WEB, WORKER)]  # noqa: S603
    while not told and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:  # once: told twice, they would not finish what they have in hand
        child.terminate()
    return max(abs(child.wait()) for child in children)
