"""`make demo` keeps its word: everything comes up by itself, and goes down again."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import urllib3

from simulator.child import ROOT
from simulator.waiting import until


def test_the_demo_comes_up_and_goes_down(tmp_path: Path) -> None:
    folder, said = tmp_path / "demo", tmp_path / "said"
    with said.open("wb") as out:
        demo = subprocess.Popen(
            [sys.executable, "-m", "simulator.demo", "--folder", folder],
            cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        until(lambda: "Ready." in said.read_text("utf-8") or demo.poll() is not None, patience=120)
        assert demo.poll() is None, said.read_text("utf-8")
        line = re.search(r"http://\S+(?=/phone/)", said.read_text("utf-8"))[0]
        assert urllib3.request("GET", f"{line}/phone/").status == 200
        people = urllib3.request("GET", f"{line}/phone/api/people").json()
        hanako = f"{line}/phone/api/people/{people[0]['userId']}"
        urllib3.request("POST", f"{hanako}/follow")
        until(lambda: urllib3.request("GET", hanako).json()["chat"][1:], "nobody greeted")
        assert "guest" in urllib3.request("GET", hanako).json()["richMenu"]["name"]
        others = folder / "crowd.log"
        until(others.exists, "the crowd did not come", patience=60)
        assert others.read_text("utf-8") == "All have come."
        state = urllib3.request("GET", f"{line}/control/state").json()
        assert state["people"] == 5 + 24
        assert state["friends"] == 1 + 24 - 3, "three of them block the account"
    finally:
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    log = (folder / "musubi.log").read_text("utf-8")
    assert "Traceback" not in log
    assert "Shutting down: Master" in log


def test_the_demo_leaves_a_folder_alone_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    done = subprocess.run(
        [sys.executable, "-m", "simulator.demo", "--folder", tmp_path],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "name another with --folder" in done.stderr
    assert (tmp_path / "letters.txt").read_text() == "dear"
