"""python -m bench: the table of docs/benchmarks.md, measured on this machine."""

import argparse
import importlib
import pkgutil
import signal
import sys
import time

from bench import machine, rows
from bench.figures import FULL, HEAD, REDUCED, Size

ORDER = ("acknowledging", "replying", "handling", "computing", "importing", "opening", "memory")


def main() -> None:
    known = {module.name for module in pkgutil.iter_modules(rows.__path__)}
    names = [name for name in ORDER if name in known]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes the goals speak of")
    parser.add_argument("--only", action="append", choices=names, help="this row alone")
    parser.add_argument("--people", type=int, default=0, help="another number of people")
    asked = parser.parse_args()
    size = FULL if asked.full else REDUCED
    if asked.people:
        size = Size(size.full, size.rounds, size.seconds, asked.people)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that runs is ended
    _say(machine.described())
    _say(f"\n{size.people:,} people, {size.rounds} rounds.\n\n{HEAD}")
    for name in asked.only or names:
        began = time.monotonic()
        for figure in importlib.import_module(f"bench.rows.{name}").measure(size):
            _say(figure.line())
        sys.stderr.write(f"({name}: {time.monotonic() - began:.0f} s)\n")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
