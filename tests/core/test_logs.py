"""One form for all that is logged, ours and libraries', and nobody stopped by it."""

import json
import subprocess
import sys

import pytest

SAYING = """
import logging, sys
import structlog
from core import engine, logs
logs.configure({form!r}, "INFO")
log = structlog.get_logger()
log.debug("not_said")
log.info("said", number=1, odd="half a character: \\ud800", huge=10**30)
with structlog.contextvars.bound_contextvars(request="r1"):
    log.bind(friend="f1").warning("bound", what=b"bytes")
engine.log.warning("by_a_module")
try:
    [].pop()
except IndexError:
    log.exception("broke")
logging.getLogger("library").warning("it says %s", "so")
logging.getLogger("huey").info("not_said")
sys.stderr.close()
log.info("nobody_reads_this")
print("alive")
"""


def said(form: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", SAYING.format(form=form)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert ran.stdout == "alive\n"
    return ran.stderr


def test_each_line_is_one_object():
    lines = [json.loads(line) for line in said("json").splitlines()]
    assert [line["event"] for line in lines] == [
        "said", "bound", "by_a_module", "broke", "it says so",
    ]  # fmt: skip
    assert {"level", "logger", "timestamp"} < lines[0].keys()
    assert (lines[0]["number"], lines[0]["huge"]) == (1, 10**30)
    assert (lines[1]["request"], lines[1]["friend"], lines[1]["level"]) == ("r1", "f1", "warning")
    assert [line["logger"] for line in lines[2:]] == ["__main__", "__main__", "library"]
    assert "IndexError" in lines[3]["exception"]


@pytest.mark.parametrize("word", ["said", "number", "by_a_module", "IndexError", "it says so"])
def test_people_can_read_it(word):
    assert word in said("text")
    assert "not_said" not in said("text")
