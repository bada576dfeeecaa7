"""python -m bench.forge: forks processes of the product, which has been read once for them all.

A process takes seconds to read its code, and chaos kills hundreds. What is forked here runs the
same code as `musubi web`, `musubi worker` and every other command, and dies as they do.

In: a line of JSON `{"id": …, "words": ["worker"], "log": path, "env": {…}}` for each process to be.
Out: `{"id": …, "pid": …}`, and `{"pid": …, "status": …}` when one has ended.
"""

import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import traceback
from typing import Any, NoReturn

from gunicorn.app import wsgiapp  # type: ignore[import-untyped]
from gunicorn.workers import gthread  # type: ignore[import-untyped]

import app
import cli
import worker
from cli import processes

ROOMS = (
    "accounts",
    "bot",
    "cli",
    "deliveries",
    "liff",
    "members",
    "richmenus",
    "segments",
    "staff",
)
"""What is found by walking a folder is read by whoever walks it: here, once for all."""

assert app  # read before it is forked, so that gunicorn's processes begin at once
assert gthread


def main() -> None:
    for room in ROOMS:
        for each in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            importlib.import_module(each.name)
    children: set[int] = set()
    rest = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.02)
        if ready:
            some = os.read(0, 65536)
            if not some:
                break
            *lines, rest = (rest + some).split(b"\n")
            for line in lines:
                asked = json.loads(line)
                pid = _fork(asked)
                children.add(pid)
                _say(id=asked["id"], pid=pid)
        _reap(children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _reap(children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        children.discard(pid)
        _say(pid=pid, status=os.waitstatus_to_exitcode(status))


def _say(**said: Any) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def _fork(asked: dict[str, Any]) -> int:
    return os.fork() or _become(asked)


def _become(asked: dict[str, Any]) -> NoReturn:
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.setpgid(0, 0)  # a Ctrl-C is for whoever started us all
    try:
        _run(asked["words"])
        code = 0
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else bool(e.code)
    except BaseException:  # noqa: BLE001 - the end of a process is told, whatever it was
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(words: list[str]) -> None:
    match words:
        case ["web"]:
            sys.argv = ["gunicorn", *processes.WEB[3:]]
            wsgiapp.run()
        case ["worker"]:
            worker.main()
        case _:
            cli.main(words, prog_name="musubi")


if __name__ == "__main__":
    main()
