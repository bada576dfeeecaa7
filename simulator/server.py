"""Serving the platform from one process with threads: its state is in its memory."""

import os
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from simulator import saved, tls
from simulator.app import create_app
from simulator.settings import Settings
from simulator.web import world_of


class Worker(ThreadWorker):  # type: ignore[misc]
    def handle_exit(self, sig: int, frame: Any) -> None:
        """Leave at once: phones and connection pools keep their connections open for ever."""
        close(self)
        os._exit(0)

    handle_quit = handle_exit


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        bind = (
            f"fd://{settings.fd}" if settings.fd is not None else f"{settings.host}:{settings.port}"
        )
        chosen: dict[str, Any] = {
            "bind": [bind],
            "workers": 1,
            "worker_class": Worker,
            "threads": settings.threads,
            "keepalive": 75,
            "graceful_timeout": 10,
            "timeout": 120,
            "proc_name": "simulator",
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": open_doors,
            "when_ready": lambda arbiter: announce(settings, arbiter),
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self.settings)


def open_doors(worker: Any) -> None:
    """Once the app stands: read what was saved, save from now on, and open the TLS port."""
    app: Flask = worker.wsgi
    world = world_of(app)
    settings = world.settings
    if settings.state_file is not None:
        saved.load(world, settings.state_file)
        saved.keep_saving(world, settings.state_file)
    if settings.tls_cert is not None and settings.tls_key is not None:
        inside = worker.sockets[0].getsockname()
        tls.open_door(settings, settings.tls_cert, settings.tls_key, inside)


def close(worker: Any) -> None:
    world = world_of(worker.wsgi)
    if not world.closing:
        world.close()
        if world.settings.state_file is not None:
            saved.save(world, world.settings.state_file)


def announce(settings: Settings, arbiter: Any) -> None:
    host, port = arbiter.LISTENERS[0].getsockname()[:2]
    lines = [
        f"The simulator plays LINE at http://{host}:{port}",
        f"  phone            http://{host}:{port}/phone/",
        f"  webhooks go to   {settings.webhook_url or '(nowhere yet)'}",
        f"  LIFF {settings.liff_id} opens {settings.liff_endpoint}",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - it is what a person sees at start
