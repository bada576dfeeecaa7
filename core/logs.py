"""One line of structure for each thing that happened: a constant past-tense event, ids in keywords.

Our own ids only: never a name, a phone number, a LINE user id, a token or what somebody wrote.
"""

import json
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import orjson
import structlog

_SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


class _Lines:
    """Where the lines of one of our modules go, straight: Python's own logging takes several times
    as long. A line that cannot be written stops nobody."""

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):  # as Python's own logging does
            sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = write


def configure(form: str, level: str) -> None:
    """Send our own logs and those of libraries to standard error, in one form."""
    renderer: Any = (
        structlog.processors.JSONRenderer(_json)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    root = logging.getLogger()
    root.setLevel(level)
    structlog.configure(
        processors=[*_SHARED, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        logger_factory=lambda *_: _Lines(_who_asks()),
        cache_logger_on_first_use=True,
    )
    stream = logging.StreamHandler()
    stream.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root.handlers = [stream]
    for chatty in ("huey", "huey.consumer", "urllib3", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def _who_asks() -> str:
    """The module that logs for the first time: its logger is made then."""
    frame: FrameType | None = sys._getframe(1)
    while frame and (_name(frame) == __name__ or _name(frame).startswith("structlog.")):
        frame = frame.f_back
    return _name(frame) if frame else "?"


def _name(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))


def _json(line: dict[str, Any], default: Callable[[Any], Any]) -> str:
    try:
        return orjson.dumps(line, default).decode()
    except TypeError:  # half a character, a number beyond all bounds
        return json.dumps(line, default=default, ensure_ascii=False)
