"""`make scaled` says where everything is, and takes everything with it when it goes."""

import signal
import subprocess
import sys
from pathlib import Path

import urllib3

ROOT = Path(__file__).parents[2]


def test_it_comes_up_and_goes_away_whole():
    command = [sys.executable, "-m", "bench.scaled", "--workers", "1", "--webs", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        said = {}
        for line in launcher.stdout:
            name, _, where = line.strip().partition(" ")
            said[name] = where.split()[0]
            if line.startswith("Stop with"):
                break
        assert {"phone", "web", "postgresql", "redis", "logs"} <= said.keys()
        assert urllib3.request("GET", f"{said['web']}/readyz").status == 200
        assert urllib3.request("GET", said["phone"]).status == 200
        ours = _running_in(said["logs"])
        assert len(ours) >= 2, "web and worker"
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(60) == 0
    assert not Path(said["logs"]).exists()
    assert not _running_in(said["logs"])


def _running_in(folder: str) -> list[int]:
    """Processes whose settings name this folder; what has ended has no settings any more."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:  # ended, or somebody else's
            continue
        if f"RUN_DIR={folder}/".encode() in environment:
            found.append(int(process.name))
    return found
