"""python -m bench.scaled: PostgreSQL, Redis, two web processes on one port, three workers, LINE.

Everything runs on this machine and ends with Ctrl-C.
"""

import argparse
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from bench.deployment import Deployment
from bench.stores import Postgres, Redis


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgresql", default="", help="the URL of a database; without: our own")
    parser.add_argument("--redis", default="", help="the URL of a Redis; without: our own")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--webs", type=int, default=2)
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        database = asked.postgresql or stack.enter_context(Postgres()).database("musubi")
        redis = asked.redis or stack.enter_context(Redis()).url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="musubi-scaled-")))
        running = stack.enter_context(
            Deployment(
                folder, workers=asked.workers, webs=asked.webs, forged=False,
                DATABASE_URL=database, REDIS_URL=redis,
            )
        )  # fmt: skip
        _tell(running)
        with contextlib.suppress(KeyboardInterrupt):
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            signal.pause()


def _tell(running: Deployment) -> None:
    settings = running.settings
    sys.stdout.write(
        f"phone       {running.line.url}/phone/\n"
        f"web         {running.url}  (/readyz, /metrics with Bearer {settings['METRICS_TOKEN']})\n"
        f"postgresql  {settings['DATABASE_URL']}\n"
        f"redis       {settings['REDIS_URL']}\n"
        f"logs        {running.folder}\n"
        "Stop with Ctrl-C.\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
