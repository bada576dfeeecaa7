"""python -m simulator: play LINE on this machine."""

import argparse
from dataclasses import fields
from pathlib import Path

from simulator.server import Server
from simulator.settings import Settings

ABOUT = {
    "port": "where LINE's hosts, the control API and the phone are served",
    "fd": "a listening socket inherited from the parent process, instead of host and port",
    "tls_port": "serve HTTPS here as well (with --tls-cert and --tls-key)",
    "state_file": "keep the state in this file",
    "webhook_url": "where events are sent",
    "liff_endpoint": "the endpoint URL of the LIFF app",
    "quota": "messages a month",
    "bulk_delay": "seconds until bulk links and batches show",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="simulator",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for field in fields(Settings):
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=_type_of(str(field.type)),
            default=field.default,
            help=ABOUT.get(field.name, " "),
        )
    Server(Settings(**vars(parser.parse_args()))).run()


def _type_of(written: str) -> type:
    kinds: dict[str, type] = {"int": int, "float": float, "Path": Path}
    return next((kind for name, kind in kinds.items() if name in written), str)


if __name__ == "__main__":
    main()
